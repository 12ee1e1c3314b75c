/** Values out of query results, as pages read them. */

import type { BreakdownRow, Compared, MetricId, MetricValue } from "../metrics/types.js";
import { NOT_ASKED } from "../metrics/values.js";
import { chartNumber, figure, valueCell } from "./figures.js";
import type { Facts, Figure, Kpi, TableCell } from "./types.js";

type Values = BreakdownRow["values"];

/** A metric's value in a row or in totals with what it is compared with; unknown when it was not asked for. */
export function comparedOf(values: Values | undefined, id: MetricId): Compared {
  return values?.[id] ?? { value: NOT_ASKED };
}

/** A metric's value. */
export function valueIn(values: Values, id: MetricId): MetricValue {
  return comparedOf(values, id).value;
}

/** A metric's value as it is printed. */
export function figureOf(facts: Facts, values: Values, id: MetricId): Figure {
  return figure(valueIn(values, id), facts.metric(id).unit, facts.context.currency);
}

/** A metric's value as a cell of a table. */
export function cellOf(facts: Facts, values: Values, id: MetricId): TableCell {
  return valueCell(valueIn(values, id), facts.metric(id).unit, facts.context.currency);
}

/** A metric's value as a number of a chart, null where there is none. */
export function pointOf(facts: Facts, values: Values, id: MetricId): number | null {
  return chartNumber(valueIn(values, id), facts.metric(id).unit, facts.context.currency);
}

/** A card without a comparison: the value, and its course over the points of a series. */
export function plainCard(
  facts: Facts,
  id: MetricId,
  { totals, series }: { totals: Values; series: readonly BreakdownRow[] },
): Kpi {
  const { title, formula, unit } = facts.metric(id);
  return {
    metric: id,
    title: unit === "days" ? `${title}, days` : title,
    value: figureOf(facts, totals, id),
    change: null,
    tone: "neutral",
    spark: series.map(({ values }) => pointOf(facts, values, id)),
    formula,
  };
}
