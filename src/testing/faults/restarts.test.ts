import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import { undiciTransport } from "../../http/undici.js";
import { runSync } from "../../sync/run.js";
import type { Row, Workspace } from "../../warehouse/types.js";
import { hasShopifySchema } from "../doubles/shopify-schema.js";
import { type Bench, openBench } from "../evaluate.js";
import { standingRows, syncOptions } from "../sync-bench.js";
import { freshWorkspace, removeFolders } from "../workspace.js";
import { below, openVendors, randoms, STREAMS, selectionOf, type Vendors } from "./restarts.js";

// Syncs at random times of a world that changes, some of them partial, some failing, end where one full refresh ends.

const SCHEDULES = inject("faultStride") === 1 ? 200 : 2;
const HOUR = 3_600_000;
const network = undiciTransport({ allowLoopback: true });
const tally = { syncs: 0, failed: 0, rows: 0 };
let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  console.info(
    `${SCHEDULES} schedules: ${tally.syncs} syncs, ${tally.failed} of them failed, ${tally.rows} rows alike`,
  );
  await bench.close();
  await network.close();
  removeFolders();
});

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

async function sync(ws: Workspace, { clock, sources }: Vendors, selection = {}) {
  const asOf = isoDate(new Date(clock.now()).toISOString().slice(0, 10));
  const report = await runSync(syncOptions(ws, sources, { clock, asOf, pii: "keep", selection }));
  return report.exit;
}

async function staged(ws: Workspace): Promise<Readonly<Record<string, readonly Row[]>>> {
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

async function restarted(ws: Workspace, vendors: Vendors, seed: number): Promise<void> {
  const random = randoms(seed);
  await sync(ws, vendors, selectionOf(random));
  const steps = 2 + below(random, 4);
  for (let step = 0; step < steps; step++) {
    // Seven days at most in all: what was restated is still read again at the end.
    const past = Math.floor((0.05 + random()) * 30 * HOUR);
    vendors.clock.advance(past);
    vendors.live(random, past);
    if (random() < 0.3) vendors.fail(random);
    tally.syncs += 1;
    if ((await sync(ws, vendors, selectionOf(random))) !== "ok") tally.failed += 1;
    vendors.mend();
  }
}

describe("syncs that were started at random times", { timeout: 300_000 }, () => {
  const judged = it.runIf(hasShopifySchema);
  if (!hasShopifySchema) console.info("skipped: the vendors' schemas are not beside the repository");

  judged.each(Array.from({ length: SCHEDULES }, (_, index) => [index + 1]))(
    "B-04 schedule %i ends as one full refresh",
    async (seed) => {
      const vendors = await openVendors(network);
      try {
        const ws = await freshWorkspace();
        await restarted(ws, vendors, seed * 7_919);
        expect(await sync(ws, vendors)).toBe("ok");
        const whole = await freshWorkspace();
        expect(await sync(whole, vendors)).toBe("ok");
        const [found, expected] = [await staged(ws), await staged(whole)];
        expect(found).toEqual(expected);
        for (const [name, rows] of Object.entries(expected)) {
          expect([name, rows.length]).not.toEqual([name, 0]);
          tally.rows += rows.length;
        }
      } finally {
        await vendors.close();
      }
    },
  );
});
