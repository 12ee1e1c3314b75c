import { z } from "zod";
import { addDays, type ISODate, isISODate } from "../base/dates.js";
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

/** The four platforms that the demo speaks for, with the options that their connectors ask for. */
export function demoSources(demo: DemoOptions): readonly SourceConfig[] {
  const since = addDays(demo.asOf, -demo.days);
  return Object.entries(DEMO_ACCOUNTS).map(([id, options]) => ({
    id,
    options,
    transport: "demo",
    timeoutMinutes: 30,
    since,
    ...(DEMO_STREAMS[id] === undefined ? {} : { streams: DEMO_STREAMS[id] }),
  }));
}

/** What the reports of the demo are made of. The finer streams (ads, hours, landing pages …) would triple its time for nothing to look at. */
const DEMO_STREAMS: Readonly<Record<string, readonly string[]>> = {
  meta_ads: ["insights", "accounts", "campaigns"],
  google_ads: ["campaign_days", "customers", "campaigns"],
  ga4: ["traffic_days", "totals"],
};

/** Accounts of the simulated platforms, in the words of their connectors. */
const DEMO_ACCOUNTS: Readonly<Record<string, unknown>> = {
  shopify: { shop: "demo-shop", personalData: true, pageSize: 250 },
  meta_ads: { accounts: ["1180339845"], pageSize: 500 },
  google_ads: { customers: ["7413820956"] },
  ga4: { property: "1000000003", pageSize: 10_000 },
};
