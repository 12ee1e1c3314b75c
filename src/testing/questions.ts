/** Questions with their answer keys, `fixtures/questions/`; the language of the keys is told in `fixtures/README.md`. */
import { readFileSync } from "node:fs";
import type { Asked, AskWorld, Entity } from "../ask/types.js";
import { addDays, type DateRange, type ISODate } from "../base/dates.js";
import { CATALOG } from "../metrics/catalog/index.js";
import { isTime } from "../metrics/leaves.js";
import type { SemanticQuery } from "../metrics/types.js";
import { comparedRange } from "../metrics/windows.js";

interface WorldFile {
  readonly as_of: ISODate;
  readonly first_day: ISODate;
  readonly windows: Readonly<Record<string, string>>;
  readonly entities: Readonly<Record<string, readonly (readonly [string, string])[]>>;
}

/** A question, its key, and in a chain the names of the rows that its answer showed. */
export type Keyed = readonly [question: string, key: string, rows?: readonly string[]];

/** A file of questions. */
export interface QuestionFile {
  readonly about: string;
  /** Questions that follow each other. */
  readonly chains?: readonly (readonly Keyed[])[];
  readonly questions: readonly Keyed[];
}

/** One file of `fixtures/questions/`. */
export function readQuestions(name: string): QuestionFile {
  return read(name) as QuestionFile;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../fixtures/questions/${name}.json`, import.meta.url), "utf8"));
}

const FILE = read("world") as WorldFile;

/** What the questions are read against. */
export function questionWorld(): AskWorld {
  const { as_of: asOf, first_day: firstDay, entities } = FILE;
  return {
    catalog: CATALOG,
    context: {
      shop: "Tiny",
      currency: "USD",
      timeZone: "UTC",
      asOf,
      lastCompleteDay: addDays(asOf, -1),
      buildId: "build-1",
      inputHash: "hash-1",
      weekEndsOn: 7,
    },
    entities: Object.entries(entities).flatMap(([field, list]) =>
      list.map(([key, label]): Entity => ({ field: field as Entity["field"], key, label })),
    ),
    firstDay,
  };
}

/** A query, a refusal or a question back in the language of the keys, so that both are compared as text. */
export function keyOf(asked: Asked): string {
  if (asked.kind === "refused") return `refused ${asked.code}`;
  if (asked.kind === "which") return `which ${[...asked.choices].sort().join("|")}`;
  const { query, output } = asked;
  const { breakdown, orderBy, filters = [], having = [] } = query;
  const compare = query.compare === undefined ? null : comparedRange(query.window, query.compare);
  const isGrouped = breakdown !== undefined && !isTime(breakdown);
  const order = orderBy ?? (isGrouped ? { metric: query.metrics[0] ?? "", direction: "desc" } : null);
  return [
    query.metrics.join(","),
    dates(query.window),
    ...(compare === null ? [] : [`vs ${dates(compare)}`]),
    ...(breakdown === undefined ? [] : [`by ${breakdown}`]),
    ...(query.limit === undefined ? [] : [`limit ${query.limit}`]),
    ...(order === null ? [] : [`order ${order.metric} ${order.direction}`]),
    ...(query.grain === undefined ? [] : [`per ${query.grain}`]),
    ...filters.map(filterText).sort(),
    ...having.map(({ metric, operator, value }) => `having ${metric}${operator}${value}`).sort(),
    ...(asked.share === undefined ? [] : [`share ${asked.share}`]),
    ...(output === "auto" ? [] : [`as ${output}`]),
  ].join("; ");
}

function dates({ from, to }: DateRange): string {
  return `${from}..${to}`;
}

function filterText({ field, operator, value }: NonNullable<SemanticQuery["filters"]>[number]): string {
  const text = typeof value === "object" ? [...value].sort().join("|") : String(value);
  const sign = { contains: "~", in: " in " }[String(operator)] ?? operator;
  return `where ${field}${sign}${text}`;
}

const ORDER = ["vs", "by", "limit", "order", "per", "where", "having", "share", "as"];

/** A key as it stands in a file, in the form of `keyOf`: windows as dates, what may be left out filled in, parts in their order. */
export function fullKey(key: string): string {
  const [first = "", ...parts] = key.split("; ");
  if (/^(refused|which) /.test(first))
    return first.replace(/^which (.*)$/, (_, names: string) => `which ${names.split("|").sort().join("|")}`);
  const isPart = (part: string) => ORDER.includes(part.split(" ")[0] ?? "");
  const window = parts.find((part) => !isPart(part)) ?? "7d";
  const by = parts.find((part) => part.startsWith("by "))?.slice(3);
  const isGrouped = by !== undefined && !["day", "week", "month", "quarter"].includes(by);
  const needsOrder = isGrouped && !parts.some((part) => part.startsWith("order "));
  const all = [...parts.filter(isPart), ...(needsOrder ? [`order ${first.split(",")[0]} desc`] : [])];
  const rank = (part: string) => ORDER.indexOf(part.split(" ")[0] ?? "");
  const told = all.map((part) => (part.startsWith("vs ") ? `vs ${datesOf(part.slice(3))}` : sortedList(part)));
  return [first, datesOf(window), ...told.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))].join("; ");
}

function sortedList(part: string): string {
  const [head = "", list] = part.split(/(?<= in |!=)/);
  return list === undefined ? part : head + list.split("|").sort().join("|");
}

function datesOf(window: string): string {
  const found = /^\d{4}-/.test(window) ? window : FILE.windows[window];
  if (found === undefined) throw new Error(`no window ${window}`);
  return found;
}
