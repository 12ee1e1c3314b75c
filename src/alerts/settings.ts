/** The workspace's own wishes: thresholds, rules that are off, rules of its own. Pure. */
import type { MetricId } from "../metrics/types.js";
import { DATA_RULES } from "./data-rules.js";
import { isDaily, isWeekly, RULES } from "./rules/index.js";
import type { Divider } from "./signals.js";
import { type AlertRule, type Condition, type Limit, SEVERITIES, type Severity } from "./types.js";

/** Alerts as a workspace wants them; what is left out is as shipped. */
export interface AlertSettings {
  /** Ids of rules that are not judged; `signal` for all process-behaviour signals. */
  readonly off: readonly string[];
  /** Rule id -> other limits for its metric, in the notation of the rule, also for a severity that it has not. */
  readonly thresholds: Readonly<Record<string, Readonly<Partial<Record<Severity | "minVolume", number>>>>>;
  readonly rules: readonly AlertRule[];
  readonly watch: readonly MetricId[];
  readonly limits: "mean" | "median";
  readonly dividers: readonly Divider[];
  readonly staleAfterDays: number;
}

/** Metrics that are watched by week unless the config says otherwise. */
export const WATCHED: readonly MetricId[] = [
  "net_revenue",
  "orders",
  "aov",
  "new_customers",
  "sessions",
  "cvr",
  "spend",
  "mer",
  "blended_cac",
  "contribution_margin_pct",
  "refund_rate",
];

/** Ids that a config may name: rules over metrics, whose thresholds can be moved, and rules about the data. */
export const RULE_IDS: { readonly overMetrics: readonly string[]; readonly aboutData: readonly string[] } = {
  overMetrics: RULES.map(({ id }) => id),
  aboutData: DATA_RULES,
};

/** As shipped. */
export const DEFAULT_SETTINGS: AlertSettings = {
  off: [],
  thresholds: {},
  rules: [],
  watch: WATCHED,
  limits: "mean",
  dividers: [],
  staleAfterDays: 2,
};

/** The shipped rules with the workspace's thresholds, then its own; without those that are off. */
export function rulesOf({ off, thresholds, rules }: AlertSettings): readonly AlertRule[] {
  return [...RULES, ...rules].filter(({ id }) => !off.includes(id)).map((rule) => withThresholds(rule, thresholds));
}

/** The shipped rules that a weekly review judges by its own figures, with the workspace's thresholds, without those that are off. */
export function weeklyRulesOf(settings: Pick<AlertSettings, "off" | "thresholds">): readonly AlertRule[] {
  return rulesOf({ ...DEFAULT_SETTINGS, ...settings, rules: [] }).filter(isWeekly);
}

/** The same for the page of the day. */
export function dailyRulesOf(settings: Pick<AlertSettings, "off" | "thresholds">): readonly AlertRule[] {
  return rulesOf({ ...DEFAULT_SETTINGS, ...settings, rules: [] }).filter(isDaily);
}

function withThresholds(rule: AlertRule, thresholds: AlertSettings["thresholds"]): AlertRule {
  const own = thresholds[rule.id];
  if (own === undefined) return rule;
  const [shipped] = Object.values(rule.levels);
  const levels = SEVERITIES.flatMap((severity) => {
    const limit = own[severity];
    const condition = rule.levels[severity] ?? (limit === undefined ? undefined : shipped);
    if (condition === undefined) return [];
    return [[severity, limit === undefined ? condition : moved(condition, rule.about, limit)] as const];
  });
  const { minVolume } = rule;
  return {
    ...rule,
    levels: Object.fromEntries(levels),
    ...(minVolume === undefined || own.minVolume === undefined
      ? {}
      : { minVolume: { ...minVolume, atLeast: own.minVolume } }),
  };
}

/** Another limit for the metric that the rule is about. Of two-sided limits both move, each on its side. */
function moved(condition: Condition, about: MetricId, limit: number): Condition {
  const inner = (one: Condition) => moved(one, about, limit);
  if ("all" in condition) return { all: condition.all.map(inner) };
  if ("any" in condition) return { any: condition.any.map(inner) };
  if ("not" in condition) return { not: inner(condition.not) };
  if (condition.metric !== about) return condition;
  return movedLimit(condition, limit);
}

function movedLimit({ metric, by, over, under }: Limit, limit: number): Limit {
  const size = Math.abs(limit);
  if (by === "level") return over === undefined ? { metric, by, under: limit } : { metric, by, over: limit };
  // A change: whoever writes 0.2 for a fall means a fall.
  return {
    metric,
    by,
    ...(over === undefined ? {} : { over: size }),
    ...(under === undefined ? {} : { under: -size }),
  };
}
