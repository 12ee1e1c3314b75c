/** The tools: one entry each, its input as a schema, its answer as data of the catalog. */
import type { z } from "zod";
import { isISODate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { nearest } from "../../base/ids.js";
import { explainChange } from "../../metrics/explain-change.js";
import { restsOn } from "../../metrics/leaves.js";
import { readHealth } from "../../metrics/page-facts.js";
import { markdownText, presentAsJson, presentChange, presentForPeople, snakeCased } from "../../metrics/present.js";
import { runQuery } from "../../metrics/run-query.js";
import type { GroupBreakdown, MetricDef } from "../../metrics/types.js";
import type { AnswerSources } from "../answer.js";
import { comparison, daysOf, name, QUERY_INPUT, type QueryInput, queryOf, window } from "../query-input.js";
import type { McpLimits, McpSources } from "./types.js";

/** A tool: `answer` is given what its schema let through. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodRawShape;
  answer(sources: McpSources, input: never, limits: McpLimits): Promise<unknown>;
}

const CHANGE = { metric: name, window, compare: comparison.optional(), by: name.optional() };
const REPORT = { page: name.describe("a page of the resources, for example executive or wbr"), as_of: name.optional() };
const SEARCH = { search: name.optional().describe("part of an id, a title or an alias") };

/** THE list of tools. All read, none writes. */
export const TOOLS: readonly Tool[] = [
  {
    name: "list_metrics",
    description:
      "Metrics of the catalog with unit, formula, what they rest on, and who uses their name for another figure.",
    input: SEARCH,
    answer: listMetrics,
  },
  {
    name: "query_metrics",
    description:
      "Figures of registered metrics for a range of complete days, with breakdown, comparison, series, filters and conditions. Money is minor units of the context's currency, ratios are decimals; a value that is not known says why; `table` has the figures as people read them. The statement that was run is part of the answer.",
    input: QUERY_INPUT,
    answer: queryMetrics,
  },
  {
    name: "explain_change",
    description:
      "Why a metric moved against the days before: by its formula, by the funnel, and by segments. Every part adds up.",
    input: CHANGE,
    answer: changeOf,
  },
  {
    name: "list_alerts",
    description: "Alerts that stand, as of the last run.",
    input: {},
    answer: (sources) => sources.alerts(),
  },
  { name: "get_report", description: "A written report as Markdown.", input: REPORT, answer: reportOf },
  {
    name: "data_health",
    description:
      "Sources with their days and gaps, checks, quarantined rows, and what sources say against their own figures.",
    input: {},
    answer: async (sources) => {
      const { db, context } = await sources.build();
      return snakeCased({ context, health: await readHealth(db, context.lastCompleteDay) });
    },
  },
];

/** What is told of a metric: its passport. */
export function passportOf(metric: MetricDef, { catalog }: Pick<AnswerSources, "catalog">): unknown {
  return snakeCased({ ...metric, restsOn: restsOn(metric.id, catalog) });
}

async function listMetrics(sources: McpSources, { search }: { readonly search?: string }): Promise<unknown> {
  const { catalog } = await sources.build();
  const wanted = search?.toLowerCase() ?? "";
  const found = catalog.metrics.filter(({ id, title, aliases }) =>
    [id, title, ...aliases].some((text) => text.toLowerCase().includes(wanted)),
  );
  return { metrics: found.map((metric) => passportOf(metric, { catalog })) };
}

async function queryMetrics(sources: McpSources, input: QueryInput, limits: McpLimits): Promise<unknown> {
  const { db, context, catalog } = await sources.build();
  const asked = queryOf(input, context);
  const query =
    asked.breakdown === undefined ? asked : { ...asked, limit: Math.min(asked.limit ?? limits.rows, limits.rows) };
  const result = await runQuery(db, query, context, { catalog });
  const points = result.series.length + result.rows.reduce((sum, row) => sum + (row.series?.length ?? 0), 0);
  if (points > limits.rows) throw tooMuch(`the answer has ${points} points, at most ${limits.rows} are told`);
  // An assistant that reads cents as dollars is wrong by a hundred: it is given the figures as people read them, too.
  return { table: markdownText(presentForPeople(result, context, catalog)), ...presentAsJson(result, context) };
}

async function changeOf(
  sources: McpSources,
  { metric, window: days, compare, by }: z.infer<z.ZodObject<typeof CHANGE>>,
): Promise<unknown> {
  const { db, context, catalog } = await sources.build();
  const request = {
    metric,
    window: daysOf(days, context),
    ...(compare === undefined ? {} : { compare: { kind: compare } }),
    ...(by === undefined ? {} : { by: by as GroupBreakdown }),
  };
  return presentChange(await explainChange(db, request, context, { catalog }), context);
}

async function reportOf(
  sources: McpSources,
  { page, as_of: asOf }: z.infer<z.ZodObject<typeof REPORT>>,
): Promise<unknown> {
  if (asOf !== undefined && !isISODate(asOf))
    throw noReport(sources, page, `${asOf.slice(0, 40)} is not a day YYYY-MM-DD`);
  const text = await sources.report(page, asOf ?? null);
  if (text === null) throw noReport(sources, page, `there is no written page ${page}`);
  return text;
}

function noReport(sources: McpSources, page: string, why: string): GrowthosError {
  const near = nearest(page, sources.pages());
  return new GrowthosError({
    code: "REPORT_UNKNOWN",
    what: "there is no such report",
    why,
    hint: near === undefined ? "run `growthos report` first" : `there is ${near}`,
    exit: "usage",
  });
}

/** An answer that is longer than allowed. */
export function tooMuch(why: string): GrowthosError {
  return new GrowthosError({
    code: "TOO_MUCH",
    what: "the answer is too long",
    why,
    hint: "ask for fewer metrics, rows, days or a coarser grain",
    exit: "usage",
  });
}
