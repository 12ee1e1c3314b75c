import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, type Given, openBench } from "../testing/evaluate.js";
import { root } from "../testing/root.js";
import { readLedgerPage } from "./ledger-page.js";

/** Its figures are computed by hand in `fixtures/models/fact_payouts.world.json`. */
const WORLD = JSON.parse(readFileSync(join(root, "fixtures/models/fact_payouts.world.json"), "utf8")).given as Given;
const SHIRT = { source: "shopify", title: "Shirt", category: "apparel", vendor: "V", currency: "USD" };

describe("what the page of the ledger reads", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
    const given = {
      ...WORLD,
      stg_products: [
        { ...SHIRT, product_key: "m", sku: "S-M", variant_title: "M", price_cents: 2000, unit_cost_cents: 700 },
        { ...SHIRT, product_key: "l", sku: "S-L", variant_title: "L", price_cents: 2000, unit_cost_cents: null },
      ],
    };
    for (const relation of ["fact_orders", "fact_payouts", "dim_product"]) await bench.rowsOf(relation, given);
  });
  afterAll(() => bench.close());

  it("is what waits, what changed, and what goods cost", async () => {
    const read = await readLedgerPage(bench.db, { asOf: "2026-02-09", timeZone: "America/New_York" });
    expect(read).toMatchObject({ counted: { all: 5, unexplained: 1 }, pendingEntries: 2, skusWithoutCost: 1 });
    expect(read?.waiting).toEqual([
      { id: "sale:shopify:6", kind: "sale", order: "#6", day: "2026-01-10", days: 30, cents: 3000, currency: "USD" },
      { id: "sale:shopier:d", kind: "sale", order: "d", day: "2026-01-20", days: 20, cents: 700, currency: "TRY" },
    ]);
    // By the shop's clock, on which the 20th had not begun; what came with one payout is told at once.
    expect(read?.moves.slice(0, 4)).toMatchObject([
      { day: "2026-01-25", state: "CLEARED", entries: 1, order: "#1", cents: -2500 },
      { day: "2026-01-24", state: "CLEARED", reason: "won: dispute payout:t2|11", entries: 1, order: "#3" },
      { day: "2026-01-19", state: "REFUNDED", reason: "lost: dispute shopify:2", entries: 1, order: "#2" },
      { day: "2026-01-08", state: "DISPUTED", entries: 1, order: "#3", cents: 8000 },
    ]);
    expect(read?.moves).toContainEqual(
      expect.objectContaining({ reason: "payout stripe:p1", currency: "USD", order: null, entries: 4 }),
    );
    expect(read?.skus).toMatchObject([
      { key: "l", name: "Shirt · L", price: 2000, unitCost: null, margin: null, hasMissingCosts: true },
      { key: "m", name: "Shirt · M", price: 2000, unitCost: 700, margin: 1300, hasMissingCosts: false },
    ]);
  });

  it("is nothing in a build of a version without a ledger", async () => {
    const none = { ...bench.db, all: async () => [] };
    expect(await readLedgerPage(none, { asOf: "2026-02-09", timeZone: "UTC" })).toBeNull();
  });
});
