/** Attribution of a small shop for tests of pages: 100 orders, 10,000.00 net. Imported by tests only. */
import { isoDate } from "../base/dates.js";
import type { Attribution, AttributionLine } from "../transform/attribution.js";
import { ATTRIBUTION_MODELS } from "../transform/attribution-models.js";
import type { CampaignCredit } from "../transform/campaign-credits.js";

/** 100.00 an order. */
function modelsOf(orders: readonly number[]): AttributionLine["byModel"] {
  return Object.fromEntries(
    ATTRIBUTION_MODELS.map(({ id }, index) => {
      const count = orders[index] ?? orders.at(-1) ?? 0;
      return [id, { orders: count, cents: count * 10_000 }];
    }),
  ) as AttributionLine["byModel"];
}

function credit(
  campaign: string | null,
  orders: readonly number[],
  cost: Omit<CampaignCredit, "campaign" | "byModel">,
): CampaignCredit {
  return { campaign, byModel: modelsOf(orders), ...cost };
}

function line(channel: string | null, title: string, orders: readonly number[]): AttributionLine {
  const byModel = modelsOf(orders);
  const cents = Object.values(byModel).map((credit) => credit.cents);
  const spreadCents = Math.max(...cents) - Math.min(...cents);
  return { channel, title, isPaid: channel === "meta" || channel === "google", campaign: null, byModel, spreadCents };
}

/** 100 orders; Meta brings first what Google brings last. */
export const SAMPLE_ATTRIBUTION: Attribution = {
  window: { from: isoDate("2026-01-10"), to: isoDate("2026-02-08") },
  lines: [
    line("meta", "Meta", [20, 50, 35, 35, 32, 40, 38, 41]),
    line("google", "Google Ads", [50, 20, 35, 35, 38, 30, 32, 29]),
    line("direct", "Direct", [25]),
    line(null, "Unattributed", [5]),
  ],
  honesty: {
    orders: 100,
    cents: 1_000_000,
    untouched: { orders: 5, cents: 50_000 },
    untouchedShare: 0.05,
    direct: 25,
    withoutCampaign: 8,
    lowConfidence: 12,
    lowConfidenceShare: 0.12,
    severalChannels: 30,
    overlap: 30,
    overlapShare: 0.3,
    movedShare: 0.3,
  },
  claims: [
    {
      channel: "meta",
      title: "Meta",
      claimedOrders: 75,
      claimedCents: 700_000,
      touched: { orders: 50, cents: 500_000 },
      claimedPerTouched: 1.5,
      spendCents: 250_000,
    },
    {
      channel: "google",
      title: "Google Ads",
      claimedOrders: null,
      claimedCents: null,
      touched: { orders: 50, cents: 500_000 },
      claimedPerTouched: null,
      spendCents: 150_000,
    },
  ],
  campaigns: [
    credit("Winter sale", [20, 50, 35, 35, 32, 40, 38, 41], {
      channel: "Meta",
      spendCents: 250_000,
      roas: 0.8,
      costPerOrder: 12_500,
    }),
    credit("Brand search", [50, 20, 35, 35, 38, 30, 32, 29], {
      channel: "Google Ads",
      spendCents: 150_000,
      roas: 10 / 3,
      costPerOrder: 3000,
    }),
    credit("Awareness", [0], { channel: "Meta", spendCents: 40_000, roas: 0, costPerOrder: null }),
    credit(null, [30], { channel: "", spendCents: null, roas: null, costPerOrder: null }),
  ],
  ways: [
    { steps: ["meta", "google"], journeys: 60, orders: 30 },
    { steps: ["google"], journeys: 40, orders: 20 },
    { steps: ["meta"], journeys: 90, orders: 20 },
    { steps: ["…"], journeys: 40, orders: 25 },
  ],
  stages: [
    { id: "impressions", title: "Impressions", count: 200_000, rate: null },
    { id: "clicks", title: "Clicks", count: 3_000, rate: 0.015 },
    { id: "page_viewed", title: "Page views", count: null, rate: null },
    { id: "product_viewed", title: "Product views", count: null, rate: null },
    { id: "product_added_to_cart", title: "Added to cart", count: null, rate: null },
    { id: "checkout_started", title: "Checkouts", count: null, rate: null },
    { id: "orders", title: "Orders", count: 100, rate: null },
  ],
  openMatches: 2,
  errors: ATTRIBUTION_MODELS.map(({ id }, index) => ({
    model: id,
    wrongOrders: 10 + index / 2,
    share: (10 + index / 2) / 100,
  })),
};
