/** What a picture of an answer would show, chosen by the shape of the question. Figures are in units that people read. */
import type { Catalog } from "../metrics/catalog/index.js";
import { plainValue } from "../metrics/format.js";
import { isTime } from "../metrics/leaves.js";
import type { AnswerContext, BreakdownRow, Compared, MetricId, MetricValue, QueryResult } from "../metrics/types.js";
import type { Output } from "./types.js";

/** The first metric as lines over time or bars by group; a table where there is more than a picture can hold, a card for one figure. */
export interface AskChart {
  readonly form: "card" | "line" | "bar" | "table";
  readonly x: { readonly title: string; readonly kind: "day" | "category" };
  readonly y: { readonly title: string; readonly unit: string };
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly { readonly x: string; readonly y: number | null }[];
  }[];
}

/** Lines and bars that can be told apart. */
const MOST_SERIES = 5;
const MOST_BARS = 20;

/** The picture of an answer; null where only words were asked for. */
export function chartOf(
  result: QueryResult,
  output: Output,
  { catalog, context }: { readonly catalog: Catalog; readonly context: AnswerContext },
): AskChart | null {
  if (output === "text") return null;
  const { query, rows, series, totals } = result;
  const [id = ""] = query.metrics;
  const { title, unit } = catalog.get(id);
  const number = (value: MetricValue | undefined) => numberOf(value, { unit, currency: context.currency });
  const y = { title, unit: unit === "money" ? context.currency : unit };
  const line = (name: string, points: readonly BreakdownRow[], member: "value" | "previous" = "value") => ({
    name,
    points: points.map((point) => ({ x: point.key, y: number(point.values[id]?.[member]) })),
  });
  const overTime = query.breakdown !== undefined && isTime(query.breakdown) ? rows : series;
  const x = { title: query.grain ?? query.breakdown ?? "", kind: "day" as const };
  if (query.breakdown !== undefined && !isTime(query.breakdown)) {
    if (query.metrics.length > 2 || output === "table")
      return { form: "table", x: { ...x, kind: "category" }, y, series: [] };
    if (rows.some((row) => row.series !== undefined))
      return { form: "line", x, y, series: rows.slice(0, MOST_SERIES).map((row) => line(row.label, row.series ?? [])) };
    const bars = rows.slice(0, MOST_BARS);
    return {
      form: "bar",
      x: { title: query.breakdown, kind: "category" },
      y,
      series: barsOf(bars, id, number, query.compare !== undefined),
    };
  }
  if (overTime.length > 0) {
    const before = query.compare === undefined ? [] : [line("before", overTime, "previous")];
    return { form: "line", x, y, series: [line(title, overTime), ...before] };
  }
  return {
    form: "card",
    x: { ...x, kind: "category" },
    y,
    series: [{ name: title, points: [{ x: title, y: number(totals[id]?.value) }] }],
  };
}

function barsOf(
  rows: readonly BreakdownRow[],
  id: MetricId,
  number: (value: MetricValue | undefined) => number | null,
  compares: boolean,
): AskChart["series"] {
  const points = (member: keyof Compared) => rows.map((row) => ({ x: row.label, y: number(row.values[id]?.[member]) }));
  return [
    { name: "now", points: points("value") },
    ...(compares ? [{ name: "before", points: points("previous") }] : []),
  ];
}

function numberOf(
  value: MetricValue | undefined,
  { unit, currency }: { readonly unit: Parameters<typeof plainValue>[1]; readonly currency: string },
): number | null {
  return value?.status === "ok" ? Number(plainValue(value, unit, currency)) : null;
}
