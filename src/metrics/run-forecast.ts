import type { DateRange, ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Database } from "../warehouse/types.js";
import { type Catalog, isAdditive } from "./catalog/index.js";
import { calendarOf } from "./fiscal.js";
import { type ForecastOptions, forecastsOf, forecastWindow, historyWindow, type MetricForecast } from "./forecast.js";
import { occurrencesIn } from "./holidays.js";
import { readListedHolidays } from "./listed-holidays.js";
import { runQuery } from "./run-query.js";
import type { AnswerContext, MetricId } from "./types.js";

/** What is forecast unless something else is named. */
export const FORECAST_METRICS: readonly MetricId[] = ["net_revenue", "orders", "spend", "sessions"];

/** What is asked of a build. */
export interface ForecastQuestion extends Omit<ForecastOptions, "holidays" | "catalog"> {
  /** Ids or aliases, 1 to 15. */
  readonly metrics: readonly MetricId[];
  readonly catalog: Catalog;
}

/** Forecasts from the complete days of a build. Throws `BAD_QUERY` for what is no metric or no sum of days. */
export async function readForecasts(db: Database, question: ForecastQuestion): Promise<readonly MetricForecast[]> {
  const { context, catalog, days } = question;
  const metrics = [...new Set(question.metrics.map((name) => catalog.find(name)?.id ?? name))];
  refuseUnsummable(metrics, catalog);
  const asked = { metrics, window: historyWindow(context), grain: "day" } as const;
  const [result, holidays] = [
    await runQuery(db, asked, context, { catalog }),
    await readHolidays(db, context, forecastWindow(context, days)),
  ];
  return forecastsOf(result, { ...question, holidays });
}

/** Only what is counted day by day can be expected day by day; a ratio is forecast by its parts. */
function refuseUnsummable(metrics: readonly MetricId[], catalog: Catalog): void {
  const refused = metrics.filter((id) => {
    const metric = catalog.find(id);
    return metric !== undefined && (metric.kind === "cohort" || !isAdditive(metric, catalog));
  });
  if (refused.length === 0) return;
  throw new GrowthosError({
    code: "BAD_QUERY",
    what: `${refused.join(", ")} cannot be forecast`,
    why: "only sums over days can: a ratio, a count of different people or a cohort has no days that add up",
    hint: "`growthos metrics` lists the metrics; those that add up can be forecast",
    exit: "usage",
  });
}

/** The shop's own days, those that a comparison looks for, and those of the country that most orders come from. */
async function readHolidays(
  db: Database,
  context: AnswerContext,
  range: DateRange,
): Promise<ReadonlyMap<ISODate, string>> {
  const calendar = context.calendar ?? calendarOf(context.weekEndsOn ?? 7);
  const listed = await readListedHolidays(db);
  const named: readonly (readonly [ISODate, string])[] = [
    ...listed.map(({ day, name }) => [day, name] as const),
    ...occurrencesIn(range, calendar).map(({ day, name }) => [day, name.replaceAll("_", " ")] as const),
  ];
  const days = new Map<ISODate, string>();
  for (const [day, name] of named) if (!days.has(day) && day >= range.from && day <= range.to) days.set(day, name);
  return days;
}
