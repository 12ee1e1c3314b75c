import { addDays, type DateRange, daysOf, type ISODate, isoWeekday } from "../../base/dates.js";

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const WEEK = 7;

/**
 * Missing days in few words: weekdays within a week ("Wed missing", "Mon, Tue missing"), a count in longer windows ("3 days missing").
 * `detail` is what the coverage says: `ga4: 2026-02-04, 2026-02-06 … 2026-02-07`; without a day of the range it is given back.
 */
export function gapText(detail: string, range: DateRange): string {
  const days = missingDays(detail).filter((day) => range.from <= day && day <= range.to);
  const unique = [...new Set(days)].sort();
  if (unique.length === 0) return detail;
  if (unique.length >= WEEK || addDays(range.from, WEEK - 1) < range.to)
    return `${unique.length} ${unique.length === 1 ? "day" : "days"} missing`;
  return `${unique.map((day) => WEEKDAYS[isoWeekday(day) - 1]).join(", ")} missing`;
}

function missingDays(detail: string): readonly ISODate[] {
  return [...detail.matchAll(/(\d{4}-\d{2}-\d{2})(?: … (\d{4}-\d{2}-\d{2}))?/g)].flatMap(([, from, to]) =>
    daysOf({ from: from as ISODate, to: (to ?? from) as ISODate }),
  );
}
