/** Three-valued logic of the rules: it holds, it does not, or it cannot be known. Pure; nothing is computed but comparisons. */

import { currencyExponent } from "../base/money.js";
import { changeOf } from "../metrics/change.js";
import type { MetricDef, MetricId, MetricValue } from "../metrics/types.js";
import { NOT_ASKED } from "../metrics/values.js";
import { BEYOND_CHANCE, type Counted, DISPERSION, ratioErrors, shareErrors } from "../stats/chance.js";
import {
  type AlertRule,
  type Chance,
  type Condition,
  type Limit,
  SEVERITIES,
  type Severity,
  type Values,
  type Verdict,
} from "./types.js";

/** What judging needs to know of metrics and money. */
export interface JudgeContext {
  readonly metric: (id: MetricId) => MetricDef;
  readonly currency: string;
}

/** Every limit of a condition, in the order in which it is written. */
export function limitsIn(condition: Condition): readonly Limit[] {
  if ("all" in condition) return condition.all.flatMap(limitsIn);
  if ("any" in condition) return condition.any.flatMap(limitsIn);
  return "not" in condition ? limitsIn(condition.not) : [condition];
}

/** Every metric that a rule looks at, its own first. */
export function metricsIn(rule: AlertRule): readonly MetricId[] {
  const limits = Object.values(rule.levels).flatMap(limitsIn);
  const volume = rule.minVolume === undefined ? [] : [rule.minVolume.metric];
  const events = rule.chance === undefined ? [] : [rule.chance.of];
  return [...new Set([rule.about, ...limits.map(({ metric }) => metric), ...volume, ...events])];
}

/**
 * Judges a rule by the values of one place. Too little volume is silence, and so is a change that chance explains; an input that is not
 * known is no signal. In one group of many a ratio over nothing means that the rule does not apply (an unpaid channel has no CAC); of the
 * whole shop it is no signal either.
 */
export function judge(rule: AlertRule, values: Values, context: JudgeContext): Verdict {
  const volume = volumeOf(rule, values, context);
  if (volume !== null) return volume;
  const limits = Object.values(rule.levels).flatMap(limitsIn);
  const inputs = [
    ...limits.map((limit) => ({ metric: limit.metric, input: inputOf(limit, values) })),
    ...eventsBehind(rule, values),
  ];
  const unknown = inputs.find(({ input }) => input.status === "unknown");
  if (unknown !== undefined) return noSignal(unknown.metric, unknown.input, context);
  const missing = inputs.find(({ input }) => input.status !== "ok");
  if (missing !== undefined) {
    if (rule.scope !== "shop") return { kind: "quiet", because: "within_limits" };
    return noSignal(missing.metric, missing.input, context);
  }
  const held = SEVERITIES.flatMap((severity) => {
    const condition = rule.levels[severity];
    return condition !== undefined && holds(condition, values, context) ? [{ severity, condition }] : [];
  });
  const highest = held.findLast(({ condition }) => isBeyondChance(condition, rule, { values, context }));
  if (highest !== undefined) return { kind: "fires", severity: highest.severity };
  return { kind: "quiet", because: held.length === 0 ? "within_limits" : "within_chance" };
}

/** The counts that tell what chance does: now, and before where there is a before. */
function eventsBehind({ chance }: AlertRule, values: Values) {
  if (chance === undefined) return [];
  const { value, previous = value } = values[chance.of] ?? { value: NOT_ASKED };
  return [value, previous].map((input) => ({ metric: chance.of, input }));
}

interface Judged {
  readonly values: Values;
  readonly context: JudgeContext;
}

/** Whether what the rule is about lies further from its limit (a level), or from before (a change), than chance alone would lead. */
function isBeyondChance(condition: Condition, { about, chance }: AlertRule, judged: Judged): boolean {
  if (chance === undefined) return true;
  const own = limitsIn(condition).filter(({ metric }) => metric === about);
  return own.every((limit) => Math.abs(errorsFrom(limit, chance, judged)) > BEYOND_CHANCE);
}

function errorsFrom(limit: Limit, { kind, of }: Chance, { values, context }: Judged): number {
  const [figure, events] = [values[limit.metric], values[of]];
  const threshold = (limit.over ?? limit.under ?? 0) * scaleOf(limit.metric, limit.by, context);
  const now = counted(figure?.value, events?.value);
  const before =
    limit.by === "level"
      ? { value: threshold, events: Number.POSITIVE_INFINITY }
      : counted(figure?.previous, events?.previous);
  return kind === "share" ? shareErrors(now, before) : ratioErrors(now, before, DISPERSION[kind]);
}

function counted(value = NOT_ASKED, events = NOT_ASKED): Counted {
  // All are known here: `judge` has looked at every one.
  return { value: value.status === "ok" ? value.value : 0, events: events.status === "ok" ? events.value : 0 };
}

/** Silence below the least volume, no signal when the volume is unknown, null when there is enough to judge. */
function volumeOf({ minVolume }: AlertRule, values: Values, context: JudgeContext): Verdict | null {
  if (minVolume === undefined) return null;
  const compared = values[minVolume.metric];
  const { value, previous = value } = compared ?? { value: NOT_ASKED };
  const unknown = [value, previous].find((one) => one.status !== "ok");
  if (unknown !== undefined) return noSignal(minVolume.metric, unknown, context);
  const least = minVolume.atLeast * scaleOf(minVolume.metric, "level", context);
  const enough = [value, previous].some((one) => one.status === "ok" && one.value >= least);
  return enough ? null : { kind: "quiet", because: "below_volume" };
}

function noSignal(metric: MetricId, input: MetricValue, context: JudgeContext): Verdict {
  const detail = input.status === "ok" ? "" : input.detail;
  return { kind: "no_signal", input: context.metric(metric).title, detail };
}

/** The value, or the change, that a limit is held against. */
export function inputOf(limit: Limit, values: Values): MetricValue {
  const compared = values[limit.metric];
  if (compared === undefined) return NOT_ASKED;
  return limit.by === "level" ? compared.value : changeOf(compared, limit.by);
}

/** Whether a condition holds; all of its inputs are known. */
export function holds(condition: Condition, values: Values, context: JudgeContext): boolean {
  if ("all" in condition) return condition.all.every((one) => holds(one, values, context));
  if ("any" in condition) return condition.any.some((one) => holds(one, values, context));
  if ("not" in condition) return !holds(condition.not, values, context);
  const input = inputOf(condition, values);
  if (input.status !== "ok") return false;
  // 0.5 - 0.53 is a little less than -0.03 in binary; a threshold that is met exactly must not fire.
  const value = Number(input.value.toFixed(9));
  const scale = scaleOf(condition.metric, condition.by, context);
  if (condition.over !== undefined && !(value > condition.over * scale)) return false;
  return condition.under === undefined || value < condition.under * scale;
}

/** Limits of money are written in main units, values are minor units. */
export function scaleOf(metric: MetricId, by: Limit["by"], { metric: find, currency }: JudgeContext): number {
  return by === "level" && find(metric).unit === "money" ? 10 ** currencyExponent(currency) : 1;
}

/**
 * N of the last M windows, newest first: the highest level that held often enough. When the unknown windows could make the difference
 * there is no signal.
 */
export function accumulate(verdicts: readonly Verdict[], times: number): Verdict {
  const [newest] = verdicts;
  const unknown = verdicts.filter((verdict) => verdict.kind === "no_signal");
  const reached = (level: Severity) =>
    verdicts.filter(
      (verdict) => verdict.kind === "fires" && SEVERITIES.indexOf(verdict.severity) >= SEVERITIES.indexOf(level),
    ).length;
  const severity = SEVERITIES.findLast((level) => reached(level) >= times);
  if (severity !== undefined) return { kind: "fires", severity };
  const [gap] = unknown;
  if (gap !== undefined && reached("info") + unknown.length >= times) return gap;
  return newest?.kind === "quiet" ? newest : { kind: "quiet", because: "within_limits" };
}
