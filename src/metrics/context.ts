import { addDays, type Calendar, isoDate } from "../base/dates.js";
import type { Database, Row } from "../warehouse/types.js";
import { PLAIN_CALENDAR } from "./fiscal.js";
import type { AnswerContext } from "./types.js";

/** What every answer of a build is stamped with; windows end at `lastCompleteDay`, the day before the build's as-of day. */
export async function readContext(
  db: Database,
  shop: string,
  holidays: Calendar["holidays"] = {},
): Promise<AnswerContext> {
  const build = await db.one("select * from meta.build");
  const asOf = isoDate(String(build["as_of"]));
  return {
    shop,
    currency: String(build["currency"]),
    timeZone: String(build["time_zone"]),
    asOf,
    lastCompleteDay: addDays(asOf, -1),
    buildId: String(build["build_id"]),
    inputHash: String(build["input_hash"]),
    weekEndsOn: Number(build["week_ends_on"]),
    calendar: calendarOfBuild(build, holidays),
  };
}

/** The calendar that the build's dates were cut by. */
function calendarOfBuild(build: Row, holidays: Calendar["holidays"]): Calendar {
  const text = (name: string, plain: string) => String(build[name] ?? plain);
  return {
    weekEndsOn: Number(build["week_ends_on"]),
    fiscalYearEndMonth: Number(build["fiscal_year_end_month"] ?? PLAIN_CALENDAR.fiscalYearEndMonth),
    periods: text("fiscal_periods", PLAIN_CALENDAR.periods) as Calendar["periods"],
    lastWeek: text("fiscal_last_week", PLAIN_CALENDAR.lastWeek) as Calendar["lastWeek"],
    yearNamedBy: text("fiscal_year_named_by", PLAIN_CALENDAR.yearNamedBy) as Calendar["yearNamedBy"],
    holidays,
  };
}
