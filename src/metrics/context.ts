import { addDays, isoDate } from "../base/dates.js";
import type { Database } from "../warehouse/types.js";
import type { AnswerContext } from "./types.js";

/** What every answer of a build is stamped with; windows end at `lastCompleteDay`, the day before the build's as-of day. */
export async function readContext(db: Database, shop: string): Promise<AnswerContext> {
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
  };
}
