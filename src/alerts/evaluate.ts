/** The one engine of rules: readings in, judgements out. Pure; what is asked is decided in `reads.ts`. */
import type { DateRange } from "../base/dates.js";
import { changeOf, changeText } from "../metrics/change.js";
import { formatValue } from "../metrics/format.js";
import { moneyOfChange } from "../metrics/impact.js";
import type { MetricDef } from "../metrics/types.js";
import { accumulate, holds, inputOf, type JudgeContext, judge, limitsIn, scaleOf } from "./judge.js";
import { type Reading, type Readings, readKey, windowsOf } from "./reads.js";
import type { AlertRule, Condition, Judgement, Limit, Segment, Values, Verdict } from "./types.js";

/** Judges every rule by its readings: one judgement for the shop, or one per group of its breakdown. */
export function evaluate(rules: readonly AlertRule[], readings: Readings, context: JudgeContext): readonly Judgement[] {
  return rules.flatMap((rule) => {
    const windows = Array.from({ length: windowsOf(rule) }, (_, ago) => readings.get(readKey(rule, ago)));
    const [newest, ...older] = windows.filter((reading) => reading !== undefined);
    if (newest === undefined) return [];
    return placesOf(rule, newest).map((segment) => judgementOf(rule, segment, { newest, older, context }));
  });
}

/** Judges rules by one reading that somebody else has asked for: the page that shows the same figures. */
export function evaluateReading(
  rules: readonly AlertRule[],
  readings: Readonly<Partial<Record<AlertRule["scope"], Reading>>>,
  context: JudgeContext,
): readonly Judgement[] {
  return rules.flatMap((rule) => {
    const reading = readings[rule.scope];
    if (reading === undefined) return [];
    return placesOf(rule, reading).map((segment) =>
      judgementOf(rule, segment, { newest: reading, older: [], context }),
    );
  });
}

/** The shop itself, or every group. Without any group the totals speak: they say why there is none. */
function placesOf({ scope }: AlertRule, { rows }: Reading): readonly (Segment | null)[] {
  if (scope === "shop" || rows.length === 0) return [null];
  return rows.map(({ key, label }) => ({ by: scope, key, label }));
}

interface Looked {
  readonly newest: Reading;
  readonly older: readonly Reading[];
  readonly context: JudgeContext;
}

function judgementOf(rule: AlertRule, segment: Segment | null, { newest, older, context }: Looked): Judgement {
  const values = valuesOf(newest, segment);
  const current = judge(rule, values, context);
  const before = older.map((reading) => judge(rule, valuesOf(reading, segment), context));
  const verdict = rule.lasting === undefined ? current : accumulate([current, ...before], rule.lasting.times);
  const metric = context.metric(rule.about);
  const isFiring = verdict.kind === "fires";
  return {
    key: segment === null ? rule.id : `${rule.id}:${segment.key}`,
    rule: rule.id,
    title: segment === null ? rule.title : `${rule.title} ${segment.label}`,
    segment,
    metric: rule.about,
    window: newest.window,
    since: sinceOf(newest, older, before),
    verdict,
    what: isFiring ? sentence(rule, verdict, { values, context }) : "",
    advice: rule.advice,
    repeat: rule.repeat,
    means: meansOf(metric, values),
    money: isFiring ? moneyOfChange(metric, values) : null,
  };
}

function valuesOf({ totals, rows }: Reading, segment: Segment | null): Values {
  return segment === null ? totals : (rows.find(({ key }) => key === segment.key)?.values ?? {});
}

/** The first day of the unbroken row of windows that fire, back from the newest. */
function sinceOf(newest: Reading, older: readonly Reading[], before: readonly Verdict[]): DateRange["from"] {
  const quiet = before.findIndex(({ kind }) => kind !== "fires");
  const row = quiet < 0 ? older : older.slice(0, quiet);
  return (row.at(-1) ?? newest).window.from;
}

function meansOf(metric: MetricDef, values: Values): Judgement["means"] {
  const change = changeOf(
    values[metric.id] ?? { value: { status: "unknown", because: "no_data", detail: "" } },
    "points",
  );
  if (metric.better === "neither" || change.status !== "ok" || change.value === 0) return "neither";
  return change.value > 0 === (metric.better === "up") ? "better" : "worse";
}

interface Told {
  readonly values: Values;
  readonly context: JudgeContext;
}

function sentence(rule: AlertRule, verdict: Extract<Verdict, { kind: "fires" }>, told: Told): string {
  const condition = rule.levels[verdict.severity];
  const limits = condition === undefined ? [] : toldLimits(condition, told);
  const parts = limits.map((limit) => limitText(limit, told));
  const last = parts.at(-1) ?? "";
  const text = parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
  const often = rule.lasting === undefined ? "" : `, in ${rule.lasting.times} of the last ${rule.lasting.of} windows`;
  return `${text}${often}.`;
}

/** Of alternatives only those that hold are told; each metric once. */
function toldLimits(condition: Condition, { values, context }: Told): readonly Limit[] {
  const isHolding = (one: Condition) => holds(one, values, context);
  if ("any" in condition) return condition.any.filter(isHolding).flatMap((one) => toldLimits(one, { values, context }));
  if ("all" in condition) return condition.all.flatMap((one) => toldLimits(one, { values, context }));
  return limitsIn(condition);
}

function limitText(limit: Limit, { values, context }: Told): string {
  const { title, unit } = context.metric(limit.metric);
  const compared = values[limit.metric];
  if (compared === undefined) return title;
  const now = formatValue(compared.value, unit, context.currency);
  const threshold = limit.over ?? limit.under ?? 0;
  if (limit.by === "level") {
    const value = threshold * scaleOf(limit.metric, limit.by, context);
    const text = unit === "count" ? "" : ` (threshold ${formatValue({ status: "ok", value }, unit, context.currency)})`;
    return `${title} was ${now}${text}`;
  }
  const before = compared.previous === undefined ? "" : formatValue(compared.previous, unit, context.currency);
  const change = inputOf(limit, values);
  const moved = change.status === "ok" ? changeText(change.value, limit.by) : "unknown";
  return `${title} went from ${before} to ${now} (${moved}; threshold ${changeText(threshold, limit.by)})`;
}
