/**
 * Process-behaviour signals: the watched metrics by week against their natural limits. Limits are made from the first weeks after the
 * start or the last divider and then stay: the first seventeen weeks, fewer (and provisional) while there are fewer. A recorded reason,
 * a divider, makes them begin anew; nothing else does.
 */
import { addDays, type DateRange, type ISODate } from "../base/dates.js";
import { weekStart } from "../metrics/calendar.js";
import type { Catalog } from "../metrics/catalog/index.js";
import { formatValue } from "../metrics/format.js";
import { metricsForMoney, moneyOfChange } from "../metrics/impact.js";
import type { BreakdownRow, Compared, MetricDef, MetricId } from "../metrics/types.js";
import { type Limits, limitsOf, POINTS, signalAt, type XmrRule, type XmrSignal } from "../stats/xmr.js";
import { ask, type Source, unjudgeable } from "./reads.js";
import type { Judgement, Severity, Verdict } from "./types.js";

/** A day on which something became different for a known reason: limits begin anew there. */
export interface Divider {
  readonly day: ISODate;
  readonly reason: string;
  /** Absent: all metrics. */
  readonly metrics?: readonly MetricId[];
}

/** Limits that were recorded: they stand until a divider. */
export interface FrozenLimits {
  readonly metric: MetricId;
  /** First day of the segment that they belong to: the divider's week, or the first week there was. */
  readonly segment: ISODate;
  readonly limits: Limits;
}

/** What is watched, and how. */
export interface SignalOptions {
  readonly metrics: readonly MetricId[];
  readonly limits: "mean" | "median";
  readonly dividers: readonly Divider[];
  /** Recorded before; newest last. */
  readonly frozen: readonly FrozenLimits[];
}

/** A watched metric's newest week, and the limits to be recorded when they settled just now. */
export interface Watched {
  readonly judgement: Judgement;
  readonly settled: FrozenLimits | null;
}

/** Weeks that are asked for: three years. */
export const WATCHED_WEEKS = 157;

/** A metric that swings about its limit is told once in so many days. */
const TOLD_ONCE_IN_DAYS = 56;

const RULE_TEXT: Readonly<Record<XmrRule, string>> = {
  outside: "outside its natural limits",
  run_of_8: "on one side of its usual level for eight weeks or longer",
  "3_of_4_near_limit": "nearer to a limit than to its usual level in three of the last four weeks",
};

/** The weeks that limits were made from; an earlier day is not judged by later ones. */
function weeksOfLimits({ segment, limits }: Pick<FrozenLimits, "segment" | "limits">): DateRange {
  return { from: segment, to: addDays(segment, 7 * limits.points - 1) };
}

/** The newest complete week that a day allows. */
export function newestWeek(lastDay: ISODate, weekEndsOn: number): DateRange {
  const from = addDays(weekStart(addDays(lastDay, 1), weekEndsOn), -7);
  return { from, to: addDays(from, 6) };
}

/** Judges every watched metric. */
export async function watch(options: SignalOptions, source: Source): Promise<readonly Watched[]> {
  const week = newestWeek(source.context.lastCompleteDay, source.context.weekEndsOn ?? 7);
  const window = { from: addDays(week.from, 7 * (1 - WATCHED_WEEKS)), to: week.to };
  const wanted = [...new Set(options.metrics.flatMap((id) => [id, ...metricsForMoney(id)]))];
  const series = new Map<string, BreakdownRow>();
  for (let from = 0; from < wanted.length; from += 15) {
    const part = await ask({ metrics: wanted.slice(from, from + 15), window, grain: "week" }, source);
    for (const { key, label, values } of part.series)
      series.set(key, { key, label, values: { ...series.get(key)?.values, ...values } });
  }
  const weeks = [...series.values()];
  return options.metrics.map((id) => {
    const metric = source.catalog.get(id);
    const detail = unjudgeable([id], source);
    if (detail === null) return watchMetric(metric, weeks, { ...options, week, source });
    const verdict: Verdict = { kind: "no_signal", input: metric.title, detail };
    return { judgement: { ...frame(metric, week), verdict }, settled: null };
  });
}

/** What the judgement of one week takes into account. */
export interface Around extends SignalOptions {
  readonly week: DateRange;
  readonly source: Pick<Source, "context"> & { readonly catalog: Pick<Catalog, "get"> };
}

/** The known weeks of the segment that the newest week belongs to, and the limits that they are held against. */
export interface Usual {
  readonly segment: ISODate;
  /** First days of the weeks with their values, oldest first. */
  readonly weeks: readonly { readonly key: string; readonly value: number }[];
  /** Null below six weeks. */
  readonly limits: Limits | null;
  readonly isRecorded: boolean;
}

/** A metric's usual level: recorded limits where there are some, else those of the segment's first weeks. Pure. */
export function usualOf(metric: MetricDef, weeks: readonly BreakdownRow[], around: Around): Usual {
  const { segment, known } = segmentOf(metric, weeks, around);
  const recorded = around.frozen.findLast(
    (one) => one.metric === metric.id && one.segment === segment && weeksOfLimits(one).to <= around.week.to,
  );
  const first = known.slice(0, POINTS.settled).map(({ value }) => value);
  const limits = recorded?.limits ?? limitsOf(first, limitOptions(metric, around));
  return { segment, weeks: known, limits, isRecorded: recorded !== undefined };
}

/** Judges the newest of the weeks for one metric. Pure. */
export function watchMetric(metric: MetricDef, weeks: readonly BreakdownRow[], around: Around): Watched {
  const { week, source } = around;
  const newest = weeks.at(-1)?.values[metric.id]?.value;
  const { segment, weeks: known, limits, isRecorded } = usualOf(metric, weeks, around);
  const values = known.map(({ value }) => value);
  const settled = !isRecorded && limits !== null && !limits.provisional ? { metric: metric.id, segment, limits } : null;
  const base = frame(metric, week);
  if (newest === undefined || newest.status !== "ok") {
    const detail = newest?.detail ?? "there is no complete week";
    return { judgement: { ...base, verdict: { kind: "no_signal", input: metric.title, detail } }, settled: null };
  }
  if (limits === null) {
    const detail = `limits need ${POINTS.least} weeks, there are ${values.length}`;
    return { judgement: { ...base, verdict: { kind: "no_signal", input: metric.title, detail } }, settled };
  }
  const signal = signalAt(values, values.length - 1, limits);
  if (signal === null || !isAlert(metric, signal, limits)) return { judgement: base, settled };
  const money = moneyOfChange(metric, againstCentre(metric, weeks, { limits, catalog: source.catalog }));
  return { judgement: firing(metric, { base, signal, limits, segment, values, around, money }), settled };
}

/** Against provisional limits only bad news beyond a limit is told: a young series is still finding its level. */
function isAlert(metric: MetricDef, signal: XmrSignal, { provisional }: Limits): boolean {
  return !provisional || (signal.rule === "outside" && meansOf(metric, signal) === "worse");
}

function limitOptions({ unit }: MetricDef, { limits }: SignalOptions) {
  // Money may be negative (a week of refunds), everything else is a count or a rate.
  return { limits, clampAtZero: unit !== "money" };
}

/** The known weeks since the start or the last divider. A gap is left out: its neighbours become neighbours. */
function segmentOf(
  metric: MetricDef,
  weeks: readonly BreakdownRow[],
  { dividers, week }: Around,
): { readonly segment: ISODate; readonly known: Usual["weeks"] } {
  const own = dividers.filter(({ day, metrics }) => day <= week.to && (metrics?.includes(metric.id) ?? true));
  const last = own
    .map(({ day }) => day)
    .sort()
    .at(-1);
  const known = weeks.flatMap(({ key, values }) => {
    const value = values[metric.id]?.value;
    return value?.status === "ok" && (last === undefined || key >= last) ? [{ key, value: value.value }] : [];
  });
  const segment = last ?? ((known[0]?.key ?? week.from) as ISODate);
  return { segment, known };
}

/** The newest week, compared with the usual level instead of the week before. */
function againstCentre(
  metric: MetricDef,
  weeks: readonly BreakdownRow[],
  { limits, catalog }: { readonly limits: Limits; readonly catalog: Pick<Catalog, "get"> },
): Readonly<Record<MetricId, Compared>> {
  const [before, newest] = [weeks.at(-2)?.values ?? {}, weeks.at(-1)?.values ?? {}];
  const needed = metricsForMoney(metric.id).map((id) => [id, { ...newest[id], previous: before[id]?.value }]);
  const value = newest[metric.id]?.value;
  const change =
    value?.status === "ok" && limits.centre !== 0
      ? { status: "ok", value: (value.value - limits.centre) / Math.abs(limits.centre) }
      : undefined;
  const own = { value, previous: { status: "ok", value: limits.centre }, change };
  return Object.fromEntries([...needed, [catalog.get(metric.id).id, own]]);
}

function frame(metric: MetricDef, week: DateRange): Judgement {
  return {
    key: `signal:${metric.id}`,
    rule: "signal",
    title: `${metric.title}: not as usual`,
    segment: null,
    metric: metric.id,
    window: week,
    since: week.from,
    verdict: { kind: "quiet", because: "within_limits" },
    what: "",
    advice: `Ask what became different: \`growthos metrics ${metric.id} --by channel --last week --compare previous\`. If the reason is known and lasts, record it as a divider under \`alerts\` in growthos.config.ts.`,
    repeat: { onceInDays: TOLD_ONCE_IN_DAYS },
    means: "neither",
    money: null,
  };
}

interface Fired {
  readonly base: Judgement;
  readonly signal: XmrSignal;
  readonly limits: Limits;
  readonly segment: ISODate;
  readonly values: readonly number[];
  readonly around: Around;
  readonly money: number | null;
}

function firing(metric: MetricDef, { base, signal, limits, segment, values, around, money }: Fired): Judgement {
  const means = meansOf(metric, signal);
  const { currency } = around.source.context;
  const text = (value: number) => formatValue({ status: "ok", value }, metric.unit, currency);
  const weeks = weeksOfLimits({ segment, limits });
  const range = `usual level ${text(limits.centre)}, limits ${text(limits.lower)} to ${text(limits.upper)}`;
  const kind = limits.provisional ? `provisional limits from ${limits.points} weeks: ` : "";
  const verdict: Verdict = { kind: "fires", severity: severityOf(signal, means) };
  return {
    ...base,
    baseline: weeks,
    title: `${metric.title}: ${signal.side === "above" ? "higher" : "lower"} than usual`,
    since: addDays(around.week.from, -7 * (values.length - 1 - signal.since)),
    verdict,
    what: `${metric.title}: ${text(values.at(-1) ?? 0)} in the week, ${RULE_TEXT[signal.rule]} (${kind}${range}).`,
    means,
    money,
  };
}

/** By the metric's direction. */
export function meansOf({ better }: Pick<MetricDef, "better">, { side }: Pick<XmrSignal, "side">): Judgement["means"] {
  if (better === "neither") return "neither";
  return (side === "above") === (better === "up") ? "better" : "worse";
}

function severityOf({ rule }: XmrSignal, means: Judgement["means"]): Severity {
  return rule === "outside" && means === "worse" ? "warning" : "info";
}
