import { describe, expect, it } from "vitest";
import { CATALOG } from "../metrics/catalog/index.js";
import type { Compared, MetricValue } from "../metrics/types.js";
import { findRisks, metricsOf, RISK_RULES, type RiskRule } from "./rules.js";

const ok = (value: number): MetricValue => ({ status: "ok", value });
const pair = (value: number, previous: number): Compared => ({
  value: ok(value),
  previous: ok(previous),
  change: previous === 0 ? undefined : ok((value - previous) / Math.abs(previous)),
});
/** A week in which nothing moved; ratios as decimals, money in cents. */
const STEADY: Record<string, Compared> = {
  net_revenue: pair(1_000_000, 1_000_000),
  blended_cac: pair(4000, 4000),
  contribution_margin_pct: pair(0.3, 0.3),
  mer: pair(4, 4),
  spend: pair(250_000, 250_000),
  new_customer_share: pair(0.5, 0.5),
  sessions: pair(10_000, 10_000),
  cvr: pair(0.02, 0.02),
  aov: pair(7500, 7500),
  refund_rate: pair(0.04, 0.04),
  new_customers: pair(60, 60),
};
const find = (totals: Record<string, Compared>, channels: Record<string, Compared>[] = []) =>
  findRisks({
    totals: { ...STEADY, ...totals },
    channels: channels.map((values, index) => ({ label: `Channel ${index}`, values: { ...STEADY, ...values } })),
    metric: CATALOG.get,
    currency: "USD",
  });
const fired = (report: ReturnType<typeof find>) => report.risks.map((risk) => `${risk.rule} ${risk.severity}`);

/** For each rule: values just at the threshold (quiet), and beyond it. */
const CASES: Readonly<
  Record<
    string,
    { quiet: Record<string, Compared>; warning: Record<string, Compared>; critical?: Record<string, Compared> }
  >
> = {
  revenue_decline: {
    quiet: { net_revenue: pair(900_000, 1_000_000) },
    warning: { net_revenue: pair(899_999, 1_000_000) },
    critical: { net_revenue: pair(799_999, 1_000_000) },
  },
  cac_increase: {
    quiet: { blended_cac: pair(4600, 4000) },
    warning: { blended_cac: pair(4601, 4000) },
    critical: { blended_cac: pair(5201, 4000) },
  },
  cm_decrease: {
    quiet: { contribution_margin_pct: pair(0.5, 0.53) },
    warning: { contribution_margin_pct: pair(0.26, 0.3) },
    critical: { contribution_margin_pct: pair(0.23, 0.3) },
  },
  mer_deterioration: {
    quiet: { mer: pair(3.5, 4), spend: pair(275_000, 250_000) },
    warning: { mer: pair(3.5, 4), spend: pair(300_000, 250_000), net_revenue: pair(1_040_000, 1_000_000) },
  },
  new_customer_decline: {
    quiet: { new_customer_share: pair(0.45, 0.5) },
    warning: { new_customer_share: pair(0.41, 0.5) },
  },
  sessions_drop: {
    quiet: { sessions: pair(8500, 10_000) },
    warning: { sessions: pair(8499, 10_000) },
    critical: { sessions: pair(6999, 10_000) },
  },
  cvr_drop: {
    quiet: { cvr: pair(0.018, 0.02) },
    warning: { cvr: pair(0.0169, 0.02) },
    critical: { cvr: pair(0.0139, 0.02) },
  },
  aov_drop: {
    quiet: { aov: pair(6750, 7500) },
    warning: { aov: pair(6749, 7500) },
    critical: { aov: pair(5999, 7500) },
  },
  refund_rate_high: { quiet: { refund_rate: pair(0.08, 0.04) }, warning: { refund_rate: pair(0.081, 0.04) } },
  channel_cac_increase: {
    quiet: { blended_cac: pair(9000, 4000), spend: pair(50_000, 50_000) },
    warning: { blended_cac: pair(5001, 4000), spend: pair(50_001, 50_000) },
  },
  channel_spend_without_customers: {
    quiet: { new_customers: pair(1, 9), spend: pair(90_000, 50_000) },
    warning: { new_customers: pair(0, 9), spend: pair(50_001, 50_000) },
  },
};

describe("risk rules", () => {
  it("have a case each", () => {
    expect(Object.keys(CASES).sort()).toEqual(RISK_RULES.map((rule) => rule.id).sort());
  });

  const at = (rule: RiskRule, values: Record<string, Compared>) =>
    rule.scope === "shop" ? find(values) : find({}, [values]);

  it.each(RISK_RULES.map((rule) => [rule.id, rule] as const))(
    "%s: quiet at the threshold, fires beyond it",
    (id, rule) => {
      const { quiet, warning, critical } = CASES[id] ?? { quiet: {}, warning: {} };
      expect(fired(at(rule, quiet))).not.toContain(`${id} warning`);
      expect(fired(at(rule, warning))).toContain(`${id} warning`);
      if (rule.critical !== undefined) expect(fired(at(rule, critical ?? {}))).toContain(`${id} critical`);
    },
  );

  it.each(metricsOf("shop").map((id) => [id] as const))("%s unknown: no signal, never silence", (id) => {
    const gone: MetricValue = { status: "unknown", because: "days_missing", detail: "ga4: 2026-02-05" };
    const report = find({ [id]: { value: gone, previous: ok(1) } });
    expect(report.risks).toEqual([]);
    expect(report.noSignal).toEqual([{ metric: CATALOG.get(id).title, detail: "ga4: 2026-02-05" }]);
  });

  it("tells a finding with its numbers and its threshold, critical ones first", () => {
    const report = find({ blended_cac: pair(4800, 4000), net_revenue: pair(700_000, 1_000_000) });
    expect(report.risks.map((risk) => risk.detail)).toEqual([
      "Net revenue went from $10,000.00 to $7,000.00 (−30.0%; threshold −20.0%).",
      "Blended CAC went from $40.00 to $48.00 (+20.0%; threshold +15.0%).",
    ]);
  });

  it("names the channel and reads money thresholds in the currency's own units", () => {
    const values = { ...STEADY, new_customers: pair(0, 3), spend: pair(501, 501) };
    const inputs = { totals: STEADY, channels: [{ label: "Meta\u202E Ads", values }], metric: CATALOG.get };
    const yen = findRisks({ ...inputs, currency: "JPY" });
    expect(yen.risks[0]?.title).toBe("Spend without a single new customer in Meta[U+202E] Ads");
    expect(yen.risks[0]?.detail).toBe("New customers was 0 and Ad spend was ¥501 (threshold ¥500).");
    expect(findRisks({ ...inputs, currency: "USD" }).risks).toEqual([]);
  });
});
