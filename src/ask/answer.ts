/** A finished answer: one sentence, the table, a picture, and the proof. Every figure is put in by this program. */
import type { Catalog } from "../metrics/catalog/index.js";
import { formatChange, formatValue, missingReason } from "../metrics/format.js";
import { isTime } from "../metrics/leaves.js";
import { type PresentedTable, presentForPeople, totalNotes } from "../metrics/present.js";
import { runQuery } from "../metrics/run-query.js";
import type {
  AnswerContext,
  BreakdownRow,
  Compared,
  MetricId,
  MetricValue,
  QueryResult,
  SemanticQuery,
  Unit,
} from "../metrics/types.js";
import type { Database } from "../warehouse/types.js";
import { type AskChart, chartOf } from "./chart.js";
import { filtersInWords } from "./in-words.js";
import { joined, plain, put, type Sentence, say } from "./sentence.js";
import { type Shared, type SharedRow, sharedBy, shareText, withShares } from "./share-answer.js";
import type { Understood } from "./types.js";

/** What an answer rests on. */
export interface Proof {
  readonly query: SemanticQuery;
  /** What shares are of. */
  readonly whole?: SemanticQuery;
  readonly sql: readonly string[];
  /** Rows that are shown, and how many there are. */
  readonly rows: { readonly shown: number; readonly found: number };
  /** The last day that the answer could hold. */
  readonly cutOff: string;
  readonly completeness: "complete" | "provisional" | "partial" | "unknown";
  readonly build: string;
}

/** The answer to a question. */
export interface Answer {
  readonly sentence: string;
  /** The same in pieces. */
  readonly pieces: Sentence;
  readonly table: PresentedTable;
  readonly chart: AskChart | null;
  readonly notes: readonly string[];
  /** Of each row, then of all of them; of what is asked for, where there are no rows. */
  readonly shares?: readonly SharedRow[];
  readonly proof: Proof;
  readonly result: QueryResult;
}

/** What answers are made with. */
export interface AnswerSources {
  readonly db: Database;
  readonly context: AnswerContext;
  readonly catalog: Catalog;
}

/** Runs the query of a question and says what it found. Throws `BAD_QUERY`. */
export async function answerTo(asked: Understood, sources: AnswerSources): Promise<Answer> {
  const { db, context, catalog } = sources;
  const { limit, ...all } = asked.query;
  // Asked for without its limit, so that the answer can say what it leaves out; rows are cut after they are ordered.
  const whole = await runQuery(db, all, context, { catalog });
  const result: QueryResult = { ...whole, query: asked.query, rows: whole.rows.slice(0, limit) };
  const shared = asked.share === undefined ? null : await sharedBy(result, asked.share, sources);
  const bare = presentForPeople(result, context, catalog);
  const table = shared === null ? bare : withShares(bare, shared, sources);
  const rows = { shown: result.rows.length, found: whole.rows.length };
  const totals = totalNotes(whole, catalog).filter((note) => !table.notes.includes(note));
  const pieces = sentenceOf(asked, result, { ...sources, whole, shared });
  return {
    sentence: plain(pieces),
    pieces,
    table,
    chart: chartOf(result, asked.output, { catalog, context }),
    notes: [...asked.notes, ...cutNote(rows), ...totals, ...table.notes],
    ...(shared === null ? {} : { shares: [...shared.rows, shared.total] }),
    proof: {
      query: asked.query,
      ...(shared === null ? {} : { whole: shared.query }),
      sql: [...result.sql, ...(shared?.sql ?? [])],
      rows,
      cutOff: context.lastCompleteDay,
      completeness: completenessOf(result),
      build: context.buildId,
    },
    result,
  };
}

function cutNote({ shown, found }: Proof["rows"]): readonly string[] {
  return shown < found && shown > 1 ? [`${shown} of ${found} rows are shown; the total is of all`] : [];
}

/** How sure all the values are, by the worst of them. */
function completenessOf({ totals, rows }: QueryResult): Proof["completeness"] {
  const values = [totals, ...rows.map((row) => row.values)]
    .flatMap((one) => Object.values(one))
    .map(({ value }) => value);
  if (values.some((value) => value.status === "unknown")) return "unknown";
  if (values.some((value) => value.status === "ok" && value.partial !== undefined)) return "partial";
  return values.some((value) => value.status === "ok" && value.provisional === true) ? "provisional" : "complete";
}

interface Told extends AnswerSources {
  /** With the rows that are not shown. */
  readonly whole: QueryResult;
  readonly shared: Shared | null;
}

function sentenceOf(asked: Understood, result: QueryResult, told: Told): Sentence {
  const { window, compared } = asked;
  const when = put("days", windowText(window.name, result.query));
  const of = put(
    "filter",
    filtersInWords(result.query, told.context.currency)
      .map((text) => ` ${text}`)
      .join(""),
  );
  const { breakdown } = result.query;
  if (breakdown === undefined && told.shared !== null) {
    const shares = shareText(told.shared.total.shares, told, { of: plain(of), compared });
    return say`${put("value", shares)}, ${when}.`;
  }
  if (breakdown === undefined) return say`${figures(result.totals, result, { told, compared })}${of}, ${when}.`;
  const kind = breakdown.replaceAll("_", " ");
  if (result.rows.length === 0) {
    const why = result.query.having === undefined ? "has figures" : "meets the condition";
    return put("rows", `No ${kind}${plain(of)} ${why}, ${plain(when)}.`);
  }
  const [first] = result.rows;
  if (result.rows.length === 1 && first !== undefined && told.whole.rows.length > 1)
    return say`${put("row", first.label)} is the ${put("rows", kind)} with ${put("order", orderText(result, told))}${of}, ${when}: ${figures(first.values, result, { told, compared })}${put("change", shareOfRow(told, 0))}.`;
  return listed(result, told, { kind: put("rows", kind), of, when });
}

function listed(
  result: QueryResult,
  told: Told,
  { kind, of, when }: { readonly kind: Sentence; readonly of: Sentence; readonly when: Sentence },
): Sentence {
  const { query, rows } = result;
  const [id = ""] = query.orderBy === undefined ? query.metrics : [query.orderBy.metric];
  const value = (values: BreakdownRow["values"]) => put("value", valueText(values[id], id, told));
  const isDated = query.breakdown !== undefined && isTime(query.breakdown) && query.orderBy === undefined;
  const top = rows
    .slice(0, 3)
    .map((row, index) => say`${put("row", row.label)} ${value(row.values)}${put("change", shareOfRow(told, index))}`);
  const title = put("figure", told.catalog.get(id).title);
  // Words that say what a figure is belong to it: "in total" before another one would be a lie.
  const total = put("value", `${coverText(id, result, told)} ${plain(value(result.totals))}`);
  const count = (text: string) => put("count", text);
  if (isDated) return say`${title} by ${kind}${of}, ${when}: ${count(`${rows.length} points`)}, ${total}.`;
  const more = rows.length > 3 ? say`, ${count(`and ${rows.length - 3} more`)}` : [];
  return say`${title} by ${kind}${of}, ${when}, ${put("order", `${orderText(result, told)} first`)}: ${joined(top, ", ")}${more}; ${total}.`;
}

/** What the total covers: a ratio is of everything, also of what belongs to no row; what was cut is in it. */
function coverText(id: MetricId, { rows, query }: QueryResult, { whole, catalog }: Told): string {
  const [first] = totalNotes({ ...whole, query: { ...query, metrics: [id] } }, catalog);
  if (first !== undefined) return "of everything";
  return rows.length < whole.rows.length ? `of all ${whole.rows.length} in total` : "in total";
}

/** `, 45.0% of $1,000.00`. */
function shareOfRow({ shared, catalog, context }: Told, index: number): string {
  const [share] = shared?.rows[index]?.shares ?? [];
  if (share === undefined) return "";
  const { unit } = catalog.get(share.metric);
  const whole = index === 0 ? ` of ${formatValue(share.whole.value, unit, context.currency)}` : "";
  return ` (${formatValue(share.share.value, "ratio", context.currency)}${whole})`;
}

/** `the lowest Cost per click`. */
function orderText({ query }: QueryResult, { catalog }: Told): string {
  const id = query.orderBy?.metric ?? query.metrics[0] ?? "";
  return `the ${query.orderBy?.direction === "asc" ? "lowest" : "highest"} ${catalog.get(id).title}`;
}

/** `Ad spend $120.00 (+5.0% against $114.29, the days before)`. */
function figures(
  values: BreakdownRow["values"],
  { query }: QueryResult,
  { told, compared }: { readonly told: Told; readonly compared: string | undefined },
): Sentence {
  const each = query.metrics.map((id) => {
    const { title, unit } = told.catalog.get(id);
    const one = values[id];
    const before = one?.previous;
    const change =
      one === undefined || before === undefined ? "" : ` (${changeText(one, before, { unit, told, compared })})`;
    return say`${put("figure", title)} ${put("value", valueText(one, id, told))}${put("change", change)}`;
  });
  return joined(each, ", ");
}

interface Against {
  readonly unit: Unit;
  readonly told: Told;
  readonly compared: string | undefined;
}

/** What is not known of the other days is one thing to say, not a change and a figure that are both missing. */
function changeText(one: Compared, before: MetricValue, { unit, told, compared }: Against): string {
  if (before.status !== "ok") return `not comparable: ${compared ?? "the days before"} n/a`;
  const value = formatValue(before, unit, told.context.currency);
  return `${formatChange(one, unit)} against ${value}${compared === undefined ? "" : `, ${compared}`}`;
}

function valueText(compared: Compared | undefined, id: MetricId, { catalog, context }: Told): string {
  if (compared === undefined) return "n/a";
  const reason = missingReason(compared.value);
  const text = formatValue(compared.value, catalog.get(id).unit, context.currency);
  return reason === null ? text : `n/a (${reason})`;
}

function windowText(name: string, { window }: SemanticQuery): string {
  if (name.includes(window.from)) return name;
  return window.from === window.to ? `${name} (${window.from})` : `${name} (${window.from} to ${window.to})`;
}
