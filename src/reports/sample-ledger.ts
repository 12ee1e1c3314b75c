/** The ledger of a small shop for tests of pages: two payouts in two currencies, one of them with an unexplained rest. Imported by tests only. */
import type { LedgerPage, Sku } from "../transform/ledger-page.js";

function sku(key: string, name: string, [price, unitCost]: readonly [number, number | null]): Sku {
  const margin = unitCost === null ? null : price - unitCost;
  return {
    key,
    sku: key.toUpperCase(),
    name,
    price,
    unitCost,
    margin,
    currency: "USD",
    hasMissingCosts: unitCost === null,
  };
}

/** 320.00 USD of sales in a payout that holds 0.50 more than its entries, 25.00 TRY in one that names nothing. */
export const SAMPLE_LEDGER: LedgerPage = {
  balance: [
    { kind: "sale", state: "CLEARED", currency: "TRY", entries: 1, cents: 2700 },
    { kind: "fee", state: "CLEARED", currency: "TRY", entries: 1, cents: -200 },
    { kind: "sale", state: "CLEARED", currency: "USD", entries: 4, cents: 27_000 },
    { kind: "sale", state: "DISPUTED", currency: "USD", entries: 1, cents: 5000 },
    { kind: "sale", state: "PENDING", currency: "USD", entries: 2, cents: 9100 },
    { kind: "sale", state: "REFUNDED", currency: "USD", entries: 1, cents: 4000 },
    { kind: "refund", state: "CLEARED", currency: "USD", entries: 1, cents: -4000 },
    { kind: "fee", state: "CLEARED", currency: "USD", entries: 5, cents: -1050 },
  ],
  payouts: [
    {
      ...{ id: "shopify:p2", payer: "shopify", day: "2026-02-04", currency: "USD", cents: 31_000, sales: 36_000 },
      ...{ refunds: -4000, fees: -1050, disputes: 0, other: 0, unexplained: 50, namesTransactions: true },
      ...{ matched: 7, unmatched: 0 },
    },
    {
      ...{ id: "shopier:l1", payer: "shopier", day: "2026-02-02", currency: "TRY", cents: 2500, sales: 2700 },
      ...{ refunds: 0, fees: -200, disputes: 0, other: 0, unexplained: 0, namesTransactions: false },
      ...{ matched: 1, unmatched: 0 },
    },
  ],
  counted: { all: 2, unexplained: 1 },
  pendingEntries: 2,
  waiting: [
    { id: "sale:shopify:7", kind: "sale", order: "#1007", day: "2026-02-05", days: 4, cents: 6100, currency: "USD" },
    { id: "sale:shopify:8", kind: "sale", order: "#1008", day: "2026-02-08", days: 1, cents: 3000, currency: "USD" },
  ],
  moves: [
    {
      ...{ day: "2026-02-06", state: "DISPUTED", reason: "dispute shopify:d1", entries: 1, order: "#1003" },
      ...{ cents: 5000, currency: "USD" },
    },
    {
      ...{ day: "2026-02-04", state: "CLEARED", reason: "payout shopify:p2", entries: 6, order: null },
      ...{ cents: 31_000, currency: "USD" },
    },
  ],
  skus: [
    sku("p3", "Poster", [1800, null]),
    sku("p2", "Enamel mug", [2200, 700]),
    sku("p1", "Linen shirt", [5900, 2600]),
    sku("p4", "Tote bag", [2500, 900]),
  ],
  skusWithoutCost: 1,
};
