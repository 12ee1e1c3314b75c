/** Hand-made figures for tests of the alerts; imported by tests only. Ratios as decimals, money in cents. */

import { evaluate } from "../alerts/evaluate.js";
import type { JudgeContext } from "../alerts/judge.js";
import { type Reading, readKey, windowOf, windowsOf } from "../alerts/reads.js";
import { RULES } from "../alerts/rules/index.js";
import type { Alert, AlertRule, Judgement, Values } from "../alerts/types.js";
import { isoDate } from "../base/dates.js";
import { CATALOG } from "../metrics/catalog/index.js";
import type { Compared, MetricValue } from "../metrics/types.js";

/** A known value. */
export const ok = (value: number): MetricValue => ({ status: "ok", value });

/** A value that is not known. */
export const GONE: MetricValue = { status: "unknown", because: "days_missing", detail: "ga4: 2026-02-05" };

/** A value and the one before. */
export function pair(value: number, previous: number): Compared {
  const change: MetricValue =
    previous === 0
      ? { status: "undefined", because: "zero_denominator", detail: "the value before is 0" }
      : ok((value - previous) / Math.abs(previous));
  return { value: ok(value), previous: ok(previous), change };
}

/** A week in which nothing moved; money in cents. */
export const STEADY: Values = {
  net_revenue: pair(10_000_000, 10_000_000),
  net_order_revenue: pair(10_400_000, 10_400_000),
  orders: pair(500, 500),
  blended_cac: pair(10_000, 10_000),
  contribution_margin_pct: pair(0.3333, 0.3333),
  mer: pair(5, 5),
  roas: pair(3, 3),
  spend: pair(2_000_000, 2_000_000),
  new_customers: pair(200, 200),
  new_customer_share: pair(0.4, 0.4),
  sessions: pair(10_000, 10_000),
  product_views: pair(4000, 4000),
  add_to_carts: pair(1000, 1000),
  checkouts: pair(500, 500),
  product_view_rate: pair(0.4, 0.4),
  add_to_cart_rate: pair(0.25, 0.25),
  checkout_rate: pair(0.5, 0.5),
  purchase_rate: pair(0.4, 0.4),
  cvr: pair(0.02, 0.02),
  aov: pair(20_000, 20_000),
  refund_rate: pair(0.04, 0.04),
  ctr: pair(0.015, 0.015),
  impressions: pair(100_000, 100_000),
  retention_d30: pair(0.25, 0.25),
  // The newest month, and the twelve before it.
  cohort_size: pair(1000, 12_000),
};

/** The shipped catalog, in dollars. */
export const CONTEXT: JudgeContext = { metric: CATALOG.get, currency: "USD" };
/** The last complete day of the samples. */
export const LAST_DAY = isoDate("2026-02-08");

/** What the rules say of the values of one week; breakdowns see them in one group, "Meta". Older windows come first to last after it. */
export function judged(
  values: Values,
  rules: readonly AlertRule[] = RULES,
  older: readonly Values[] = [],
): readonly Judgement[] {
  const readings = new Map<string, Reading>();
  for (const rule of rules) {
    for (let ago = 0; ago < windowsOf(rule); ago++) {
      const all = { ...STEADY, ...(ago === 0 ? values : older[ago - 1]) };
      const { window } = windowOf(rule.look, LAST_DAY, ago);
      const rows = rule.scope === "shop" ? [] : [{ key: "meta", label: "Meta", values: all }];
      readings.set(readKey(rule, ago), { window, totals: all, rows });
    }
  }
  return evaluate(rules, readings, CONTEXT);
}

/** `cac_increase warning` of everything that fires. */
export function fired(judgements: readonly Judgement[]): readonly string[] {
  return judgements.flatMap(({ rule, verdict }) => (verdict.kind === "fires" ? [`${rule} ${verdict.severity}`] : []));
}

/** An alert as it is told. */
export function sampleAlert(own: Partial<Alert>): Alert {
  return {
    key: "cac_increase",
    rule: "cac_increase",
    severity: "warning",
    title: "A new customer became more expensive",
    what: "Blended CAC went from $100.00 to $120.00 (+20.0%; threshold +15.0%).",
    metric: "blended_cac",
    segment: null,
    window: { from: isoDate("2026-02-02"), to: LAST_DAY },
    since: isoDate("2026-02-02"),
    money: -400_000,
    currency: "USD",
    means: "worse",
    contributor: { by: "channel", key: "meta", label: "Meta", share: 0.8 },
    advice: "Compare CAC by channel.",
    repeat: "once",
    ...own,
  };
}
