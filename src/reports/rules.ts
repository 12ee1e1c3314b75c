/**
 * What the weekly review calls a risk. The rules are data, so that tests and documentation can read them;
 * comparisons are strict. Percentages and points are decimals, money is whole currency units.
 */
import { currencyExponent } from "../base/money.js";
import type { Compared, MetricDef, MetricId, MetricValue } from "../metrics/types.js";
import { type ChangeKind, changeOf, changeText, figure } from "./figures.js";
import { label, listText } from "./text.js";

/** One comparison with a threshold; `level` looks at the value itself, the others at its change. */
export interface Condition {
  readonly metric: MetricId;
  readonly by: ChangeKind | "level";
  readonly over?: number;
  readonly under?: number;
}

/** All conditions of a level must hold. The first metric is the one that the finding is about. */
export interface RiskRule {
  readonly id: string;
  readonly scope: "shop" | "channel";
  readonly title: string;
  readonly warning: readonly Condition[];
  readonly critical?: readonly Condition[];
  readonly advice: string;
}

/** The rules in the order in which equally severe findings are listed. */
export const RISK_RULES: readonly RiskRule[] = [
  {
    id: "revenue_decline",
    scope: "shop",
    title: "Net revenue fell",
    warning: [{ metric: "net_revenue", by: "relative", under: -0.1 }],
    critical: [{ metric: "net_revenue", by: "relative", under: -0.2 }],
    advice:
      "Find the step that broke first: sessions, conversion rate or order value; then check the site and the stock.",
  },
  {
    id: "cac_increase",
    scope: "shop",
    title: "A new customer became more expensive",
    warning: [{ metric: "blended_cac", by: "relative", over: 0.15 }],
    critical: [{ metric: "blended_cac", by: "relative", over: 0.3 }],
    advice: "Compare CAC by channel, pause the weakest campaigns and look for audience fatigue before moving budget.",
  },
  {
    id: "cm_decrease",
    scope: "shop",
    title: "The contribution margin shrank",
    warning: [{ metric: "contribution_margin_pct", by: "points", under: -0.03 }],
    critical: [{ metric: "contribution_margin_pct", by: "points", under: -0.06 }],
    advice: "Look at discounts, at the product mix and at shipping cost, in this order.",
  },
  {
    id: "mer_deterioration",
    scope: "shop",
    title: "More spend did not bring more revenue",
    warning: [
      { metric: "mer", by: "relative", under: -0.1 },
      { metric: "spend", by: "relative", over: 0.1 },
      { metric: "net_revenue", by: "relative", under: 0.05 },
    ],
    advice: "Audit what the added budget went to; hold the budget until the marginal return is known.",
  },
  {
    id: "new_customer_decline",
    scope: "shop",
    title: "Fewer orders came from new customers",
    warning: [{ metric: "new_customer_share", by: "points", under: -0.08 }],
    advice: "Check the prospecting budget and whether the audiences are exhausted.",
  },
  {
    id: "sessions_drop",
    scope: "shop",
    title: "Fewer people came to the shop",
    warning: [{ metric: "sessions", by: "relative", under: -0.15 }],
    critical: [{ metric: "sessions", by: "relative", under: -0.3 }],
    advice: "Compare sessions by channel; check tracking before concluding anything.",
  },
  {
    id: "cvr_drop",
    scope: "shop",
    title: "Fewer visits became orders",
    warning: [{ metric: "cvr", by: "relative", under: -0.15 }],
    critical: [{ metric: "cvr", by: "relative", under: -0.3 }],
    advice: "Walk through the checkout on a phone; compare landing pages, stock and prices with last week.",
  },
  {
    id: "aov_drop",
    scope: "shop",
    title: "Orders became smaller",
    warning: [{ metric: "aov", by: "relative", under: -0.1 }],
    critical: [{ metric: "aov", by: "relative", under: -0.2 }],
    advice: "Compare discounts and the product mix with the week before.",
  },
  {
    id: "refund_rate_high",
    scope: "shop",
    title: "Refunds are high",
    warning: [{ metric: "refund_rate", by: "level", over: 0.08 }],
    advice: "Read the refund reasons of the products that came back most.",
  },
  {
    id: "channel_cac_increase",
    scope: "channel",
    title: "A new customer became more expensive in",
    warning: [
      { metric: "blended_cac", by: "relative", over: 0.25 },
      { metric: "spend", by: "level", over: 500 },
    ],
    advice: "Check creative, audience and bids in this channel.",
  },
  {
    id: "channel_spend_without_customers",
    scope: "channel",
    title: "Spend without a single new customer in",
    warning: [
      { metric: "new_customers", by: "level", under: 1 },
      { metric: "spend", by: "level", over: 500 },
    ],
    advice: "Check the tracking of this channel first, then pause what only spends.",
  },
];

/** Metrics that the rules of one scope read. */
export function metricsOf(scope: RiskRule["scope"]): readonly MetricId[] {
  const rules = RISK_RULES.filter((rule) => rule.scope === scope);
  return [...new Set(rules.flatMap((rule) => rule.warning.map((condition) => condition.metric)))];
}

/** What a rule found. */
export interface Risk {
  readonly rule: string;
  readonly severity: "critical" | "warning";
  readonly title: string;
  readonly detail: string;
  readonly advice: string;
}

/** Where the rules look: the shop's totals and one row per channel. */
export interface RiskInputs {
  readonly totals: Readonly<Record<MetricId, Compared>>;
  readonly channels: readonly { readonly label: string; readonly values: Readonly<Record<MetricId, Compared>> }[];
  readonly metric: (id: MetricId) => Pick<MetricDef, "title" | "unit">;
  readonly currency: string;
}

/** Critical findings first, in the order of the rules; then what could not be judged, and how many rules looked. */
export interface RiskReport {
  readonly risks: readonly Risk[];
  readonly noSignal: readonly { readonly metric: string; readonly detail: string }[];
  readonly rules: number;
}

/** Applies every rule. A rule whose input is unknown gives no finding but is told of under `noSignal`: silence is not health. */
export function findRisks(inputs: RiskInputs): RiskReport {
  const risks: Risk[] = [];
  const noSignal = new Map<string, string>();
  for (const rule of RISK_RULES) {
    const places =
      rule.scope === "shop" ? [{ label: "", values: inputs.totals }] : inputs.channels.map((channel) => channel);
    for (const place of places) {
      const verdict = judge(rule, place.values, inputs);
      if (verdict.kind === "risk") risks.push(riskOf(rule, verdict.severity, place, inputs));
      if (verdict.kind === "no_signal" && rule.scope === "shop") noSignal.set(verdict.metric, verdict.detail);
    }
  }
  const rank = { critical: 0, warning: 1 };
  return {
    risks: risks.sort((a, b) => rank[a.severity] - rank[b.severity]),
    noSignal: [...noSignal].map(([metric, detail]) => ({ metric: inputs.metric(metric).title, detail })),
    rules: RISK_RULES.length,
  };
}

type Verdict =
  | { readonly kind: "risk"; readonly severity: "critical" | "warning" }
  | { readonly kind: "quiet" }
  | { readonly kind: "no_signal"; readonly metric: MetricId; readonly detail: string };

function judge(rule: RiskRule, values: RiskInputs["totals"], inputs: RiskInputs): Verdict {
  for (const condition of rule.warning) {
    const value = inputOf(condition, values);
    if (value.status !== "ok") return { kind: "no_signal", metric: condition.metric, detail: value.detail };
  }
  const holds = (conditions: readonly Condition[]) =>
    conditions.every((condition) => isMet(condition, inputOf(condition, values), inputs));
  if (rule.critical !== undefined && holds(rule.critical)) return { kind: "risk", severity: "critical" };
  return holds(rule.warning) ? { kind: "risk", severity: "warning" } : { kind: "quiet" };
}

function inputOf(condition: Condition, values: RiskInputs["totals"]): MetricValue {
  const compared = values[condition.metric];
  if (compared === undefined) return { status: "unknown", because: "no_data", detail: "it was not asked for" };
  return condition.by === "level" ? compared.value : changeOf(compared, condition.by);
}

function isMet(condition: Condition, input: MetricValue, inputs: RiskInputs): boolean {
  if (input.status !== "ok") return false;
  const isMoney = condition.by === "level" && inputs.metric(condition.metric).unit === "money";
  const scale = isMoney ? 10 ** currencyExponent(inputs.currency) : 1;
  // 0.5 - 0.53 is a little less than -0.03 in binary; a threshold that is met exactly must not fire.
  const value = Number(input.value.toFixed(9));
  if (condition.over !== undefined && !(value > condition.over * scale)) return false;
  return condition.under === undefined || value < condition.under * scale;
}

function riskOf(
  rule: RiskRule,
  severity: Risk["severity"],
  place: { readonly label: string; readonly values: RiskInputs["totals"] },
  inputs: RiskInputs,
): Risk {
  const conditions = (severity === "critical" ? rule.critical : undefined) ?? rule.warning;
  const sentences = conditions.map((condition) => sentenceOf(condition, place.values, inputs));
  return {
    rule: rule.id,
    severity,
    title: place.label === "" ? rule.title : `${rule.title} ${label(place.label)}`,
    detail: `${listText(sentences)}.`,
    advice: rule.advice,
  };
}

function sentenceOf(condition: Condition, values: RiskInputs["totals"], inputs: RiskInputs): string {
  const { title, unit } = inputs.metric(condition.metric);
  const compared = values[condition.metric];
  if (compared === undefined) return title;
  const now = figure(compared.value, unit, inputs.currency).text;
  if (condition.by === "level") return `${title} was ${now}${limitText(condition, unit, inputs.currency)}`;
  const change = changeOf(compared, condition.by);
  const before = compared.previous === undefined ? "" : figure(compared.previous, unit, inputs.currency).text;
  const moved = change.status === "ok" ? changeText(change.value, condition.by) : "unknown";
  return `${title} went from ${before} to ${now} (${moved}${changeLimitText(condition)})`;
}

function changeLimitText(condition: Condition): string {
  const limit = condition.over ?? condition.under;
  if (limit === undefined || condition.by === "level") return "";
  return `; threshold ${changeText(limit, condition.by)}`;
}

function limitText(condition: Condition, unit: MetricDef["unit"], currency: string): string {
  const limit = condition.over ?? condition.under;
  if (limit === undefined || unit === "count") return "";
  const minor = unit === "money" ? limit * 10 ** currencyExponent(currency) : limit;
  return ` (threshold ${figure({ status: "ok", value: minor }, unit, currency).text})`;
}
