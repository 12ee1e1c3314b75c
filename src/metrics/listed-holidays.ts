import { isoDate } from "../base/dates.js";
import type { Database } from "../warehouse/types.js";
import { HOLIDAYS } from "./compile.js";
import type { ListedHoliday } from "./holidays.js";

/** The holidays of the country that most orders come from, as `seeds/holidays.csv` lists them. */
export async function readListedHolidays(db: Pick<Database, "all">): Promise<readonly ListedHoliday[]> {
  const rows = await db.all(HOLIDAYS);
  return rows.map((row) => ({ day: isoDate(String(row["holiday_date"])), name: String(row["holiday_name"]) }));
}
