import { z } from "zod";
import { type ISODate, isISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import { CATALOG, type Catalog } from "./catalog/index.js";
import { fieldsOf, isTime, leavesOf, refusal } from "./leaves.js";
import type { Breakdown, Filter, MetricId, SemanticQuery } from "./types.js";

/** Every breakdown there is, in the order of the help. */
export const BREAKDOWNS = [
  "channel",
  "platform",
  "campaign",
  "product",
  "category",
  "country",
  "region",
  "customer_type",
  "day",
  "week",
  "month",
] as const satisfies readonly Breakdown[];

const GRAINS = ["day", "week", "month"] as const;
const FIELDS = BREAKDOWNS.filter((name): name is Filter["field"] => !isTime(name));
const OPERATORS = ["=", "!=", "in", "contains"] as const;

/** One thing that is wrong with a query; `code` is permanent. */
export interface QueryProblem {
  readonly code:
    | "BAD_SHAPE"
    | "UNKNOWN_METRIC"
    | "UNKNOWN_NAME"
    | "REPEATED_METRIC"
    | "BAD_WINDOW"
    | "DAYS_NOT_COMPLETE"
    | "BREAKDOWN_NOT_SUPPORTED"
    | "GRAIN_NOT_SUPPORTED"
    | "FILTER_NOT_SUPPORTED"
    | "CONFLICTING_FILTERS"
    | "ORDER_NOT_ASKED_FOR"
    | "LIMIT_WITHOUT_BREAKDOWN";
  /** Where in the query, e.g. `metrics[1]`. */
  readonly path: string;
  readonly message: string;
  /** A name that would be understood. */
  readonly suggestion?: string;
}

/** What a query is checked against. */
export interface QueryRules {
  readonly catalog?: Catalog;
  /** Windows may not end later. */
  readonly lastCompleteDay?: ISODate;
}

// The limits bound what one statement can cost and what a hostile text can do; NUL would end the statement early.
const text = z
  .string()
  .min(1)
  .max(500)
  .refine((value) => !value.includes("\0"), "must not hold a NUL character");
const range = z.strictObject({ from: z.string(), to: z.string() });
const SHAPE = {
  metrics: z.array(text).min(1).max(15),
  window: range,
  compare: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("previous") }),
      z.strictObject({ kind: z.literal("year_over_year") }),
      z.strictObject({ kind: z.literal("range"), range }),
    ])
    .optional(),
  breakdown: text.optional(),
  grain: text.optional(),
  filters: z
    .array(z.strictObject({ field: text, operator: text, value: z.union([text, z.array(text).min(1).max(100)]) }))
    .max(10)
    .optional(),
  orderBy: z.strictObject({ metric: text, direction: z.enum(["asc", "desc"]) }).optional(),
  limit: z.int().min(1).max(1000).optional(),
};
const KEYS = Object.keys(SHAPE);

/** The parts of a query whose shape is right; names are not looked up yet. */
type Draft = Partial<z.infer<z.ZodObject<typeof SHAPE>>>;

/**
 * Checks a query in three layers: its shape, its names, and what they mean together. All problems are told at once.
 * A valid query comes back with metric aliases replaced by ids.
 */
export function validateQuery(
  input: unknown,
  rules: QueryRules = {},
):
  | { readonly ok: true; readonly query: SemanticQuery }
  | { readonly ok: false; readonly problems: readonly QueryProblem[] } {
  const catalog = rules.catalog ?? CATALOG;
  const { draft, problems: shape } = checkShape(input);
  const named = withIds(draft, catalog);
  const problems = [
    ...shape,
    ...nameProblems(draft, catalog),
    ...windowProblems(draft, rules.lastCompleteDay),
    ...meaningProblems(named, catalog),
  ];
  // Without problems every part had the right shape and known names.
  return problems.length === 0 ? { ok: true, query: named as unknown as SemanticQuery } : { ok: false, problems };
}

/** The validated query, or a `BAD_QUERY` error that lists every problem. */
export function requireQuery(input: unknown, rules: QueryRules = {}): SemanticQuery {
  const checked = validateQuery(input, rules);
  if (checked.ok) return checked.query;
  const lines = checked.problems.map(problemText);
  throw new GrowthosError({
    code: "BAD_QUERY",
    what: lines.length === 1 ? "the question cannot be answered" : `the question has ${lines.length} problems`,
    why: lines.join("\n  "),
    hint: "`growthos metrics` lists the metrics, `growthos metrics --help` the breakdowns",
    exit: "usage",
  });
}

/** A problem as one line, with its code and the suggestion. */
export function problemText(problem: QueryProblem): string {
  const suggestion = problem.suggestion === undefined ? "" : `; did you mean ${problem.suggestion}?`;
  return `${problem.code} ${problem.path}: ${problem.message}${suggestion}`;
}

function checkShape(input: unknown): { draft: Draft; problems: readonly QueryProblem[] } {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return { draft: {}, problems: [{ code: "BAD_SHAPE", path: "query", message: "must be an object" }] };
  }
  const members = input as Readonly<Record<string, unknown>>;
  const problems: QueryProblem[] = Object.keys(members)
    .filter((key) => !KEYS.includes(key))
    .map((key) => ({
      code: "BAD_SHAPE",
      path: key,
      message: "is not a part of a query",
      suggestion: nearest(key, KEYS),
    }));
  const draft: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(SHAPE)) {
    const parsed = schema.safeParse(members[key]);
    if (parsed.success) draft[key] = parsed.data;
    else problems.push(...parsed.error.issues.map((issue) => shapeProblem(key, issue)));
  }
  return { draft: draft as Draft, problems };
}

function shapeProblem(key: string, issue: z.core.$ZodIssue): QueryProblem {
  const path = issue.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return { code: "BAD_SHAPE", path: `${key}${path}`, message: issue.message };
}

/** Aliases become ids; what is not known stays as it was written, for `nameProblems` to tell. */
function withIds(draft: Draft, catalog: Catalog): Draft {
  const id = (name: string) => catalog.find(name)?.id ?? name;
  const { metrics, orderBy, ...rest } = draft;
  return {
    ...(metrics === undefined ? {} : { metrics: metrics.map(id) }),
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    ...(orderBy === undefined ? {} : { orderBy: { ...orderBy, metric: id(orderBy.metric) } }),
  };
}

function nameProblems(draft: Draft, catalog: Catalog): readonly QueryProblem[] {
  const problems: QueryProblem[] = [];
  const seen = new Set<MetricId>();
  draft.metrics?.forEach((name, index) => {
    const path = `metrics[${index}]`;
    const metric = catalog.find(name);
    if (metric === undefined) {
      problems.push({
        code: "UNKNOWN_METRIC",
        path,
        message: `there is no metric "${name}"`,
        suggestion: catalog.suggest(name),
      });
    } else if (seen.has(metric.id)) {
      problems.push({ code: "REPEATED_METRIC", path, message: `${metric.id} is asked for twice` });
    } else seen.add(metric.id);
  });
  const check = (path: string, name: string | undefined, known: readonly string[]) => {
    if (name === undefined || known.includes(name)) return;
    problems.push({
      code: "UNKNOWN_NAME",
      path,
      message: `"${name}" is not one of ${known.join(", ")}`,
      suggestion: nearest(name, known),
    });
  };
  check("breakdown", draft.breakdown, BREAKDOWNS);
  check("grain", draft.grain, GRAINS);
  draft.filters?.forEach((filter, index) => {
    check(`filters[${index}].field`, filter.field, FIELDS);
    check(`filters[${index}].operator`, filter.operator, OPERATORS);
  });
  return problems;
}

function windowProblems(draft: Draft, last: ISODate | undefined): readonly QueryProblem[] {
  const ranges = [
    { path: "window", range: draft.window },
    { path: "compare.range", range: draft.compare?.kind === "range" ? draft.compare.range : undefined },
  ];
  return ranges.flatMap(({ path, range: days }): readonly QueryProblem[] => {
    if (days === undefined) return [];
    const bad = [days.from, days.to].filter((day) => !isISODate(day));
    if (bad.length > 0)
      return [{ code: "BAD_WINDOW", path, message: `"${bad.join('", "')}" is not a date YYYY-MM-DD` }];
    if (days.from > days.to) return [{ code: "BAD_WINDOW", path, message: "ends before it begins" }];
    if (last === undefined || days.to <= last) return [];
    return [{ code: "DAYS_NOT_COMPLETE", path, message: `ends on ${days.to}, the last complete day is ${last}` }];
  });
}

function meaningProblems(draft: Draft, catalog: Catalog): readonly QueryProblem[] {
  const known = (draft.metrics ?? []).filter((id) => catalog.find(id) !== undefined);
  return [
    ...groupProblems(draft, known, catalog),
    ...grainProblems(draft, known, catalog),
    ...filterProblems(draft),
    ...orderProblems(draft),
  ];
}

/** Which metrics cannot be told apart by the breakdown, or cut by a filter, and why. */
function groupProblems(draft: Draft, ids: readonly MetricId[], catalog: Catalog): readonly QueryProblem[] {
  const filters = (draft.filters ?? []).flatMap((filter) => {
    const field = FIELDS.find((name) => name === filter.field);
    return field === undefined ? [] : [{ field }];
  });
  const breakdown = BREAKDOWNS.find((name) => name === draft.breakdown);
  return fieldsOf({ breakdown, filters }).flatMap((field) =>
    ids.flatMap((id): readonly QueryProblem[] => {
      const reasons = new Set(leavesOf([id], catalog).map((leaf) => refusal(leaf, field)));
      reasons.delete(null);
      if (reasons.size === 0) return [];
      const because = [...reasons].join(" and ");
      return field === breakdown
        ? [
            {
              code: "BREAKDOWN_NOT_SUPPORTED",
              path: "breakdown",
              message: `${id} has no breakdown by ${field}: ${because}`,
            },
          ]
        : [
            {
              code: "FILTER_NOT_SUPPORTED",
              path: "filters",
              message: `${id} cannot be filtered by ${field}: ${because}`,
            },
          ];
    }),
  );
}

function grainProblems(draft: Draft, ids: readonly MetricId[], catalog: Catalog): readonly QueryProblem[] {
  const cohorts = ids.filter((id) => leavesOf([id], catalog).some((leaf) => leaf.kind === "cohort"));
  const tooFine = [draft.breakdown, draft.grain].filter((grain) => grain === "day" || grain === "week");
  return tooFine.flatMap((grain) =>
    cohorts.map((id) => ({
      code: "GRAIN_NOT_SUPPORTED" as const,
      path: draft.grain === grain ? "grain" : "breakdown",
      message: `${id} has no values per ${grain}: cohorts are kept per month of first order only`,
    })),
  );
}

function filterProblems(draft: Draft): readonly QueryProblem[] {
  const problems: QueryProblem[] = [];
  const fixed = new Map<string, string>();
  draft.filters?.forEach(({ field, operator, value }, index) => {
    const path = `filters[${index}]`;
    if ((operator === "=" || operator === "contains") && typeof value !== "string") {
      problems.push({
        code: "BAD_SHAPE",
        path: `${path}.value`,
        message: `"${operator}" takes one value`,
        suggestion: "in",
      });
    }
    if (operator !== "=" || typeof value !== "string") return;
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

function orderProblems(draft: Draft): readonly QueryProblem[] {
  const problems: QueryProblem[] = [];
  const { orderBy, metrics = [], breakdown, limit } = draft;
  if (orderBy !== undefined && !metrics.includes(orderBy.metric)) {
    const message = `rows can only be ordered by a metric that is asked for, not by ${orderBy.metric}`;
    problems.push({
      code: "ORDER_NOT_ASKED_FOR",
      path: "orderBy.metric",
      message,
      suggestion: nearest(orderBy.metric, metrics),
    });
  }
  if (limit !== undefined && breakdown === undefined) {
    problems.push({
      code: "LIMIT_WITHOUT_BREAKDOWN",
      path: "limit",
      message: "limits the rows of a breakdown, and there is none",
    });
  }
  return problems;
}
