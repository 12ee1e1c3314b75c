import { type ISODate, isISODate, rangeLength } from "../base/dates.js";
import { nearest } from "../base/ids.js";
import type { Catalog } from "./catalog/index.js";
import { isClockNeed, leavesOf, type Need, needsOf, refusal } from "./leaves.js";
import { isField } from "./marts.js";
import type { MetricId, NumberOperator, SemanticQuery } from "./types.js";

/** One thing that is wrong with a query; `code` is permanent. */
export interface QueryProblem {
  readonly code:
    | "BAD_SHAPE"
    | "UNKNOWN_METRIC"
    | "UNKNOWN_NAME"
    | "REPEATED_METRIC"
    | "BAD_WINDOW"
    | "DAYS_NOT_COMPLETE"
    | "WINDOW_TOO_LONG"
    | "BREAKDOWN_NOT_SUPPORTED"
    | "GRAIN_NOT_SUPPORTED"
    | "FILTER_NOT_SUPPORTED"
    | "CONFLICTING_FILTERS"
    | "ORDER_NOT_ASKED_FOR"
    | "HAVING_NOT_ASKED_FOR"
    | "HAVING_WITHOUT_BREAKDOWN"
    | "LIMIT_WITHOUT_BREAKDOWN";
  /** Where in the query, e.g. `metrics[1]`. */
  readonly path: string;
  readonly message: string;
  /** A name that would be understood. */
  readonly suggestion?: string;
}

/** The parts of a query whose shape is right; names may be wrong. */
export interface QueryDraft {
  readonly metrics?: readonly string[];
  readonly window?: { readonly from: string; readonly to: string };
  readonly compare?: {
    readonly kind: string;
    readonly range?: { readonly from: string; readonly to: string };
  };
  readonly breakdown?: string;
  readonly grain?: string;
  readonly filters?: readonly {
    readonly field: string;
    readonly operator: string;
    readonly value: string | readonly string[] | number;
  }[];
  readonly having?: readonly { readonly metric: string; readonly operator: NumberOperator; readonly value: number }[];
  readonly orderBy?: { readonly metric: string; readonly direction: "asc" | "desc" };
  readonly limit?: number;
  readonly partial?: string;
}

/** Points within days multiply: so many days of them at most. */
const LONGEST: Readonly<Record<string, number>> = { "12hours": 366, "4hours": 366, hour: 92, "15min": 31 };

/** Windows that are no dates, run backwards, hold days that are not over, or are too long for their grain. */
export function windowProblems(draft: QueryDraft, last: ISODate | undefined): readonly QueryProblem[] {
  const ranges = [
    { path: "window", range: draft.window },
    { path: "compare.range", range: draft.compare?.range },
  ];
  return ranges.flatMap(({ path, range: days }): readonly QueryProblem[] => {
    if (days === undefined) return [];
    const { from, to } = days;
    if (!isISODate(from) || !isISODate(to)) {
      const bad = [from, to].filter((day) => !isISODate(day)).join('", "');
      return [{ code: "BAD_WINDOW", path, message: `"${bad}" is not a date YYYY-MM-DD` }];
    }
    if (from > to) return [{ code: "BAD_WINDOW", path, message: "ends before it begins" }];
    const most = LONGEST[draft.grain ?? ""] ?? Number.POSITIVE_INFINITY;
    if (rangeLength({ from, to }) > most)
      return [
        { code: "WINDOW_TOO_LONG", path, message: `points per ${draft.grain} are given for ${most} days at most` },
      ];
    if (last === undefined || to <= last) return [];
    return [{ code: "DAYS_NOT_COMPLETE", path, message: `ends on ${to}, the last complete day is ${last}` }];
  });
}

/** What does not go together, of parts that are right by themselves. */
export function meaningProblems(draft: QueryDraft, catalog: Catalog): readonly QueryProblem[] {
  const known = (draft.metrics ?? []).filter((id) => catalog.find(id) !== undefined);
  return [
    ...needProblems(draft, known, catalog),
    ...grainProblems(draft, known, catalog),
    ...filterProblems(draft),
    ...rowProblems(draft),
  ];
}

/** Which metrics cannot be told apart by the breakdown, cut by a filter or shown within days, and why. */
function needProblems(draft: QueryDraft, ids: readonly MetricId[], catalog: Catalog): readonly QueryProblem[] {
  // Names that are not known are no needs: they have been told of.
  const needs = needsOf(draft as Partial<SemanticQuery>).filter((need) => isClockNeed(need) || isField(need));
  return ids.flatMap((id) => {
    const reasons = new Map<Need, Set<string>>();
    for (const leaf of leavesOf([id], catalog)) {
      const refused = refusal(leaf, needs);
      if (refused !== null) reasons.set(refused.need, (reasons.get(refused.need) ?? new Set()).add(refused.why));
    }
    return [...reasons].map(([need, why]) => needProblem(draft, { id, need, because: [...why].join(" and ") }));
  });
}

function needProblem(
  draft: QueryDraft,
  { id, need, because }: { readonly id: MetricId; readonly need: Need; readonly because: string },
): QueryProblem {
  if (isClockNeed(need))
    return {
      code: "GRAIN_NOT_SUPPORTED",
      path: "grain",
      message: `${id} has no values per ${draft.grain}: ${because}`,
    };
  if (need === draft.breakdown)
    return {
      code: "BREAKDOWN_NOT_SUPPORTED",
      path: "breakdown",
      message: `${id} has no breakdown by ${need}: ${because}`,
    };
  return { code: "FILTER_NOT_SUPPORTED", path: "filters", message: `${id} cannot be filtered by ${need}: ${because}` };
}

function grainProblems(draft: QueryDraft, ids: readonly MetricId[], catalog: Catalog): readonly QueryProblem[] {
  const cohorts = ids.filter((id) => leavesOf([id], catalog).some((leaf) => leaf.kind === "cohort"));
  const asked = [draft.breakdown, draft.grain];
  const isWeekly = asked.includes("week");
  // A week of customers is in no one month, and a month in no one week: one question tells one kind of cohorts.
  const refused = asked.filter((grain) => grain === "day" || (isWeekly && (grain === "month" || grain === "quarter")));
  return refused.flatMap((grain) =>
    cohorts.map((id) => ({
      code: "GRAIN_NOT_SUPPORTED" as const,
      path: draft.grain === grain ? "grain" : "breakdown",
      message:
        grain === "day"
          ? `${id} has no values per day: cohorts are kept per month or week of first order only`
          : `${id} has no values per ${grain} beside weeks: ask for one kind of cohorts at a time`,
    })),
  );
}

function filterProblems(draft: QueryDraft): readonly QueryProblem[] {
  const problems: QueryProblem[] = [];
  const fixed = new Map<string, unknown>();
  draft.filters?.forEach(({ field, operator, value }, index) => {
    const path = `filters[${index}]`;
    const isNumber = field === "order_value" || field === "order_number";
    if (isNumber !== (typeof value === "number")) {
      const message = isNumber ? `${field} is compared with a number` : `${field} is compared with text`;
      problems.push({ code: "BAD_SHAPE", path: `${path}.value`, message });
    } else if ((operator === "=" || operator === "contains") && typeof value === "object") {
      problems.push({
        code: "BAD_SHAPE",
        path: `${path}.value`,
        message: `"${operator}" takes one value`,
        suggestion: "in",
      });
    }
    if (operator !== "=" || typeof value === "object") return;
    const other = fixed.get(field);
    if (other !== undefined && other !== value) {
      problems.push({
        code: "CONFLICTING_FILTERS",
        path,
        message: `${field} cannot be both "${other}" and "${value}"`,
        suggestion: `${field} in [${other}, ${value}]`,
      });
    }
    fixed.set(field, value);
  });
  return problems;
}

/** Order, conditions and limit of rows that are not there, or by what was not asked for. */
function rowProblems({ metrics = [], breakdown, orderBy, having = [], limit }: QueryDraft): readonly QueryProblem[] {
  const problems: QueryProblem[] = [];
  const notAsked = (code: QueryProblem["code"], path: string, metric: string) => {
    if (metrics.includes(metric)) return;
    const what = code === "ORDER_NOT_ASKED_FOR" ? "ordered" : "chosen";
    const message = `rows can only be ${what} by a metric that is asked for, not by ${metric}`;
    problems.push({ code, path, message, suggestion: nearest(metric, metrics) });
  };
  if (orderBy !== undefined) notAsked("ORDER_NOT_ASKED_FOR", "orderBy.metric", orderBy.metric);
  for (const [index, { metric }] of having.entries())
    notAsked("HAVING_NOT_ASKED_FOR", `having[${index}].metric`, metric);
  if (breakdown !== undefined) return problems;
  const message = "is about the rows of a breakdown, and there is none";
  if (having.length > 0) problems.push({ code: "HAVING_WITHOUT_BREAKDOWN", path: "having", message });
  if (limit !== undefined) problems.push({ code: "LIMIT_WITHOUT_BREAKDOWN", path: "limit", message });
  return problems;
}
