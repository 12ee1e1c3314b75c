import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { addDays, type ISODate, isoDate } from "../../base/dates.js";
import { undiciTransport } from "../../http/undici.js";
import { planSync, runSync } from "../../sync/run.js";
import type { SyncPlan } from "../../sync/types.js";
import { readState } from "../../warehouse/log.js";
import type { Workspace } from "../../warehouse/types.js";
import { fxDouble } from "../doubles/fx.js";
import { ga4Double } from "../doubles/ga4.js";
import { googleAdsDouble } from "../doubles/google_ads.js";
import { metaDouble } from "../doubles/meta.js";
import type { Arrived, Double } from "../doubles/server.js";
import { shopifyDouble } from "../doubles/shopify.js";
import { hasShopifySchema } from "../doubles/shopify-schema.js";
import { randoms } from "../randoms.js";
import { standingRows } from "../sync-bench.js";
import { freshFolder, freshWorkspace, removeFolders } from "../workspace.js";
import { backfill, type Reached } from "./backfill.js";
import { bundleEntry, startChild } from "./bundle.js";

// SIGKILL at random moments of a backfill over several sources, in a process of its own; the doubles stay alive in this one.

const KILLS = inject("faultStride") === 1 ? 200 : 2;
const SEED = 20_260_209;
const network = undiciTransport({ allowLoopback: true });
let bundle = "";
const tally = { inside: 0, refetched: 0 };

beforeAll(async () => {
  bundle = await bundleEntry("backfill-entry");
});
afterAll(async () => {
  await network.close();
  removeFolders();
  rmSync(dirname(bundle), { recursive: true });
});

async function startDoubles(): Promise<readonly Double[]> {
  const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
  const range = { from: isoDate("2025-12-01"), to: isoDate("2026-02-08") };
  const shop = hasShopifySchema
    ? [await shopifyDouble({ clock, orders: 60, customers: 5, bucket: 1e6, restoreRate: 1e6 })]
    : [];
  const google = [
    await googleAdsDouble({ clock, signIn: "token", perSecond: 1e6 }),
    await ga4Double({ clock, signIn: "token" }),
  ];
  return [...shop, await metaDouble({ clock }), ...google, await fxDouble(range)];
}

const reached = (doubles: readonly Double[]): readonly Reached[] =>
  doubles.map(({ source, options, secrets, routes }) => ({
    source,
    options,
    routes,
    secrets: Object.fromEntries(
      Object.entries(secrets).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value.reveal()] as const],
      ),
    ),
  }));

async function everything(ws: Workspace): Promise<unknown> {
  const names = readState(ws).parts.map(({ source, stream }) => `${source} ${stream}`);
  const found: Record<string, unknown> = {};
  for (const name of [...new Set(names)].sort()) {
    const [source = "", stream = ""] = name.split(" ");
    // What growthos says of itself is about the runs, which differ.
    if (source !== "growthos") found[name] = await standingRows(ws, source, stream);
  }
  return found;
}

/** The stream and the day or window that a slice's question is about; null for every other request. */
function subject({ url, body, method }: Arrived): { readonly stream: string; readonly what: string } | null {
  const operation = /"operationName":"(OrdersCount|DeletionEvents)"/.exec(body)?.[1];
  if (operation !== undefined && !body.includes('"after":"')) {
    const window = /:>='([^']+)' [a-z_]+:<'([^']+)'/.exec(body);
    return {
      stream: operation === "OrdersCount" ? "orders" : "deletion_events",
      what: `${window?.[1]} ${window?.[2]}`,
    };
  }
  if (url.pathname.endsWith("/insights") && url.pathname.includes("act_") && !url.searchParams.has("after")) {
    const since = /"since":"([^"]+)"/.exec(url.searchParams.get("time_range") ?? body)?.[1];
    const form = new URLSearchParams(body).get("time_range") ?? "";
    const day = since ?? /"since":"([^"]+)"/.exec(form)?.[1];
    return { stream: method === "POST" ? "ad_insights" : "insights", what: String(day) };
  }
  const from = /segments\.date BETWEEN '([^']+)'/.exec(body)?.[1];
  if (from !== undefined) return { stream: "campaign_days", what: from };
  const start = /"startDate":"([^"]+)"/.exec(body)?.[1];
  if (start !== undefined) return { stream: body.includes("transactionId") ? "transactions" : "totals", what: start };
  const until = url.searchParams.get("endPeriod");
  return until === null ? null : { stream: "rates", what: until };
}

const LOOKBACK: Readonly<Record<string, number>> = {
  insights: 28,
  ad_insights: 28,
  campaign_days: 30,
  totals: 14,
  transactions: 14,
  rates: 7,
};

/** Slices that were begun more than once, without those that every run reads again because platforms restate. */
function twice(double: Double, plan: SyncPlan): Readonly<Record<string, readonly string[]>> {
  const times = new Map<string, number>();
  for (const request of double.server.arrived) {
    const asked = subject(request);
    // Every account of a slice is asked by itself.
    if (asked === null) continue;
    const key = JSON.stringify([request.url.pathname, asked]);
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  const found: Record<string, string[]> = {};
  for (const [key, count] of times) {
    const [, { stream, what }] = JSON.parse(key) as [string, { stream: string; what: string }];
    if (count < 2) continue;
    const slice = sliceOf(plan, stream, what);
    const back = LOOKBACK[stream];
    if (back !== undefined && slice.to > addDays(isoDate("2026-02-08"), -back)) continue;
    expect([key, count]).toEqual([key, 2]);
    found[stream] = [...new Set([...(found[stream] ?? []), slice.name])];
  }
  return found;
}

function sliceOf(plan: SyncPlan, stream: string, what: string): { readonly name: string; readonly to: string } {
  for (const task of plan.tasks) {
    if (task.stream !== stream || task.slice.kind !== "days") continue;
    const { from, to } = task.slice.days;
    if ((what as ISODate) >= from && what <= to) return { name: `${from} ${to}`, to };
  }
  return { name: what, to: "" };
}

/** Starts the backfill and kills it so many milliseconds after so many requests arrived. */
async function killed(
  root: string,
  doubles: readonly Double[],
  at: { requests: number; ms: number },
): Promise<boolean> {
  const child = startChild(bundle, [root, JSON.stringify(reached(doubles))]);
  const count = () => doubles.reduce((sum, { server }) => sum + server.arrived.length, 0);
  const isOver = () => child.process.exitCode !== null || child.process.signalCode !== null;
  while (count() < at.requests && !isOver()) await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setTimeout(resolve, at.ms));
  child.process.kill("SIGKILL");
  const { signal } = await child.ended;
  expect(child.lines).toEqual([]);
  return signal === "SIGKILL";
}

describe("SIGKILL in a backfill of several sources", { timeout: 300_000 }, () => {
  let whole: unknown;
  let requests = 0;
  let plan: SyncPlan;
  beforeAll(async () => {
    const doubles = await startDoubles();
    const ws = await freshWorkspace();
    const options = backfill(ws, reached(doubles), network);
    plan = planSync(options);
    const { exit, sources } = await runSync(options);
    expect([exit, sources.map(({ error }) => error)]).toEqual(["ok", sources.map(() => null)]);
    whole = await everything(ws);
    requests = doubles.reduce((sum, { server }) => sum + server.arrived.length, 0);
    for (const double of doubles) await double.close();
  });
  afterAll(() =>
    console.info(
      `${KILLS} kills over ${requests} requests, ${tally.inside} hit; ${tally.refetched} slices were read again`,
    ),
  );

  const random = randoms(SEED);
  const moments = Array.from({ length: KILLS }, (_, index) => ({
    index,
    share: random(),
    ms: Math.floor(random() * 60),
  }));
  it.each(moments)(
    "B-24 kill $index loses nothing, doubles nothing, and reads at most one slice per stream again",
    async ({ share, ms }) => {
      const doubles = await startDoubles();
      const root = freshFolder();
      const ws = await freshWorkspace(root);
      try {
        if (await killed(root, doubles, { requests: Math.floor(share * (requests + 1)), ms })) tally.inside += 1;
        const { exit, sources } = await runSync(backfill(ws, reached(doubles), network));
        expect([exit, sources.map(({ error }) => error)]).toEqual(["ok", sources.map(() => null)]);
        expect(await everything(ws)).toEqual(whole);
        for (const double of doubles) {
          for (const slices of Object.values(twice(double, plan))) {
            tally.refetched += slices.length;
            expect(slices).toHaveLength(1);
          }
        }
      } finally {
        for (const double of doubles) await double.close();
      }
    },
  );
});
