/** Tables of groups and their metrics: one row per group, the total at the end, and the changes of both comparisons. */

import type { BreakdownRow, MetricId, QueryResult } from "../metrics/types.js";
import { changeCell, textCell, valueCell } from "./figures.js";
import { comparedOf } from "./read-values.js";
import { label } from "./text.js";
import type { Block, BlockOf, Column, Facts, TableCell } from "./types.js";

/** A metric as a column. */
export interface MetricColumn {
  readonly metric: MetricId;
  /** Default: the metric's own title. */
  readonly title?: string;
  /** Followed by its changes against the days before and the year before. */
  readonly changes?: true;
  /** Rows in which the figure would say something wrong, such as the ROAS of a channel that costs nothing: a dash. */
  readonly hides?: (row: BreakdownRow) => boolean;
}

/** What a table is made of. */
export interface MetricTable {
  readonly title: string;
  /** Heads the names of the groups. */
  readonly head: string;
  readonly columns: readonly MetricColumn[];
  readonly result: QueryResult;
  /** The same question against the year before; only metrics with `changes` are looked at. */
  readonly years?: QueryResult;
  /** Default: the rows of the result. */
  readonly rows?: readonly BreakdownRow[];
  /** Text columns behind the name. */
  readonly words?: readonly { readonly column: Column; readonly of: (row: BreakdownRow) => string }[];
  /** Name of the total; absent: there is none. */
  readonly total?: string;
  readonly note?: string;
}

/** The table. */
export function metricTable(facts: Facts, table: MetricTable): BlockOf<"table"> {
  const { title, head, columns, result, words = [], note } = table;
  const years = new Map((table.years?.rows ?? []).map((row) => [row.key, row.values]));
  const rowOf = (row: BreakdownRow): readonly TableCell[] => [
    textCell(label(row.label)),
    ...words.map(({ of }) => textCell(of(row))),
    ...columns.flatMap((column) =>
      column.hides?.(row) === true
        ? dashes(column)
        : metricCells(facts, column, { now: row.values, year: years.get(row.key) }),
    ),
  ];
  const totals = (name: string): readonly TableCell[] => [
    textCell(name),
    ...words.map(() => textCell("")),
    ...columns.flatMap((column) => metricCells(facts, column, { now: result.totals, year: table.years?.totals })),
  ];
  return {
    kind: "table",
    title,
    columns: [
      { id: "name", title: head, align: "left" },
      ...words.map(({ column }) => column),
      ...columns.flatMap((column) => headsOf(facts, column)),
    ],
    rows: (table.rows ?? result.rows).map(rowOf),
    ...(table.total === undefined ? {} : { totals: totals(table.total) }),
    ...(note === undefined || note === "" ? {} : { note }),
  };
}

function headsOf(facts: Facts, { metric, title, changes }: MetricColumn): readonly Column[] {
  const right = "right" as const;
  const own = { id: metric, title: title ?? facts.metric(metric).title, align: right };
  if (changes === undefined) return [own];
  return [
    own,
    { id: `${metric}_change`, title: "Change", align: right, versus: "previous" },
    { id: `${metric}_year`, title: "Change on the year", align: right, versus: "year" },
  ];
}

function dashes({ changes }: MetricColumn): readonly TableCell[] {
  const dash = textCell("—", null);
  return changes === undefined ? [dash] : [dash, dash, dash];
}

function metricCells(
  facts: Facts,
  { metric, changes }: MetricColumn,
  at: { readonly now: BreakdownRow["values"]; readonly year: BreakdownRow["values"] | undefined },
): readonly TableCell[] {
  const def = facts.metric(metric);
  const compared = comparedOf(at.now, metric);
  const own = valueCell(compared.value, def.unit, facts.context.currency);
  if (changes === undefined) return [own];
  return [own, changeCell(compared, def), changeCell(comparedOf(at.year, metric), def)];
}

/** A heading. */
export function heading(id: string, text: string): Block {
  return { kind: "heading", id, text };
}

/** Paragraphs; empty ones are left out, and none makes no block. */
export function prose(...paragraphs: readonly (string | undefined)[]): readonly Block[] {
  const said = paragraphs.flatMap((text) => (text === undefined || text === "" ? [] : [text]));
  return said.length === 0 ? [] : [{ kind: "prose", paragraphs: said }];
}

/** The sentence that a page, or a period of it, is for. */
export function lead(text: string): Block {
  return { kind: "prose", paragraphs: [text], lead: true };
}
