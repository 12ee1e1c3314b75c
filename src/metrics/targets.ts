import { type Calendar, type DateRange, daysOf, type ISODate, rangeLength } from "../base/dates.js";
import { type Catalog, isAdditive } from "./catalog/index.js";
import { periodOf } from "./fiscal.js";
import type { MetricDef, MetricId, MetricValue } from "./types.js";

/** What a shop wants of a metric per day, week or fiscal month; in the metric's own unit (money in minor units). */
export interface MetricTarget {
  readonly metric: MetricId;
  readonly period: "day" | "week" | "month";
  readonly value: number;
}

/** Where targets are looked up. */
export interface TargetSource {
  readonly targets: readonly MetricTarget[];
  readonly calendar: Calendar;
  readonly catalog: Pick<Catalog, "get">;
}

/**
 * The target of a metric for a week or a fiscal month; null when there is none. What was set for that period holds as it was set.
 * Otherwise sums are put together from their days (a month's target divided evenly among its days), and what does not add up, such
 * as a rate, has the same target in every period.
 */
export function targetFor(
  metric: MetricDef,
  period: "week" | "month",
  range: DateRange,
  { targets, calendar, catalog }: TargetSource,
): number | null {
  const own = targets.filter((target) => target.metric === metric.id);
  const exact = own.find((target) => target.period === period);
  const [first] = own;
  if (exact !== undefined || first === undefined) return exact?.value ?? null;
  if (!isAdditive(metric, catalog)) return first.value;
  const sum = daysOf(range).reduce((all, day) => all + ofDay(first, day, calendar), 0);
  return metric.unit === "money" || metric.unit === "count" ? Math.round(sum) : sum;
}

function ofDay({ period, value }: MetricTarget, day: ISODate, calendar: Calendar): number {
  if (period === "day") return value;
  return value / rangeLength(periodOf(day, period, calendar));
}

/** How far a value is from its target, as a part of the target (0.05 = 5 % above). */
export function varianceOf(value: MetricValue, target: number): MetricValue {
  if (value.status !== "ok") return value;
  if (target === 0) return { status: "undefined", because: "zero_denominator", detail: "the target is 0" };
  return { status: "ok", value: (value.value - target) / Math.abs(target) };
}

/** Whether a value meets its target by the metric's direction; null where nothing can be said. Meeting it exactly is on track. */
export function isOnTrack(value: MetricValue, target: number, better: MetricDef["better"]): boolean | null {
  if (value.status !== "ok" || better === "neither") return null;
  return better === "up" ? value.value >= target : value.value <= target;
}
