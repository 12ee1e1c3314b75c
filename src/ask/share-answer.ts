/** Shares in an answer: each with what it was divided from. Divided in `metrics/shares.ts`. */
import type { Catalog } from "../metrics/catalog/index.js";
import { formatChange, formatValue, missingReason } from "../metrics/format.js";
import type { PresentedTable } from "../metrics/present.js";
import { runQuery } from "../metrics/run-query.js";
import { type Share, sharesIn, wholeOf } from "../metrics/shares.js";
import type { AnswerContext, GroupBreakdown, QueryResult, SemanticQuery } from "../metrics/types.js";
import type { Database } from "../warehouse/types.js";

/** A row with its shares, one of each figure. */
export interface SharedRow {
  readonly key: string;
  readonly label: string;
  readonly shares: readonly Share[];
}

/** Every row of an answer, all of them together, and the question about the whole. */
export interface Shared {
  readonly rows: readonly SharedRow[];
  readonly total: SharedRow;
  readonly query: SemanticQuery;
  /** Only where the whole is not the total of the rows. */
  readonly sql: readonly string[];
}

/** What answers are made with. */
interface Sources {
  readonly db: Database;
  readonly context: AnswerContext;
  readonly catalog: Catalog;
}

/** The shares of an answer's rows. Without a filter by what makes the part, the whole is their total; otherwise it is asked for. */
export async function sharedBy(result: QueryResult, field: GroupBreakdown, sources: Sources): Promise<Shared> {
  const { db, context, catalog } = sources;
  const query = wholeOf(result.query, field);
  const isFiltered = (result.query.filters ?? []).some((filter) => filter.field === field);
  const whole = isFiltered ? await runQuery(db, query, context, { catalog }) : result;
  const shares = (values: QueryResult["totals"]) => sharesIn(result.query.metrics, values, whole.totals);
  return {
    rows: result.rows.map(({ key, label, values }) => ({ key, label, shares: shares(values) })),
    total: { key: "total", label: "Total", shares: shares(result.totals) },
    query,
    sql: isFiltered ? whole.sql : [],
  };
}

/** The table with the whole and the share behind each row. */
export function withShares(table: PresentedTable, shared: Shared, { catalog, context }: Sources): PresentedTable {
  const lines = [...shared.rows, shared.total];
  const { shares: all } = shared.total;
  const titles = all.flatMap(({ metric, share }) => {
    const before = all.length === 1 ? "" : `${catalog.get(metric).title} `;
    const compared = share.previous === undefined ? [] : [`${before}share before`, "change"];
    return [all.length === 1 ? "of" : `of ${catalog.get(metric).title}`, `${before}share`, ...compared];
  });
  const cells = ({ metric, whole, share }: Share) => [
    formatValue(whole.value, catalog.get(metric).unit, context.currency),
    formatValue(share.value, "ratio", context.currency),
    ...(share.previous === undefined
      ? []
      : [formatValue(share.previous, "ratio", context.currency), formatChange(share, "ratio")]),
  ];
  const reasons = lines.flatMap(({ shares }) => shares.flatMap(({ share }) => missingReason(share.value) ?? []));
  const notes = [...new Set(reasons)].map((reason) => `share n/a: ${reason}`);
  return {
    columns: [...table.columns, ...titles.map((title) => ({ title, align: "right" as const }))],
    rows: table.rows.map((row, index) => [...row, ...(lines[index]?.shares ?? []).flatMap(cells)]),
    notes: [...table.notes, ...notes.filter((note) => !table.notes.some((told) => told.endsWith(note.slice(11))))],
  };
}

/** `Ad spend where channel is meta $10.00 of $40.00, 25.0% (+5.0 pp against 20.0%, last month)`. */
export function shareText(
  shares: readonly Share[],
  { catalog, context }: Sources,
  { of, compared }: { readonly of: string; readonly compared: string | undefined },
): string {
  return shares
    .map(({ metric, part, whole, share }) => {
      const { title, unit } = catalog.get(metric);
      const text = (value: Share["part"]["value"]) => formatValue(value, unit, context.currency);
      const reason = missingReason(share.value);
      const ratio = formatValue(share.value, "ratio", context.currency);
      const against = compared === undefined ? "" : `, ${compared}`;
      const before =
        share.previous === undefined
          ? ""
          : ` (${formatChange(share, "ratio")} against ${formatValue(share.previous, "ratio", context.currency)}${against})`;
      return `${title}${of} ${text(part.value)} of ${text(whole.value)}, ${reason === null ? ratio : `n/a (${reason})`}${before}`;
    })
    .join("; ");
}
