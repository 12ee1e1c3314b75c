import { type DateRange, daysOf, type ISODate, isISODate } from "../../base/dates.js";

/** Which of the three exports of a day a row is from: complete, early but whole, or as it streams in. */
export type TableKind = "daily" | "fresh" | "intraday";

/** The table in which a day is read. */
export interface DayTable {
  readonly day: ISODate;
  readonly kind: TableKind;
  readonly name: string;
  /** Columns that are read and that the table has; older tables lack newer ones. */
  readonly columns: readonly string[];
}

/** The best first: never two of them for one day, because each holds the same events. */
const PREFIXES: readonly (readonly [kind: TableKind, prefix: string])[] = [
  ["daily", "events_"],
  ["fresh", "events_fresh_"],
  ["intraday", "events_intraday_"],
];

/** Names of every table in which events of the days may be. */
export function candidateTables(days: DateRange): readonly string[] {
  return daysOf(days).flatMap((day) => PREFIXES.map(([, prefix]) => `${prefix}${day.replaceAll("-", "")}`));
}

/** The day and kind of a table of events; undefined for every other name (users, copies, `events_20260207_old`). */
export function tableOf(name: string): Pick<DayTable, "day" | "kind"> | undefined {
  const [, kind, year, month, date] = /^events_(?:(fresh|intraday)_)?(\d{4})(\d{2})(\d{2})$/.exec(name) ?? [];
  const day = `${year}-${month}-${date}`;
  return isISODate(day) ? { day, kind: (kind as TableKind | undefined) ?? "daily" } : undefined;
}

/** One table per day that has any, in order of days, from the pairs of table and column that exist. */
export function chooseTables(found: readonly (readonly [table: string, column: string])[]): readonly DayTable[] {
  const columns = new Map<string, string[]>();
  for (const [table, column] of found) columns.set(table, [...(columns.get(table) ?? []), column]);
  const best = new Map<ISODate, DayTable>();
  for (const [name, own] of columns) {
    const table = tableOf(name);
    if (table === undefined) continue;
    const known = best.get(table.day);
    if (known === undefined || rank(table.kind) < rank(known.kind))
      best.set(table.day, { ...table, name, columns: [...own].sort() });
  }
  return [...best.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

function rank(kind: TableKind): number {
  return PREFIXES.findIndex(([name]) => name === kind);
}
