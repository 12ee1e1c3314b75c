/** Guardrails as lights: the alert rules about unit economics, judged by the figures of a page. Thresholds are those of the rules. */
import { evaluateReading } from "../alerts/evaluate.js";
import { limitsIn, metricsIn, scaleOf } from "../alerts/judge.js";
import type { AlertRule, Condition, Judgement, Limit } from "../alerts/types.js";
import { changeText } from "../metrics/change.js";
import { formatValue } from "../metrics/format.js";
import type { MetricId, QueryResult } from "../metrics/types.js";
import type { LightState } from "./block-types/lights.js";
import { changeFigure } from "./figures.js";
import { comparedOf, figureOf } from "./read-values.js";
import type { BlockOf, Facts } from "./types.js";

/** Lights for the rules whose figures a result holds; one light per rule. Null when no rule is about them. */
export function guardrailLights(
  facts: Facts,
  result: QueryResult,
  about: readonly MetricId[],
): BlockOf<"lights"> | null {
  const known = new Set(result.query.metrics);
  const rules = facts.guardrails.filter(
    (rule) => rule.scope === "shop" && about.includes(rule.about) && metricsIn(rule).every((id) => known.has(id)),
  );
  if (rules.length === 0) return null;
  const context = { metric: facts.metric, currency: facts.context.currency };
  const shop = { window: result.query.window, totals: result.totals, rows: [] };
  const judgements = evaluateReading(rules, { shop }, context);
  return {
    kind: "lights",
    title: "Guardrails of the last seven days",
    items: rules.map((rule) => {
      const state = stateOf(judgements.find((one) => one.rule === rule.id));
      return {
        label: facts.metric(rule.about).title,
        value: valueText(facts, rule, result),
        ...state,
        threshold: thresholdText(facts, rule),
      };
    }),
    note: "Thresholds are those of the alert rules, with the changes of growthos.config.ts under `alerts`; changes are against the seven days before.",
  };
}

interface State {
  readonly state: LightState;
  readonly word: string;
  readonly note?: string;
}

function stateOf(judgement: Judgement | undefined): State {
  const verdict = judgement?.verdict;
  if (verdict === undefined) return { state: "unknown", word: "Not judged" };
  if (verdict.kind === "no_signal")
    return { state: "unknown", word: "No signal", note: `${verdict.input}: ${verdict.detail}.` };
  if (verdict.kind === "fires")
    return verdict.severity === "critical" ? { state: "red", word: "Critical" } : { state: "amber", word: "Watch" };
  if (verdict.because === "below_volume")
    return { state: "unknown", word: "Not judged", note: "There were too few orders or customers to tell." };
  return { state: "green", word: verdict.because === "within_chance" ? "Within chance" : "Fine" };
}

/** The figure, with its change where the rule looks at changes. */
function valueText(facts: Facts, rule: AlertRule, { totals }: QueryResult): string {
  const value = figureOf(facts, totals, rule.about).text;
  const own = Object.values(rule.levels)
    .flatMap(limitsIn)
    .find(({ metric }) => metric === rule.about);
  if (own === undefined || own.by === "level") return value;
  return `${value} (${changeFigure(comparedOf(totals, rule.about), facts.metric(rule.about).unit).text})`;
}

function thresholdText(facts: Facts, rule: AlertRule): string {
  const words = { info: "amber (info)", warning: "amber", critical: "red" } as const;
  const levels = (["info", "warning", "critical"] as const).flatMap((severity) => {
    const condition = rule.levels[severity];
    return condition === undefined ? [] : [`${words[severity]}: ${conditionText(facts, condition, rule.about)}`];
  });
  const text = levels.join("; ");
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}. Rule ${rule.id}.`;
}

function conditionText(facts: Facts, condition: Condition, about: MetricId): string {
  if ("all" in condition) return condition.all.map((one) => conditionText(facts, one, about)).join(" and ");
  if ("any" in condition) return condition.any.map((one) => conditionText(facts, one, about)).join(" or ");
  if ("not" in condition) return `not ${conditionText(facts, condition.not, about)}`;
  const name = condition.metric === about ? "" : `${facts.metric(condition.metric).title} `;
  return `${name}${limitText(facts, condition)}`;
}

function limitText(facts: Facts, limit: Limit): string {
  const { metric, by, over, under } = limit;
  const { currency } = facts.context;
  const scale = scaleOf(metric, by, { metric: facts.metric, currency });
  const text = (size: number) =>
    by === "level"
      ? formatValue({ status: "ok", value: size * scale }, facts.metric(metric).unit, currency)
      : changeText(size, by);
  const sides = [
    ...(over === undefined ? [] : [`above ${text(over)}`]),
    ...(under === undefined ? [] : [`below ${text(under)}`]),
  ];
  return sides.join(" and ");
}
