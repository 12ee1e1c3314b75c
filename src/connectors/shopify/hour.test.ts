import { afterAll, afterEach, describe, expect, it } from "vitest";
import { hasShopifySchema } from "../../testing/doubles/shopify-schema.js";
import { goShopping, type Shopping } from "../../testing/shopify-shop.js";
import { removeFolders } from "../../testing/workspace.js";

// The vendor's limits over an hour of the clock, by the double's own accounting.

const judged = it.runIf(hasShopifySchema);
if (!hasShopifySchema) console.info("skipped: the vendors' schemas are not beside the repository");
const HOUR = 3_600_000;
const open: Shopping[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(removeFolders);

describe("an hour of work", { timeout: 300_000 }, () => {
  judged("page by page, spends no more points than were granted and nine tenths of them at least", async () => {
    const [rate, bucket] = [4, 1_000];
    const one = await goShopping({ restoreRate: rate, bucket });
    open.push(one);
    const { double, sync, clock, asked } = one;
    const began = clock.now();
    let syncs = 0;
    for (; clock.now() - began < HOUR; syncs++)
      expect((await sync({ selection: { streams: ["orders"], everything: true } })).exit).toBe("ok");
    const { spent, throttled, tooDear } = double.state.accounting;
    const seconds = (clock.now() - began) / 1_000;
    console.info(
      `Shopify: ${spent} of ${Math.round(rate * seconds)} points in ${Math.round(seconds)} s, ${throttled} throttled`,
    );
    expect(spent).toBeLessThanOrEqual(bucket + rate * seconds);
    // What is left in the bucket at the end is what the next query waits for.
    expect(spent + bucket).toBeGreaterThanOrEqual(0.9 * (bucket + rate * seconds));
    // Each sync learns each price once.
    expect(throttled).toBeLessThan(syncs * new Set(asked()).size);
    expect(tooDear).toBe(0);
  });

  judged(
    "by files, starts one operation per stream and none that is refused, and leaves the points alone",
    async () => {
      const one = await goShopping({ restoreRate: 4, bucket: 1_000, orders: 40 });
      open.push(one);
      const { double, sync, clock, asked } = one;
      double.state.claimed = 5_000;
      const began = clock.now();
      const selection = { streams: ["orders", "customers", "products"], everything: true };
      while (clock.now() - began < HOUR) {
        expect((await sync({ selection })).exit).toBe("ok");
        clock.advance(600_000);
      }
      const { jobs, accounting } = double.state;
      // An operation that is refused is asked for and does not become a job.
      expect(asked().filter((name) => name === "BulkRun")).toHaveLength(jobs.length);
      expect(jobs.length).toBeGreaterThan(9);
      expect(jobs.every(({ status }) => status === "COMPLETED")).toBe(true);
      expect(accounting.spent).toBeLessThanOrEqual(1_000 + (4 * (clock.now() - began)) / 1_000);
      // What an operation asks for is learnt from its first answer, a refused one included.
      expect(accounting.throttled).toBeLessThan(new Set(asked()).size);
    },
  );
});
