import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "../testing/evaluate.js";
import type { Cell, Row } from "../warehouse/types.js";

type Json = { readonly [name: string]: Cell };

const money = (amount: string): Json => ({ shopMoney: { amount, currencyCode: "USD" } });

/** An order of one line of 60.00 less 10.00, 5.00 tax, 10.00 shipping. */
function order(extra: Json): Row {
  const key = "gid://shopify/Order/1001";
  const line = {
    id: "gid://shopify/LineItem/1",
    title: "Shirt",
    quantity: 2,
    originalUnitPriceSet: money("30.00"),
    originalTotalSet: money("60.00"),
    discountAllocations: [{ allocatedAmountSet: money("10.00") }],
  };
  const payload = {
    id: key,
    name: "#1001",
    createdAt: "2026-02-01T03:00:00Z",
    currencyCode: "USD",
    totalPriceSet: money("65.00"),
    subtotalPriceSet: money("50.00"),
    totalTaxSet: money("5.00"),
    totalDiscountsSet: money("10.00"),
    totalShippingPriceSet: money("10.00"),
    lineItems: { nodes: [line] },
    ...extra,
  };
  return { _key: key, payload: payload as unknown as Cell };
}

describe("staging of Shopify", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());
  const shopify = (target: string, ...rows: readonly Row[]) => bench.rowsOf(target, { "raw.shopify__orders": rows });

  it("C-2 counts an order once that has both a sale and a capture", async () => {
    const payment = (id: string, kind: string, amount: string, more: Json = {}): Json => ({
      id: `gid://shopify/OrderTransaction/${id}`,
      kind,
      status: "SUCCESS",
      test: false,
      gateway: "manual",
      createdAt: "2026-02-01T03:00:00Z",
      processedAt: "2026-02-01T03:01:00Z",
      amountSet: money(amount),
      ...more,
    });
    const refund = {
      id: "gid://shopify/Refund/9",
      createdAt: "2026-02-03T00:00:00Z",
      totalRefundedSet: money("13.00"),
      refundLineItems: { nodes: [{ totalTaxSet: money("1.00") }] },
      refundShippingLines: { nodes: [] },
    };
    const transactions = [
      payment("1", "SALE", "40.00"),
      payment("2", "AUTHORIZATION", "25.00"),
      payment("3", "CAPTURE", "25.00", { processedAt: null }),
      payment("4", "REFUND", "13.00"),
    ];
    const paid = order({ transactions, refunds: [refund], totalRefundedSet: money("13.00") });
    const figures = (rows: readonly Row[], ...names: readonly string[]) =>
      rows.map((row) => names.map((name) => row[name]));
    expect(
      figures(
        await shopify("stg_orders", paid),
        "gross_cents",
        "discount_cents",
        "tax_cents",
        "shipping_cents",
        "total_cents",
      ),
    ).toEqual([[6000, 1000, 500, 1000, 6500]]);
    expect(figures(await shopify("stg_refunds", paid), "refund_cents", "tax_cents", "total_cents")).toEqual([
      [1200, 100, 1300],
    ]);
    expect(await shopify("stg_order_lines", paid)).toHaveLength(1);
    const payments = await shopify("stg_shopify__transactions", paid);
    expect(figures(payments, "transaction_id", "kind", "amount_cents", "processed_at")).toEqual([
      ["shopify:1", "sale", 4000, "2026-02-01T03:01:00.000Z"],
      ["shopify:2", "authorization", 2500, "2026-02-01T03:01:00.000Z"],
      ["shopify:3", "capture", 2500, "2026-02-01T03:00:00.000Z"],
      ["shopify:4", "refund", 1300, "2026-02-01T03:01:00.000Z"],
    ]);
  });

  it("A12 marks the variants of a deleted product and keeps them", async () => {
    const product = (id: string): Row => {
      const key = `gid://shopify/Product/${id}`;
      const variants = { nodes: [{ id: `gid://shopify/ProductVariant/${id}1`, sku: id, title: "M", price: "1.00" }] };
      const priceRangeV2 = { minVariantPrice: { currencyCode: "USD" } };
      return { _key: key, payload: { id: key, title: "Shirt", priceRangeV2, variants } as unknown as Cell };
    };
    const deleted = (type: string, id: string): Row => {
      const subjectId = `gid://shopify/${type}/${id}`;
      return {
        _key: subjectId,
        payload: { subjectId, subjectType: type.toUpperCase(), occurredAt: "2026-02-03T10:00:00Z" },
      };
    };
    const rows = await bench.rowsOf("stg_products", {
      "raw.shopify__products": [product("1"), product("2")],
      // A collection may have the number of a product.
      "raw.shopify__deletion_events": [deleted("Product", "1"), deleted("Collection", "2"), deleted("Product", "3")],
    });
    expect(rows.map((row) => [row["product_ref"], row["deleted_at"]])).toEqual([
      ["shopify:1", "2026-02-03T10:00:00.000Z"],
      ["shopify:2", null],
    ]);
  });
});
