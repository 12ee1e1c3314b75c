import type { AskWorld, Entity } from "../ask/types.js";
import { addDays, type ISODate } from "../base/dates.js";
import type { Catalog } from "../metrics/catalog/index.js";
import { firstCoveredDay, readCoverage } from "../metrics/coverage.js";
import { readListedHolidays } from "../metrics/listed-holidays.js";
import { MARTS } from "../metrics/marts.js";
import { runQuery } from "../metrics/run-query.js";
import type { AnswerContext, GroupBreakdown, MetricId } from "../metrics/types.js";
import type { Database } from "../warehouse/types.js";

/** Names are those of whatever had figures within these days. */
const NAMED_DAYS = 730;

/** What lists the names of each kind: a figure that all of its rows have. */
const LISTED: readonly (readonly [GroupBreakdown, MetricId])[] = [
  ["channel", "orders"],
  ["channel", "spend"],
  ["platform", "spend"],
  ["campaign", "spend"],
  ["ad_set", "spend"],
  ["ad", "spend"],
  ["product", "units"],
  ["category", "units"],
  ["country", "orders"],
  ["region", "orders"],
];

/** What questions to a build are read against. Names come through the catalog, as every other figure does. */
export async function askWorld(
  db: Database,
  { context, catalog }: { readonly context: AnswerContext; readonly catalog: Catalog },
): Promise<AskWorld> {
  const window = { from: addDays(context.lastCompleteDay, 1 - NAMED_DAYS), to: context.lastCompleteDay };
  const found = new Map<string, Entity>();
  for (const [field, metric] of LISTED) {
    const { rows } = await runQuery(db, { metrics: [metric], window, breakdown: field }, context, { catalog });
    for (const { key, label } of rows) if (key !== "(none)") found.set(`${field} ${key}`, { field, key, label });
  }
  const firstDay = await firstOrderDay(db, context);
  const holidays = await readListedHolidays(db);
  return { catalog, context, entities: [...found.values()], holidays, ...(firstDay === null ? {} : { firstDay }) };
}

/** The first day of which there are orders, for "all time". */
async function firstOrderDay(db: Database, { lastCompleteDay }: AnswerContext): Promise<ISODate | null> {
  const first = firstCoveredDay(await readCoverage(db), MARTS.fact_orders);
  return first === null || first > lastCompleteDay ? null : first;
}
