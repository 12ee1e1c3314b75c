import { CATALOG, type Catalog, isAdditive } from "./catalog/index.js";
import type { ChangeExplanation } from "./explain-change.js";
import { formatChange, formatValue, missingReason, plainValue } from "./format.js";
import { isTime } from "./leaves.js";
import { NO_GROUP, NO_GROUP_LABELS } from "./marts.js";
import type { AnswerContext, Compared, MetricDef, QueryResult } from "./types.js";

/** A query result as a table: a first column for the group, then every metric with what it is compared with. */
export interface PresentedTable {
  readonly columns: readonly { readonly title: string; readonly align: "left" | "right" }[];
  readonly rows: readonly (readonly string[])[];
  /** Why values are not there, and that some may still change; each once. */
  readonly notes: readonly string[];
}

/** For people: formatted figures, a total row, notes under the table. */
export function presentForPeople(
  result: QueryResult,
  context: AnswerContext,
  catalog: Catalog = CATALOG,
): PresentedTable {
  const metrics = result.query.metrics.map((id) => catalog.get(id));
  const compares = result.query.compare !== undefined;
  const text = (value: Compared["value"], { unit }: MetricDef) =>
    `${formatValue(value, unit, context.currency)}${isPartial(value) ? PARTIAL_MARK : ""}`;
  const cells = (metric: MetricDef, compared: Compared) => [
    text(compared.value, metric),
    ...(compares ? [text(compared.previous ?? compared.value, metric), formatChange(compared, metric.unit)] : []),
  ];
  const lines = linesOf(result, isCut(result) ? "Total of all rows" : "Total");
  return {
    columns: [
      { title: result.query.breakdown ?? result.query.grain ?? "", align: "left" },
      ...metrics
        .flatMap((metric) => titlesOf(metric.title, compares, "change"))
        .map((title) => ({ title, align: "right" as const })),
    ],
    rows: lines.map((line) => [
      line.label,
      ...metrics.flatMap((metric) => cellsOf(line.values[metric.id], metric, cells)),
    ]),
    notes: [...totalNotes(result, catalog), ...notesOf(metrics, lines)],
  };
}

/** What the total of a breakdown covers, where it could be taken for that of the rows: said, because nobody can see it. */
export function totalNotes({ query, rows }: QueryResult, catalog: Catalog): readonly string[] {
  const { breakdown } = query;
  if (breakdown === undefined || isTime(breakdown) || !rows.some(({ key }) => key === NO_GROUP)) return [];
  const titles = query.metrics.filter((id) => !isAdditive(catalog.get(id), catalog)).map((id) => catalog.get(id).title);
  if (titles.length === 0) return [];
  return [`the total of ${titles.join(", ")} is of everything, "${NO_GROUP_LABELS[breakdown]}" included`];
}

/** For machines: ids as titles, plain decimals, empty where there is no value, and why in a `_status` column. */
export function presentForMachines(
  result: QueryResult,
  context: AnswerContext,
  catalog: Catalog = CATALOG,
): PresentedTable {
  const metrics = result.query.metrics.map((id) => catalog.get(id));
  const compares = result.query.compare !== undefined;
  const cells = ({ unit }: MetricDef, { value, previous, change }: Compared) => [
    plainValue(value, unit, context.currency),
    statusOf(value),
    ...(compares
      ? [
          previous === undefined ? "" : plainValue(previous, unit, context.currency),
          change === undefined ? "" : plainValue(change, "number", context.currency),
        ]
      : []),
  ];
  const head = result.query.breakdown ?? result.query.grain;
  const titles = metrics.flatMap(({ id }) => [
    id,
    `${id}_status`,
    ...(compares ? [`${id}_previous`, `${id}_change`] : []),
  ]);
  return {
    columns: [
      ...[head ?? "key", "label", ...pointTitle(result)].map((title) => ({ title, align: "left" as const })),
      ...titles.map((title) => ({ title, align: "right" as const })),
    ],
    rows: linesOf(result).map((line) => [
      line.key,
      line.label,
      ...pointTitle(result).map(() => line.point ?? ""),
      ...metrics.flatMap((metric) => cellsOf(line.values[metric.id], metric, cells)),
    ]),
    notes: [],
  };
}

/** For programs: the whole answer with its context, member names in snake case. Money stays in minor units. */
export function presentAsJson(result: QueryResult, context: AnswerContext): Readonly<Record<string, unknown>> {
  return snakeCased({ context, ...result }) as Readonly<Record<string, unknown>>;
}

/** Why a metric changed, for programs. Money stays in minor units. */
export function presentChange(explained: ChangeExplanation, context: AnswerContext): Readonly<Record<string, unknown>> {
  return snakeCased({ context, ...explained }) as Readonly<Record<string, unknown>>;
}

/** A value with the member names of JSON answers, all the way down. */
export function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (typeof value !== "object" || value === null) return value;
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [snake(name), snakeCased(member)]));
}

/** A row, or a point of a row: then `point` is its key. */
type Line = QueryResult["rows"][number] & { readonly point?: string };

/** Machines get a column for the points of rows. */
function pointTitle({ query, rows }: QueryResult): readonly string[] {
  return rows.some((row) => row.series !== undefined) ? [query.grain ?? "point"] : [];
}

/** The rows, each before its own points, else the points, then the total. */
function linesOf(result: QueryResult, total = "Total"): readonly Line[] {
  const rows = result.rows.flatMap((row): readonly Line[] => [
    row,
    ...(row.series ?? []).map(({ key, label, values }) => ({
      key: row.key,
      label: `${row.label}, ${label}`,
      values,
      point: key,
    })),
  ]);
  return [
    ...(result.query.breakdown === undefined ? result.series : rows),
    { key: "total", label: total, values: result.totals },
  ];
}

/** True where rows may have been left out. */
function isCut({ query: { limit, having = [] }, rows }: QueryResult): boolean {
  return having.length > 0 || (limit !== undefined && rows.length === limit);
}

function cellsOf(
  compared: Compared | undefined,
  metric: MetricDef,
  cells: (metric: MetricDef, compared: Compared) => readonly string[],
): readonly string[] {
  return cells(metric, compared ?? { value: { status: "unknown", because: "no_data", detail: "not asked for" } });
}

function titlesOf(title: string, compares: boolean, change: string): readonly string[] {
  return compares ? [title, "before", change] : [title];
}

/** Stands behind a figure that lacks days, and before the note that names them. */
const PARTIAL_MARK = "*";

function isPartial(value: Compared["value"]): boolean {
  return value.status === "ok" && value.partial !== undefined;
}

function statusOf(value: Compared["value"]): string {
  if (value.status === "ok")
    return value.partial !== undefined ? "partial" : value.provisional === true ? "provisional" : "ok";
  return value.status === "undefined" ? "undefined" : `unknown:${value.because}`;
}

const MAX_NOTES = 12;

function notesOf(metrics: readonly MetricDef[], lines: readonly Line[]): readonly string[] {
  const missing = new Set<string>();
  const provisional = new Set<string>();
  for (const { title, id } of metrics) {
    for (const line of lines) {
      const compared = line.values[id];
      for (const value of [compared?.value, compared?.previous]) {
        const reason = value === undefined ? null : missingReason(value);
        if (reason !== null) missing.add(`${title} n/a: ${reason}`);
        if (value?.status === "ok" && value.partial !== undefined)
          missing.add(`${PARTIAL_MARK} ${title} is partial, without ${value.partial}`);
      }
      if (compared?.change?.status === "undefined") missing.add(`${title}, change n/a: ${compared.change.detail}`);
      if (compared?.value.status === "ok" && compared.value.provisional === true) provisional.add(title);
    }
  }
  const shown = [...missing].slice(0, MAX_NOTES);
  return [
    ...shown,
    ...(missing.size > shown.length ? [`and ${missing.size - shown.length} more reasons`] : []),
    ...(provisional.size === 0
      ? []
      : [`provisional, the source may still restate these days: ${[...provisional].join(", ")}`]),
  ];
}

/**
 * RFC 4180 text. A cell that a spreadsheet would run as a formula (first character = + - @ tab or carriage return, a number aside)
 * gets an apostrophe before it; control characters become spaces.
 */
export function csvText(table: Pick<PresentedTable, "columns" | "rows">): string {
  const line = (cells: readonly string[]) => cells.map(csvCell).join(",");
  return [line(table.columns.map((column) => column.title)), ...table.rows.map(line)].join("\n");
}

function csvCell(text: string): string {
  const isNumber = /^[+-]?\d+(\.\d+)?$/.test(text);
  const guarded = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  const inert = withoutControls(guarded);
  return /[",\n]/.test(inert) || inert !== inert.trim() ? `"${inert.replaceAll('"', '""')}"` : inert;
}

/** A Markdown table; what Markdown or HTML would read as markup is escaped. */
export function markdownText(table: PresentedTable): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = table.columns.map((column) => (column.align === "right" ? "---:" : "---"));
  const head = [row(table.columns.map((column) => markdownCell(column.title))), row(rule)];
  const notes = table.notes.length === 0 ? [] : ["", ...table.notes.map((note) => `- ${markdownCell(note)}`)];
  return [...head, ...table.rows.map((cells) => row(cells.map(markdownCell))), ...notes].join("\n");
}

function markdownCell(text: string): string {
  return withoutControls(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[\\`*_[\]|~#!]/g, "\\$&");
}

/** Text in which nothing can move a cursor, ring, colour or change the direction of writing. */
export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed; the rest are Unicode's direction marks.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/g, " ");
}
