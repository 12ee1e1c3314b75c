/** A query as others write it: assistants over MCP, a language model. One form, and the same check as every other query behind it. */
import { z } from "zod";
import type { DateRange } from "../base/dates.js";
import { calendarOf } from "../metrics/fiscal.js";
import { BREAKDOWNS, FIELDS, GRAINS } from "../metrics/query.js";
import type { AnswerContext, SemanticQuery } from "../metrics/types.js";
import { windowFor } from "../metrics/windows.js";

/** A name of something; which there are is checked with the query. */
export const name = z.string().min(1).max(100);

/** Days in words. */
export const window = z
  .string()
  .max(60)
  .describe("complete days: 7d, yesterday, last week, last month, mtd, 2026-01, 2026-01-01..2026-01-31");

/** What a window is compared with. */
export const comparison = z.enum(["previous", "year_over_year", "same_date"]);

/** The members of a query. Money is minor units. */
export const QUERY_INPUT = {
  metrics: z.array(name).min(1).max(15).describe("ids or aliases of list_metrics"),
  window,
  compare: comparison.optional(),
  breakdown: name.optional().describe(BREAKDOWNS.join(", ")),
  grain: name.optional().describe(GRAINS.join(", ")),
  filters: z
    .array(
      z.strictObject({
        field: name,
        operator: name,
        value: z.union([z.string().max(500), z.array(z.string().max(500)).max(100), z.number()]),
      }),
    )
    .max(10)
    .optional()
    .describe(`fields ${FIELDS.join(", ")}; operators = != in contains; for numbers > >= < <=`),
  having: z
    .array(z.strictObject({ metric: name, operator: name, value: z.number() }))
    .max(10)
    .optional(),
  order_by: z.strictObject({ metric: name, direction: z.enum(["asc", "desc"]) }).optional(),
  limit: z.int().min(1).max(1000).optional(),
};

/** A query that the form let through. */
export type QueryInput = z.infer<z.ZodObject<typeof QUERY_INPUT>>;

/** The query of a form. What is wrong with names and operators is told by the check of the query, all at once. Throws `BAD_WINDOW`. */
export function queryOf(input: QueryInput, context: AnswerContext): SemanticQuery {
  const { window: days, compare, order_by: orderBy, limit, ...rest } = input;
  return {
    ...rest,
    window: daysOf(days, context),
    ...(compare === undefined ? {} : { compare: { kind: compare } }),
    ...(orderBy === undefined ? {} : { orderBy }),
    ...(rest.breakdown === undefined || limit === undefined ? {} : { limit }),
  } as SemanticQuery;
}

/** The days that words name. Throws `BAD_WINDOW`. */
export function daysOf(text: string, { lastCompleteDay, calendar, weekEndsOn }: AnswerContext): DateRange {
  return windowFor(text, lastCompleteDay, calendar ?? calendarOf(weekEndsOn ?? 7));
}
