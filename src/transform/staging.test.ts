import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "../testing/evaluate.js";
import { root } from "../testing/root.js";
import type { Cell, Row } from "../warehouse/types.js";

type Json = { readonly [name: string]: Cell };

const money = (amount: string, currencyCode = "USD"): Json => ({ shopMoney: { amount, currencyCode } });

/** An order of the Admin API: one line of 2 x 30.00 less 10.00, 5.00 tax, 10.00 shipping. */
function order(extra: Json = {}): Row {
  return {
    _key: "gid://shopify/Order/1001",
    payload: {
      id: "gid://shopify/Order/1001",
      name: "#1001",
      createdAt: "2026-02-01T03:00:00Z",
      processedAt: "2026-02-01T02:00:00Z",
      updatedAt: "2026-02-02T00:00:00Z",
      test: false,
      taxesIncluded: false,
      currencyCode: "USD",
      displayFinancialStatus: "PARTIALLY_REFUNDED",
      email: " Hash ",
      customer: { id: "gid://shopify/Customer/7" },
      sourceName: "web",
      shippingAddress: null,
      billingAddress: { countryCodeV2: "DE", provinceCode: "BE", city: "Berlin" },
      customerJourneySummary: {
        lastVisit: {
          source: "Google",
          sourceType: "SEO",
          landingPage: "https://s.test/?utm_source=google&utm_campaign=Br%C3%BCcke",
          referrerUrl: "https://www.google.com/",
          utmParameters: null,
        },
      },
      totalPriceSet: money("65.00"),
      subtotalPriceSet: money("50.00"),
      totalTaxSet: money("5.00"),
      totalDiscountsSet: money("10.00"),
      totalShippingPriceSet: money("10.00"),
      totalTipReceivedSet: money("0.00"),
      originalTotalDutiesSet: null,
      totalRefundedSet: money("0.00"),
      lineItems: { nodes: [line("1", "60.00", ["6.00", "4.00"])] },
      refunds: [],
      ...extra,
    },
  };
}

function line(id: string, total: string, allocations: readonly string[], currency = "USD"): Json {
  return {
    id: `gid://shopify/LineItem/${id}`,
    title: "Shirt",
    sku: " S1 ",
    vendor: "",
    quantity: 2,
    product: { id: "gid://shopify/Product/5", productType: "Apparel" },
    variant: null,
    originalUnitPriceSet: money("30.00", currency),
    originalTotalSet: money(total, currency),
    discountAllocations: allocations.map((amount) => ({ allocatedAmountSet: money(amount, currency) })),
  };
}

describe("staging", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());
  const shopify = (target: string, ...rows: readonly Row[]) => bench.rowsOf(target, { "raw.shopify__orders": rows });

  it("takes an order of the API apart", async () => {
    const [staged] = await shopify("stg_orders", order());
    expect(staged).toEqual({
      order_id: "shopify:1001",
      source: "shopify",
      order_name: "#1001",
      processed_at: "2026-02-01T02:00:00.000Z",
      created_at: "2026-02-01T03:00:00.000Z",
      updated_at: "2026-02-02T00:00:00.000Z",
      customer_ref: "shopify:7",
      email_hash: "hash",
      currency: "USD",
      financial_status: "partially_refunded",
      is_test: false,
      is_cancelled: false,
      gross_cents: 6000,
      discount_cents: 1000,
      tax_cents: 500,
      shipping_cents: 1000,
      tip_cents: 0,
      duties_cents: 0,
      total_cents: 6500,
      refund_total_cents: 0,
      source_name: "web",
      landing_site: "https://s.test/?utm_source=google&utm_campaign=Br%C3%BCcke",
      referring_site: "https://www.google.com/",
      visit_source: "Google",
      visited_at: null,
      visit_source_type: "SEO",
      utm_source: "google",
      utm_medium: null,
      utm_campaign: "Brücke",
      utm_content: null,
      utm_term: null,
      country: "DE",
      region: "BE",
      city: "Berlin",
    });
    const [lineRow] = await shopify("stg_order_lines", order());
    expect(lineRow).toEqual({
      order_line_id: "shopify:1",
      order_id: "shopify:1001",
      source: "shopify",
      product_ref: "shopify:5",
      variant_ref: null,
      sku: "S1",
      title: "Shirt",
      vendor: null,
      category: "Apparel",
      quantity: 2,
      unit_price_cents: 3000,
      gross_cents: 6000,
      discount_cents: 1000,
      currency: "USD",
    });
  });

  it("does not double an order with several transactions", async () => {
    const transactions = ["SALE", "CAPTURE"].map((kind) => ({
      id: kind,
      kind,
      status: "SUCCESS",
      amountSet: money("65.00"),
    }));
    const rows = await shopify("stg_orders", order({ transactions }));
    expect(rows.map((row) => [row["gross_cents"], row["tax_cents"], row["total_cents"]])).toEqual([[6000, 500, 6500]]);
  });

  it("takes the contained tax out of the amounts of a tax-inclusive shop", async () => {
    // 119.00 + shipping 11.90 = 130.90, of which 20.90 tax (19 %): goods 100.00, shipping 10.00; 20 % discount on 148.75 gross.
    const inclusive = order({
      taxesIncluded: true,
      totalPriceSet: money("130.90"),
      subtotalPriceSet: money("119.00"),
      totalTaxSet: money("20.90"),
      totalShippingPriceSet: money("11.90"),
      lineItems: { nodes: [line("1", "148.75", ["29.75"])] },
    });
    const [staged] = await shopify("stg_orders", inclusive);
    expect(staged).toMatchObject({
      gross_cents: 12500,
      discount_cents: 2500,
      tax_cents: 2090,
      shipping_cents: 1000,
      total_cents: 13090,
    });
  });

  it("knows currencies without decimals, orders without lines, tests and cancellations", async () => {
    const yen = order({
      totalPriceSet: money("7000", "JPY"),
      totalTaxSet: money("0", "JPY"),
      subtotalPriceSet: money("6000", "JPY"),
      totalDiscountsSet: money("500", "JPY"),
      totalShippingPriceSet: money("1000", "JPY"),
      lineItems: { nodes: [] },
      test: true,
      cancelledAt: "2026-02-02T00:00:00Z",
      customer: null,
      email: null,
      displayFinancialStatus: null,
    });
    const [staged] = await shopify("stg_orders", yen);
    expect(staged).toMatchObject({
      currency: "JPY",
      gross_cents: 6500,
      discount_cents: 500,
      shipping_cents: 1000,
      total_cents: 7000,
    });
    expect(staged).toMatchObject({
      is_test: true,
      is_cancelled: true,
      customer_ref: null,
      email_hash: null,
      financial_status: null,
    });
  });

  const refund = (id: string, total: string, extra: Json = {}): Json => ({
    id: `gid://shopify/Refund/${id}`,
    createdAt: "2026-02-03T00:00:00Z",
    totalRefundedSet: money(total),
    ...extra,
  });

  it("splits refunds into goods, tax and shipping", async () => {
    const itemised = {
      processedAt: "2026-02-04T00:00:00Z",
      refundLineItems: { nodes: [{ totalTaxSet: money("2.00") }, { totalTaxSet: money("0.50") }] },
      refundShippingLines: { nodes: [{ subtotalAmountSet: money("3.00"), taxAmountSet: money("0.30") }] },
    };
    const refunds = [
      refund("1", "30.80", itemised), // tax 2.80, shipping 3.00, so goods 25.00
      refund("2", "13.00"), // tax 13.00 x 5 / 65 = 1.00
      refund("3", "65.00"), // everything: tax 5.00, shipping 10.00, goods 50.00
      refund("4", "0.00", itemised), // restocked without money: nothing was paid back
    ];
    const rows = await shopify("stg_refunds", order({ refunds }));
    expect(
      rows.map((row) => [
        row["refund_id"],
        row["refund_cents"],
        row["tax_cents"],
        row["shipping_cents"],
        row["total_cents"],
      ]),
    ).toEqual([
      ["shopify:1", 2500, 280, 300, 3080],
      ["shopify:2", 1200, 100, 0, 1300],
      ["shopify:3", 5000, 500, 1000, 6500],
      ["shopify:4", 0, 0, 0, 0],
    ]);
    expect(rows[0]?.["refunded_at"]).toBe("2026-02-04T00:00:00.000Z");
    expect(rows[1]?.["refunded_at"]).toBe("2026-02-03T00:00:00.000Z");
  });

  it("unfolds products into variants; a cost in another currency is no cost", async () => {
    const variant = (id: string, unitCost: Json | null): Json => ({
      id: `gid://shopify/ProductVariant/${id}`,
      sku: `S${id}`,
      title: "M",
      price: "20.00",
      inventoryItem: { unitCost },
    });
    const payload: Json = {
      id: "gid://shopify/Product/5",
      title: "Shirt",
      vendor: "V",
      productType: "",
      priceRangeV2: { minVariantPrice: { amount: "20.0", currencyCode: "EUR" } },
      variants: {
        nodes: [
          variant("1", { amount: "7.5", currencyCode: "EUR" }),
          variant("2", { amount: "7.5", currencyCode: "USD" }),
          variant("3", null),
        ],
      },
    };
    const rows = await bench.rowsOf("stg_products", { "raw.shopify__products": [{ payload }] });
    expect(
      rows.map((row) => [
        row["product_key"],
        row["sku"],
        row["price_cents"],
        row["unit_cost_cents"],
        row["currency"],
        row["category"],
      ]),
    ).toEqual([
      ["shopify:1", "S1", 2000, 750, "EUR", null],
      ["shopify:2", "S2", 2000, null, "EUR", null],
      ["shopify:3", "S3", 2000, null, "EUR", null],
    ]);
  });

  it("keeps place and hashed e-mail of customers, nothing else", async () => {
    const payload: Json = {
      id: "gid://shopify/Customer/7",
      createdAt: "2026-01-01T00:00:00Z",
      firstName: "Anna",
      defaultEmailAddress: { emailAddress: "hash" },
      defaultAddress: { countryCodeV2: "DE", provinceCode: null, city: "Berlin" },
    };
    expect(await bench.rowsOf("stg_customers", { "raw.shopify__customers": [{ payload }] })).toEqual([
      {
        customer_ref: "shopify:7",
        source: "shopify",
        email_hash: "hash",
        created_at: "2026-01-01T00:00:00.000Z",
        country: "DE",
        region: null,
        city: "Berlin",
      },
    ]);
  });

  const insight = (extra: Json): Row => ({
    _slice: "2026-02-01",
    payload: {
      account_id: "1",
      account_currency: "USD",
      campaign_id: "2",
      campaign_name: "C",
      date_start: "2026-02-01",
      spend: "12.34",
      impressions: "100",
      clicks: "5",
      ...extra,
    },
  });
  const actions = (pairs: Readonly<Record<string, string>>): readonly Json[] =>
    Object.entries(pairs).map(([action_type, value]) => ({ action_type, value }));

  it.each([
    [
      "omni_purchase before purchase, never added",
      { purchase: "3", omni_purchase: "4", "offsite_conversion.fb_pixel_purchase": "3" },
      { purchase: "30.00", omni_purchase: "40.00" },
      4,
      4000,
    ],
    [
      "purchase where there is no omni_purchase",
      { purchase: "3", "offsite_conversion.fb_pixel_purchase": "2" },
      { purchase: "30.5" },
      3,
      3050,
    ],
    [
      "the pixel's where there is nothing else",
      { "offsite_conversion.fb_pixel_purchase": "2", link_click: "9" },
      {},
      2,
      0,
    ],
    ["no purchase at all", { link_click: "9", add_to_cart: "2" }, { add_to_cart: "99" }, 0, 0],
  ])("Meta: %s", async (_, counts, values, conversions, cents) => {
    const row = insight({ actions: actions(counts), action_values: actions(values) });
    const [staged] = await bench.rowsOf("stg_spend", { "raw.meta_ads__insights": [row] });
    expect(staged).toMatchObject({
      source: "meta_ads",
      spend_cents: 1234,
      impressions: 100,
      clicks: 5,
      conversions,
      conversion_value_cents: cents,
    });
  });

  it("Google: cost is exact from micros, value from currency units", async () => {
    const payload: Json = {
      customer: { id: "1", currencyCode: "USD" },
      campaign: { id: "2", name: "Brand" },
      segments: { date: "2026-02-01" },
      metrics: {
        impressions: "10",
        clicks: "2",
        costMicros: "1061083620",
        conversions: 3.5,
        conversionsValue: 420.005,
      },
    };
    const [staged] = await bench.rowsOf("stg_spend", {
      "raw.google_ads__campaign_days": [{ _slice: "2026-02-01", payload }],
    });
    expect(staged).toMatchObject({
      source: "google_ads",
      spend_cents: 106108,
      conversions: 3.5,
      conversion_value_cents: 42001,
      campaign_id: "2",
    });
  });

  it("GA4: the report's row by its own names", async () => {
    const payload: Json = {
      date: "20260201",
      sessionDefaultChannelGroup: "Paid Social",
      sessionSource: "facebook",
      sessionMedium: "cpc",
      sessionCampaignName: "C",
      sessions: "10",
      engagedSessions: "5",
      itemViewEvents: "4",
      addToCarts: "3",
      checkouts: "2",
      ecommercePurchases: "1",
      purchaseRevenue: "12.345678",
      currencyCode: "USD",
    };
    const [staged] = await bench.rowsOf("stg_traffic", {
      "raw.ga4__traffic_days": [{ _slice: "2026-02-01", payload }],
    });
    expect(staged).toMatchObject({
      traffic_date: "2026-02-01",
      sessions: 10,
      product_views: 4,
      checkouts: 2,
      purchases: 1,
      revenue_cents: 1235,
    });
  });

  const recorded = join(root, "..", "shared", "data", "keboola_meta_insights");
  it.runIf(existsSync(recorded))(
    "Meta: 1,365 recorded ad-set days cost 19,509.24, not the 131,646.13 of their action rows",
    async () => {
      const pages = readdirSync(recorded).filter((name) => name.includes("page"));
      const rows = pages.flatMap(
        (name) => (JSON.parse(readFileSync(join(recorded, name), "utf8")) as { data: Json[] }).data,
      );
      const given = rows.map((payload, index) => ({ _key: String(index), payload }));
      const staged = await bench.rowsOf("stg_spend", { "raw.meta_ads__insights": given });
      expect(staged).toHaveLength(1365);
      expect(staged.reduce((sum, row) => sum + Number(row["spend_cents"]), 0)).toBe(1950924);
    },
  );
  if (!existsSync(recorded)) console.info("skipped: the recorded Meta insights are not there");
});
