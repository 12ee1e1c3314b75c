import { z } from "zod";
import type { ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import { CATALOG, type Catalog } from "./catalog/index.js";
import { isTime } from "./leaves.js";
import { meaningProblems, type QueryDraft, type QueryProblem, windowProblems } from "./query-meaning.js";
import type { Breakdown, FilterField, MetricId, NumberOperator, SemanticQuery } from "./types.js";

export type { QueryProblem } from "./query-meaning.js";

/** Every breakdown there is, in the order of the help. */
export const BREAKDOWNS = [
  "channel",
  "platform",
  "account",
  "campaign",
  "ad_set",
  "ad",
  "product",
  "category",
  "country",
  "region",
  "device",
  "location",
  "customer_type",
  "cost_category",
  "day",
  "week",
  "month",
  "quarter",
] as const satisfies readonly Breakdown[];

/** Every grain of a series, in the order of the help. */
export const GRAINS = [
  "15min",
  "hour",
  "4hours",
  "12hours",
  "day",
  "week",
  "month",
  "quarter",
] as const satisfies readonly NonNullable<SemanticQuery["grain"]>[];

/** Every field of a filter, in the order of the help. */
export const FIELDS: readonly FilterField[] = [
  ...BREAKDOWNS.flatMap((name) => (isTime(name) ? [] : [name])),
  "status",
  "order_value",
  "order_number",
];

const TEXT_OPERATORS = ["=", "!=", "in", "contains"] as const;
const NUMBER_OPERATORS = ["=", "!=", ">", ">=", "<", "<="] as const satisfies readonly NumberOperator[];

/** Metrics that one question may name. */
const MOST_METRICS = 15;

/** What a query is checked against. */
export interface QueryRules {
  readonly catalog?: Catalog;
  /** Windows may not end later. */
  readonly lastCompleteDay?: ISODate;
  /** Default 15. */
  readonly mostMetrics?: number;
}

// The limits bound what one statement can cost and what a hostile text can do; NUL would end the statement early.
const text = z
  .string()
  .min(1)
  .max(500)
  .refine((value) => !value.includes("\0"), "must not hold a NUL character");
const range = z.strictObject({ from: z.string(), to: z.string() });
const SHAPE = {
  metrics: z.array(text).min(1),
  window: range,
  compare: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("previous") }),
      z.strictObject({ kind: z.literal("year_over_year") }),
      z.strictObject({ kind: z.literal("same_date") }),
      z.strictObject({ kind: z.literal("range"), range }),
    ])
    .optional(),
  breakdown: text.optional(),
  grain: text.optional(),
  filters: z
    .array(
      z.strictObject({
        field: text,
        operator: text,
        value: z.union([text, z.array(text).min(1).max(100), z.number()]),
      }),
    )
    .max(10)
    .optional(),
  having: z
    .array(z.strictObject({ metric: text, operator: z.enum(NUMBER_OPERATORS), value: z.number() }))
    .max(10)
    .optional(),
  orderBy: z.strictObject({ metric: text, direction: z.enum(["asc", "desc"]) }).optional(),
  limit: z.int().min(1).max(1000).optional(),
  partial: z.literal("as_is").optional(),
};
const KEYS = Object.keys(SHAPE);

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
  const { draft, problems: shape } = checkShape(input, rules.mostMetrics ?? MOST_METRICS);
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

function checkShape(input: unknown, most: number): { draft: QueryDraft; problems: readonly QueryProblem[] } {
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
  for (const [key, schema] of Object.entries({ ...SHAPE, metrics: SHAPE.metrics.max(most) })) {
    const parsed = schema.safeParse(members[key]);
    if (parsed.success) draft[key] = parsed.data;
    else problems.push(...parsed.error.issues.map((issue) => shapeProblem(key, issue)));
  }
  return { draft: draft as QueryDraft, problems };
}

function shapeProblem(key: string, issue: z.core.$ZodIssue): QueryProblem {
  const path = issue.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return { code: "BAD_SHAPE", path: `${key}${path}`, message: issue.message };
}

/** Aliases become ids; what is not known stays as it was written, for `nameProblems` to tell. */
function withIds(draft: QueryDraft, catalog: Catalog): QueryDraft {
  const id = (name: string) => catalog.find(name)?.id ?? name;
  const { metrics, orderBy, having, ...rest } = draft;
  return {
    ...(metrics === undefined ? {} : { metrics: metrics.map(id) }),
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    ...(having === undefined ? {} : { having: having.map((one) => ({ ...one, metric: id(one.metric) })) }),
    ...(orderBy === undefined ? {} : { orderBy: { ...orderBy, metric: id(orderBy.metric) } }),
  };
}

function nameProblems(draft: QueryDraft, catalog: Catalog): readonly QueryProblem[] {
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
    const isNumber = filter.field === "order_value" || filter.field === "order_number";
    check(`filters[${index}].operator`, filter.operator, isNumber ? NUMBER_OPERATORS : TEXT_OPERATORS);
  });
  return problems;
}
