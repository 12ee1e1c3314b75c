import { isDeepStrictEqual } from "node:util";
import { isoDate } from "../../base/dates.js";
import type { Transport } from "../../http/types.js";
import { runSync } from "../../sync/run.js";
import type { Row, Workspace } from "../../warehouse/types.js";
import type { Bench } from "../evaluate.js";
import { below, randoms } from "../randoms.js";
import { standingRows, syncOptions } from "../sync-bench.js";
import { freshWorkspace } from "../workspace.js";
import { openVendors, STREAMS, selectionOf, type Vendors } from "./restarts.js";

// Syncs at random times of a world that changes, some of them partial, some failing, end where one full refresh ends.

const HOUR = 3_600_000;

/** Staging models and the raw stream that each is made of. */
const MODELS = {
  stg_shopify__orders: "shopify.orders",
  stg_shopify__order_lines: "shopify.orders",
  stg_shopify__refunds: "shopify.orders",
  stg_shopify__transactions: "shopify.orders",
  stg_shopify__deletions: "shopify.deletion_events",
  stg_meta_ads__insights: "meta_ads.insights",
  stg_meta_ads__campaigns: "meta_ads.campaigns",
  stg_google_ads__campaign_days: "google_ads.campaign_days",
  stg_google_ads__campaigns: "google_ads.campaigns",
  stg_ga4__totals: "ga4.totals",
  stg_ga4__traffic_days: "ga4.traffic_days",
} as const;

/** What a schedule did, and how the two ends differ. */
export interface ScheduleOutcome {
  readonly syncs: number;
  /** Of those, how many did not end well, as they were meant to. */
  readonly failed: number;
  /** How the two last syncs, of the schedule and of the full refresh, ended. */
  readonly exits: readonly string[];
  /** Rows that are alike. */
  readonly rows: number;
  /** Relations that differ, with the numbers of rows, or that are empty. */
  readonly differing: readonly string[];
}

/** What a schedule needs. */
export interface ScheduleBench {
  readonly network: Transport;
  readonly bench: Bench;
}

/** Runs the schedule of this number and a full refresh beside it, and compares all rows. `B-04` of the list of bugs. */
export async function runSchedule(number: number, { network, bench }: ScheduleBench): Promise<ScheduleOutcome> {
  const vendors = await openVendors(network);
  try {
    const ws = await freshWorkspace();
    const { syncs, failed } = await restarted(ws, vendors, number * 7_919);
    const whole = await freshWorkspace();
    const exits = [await sync(ws, vendors), await sync(whole, vendors)];
    const [found, expected] = [await staged(ws, bench), await staged(whole, bench)];
    const differing = Object.entries(expected).flatMap(([name, rows]) => {
      const own = found[name] ?? [];
      if (rows.length > 0 && isDeepStrictEqual(own, rows)) return [];
      return [`${name}: ${own.length} rows, ${rows.length} in the full refresh`];
    });
    const rows = Object.values(expected).reduce((sum, list) => sum + list.length, 0);
    return { syncs, failed, exits, rows, differing };
  } finally {
    await vendors.close();
  }
}

async function sync(ws: Workspace, { clock, sources }: Vendors, selection = {}): Promise<string> {
  const asOf = isoDate(new Date(clock.now()).toISOString().slice(0, 10));
  const report = await runSync(syncOptions(ws, sources, { clock, asOf, pii: "keep", selection }));
  return report.exit;
}

async function staged(ws: Workspace, bench: Bench): Promise<Readonly<Record<string, readonly Row[]>>> {
  const raw: Record<string, readonly Row[]> = {};
  for (const name of STREAMS) {
    const [source = "", stream = ""] = name.split(".");
    raw[name] = await standingRows(ws, source, stream);
  }
  const found: Record<string, readonly Row[]> = Object.fromEntries(
    Object.entries(raw).filter(([name]) => name.startsWith("plain.")),
  );
  for (const [model, name] of Object.entries(MODELS))
    found[model] = await bench.rowsOf(model, { [`raw.${name.replace(".", "__")}`]: raw[name] ?? [] });
  return found;
}

async function restarted(ws: Workspace, vendors: Vendors, seed: number) {
  const random = randoms(seed);
  await sync(ws, vendors, selectionOf(random));
  const syncs = 2 + below(random, 4);
  let failed = 0;
  for (let step = 0; step < syncs; step++) {
    // Seven days at most in all: what was restated is still read again at the end.
    const past = Math.floor((0.05 + random()) * 30 * HOUR);
    vendors.clock.advance(past);
    vendors.live(random, past);
    if (random() < 0.3) vendors.fail(random);
    if ((await sync(ws, vendors, selectionOf(random))) !== "ok") failed += 1;
    vendors.mend();
  }
  return { syncs, failed };
}
