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
/** A funnel step at −15 % and −30 %. */
const step = (metric: string, steady: number, volume: string, few: number): Case => ({
  quiet: { [metric]: pair(steady * 0.85, steady) },
  fires: { info: { [metric]: pair(steady * 0.849, steady) }, warning: { [metric]: pair(steady * 0.699, steady) } },
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
    quiet: { net_revenue: pair(8_000_000, 10_000_000) },
    fires: { critical: { net_revenue: pair(7_999_999, 10_000_000) } },
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
    quiet: { new_customer_share: pair(0.42, 0.5) },
    fires: { info: { new_customer_share: pair(0.4199, 0.5) } },
    tooFew: { new_customer_share: pair(0, 0.5), ...FEW_ORDERS },
  },
  aov_change: {
    quiet: { aov: pair(18_000, 20_000) },
    fires: { info: { aov: pair(22_001, 20_000) }, warning: { aov: pair(15_999, 20_000) } },
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
    quiet: { roas: pair(1, 3) },
    fires: { critical: { roas: pair(0.99, 3) } },
    tooFew: { roas: pair(0.1, 3), spend: pair(49_999, 49_999) },
  },
  ctr_drop: {
    quiet: { ctr: pair(0.012, 0.015) },
    fires: { warning: { ctr: pair(0.01199, 0.015) } },
    tooFew: { ctr: pair(0.001, 0.015), impressions: pair(9999, 9999) },
  },
  channel_cac_increase: {
    quiet: { blended_cac: pair(90_000, 10_000), spend: pair(50_000, 50_000) },
    fires: { warning: { blended_cac: pair(12_501, 10_000), spend: pair(50_001, 50_000) } },
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
      const isLooked = rule !== undefined && JSON.stringify([rule.levels, rule.minVolume]).includes(`"${metric}"`);
      expect(isLooked).toBe(true);
      const verdict = judged({ ...CASES[id]?.quiet, [metric]: { value: GONE, previous: ok(1) } }, only(id))[0]?.verdict;
      expect(verdict).toMatchObject({ kind: "no_signal", detail: "ga4: 2026-02-05" });
    },
  );
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
