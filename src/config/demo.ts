import { z } from "zod";
import { addDays, type ISODate, isISODate } from "../base/dates.js";
import { filesOptions } from "../connectors/files/options.js";
import { type Problem, problemsOf } from "./problems.js";
import type { SourceConfig } from "./types.js";

/** The simulated shop: same seed, days and as-of day, same world to the byte. */
export interface DemoOptions {
  readonly seed: number;
  readonly days: number;
  /** The day the demo is "today"; its data end the day before. */
  readonly asOf: ISODate;
}

/** The demo's "today": a constant, so that its output never depends on the wall clock. */
const AS_OF = "2026-02-09" as ISODate;

const schema = z.strictObject({
  seed: z.number().int().min(0).default(42),
  days: z.number().int().min(30).max(730).default(180),
  asOf: z.string().refine(isISODate, { error: "expected a date YYYY-MM-DD" }).default(AS_OF),
});

/** Reads `sources.demo`; with problems the defaults stand in. */
export function parseDemo(written: unknown): { readonly demo: DemoOptions; readonly problems: readonly Problem[] } {
  const parsed = schema.safeParse(written);
  const value = parsed.success ? parsed.data : schema.parse({});
  return {
    demo: value,
    problems: parsed.success ? [] : problemsOf(parsed.error, schema, []),
  };
}

/** Days of GA4's raw events in the demo: the export begins so late, and all of a half-year would be slow. */
const EVENT_DAYS = 30;

/** The platforms that the demo speaks for, with the options that their connectors ask for. */
export function demoSources(demo: DemoOptions): readonly SourceConfig[] {
  return Object.entries(DEMO_ACCOUNTS).map(([id, options]) => ({
    id,
    options,
    transport: "demo",
    timeoutMinutes: 30,
    since: addDays(demo.asOf, id === "ga4_events" ? -EVENT_DAYS : -demo.days),
    ...(DEMO_STREAMS[id] === undefined ? {} : { streams: DEMO_STREAMS[id] }),
  }));
}

/** Folder of a demo's lists, relative to its workspace. */
export const DEMO_LISTS = "lists";

/** The shop's own lists of users and locations, declared as any shop declares them, before files that the config adds. `sync` writes them. */
export function withDemoLists(workspace: string, own: readonly SourceConfig[]): readonly SourceConfig[] {
  const folder = `workspaces/${workspace}/${DEMO_LISTS}`;
  const imports = (["users", "locations"] as const).map((as) => ({ path: `${folder}/${as}.csv`, as }));
  const files = own.find(({ id }) => id === "files");
  if (files === undefined) {
    const options = filesOptions.parse({ folder, imports });
    return [...own, { id: "files", options, transport: "demo", timeoutMinutes: 30, since: null }];
  }
  const written = filesOptions.parse(files.options);
  const options = filesOptions.parse({ ...written, imports: [...imports, ...written.imports] });
  return own.map((source) => (source === files ? { ...files, options } : source));
}

/** What the reports of the demo are made of. The finer streams (ads, hours, landing pages …) would triple its time for nothing to look at. */
const DEMO_STREAMS: Readonly<Record<string, readonly string[]>> = {
  meta_ads: ["insights", "accounts", "campaigns"],
  google_ads: ["campaign_days", "customers", "campaigns"],
  ga4: ["traffic_days", "totals", "transactions"],
};

/** Accounts of the simulated platforms, in the words of their connectors. */
const DEMO_ACCOUNTS: Readonly<Record<string, unknown>> = {
  shopify: { shop: "demo-shop", personalData: true, pageSize: 250 },
  meta_ads: { accounts: ["1180339845"], pageSize: 500 },
  google_ads: { customers: ["7413820956"] },
  ga4: { property: "1000000003", pageSize: 10_000 },
  ga4_events: {
    project: "northpine-demo",
    dataset: "analytics_1000000003",
    location: "US",
    maximumBytesBilled: 10 * 1024 ** 3,
    pageSize: 20_000,
  },
};
