import { describe, expect, it } from "vitest";
import type { Compared } from "../metrics/types.js";
import { fired, GONE, judged, ok, pair } from "../testing/alert-sample.js";
import { metricsIn } from "./judge.js";
import { RULES } from "./rules/index.js";
import type { Severity, Values } from "./types.js";

interface Case {
  /** At the threshold. */
  readonly quiet: Values;
  /** Just beyond it, by severity. */
  readonly fires: Readonly<Partial<Record<Severity, Values>>>;
  /** As far beyond, with too little volume. */
  readonly tooFew?: Values;
}

const FEW_ORDERS = { orders: pair(49, 49) };
/** So many events that chance explains nothing: what is tested beside them is the threshold. */
const MANY_ORDERS = { orders: pair(200_000, 200_000) };
const MANY = { ...MANY_ORDERS, add_to_carts: pair(200_000, 200_000), checkouts: pair(200_000, 200_000) };
/** A funnel step at −15 % and −30 %; `events` are so many that chance plays no part. */
const step = (metric: string, steady: number, volume: string, few: number): Case => ({
  quiet: { [metric]: pair(steady * 0.85, steady), ...MANY },
  fires: {
    info: { [metric]: pair(steady * 0.849, steady), ...MANY },
    warning: { [metric]: pair(steady * 0.699, steady), ...MANY },
  },
  tooFew: { [metric]: pair(steady * 0.5, steady), [volume]: pair(few - 1, few - 1) },
});

const CASES: Readonly<Record<string, Case>> = {
  revenue_decline: {
    quiet: { net_revenue: pair(9_000_000, 10_000_000) },
    fires: {
      warning: { net_revenue: pair(8_999_999, 10_000_000) },
      critical: { net_revenue: pair(7_999_999, 10_000_000) },
    },
    tooFew: { net_revenue: pair(1, 10_000_000), ...FEW_ORDERS },
  },
  revenue_dip: {
    quiet: { net_revenue: pair(8_000_000, 10_000_000), ...MANY_ORDERS },
    fires: { critical: { net_revenue: pair(7_999_999, 10_000_000), ...MANY_ORDERS } },
    tooFew: { net_revenue: pair(1, 10_000_000), orders: pair(199, 199) },
  },
  no_orders: {
    quiet: { orders: pair(1, 40) },
    fires: { warning: { orders: pair(0, 5) } },
    tooFew: { orders: pair(0, 4) },
  },
  cac_increase: {
    quiet: { blended_cac: pair(11_500, 10_000) },
    fires: { warning: { blended_cac: pair(11_501, 10_000) }, critical: { blended_cac: pair(13_001, 10_000) } },
    tooFew: { blended_cac: pair(90_000, 10_000), new_customers: pair(29, 29) },
  },
  cm_decrease: {
    quiet: { contribution_margin_pct: pair(0.5, 0.53) },
    fires: {
      warning: { contribution_margin_pct: pair(0.4999, 0.53) },
      critical: { contribution_margin_pct: pair(0.4699, 0.53) },
    },
    tooFew: { contribution_margin_pct: pair(0, 0.53), ...FEW_ORDERS },
  },
  new_customer_decline: {
    quiet: { new_customer_share: pair(0.42, 0.5), ...MANY_ORDERS },
    fires: { info: { new_customer_share: pair(0.4199, 0.5), ...MANY_ORDERS } },
    tooFew: { new_customer_share: pair(0, 0.5), ...FEW_ORDERS },
  },
  aov_change: {
    quiet: { aov: pair(18_000, 20_000), ...MANY_ORDERS },
    fires: {
      info: { aov: pair(22_001, 20_000), ...MANY_ORDERS },
      warning: { aov: pair(15_999, 20_000), ...MANY_ORDERS },
    },
    tooFew: { aov: pair(1, 20_000), ...FEW_ORDERS },
  },
  refund_rate_high: {
    quiet: { refund_rate: pair(0.08, 0.04) },
    fires: { warning: { refund_rate: pair(0.0801, 0.04) } },
    tooFew: { refund_rate: pair(0.5, 0.04), ...FEW_ORDERS },
  },
  retention_drop: {
    quiet: { retention_d30: pair(0.2, 0.25) },
    fires: { warning: { retention_d30: pair(0.1999, 0.25) }, critical: { retention_d30: pair(0.1499, 0.25) } },
    tooFew: { retention_d30: pair(0, 0.25), cohort_size: pair(49, 49) },
  },
  mer_deterioration: {
    quiet: { mer: pair(3.5, 4), spend: pair(2_200_000, 2_000_000) },
    fires: {
      warning: { mer: pair(3.5, 4), spend: pair(2_400_000, 2_000_000), net_revenue: pair(10_400_000, 10_000_000) },
    },
    tooFew: { mer: pair(3, 4), spend: pair(3_000_000, 2_000_000), ...FEW_ORDERS },
  },
  roas_below_one: {
    quiet: { roas: pair(1, 3), ...MANY_ORDERS },
    fires: { critical: { roas: pair(0.99, 3), ...MANY_ORDERS } },
    tooFew: { roas: pair(0.1, 3), spend: pair(49_999, 49_999) },
  },
  ctr_drop: {
    quiet: { ctr: pair(0.012, 0.015) },
    fires: { warning: { ctr: pair(0.01199, 0.015) } },
    tooFew: { ctr: pair(0.001, 0.015), impressions: pair(9999, 9999) },
  },
  channel_cac_increase: {
    quiet: { blended_cac: pair(90_000, 10_000), spend: pair(50_000, 50_000) },
    fires: {
      warning: { blended_cac: pair(12_501, 10_000), spend: pair(50_001, 50_000), new_customers: pair(400, 400) },
    },
  },
  channel_spend_unanswered: {
    quiet: { spend: pair(2_500_000, 2_000_000), roas: pair(2.5, 3) },
    fires: { warning: { spend: pair(2_500_001, 2_000_000), roas: pair(2.99, 3) } },
  },
  channel_spend_without_customers: {
    quiet: { new_customers: pair(1, 9), spend: pair(90_000, 50_000) },
    fires: { warning: { new_customers: pair(0, 9), spend: pair(50_001, 50_000) } },
  },
  sessions_drop: {
    ...step("sessions", 10_000, "sessions", 500),
    tooFew: { sessions: pair(100, 499) },
  },
  cvr_drop: step("cvr", 0.02, "orders", 50),
  product_view_rate_drop: step("product_view_rate", 0.4, "sessions", 500),
  add_to_cart_rate_drop: step("add_to_cart_rate", 0.25, "product_views", 500),
  checkout_rate_drop: step("checkout_rate", 0.5, "add_to_carts", 100),
  purchase_rate_drop: step("purchase_rate", 0.4, "checkouts", 100),
};

const only = (id: string) => RULES.filter((rule) => rule.id === id);

describe("every shipped rule", () => {
  it("has a case", () => {
    expect(Object.keys(CASES).sort()).toEqual(RULES.map(({ id }) => id).sort());
  });

  it.each(Object.entries(CASES))("%s: silent at the threshold and below its volume, fires beyond", (id, one) => {
    expect(fired(judged(one.quiet, only(id)))).toEqual([]);
    for (const [severity, values] of Object.entries(one.fires))
      expect(fired(judged(values, only(id)))).toEqual([`${id} ${severity}`]);
    if (one.tooFew !== undefined) {
      expect(judged(one.tooFew, only(id))[0]?.verdict).toEqual({ kind: "quiet", because: "below_volume" });
    }
  });

  it.each(RULES.flatMap((rule) => metricsIn(rule).map((metric) => [rule.id, metric] as const)))(
    "%s: no signal when %s is unknown",
    (id, metric) => {
      const rule = only(id)[0];
      const looks = rule === undefined ? [] : [rule.levels, rule.minVolume, rule.chance];
      const isLooked = JSON.stringify(looks).includes(`"${metric}"`);
      expect(isLooked).toBe(true);
      const verdict = judged({ ...CASES[id]?.quiet, [metric]: { value: GONE, previous: ok(1) } }, only(id))[0]?.verdict;
      expect(verdict).toMatchObject({ kind: "no_signal", detail: "ga4: 2026-02-05" });
    },
  );
});

/** Beyond the threshold both times; the first lies less than three standard errors away, the second more. */
const CHANCE: Readonly<
  Record<string, { readonly within: Values; readonly beyond: Values; readonly severity: Severity }>
> = {
  // ln 0.7 / √(4/200) = −2.52; of 300 orders −3.09.
  revenue_dip: {
    within: { net_revenue: pair(7_000_000, 10_000_000), orders: pair(200, 200) },
    beyond: { net_revenue: pair(7_000_000, 10_000_000), orders: pair(300, 300) },
    severity: "critical",
  },
  // Pooled 0.4: −0.1 / √(0.24 × 2/300) = −2.50; of 500 orders −3.23.
  new_customer_decline: {
    within: { new_customer_share: pair(0.35, 0.45), orders: pair(300, 300) },
    beyond: { new_customer_share: pair(0.35, 0.45), orders: pair(500, 500) },
    severity: "info",
  },
  // ln 0.8 / √(2/300) = −2.73; of 400 orders −3.16.
  aov_change: {
    within: { aov: pair(16_000, 20_000), orders: pair(300, 300) },
    beyond: { aov: pair(16_000, 20_000), orders: pair(400, 400) },
    severity: "info",
  },
  // Pooled 804/3300: −0.07 / √(0.2436 × 0.7564 × (1/300 + 1/3000)) = −2.69; of 400 and 4000 −3.11.
  retention_drop: {
    within: { retention_d30: pair(0.18, 0.25), cohort_size: pair(300, 3000) },
    beyond: { retention_d30: pair(0.18, 0.25), cohort_size: pair(400, 4000) },
    severity: "warning",
  },
  // ln 0.6 / √(2/60) = −2.80; of 72 orders −3.06.
  roas_below_one: {
    within: { roas: pair(0.6, 3), orders: pair(60, 60) },
    beyond: { roas: pair(0.6, 3), orders: pair(72, 60) },
    severity: "critical",
  },
  // Pooled 0.013: −0.004 / √(0.01283 × 2/10 000) = −2.50; of 20 000 impressions −3.53.
  ctr_drop: {
    within: { ctr: pair(0.011, 0.015), impressions: pair(10_000, 10_000) },
    beyond: { ctr: pair(0.011, 0.015), impressions: pair(20_000, 20_000) },
    severity: "warning",
  },
  // ln 1.5 / √(1/40 + 1/60) = 1.99; of 100 and 150 new customers 3.14.
  channel_cac_increase: {
    within: { blended_cac: pair(15_000, 10_000), new_customers: pair(40, 60) },
    beyond: { blended_cac: pair(15_000, 10_000), new_customers: pair(100, 150) },
    severity: "warning",
  },
  // ln (505/600) / √(1/505 + 1/600) = −2.85; 480 of 600 is −3.64.
  sessions_drop: {
    within: { sessions: pair(505, 600) },
    beyond: { sessions: pair(480, 600) },
    severity: "info",
  },
  // ln 0.8 / √(1/160 + 1/200) = −2.10; of 400 and 500 orders −3.33.
  cvr_drop: {
    within: { cvr: pair(0.016, 0.02), orders: pair(160, 200) },
    beyond: { cvr: pair(0.016, 0.02), orders: pair(400, 500) },
    severity: "info",
  },
  // Pooled 0.365: −0.07 / √(0.2318 × 2/500) = −2.30; of 1000 sessions −3.25.
  product_view_rate_drop: {
    within: { product_view_rate: pair(0.33, 0.4), sessions: pair(500, 500) },
    beyond: { product_view_rate: pair(0.33, 0.4), sessions: pair(1000, 1000) },
    severity: "info",
  },
  // Pooled 0.225: −0.05 / √(0.1744 × 2/500) = −1.89; of 1500 product views −3.28.
  add_to_cart_rate_drop: {
    within: { add_to_cart_rate: pair(0.2, 0.25), product_views: pair(500, 500) },
    beyond: { add_to_cart_rate: pair(0.2, 0.25), product_views: pair(1500, 1500) },
    severity: "info",
  },
  // Pooled 0.45: −0.1 / √(0.2475 × 2/200) = −2.01; of 500 carts −3.18.
  checkout_rate_drop: {
    within: { checkout_rate: pair(0.4, 0.5), add_to_carts: pair(200, 200) },
    beyond: { checkout_rate: pair(0.4, 0.5), add_to_carts: pair(500, 500) },
    severity: "info",
  },
  // Pooled 0.35: −0.1 / √(0.2275 × 2/200) = −2.10; of 500 checkouts −3.31.
  purchase_rate_drop: {
    within: { purchase_rate: pair(0.3, 0.4), checkouts: pair(200, 200) },
    beyond: { purchase_rate: pair(0.3, 0.4), checkouts: pair(500, 500) },
    severity: "info",
  },
};

describe("rules over counted figures", () => {
  it("have a case", () => {
    const counted = RULES.filter(({ chance }) => chance !== undefined);
    expect(Object.keys(CHANCE).sort()).toEqual(counted.map(({ id }) => id).sort());
  });

  it.each(Object.entries(CHANCE))("%s: silent where chance explains it, fires beyond", (id, one) => {
    expect(judged(one.within, only(id))[0]?.verdict).toEqual({ kind: "quiet", because: "within_chance" });
    expect(fired(judged(one.beyond, only(id)))).toEqual([`${id} ${one.severity}`]);
  });

  it("tell of money that brought nothing, however few the orders", () => {
    const nothing = { roas: pair(0, 3), orders: pair(0, 4) };
    expect(fired(judged(nothing, only("roas_below_one")))).toEqual(["roas_below_one critical"]);
  });
});

/** Shop figures as the seeds' tests write them: whole dollars, everything equal before. */
interface Figures {
  readonly revenue: number;
  readonly spend: number;
  readonly fresh: number;
  readonly orders: number;
  readonly margin: number;
  readonly net: number;
  readonly d30: number;
}

const BASE: Figures = {
  revenue: 100_000,
  spend: 20_000,
  fresh: 200,
  orders: 500,
  margin: 30_000,
  net: 90_000,
  d30: 0.25,
};

/** Ratios by hand: CAC spend / new, CM % margin / net, MER revenue / spend, share new / orders, AOV revenue / orders. */
function valuesOf(now: Figures, before: Figures): Values {
  const both = (pick: (figures: Figures) => number): Compared => pair(pick(now), pick(before));
  return {
    net_revenue: both(({ revenue }) => revenue * 100),
    spend: both(({ spend }) => spend * 100),
    new_customers: both(({ fresh }) => fresh),
    orders: both(({ orders }) => orders),
    blended_cac: both(({ spend, fresh }) => (spend * 100) / fresh),
    contribution_margin_pct: both(({ margin, net }) => margin / net),
    mer: both(({ revenue, spend }) => revenue / spend),
    new_customer_share: both(({ fresh, orders }) => fresh / orders),
    retention_d30: both(({ d30 }) => d30),
  };
}

/** The mission's rules; the others see figures that did not move. */
const MISSION = RULES.filter(({ id }) =>
  [
    "cac_increase",
    "cm_decrease",
    "retention_drop",
    "mer_deterioration",
    "revenue_decline",
    "new_customer_decline",
  ].includes(id),
);

describe("the seeds' alert goldens", () => {
  const scenario = (now: Partial<Figures>, before: Partial<Figures> = {}) =>
    fired(judged(valuesOf({ ...BASE, ...now }, { ...BASE, ...before }), MISSION));

  it.each<readonly [string, Partial<Figures>, readonly string[]]>([
    ["base", {}, []],
    // 20000 / 171 = 116.96, +17 %.
    ["new 171", { fresh: 171 }, ["cac_increase warning"]],
    // 133.33, +33.3 %; share 30 % after 40 %.
    ["new 150", { fresh: 150 }, ["cac_increase critical", "new_customer_decline info"]],
    // 27.8 % after 33.3 %.
    ["margin 25k", { margin: 25_000 }, ["cm_decrease warning"]],
    ["margin 20k", { margin: 20_000 }, ["cm_decrease critical"]],
    ["D30 18 %", { d30: 0.18 }, ["retention_drop warning"]],
    ["D30 12 %", { d30: 0.12 }, ["retention_drop critical"]],
    ["revenue 85k", { revenue: 85_000 }, ["revenue_decline warning"]],
    ["revenue 75k", { revenue: 75_000 }, ["revenue_decline critical"]],
    // CAC doubles, the share halves.
    ["new 100", { fresh: 100 }, ["cac_increase critical", "new_customer_decline info"]],
    // MER 101 / 24 = 4.21 after 5: −15.8 %; CAC +20 %.
    [
      "spend 24k, revenue 101k",
      { spend: 24_000, revenue: 101_000 },
      ["cac_increase warning", "mer_deterioration warning"],
    ],
    [
      "storm",
      { revenue: 85_000, fresh: 150, margin: 25_000 },
      ["revenue_decline warning", "cac_increase critical", "cm_decrease warning", "new_customer_decline info"],
    ],
  ])("%s", (_name, now, alerts) => {
    expect(scenario(now)).toEqual(alerts);
  });
});
