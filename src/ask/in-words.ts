/** A query in words, so that two readings of a question can be told apart by somebody who reads no JSON. */
import { formatValue } from "../metrics/format.js";
import type { SemanticQuery } from "../metrics/types.js";
import { comparedRange } from "../metrics/windows.js";
import type { AskWorld } from "./types.js";

/** `Orders by channel, 2026-02-02 to 2026-02-08, where country is US, highest Orders first, at most 5 rows`. */
export function queryInWords(
  query: SemanticQuery,
  { catalog, context }: Pick<AskWorld, "catalog" | "context">,
): string {
  const { metrics, window, compare, breakdown, grain, having = [], orderBy, limit } = query;
  const title = (id: string) => catalog.get(id).title;
  const days = ({ from, to }: SemanticQuery["window"]) => (from === to ? from : `${from} to ${to}`);
  const conditions = having.map(({ metric, operator, value }) => {
    const amount = formatValue({ status: "ok", value }, catalog.get(metric).unit, context.currency);
    return `with ${title(metric)} ${operator} ${amount}`;
  });
  const rows = breakdown === undefined ? "" : ` by ${breakdown.replaceAll("_", " ")}`;
  const parts = [
    `${metrics.map(title).join(", ")}${rows}`,
    days(window),
    ...(compare === undefined ? [] : [`against ${days(comparedRange(window, compare))}`]),
    ...filtersInWords(query, context.currency),
    ...conditions,
    ...(orderBy === undefined
      ? []
      : [`${orderBy.direction === "asc" ? "lowest" : "highest"} ${title(orderBy.metric)} first`]),
    ...(limit === undefined ? [] : [limit === 1 ? "one row" : `at most ${limit} rows`]),
    ...(grain === undefined ? [] : [`a point for each ${grain}`]),
  ];
  return parts.join(", ");
}

/** `where channel is Meta and order value > $50.00`; nothing without filters. */
export function filtersInWords({ filters = [] }: SemanticQuery, currency: string): readonly string[] {
  const signs: Readonly<Record<string, string>> = { contains: "has", in: "is one of", "=": "is", "!=": "is not" };
  const texts = filters.map(({ field, operator, value }) => {
    const amount = () => formatValue({ status: "ok", value: Number(value) }, "money", currency);
    const list = field === "order_value" ? amount() : typeof value === "object" ? value.join(", ") : String(value);
    return `${field.replaceAll("_", " ")} ${signs[operator] ?? operator} ${list}`;
  });
  return texts.length === 0 ? [] : [`where ${texts.join(" and ")}`];
}
