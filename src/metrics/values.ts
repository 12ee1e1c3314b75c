import { type DateRange, daysBetween, type ISODate, rangeLength } from "../base/dates.js";
import type { Cell, Row } from "../warehouse/types.js";
import type { Catalog } from "./catalog/index.js";
import type { Availability } from "./coverage.js";
import type { LeafMetric } from "./leaves.js";
import { columnOf, type Part } from "./scans.js";
import type { Compared, MetricDef, MetricId, MetricValue } from "./types.js";

/** The value of a metric that was not asked for. */
export const NOT_ASKED: MetricValue = { status: "unknown", because: "no_data", detail: "it was not asked for" };

/** What values are made from: sums that are there, and whether their days are complete. */
export interface Sums {
  readonly catalog: Catalog;
  readonly available: (leaf: LeafMetric, place: Pick<Place, "range" | "group">) => Availability;
}

/** A value's place: which row of cells, and the days that it is about. */
export interface Place {
  readonly row: Row;
  readonly previous: boolean;
  readonly range: DateRange;
  /** The key of the breakdown's row that it belongs to; null: it is of all rows. */
  readonly group: string | null;
  /** First day of the whole window, or of the one before: moments count from it. */
  readonly origin: ISODate;
}

/** The value of a metric at a place: divided after summing, unknown when any of its parts is. */
export function valueAt(sums: Sums, id: MetricId, place: Place): MetricValue {
  const metric = sums.catalog.get(id);
  const parts = (ids: readonly MetricId[]) => ids.map((part) => valueAt(sums, part, place));
  switch (metric.kind) {
    case "measure":
      return measureValue(sums, metric, place);
    case "cohort":
      return cohortValue(sums, metric, place);
    case "days":
      return okValue(rangeLength(place.range), false);
    case "slope":
      return slopeValue(sums, metric.of, place);
    case "product":
      return combine(parts(metric.factors), (values) => values.reduce((product, value) => product * value, 1));
    case "total":
      return combine(parts(metric.terms.map((term) => term.metric)), (values) =>
        values.reduce((sum, value, index) => sum + value * (metric.terms[index]?.sign ?? 1), 0),
      );
    case "ratio":
      return combine(parts([metric.over, metric.under]), ([over = 0, under = 0]) =>
        quotient(sums.catalog, metric, { over, under }),
      );
  }
}

/** A denominator that is not positive gives no answer: a margin on negative revenue would read as a good one. */
export function quotient(
  catalog: Catalog,
  metric: Extract<MetricDef, { readonly kind: "ratio" }>,
  { over, under }: { readonly over: number; readonly under: number },
): number | MetricValue {
  const title = (id: MetricId) => catalog.get(id).title;
  if (under === 0) return noDenominator(`no ${lowered(title(metric.under))}`);
  if (under < 0)
    return { status: "undefined", because: "negative_denominator", detail: `${title(metric.under)} is negative` };
  if (over === 0 && metric.overNotZero)
    return { status: "undefined", because: "zero_numerator", detail: `no ${lowered(title(metric.over))}` };
  return (over / under) * (metric.times ?? 1);
}

function lowered(title: string): string {
  return title.toLowerCase();
}

function noDenominator(detail: string): MetricValue {
  return { status: "undefined", because: "zero_denominator", detail };
}

/** Combines known values; what is unknown, then what is undefined, wins over any arithmetic. */
function combine(
  values: readonly MetricValue[],
  arithmetic: (values: readonly number[]) => number | MetricValue,
): MetricValue {
  const unknown = values.filter((value) => value.status === "unknown");
  const [first] = unknown;
  if (first !== undefined) {
    // Parts of parts have reasons that are several already; each is told once.
    const reasons = unknown.flatMap((value) => value.detail.split("; "));
    return { ...first, detail: [...new Set(reasons)].join("; ") };
  }
  const noValue = values.find((value) => value.status === "undefined");
  if (noValue !== undefined) return noValue;
  const known = values.filter((value) => value.status === "ok");
  const result = arithmetic(known.map((value) => value.value));
  if (typeof result !== "number") return result;
  const partial = [...new Set(known.flatMap((value) => value.partial ?? []))];
  return okValue(
    result,
    known.some((value) => value.provisional === true),
    partial.length === 0 ? undefined : partial.join("; "),
  );
}

function okValue(value: number, provisional: boolean, partial?: string): MetricValue {
  return {
    status: "ok",
    // -0 would print as "-0".
    value: value === 0 ? 0 : value,
    ...(provisional ? { provisional } : {}),
    ...(partial === undefined ? {} : { partial }),
  };
}

function measureValue(
  sums: Sums,
  leaf: Extract<MetricDef, { readonly kind: "measure" }>,
  place: Place,
  part: "value" | "moment" = "value",
): MetricValue {
  const available = sums.available(leaf, place);
  if (available.status !== "ok") return available;
  const foreign = cell(leaf.id, "foreign", place);
  if (foreign > 0) {
    const detail = `${foreign} row${foreign === 1 ? " is" : "s are"} in another currency`;
    return { status: "unknown", because: "currency_mixed", detail };
  }
  const untold = place.row[columnOf(leaf.id, "untold", place.previous)] ?? null;
  if (untold !== null)
    return { status: "unknown", because: "not_told", detail: `${String(untold)}: ${lowered(leaf.title)} not told` };
  return okValue(cell(leaf.id, part, place), available.provisional, available.partial);
}

/**
 * slope = 12 (M - m S) / (n (n² - 1)): S is the sum, M the sum of each day's value times its number, m the middle of the n days.
 */
function slopeValue(sums: Sums, of: MetricId, place: Place): MetricValue {
  const days = rangeLength(place.range);
  if (days < 2) return { status: "undefined", because: "one_day", detail: "one day has no slope" };
  const middle = daysBetween(place.origin, place.range.from) + (days - 1) / 2;
  return combine([linear(sums, of, place, "value"), linear(sums, of, place, "moment")], ([sum = 0, moment = 0]) => {
    return (12 * (moment - middle * sum)) / (days * (days * days - 1));
  });
}

/** A sum of measures, or of their moments. */
function linear(sums: Sums, id: MetricId, place: Place, part: "value" | "moment"): MetricValue {
  const metric = sums.catalog.get(id);
  if (metric.kind === "measure") return measureValue(sums, metric, place, part);
  const terms = metric.kind === "total" ? metric.terms : [];
  return combine(
    terms.map((term) => linear(sums, term.metric, place, part)),
    (values) => values.reduce((sum, value, index) => sum + value * (terms[index]?.sign ?? 1), 0),
  );
}

function cohortValue(sums: Sums, leaf: Extract<MetricDef, { readonly kind: "cohort" }>, place: Place): MetricValue {
  const available = sums.available(leaf, place);
  if (available.status !== "ok") return available;
  const size = cell(leaf.id, "size", place);
  if (size === 0)
    return { status: "unknown", because: "no_data", detail: "no cohort with customers begins in these days" };
  const over = cell(leaf.id, "over", place);
  if (leaf.under === undefined) return okValue(over, available.provisional, available.partial);
  const under = cell(leaf.id, "under", place);
  if (under === 0) {
    const detail = `none of the ${size} customers is ${leaf.matureAfterDays} days old`;
    return { status: "unknown", because: "too_young", detail };
  }
  return okValue(over / under, available.provisional || under < size, available.partial);
}

function cell(leafId: MetricId, part: Part, place: Place): number {
  const value: Cell | undefined = place.row[columnOf(leafId, part, place.previous)];
  return value === null || value === undefined ? 0 : Number(value);
}

/** A value with what it is compared with. `change` is there only when both are known. */
export function compared(value: MetricValue, previous: MetricValue | undefined): Compared {
  if (previous === undefined) return { value };
  if (value.status !== "ok" || previous.status !== "ok") return { value, previous };
  const change = combine([value, previous], ([now = 0, before = 0]) =>
    before === 0 ? noDenominator("the value before is 0") : (now - before) / Math.abs(before),
  );
  return { value, previous, change };
}
