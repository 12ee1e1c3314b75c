import type { DateRange } from "../base/dates.js";
import { canonicalJson } from "../base/hash.js";
import type { Database, Row } from "../warehouse/types.js";
import { CATALOG, type Catalog } from "./catalog/index.js";
import type { Level } from "./compile.js";
import { compileWindows, windowKey } from "./compile-windows.js";
import { type Coverage, readCoverage } from "./coverage.js";
import { isTime, leavesOf } from "./leaves.js";
import { requireQuery } from "./query.js";
import { answerFrom, asksWithinDays, type Cells, cellsOf, previousOf, type RunOptions, runQuery } from "./run-query.js";
import type { AnswerContext, QueryResult, SemanticQuery } from "./types.js";

/** Windows of one statement: enough to plan few of them, and few enough that customers of each can be told apart in memory. */
const MOST_WINDOWS = 24;

/** What all questions of a call share. */
interface Around {
  readonly catalog: Catalog;
  readonly coverage: Coverage;
  readonly context: AnswerContext;
}

/**
 * Answers many queries as `runQuery` does, in their order. Those that differ in nothing but their windows and comparisons are answered by
 * one statement: a report asks the same of dozens of windows. Throws as `runQuery`.
 */
export async function runQueries(
  db: Database,
  queries: readonly SemanticQuery[],
  context: AnswerContext,
  options: RunOptions = {},
): Promise<readonly QueryResult[]> {
  const catalog = options.catalog ?? CATALOG;
  const coverage = options.coverage ?? (await readCoverage(db));
  const { lastCompleteDay } = context;
  const asked = queries.map((query) =>
    requireQuery(query, { catalog, lastCompleteDay, mostMetrics: options.mostMetrics }),
  );
  const answers = new Map<SemanticQuery, QueryResult>();
  for (const group of groupsOf(asked, catalog)) {
    const [only, another] = group;
    const found =
      only !== undefined && another === undefined
        ? [await runQuery(db, only, context, { ...options, catalog, coverage })]
        : await runGroup(db, group, { catalog, coverage, context });
    group.forEach((query, index) => {
      const answer = found[index];
      if (answer !== undefined) answers.set(query, answer);
    });
  }
  return asked.flatMap((query) => answers.get(query) ?? []);
}

/** Queries that one statement can answer, together. */
function groupsOf(queries: readonly SemanticQuery[], catalog: Catalog): readonly (readonly SemanticQuery[])[] {
  const groups = new Map<string, SemanticQuery[]>();
  queries.forEach((query, index) => {
    const { window: _window, compare: _compare, ...rest } = query;
    const key = isBatchable(query, catalog) ? canonicalJson(rest) : String(index);
    groups.set(key, [...(groups.get(key) ?? []), query]);
  });
  return [...groups.values()].flatMap(inStatements);
}

/** Points within a window are read by a statement of their own, and so is spend within days, and what rests on nothing that landed. */
function isBatchable(query: SemanticQuery, catalog: Catalog): boolean {
  const isOfTime = query.grain !== undefined || (query.breakdown !== undefined && isTime(query.breakdown));
  return !isOfTime && leavesOf(query.metrics, catalog).length > 0 && !asksWithinDays(query, catalog);
}

function inStatements(group: readonly SemanticQuery[]): readonly (readonly SemanticQuery[])[] {
  const statements: SemanticQuery[][] = [[]];
  let windows = new Set<string>();
  for (const query of group) {
    const own = windowsOf(query).map(windowKey);
    const together = new Set([...windows, ...own]);
    const isFull = together.size > MOST_WINDOWS;
    if (isFull) statements.push([]);
    windows = isFull ? new Set(own) : together;
    statements.at(-1)?.push(query);
  }
  return statements;
}

function windowsOf(query: SemanticQuery): readonly DateRange[] {
  const previous = previousOf(query);
  return [query.window, ...(previous === null ? [] : [previous])];
}

async function runGroup(
  db: Database,
  queries: readonly SemanticQuery[],
  around: Around,
): Promise<readonly QueryResult[]> {
  const [first] = queries;
  if (first === undefined) return [];
  const windows = new Map(queries.flatMap(windowsOf).map((window) => [windowKey(window), window]));
  const sql = compileWindows(first, [...windows.values()], around.catalog);
  const byWindow = new Map<string, Row[]>([...windows.keys()].map((key) => [key, []]));
  for (const row of await db.all(sql)) byWindow.get(String(row["point"]))?.push({ ...row, point: null });
  const cellsIn = (window: DateRange) => cellsOf(byWindow.get(windowKey(window)) ?? []);
  return queries.map((query) => {
    const previous = previousOf(query);
    const cells = besideEachOther(cellsIn(query.window), previous === null ? null : cellsIn(previous));
    return answerFrom(query, { cells, sql, toldDays: [] }, around);
  });
}

/** The columns of a window and, under their other names, of the one that it is compared with. */
function besideEachOther(now: Cells, before: Cells | null): Cells {
  if (before === null) return now;
  const cells = (level: Level, key: string, point: string | null = null): Row => {
    const earlier = Object.entries(before(level, key, point));
    const renamed = earlier.map(([name, value]) => [NAMES.has(name) ? name : `${name}__previous`, value]);
    return { ...Object.fromEntries(renamed), ...now(level, key, point) };
  };
  return Object.assign(cells, {
    keys: (level: Level) => [...new Set([...now.keys(level), ...before.keys(level)])].sort(),
  });
}

/** Columns that are no sums. */
const NAMES: ReadonlySet<string> = new Set(["level", "key", "point", "label"]);
