/** What a page says of the shop's own calendar: week numbers, the year that a week is compared with, periods to date. */

import type { Calendar, DateRange } from "../base/dates.js";
import { sameFiscalPlace, sameWeekdays } from "../metrics/comparisons.js";
import { type PeriodUnit, periodOf } from "../metrics/fiscal.js";
import type { Comparison, MetricId, SemanticQuery } from "../metrics/types.js";
import { NOT_ASKED } from "../metrics/values.js";
import { changeCell, textCell, valueCell } from "./figures.js";
import type { BlockOf, Facts, TableCell } from "./types.js";

/** True for a calendar whose years or months are not those on the wall: its periods are then named. */
export function isFiscal({ fiscalYearEndMonth, periods }: Calendar): boolean {
  return fiscalYearEndMonth !== 12 || periods !== "months";
}

/** The year before of a week: the same weekdays 364 days earlier, or in a calendar of whole weeks the same fiscal week. */
export function weekYearBefore(week: DateRange, calendar: Calendar): Comparison {
  if (calendar.periods === "months") return { kind: "year_over_year" };
  return { kind: "range", range: sameFiscalPlace(week, calendar).range };
}

/** What has to be known of that comparison; undefined when nothing has. */
export function weekYearNote(week: DateRange, calendar: Calendar): string | undefined {
  const { note } = calendar.periods === "months" ? sameWeekdays(week, calendar) : sameFiscalPlace(week, calendar);
  return note === null ? undefined : `${note.slice(0, 1).toUpperCase()}${note.slice(1)}.`;
}

/** `FY2026 W01`, where the calendar is one that gives weeks numbers of their own. */
export function weekName(week: DateRange, calendar: Calendar): string | null {
  return isFiscal(calendar) ? periodOf(week.to, "week", calendar).label : null;
}

const UNITS = ["month", "quarter", "year"] as const satisfies readonly PeriodUnit[];

/** The queries of the table below: fiscal month, quarter and year up to the end of the week, against the same place a year before. */
export function toDateReads(
  metrics: readonly MetricId[],
  week: DateRange,
  calendar: Calendar,
): Readonly<Record<string, SemanticQuery>> {
  if (!isFiscal(calendar)) return {};
  return Object.fromEntries(
    UNITS.map((unit) => {
      const window = { from: periodOf(week.to, unit, calendar).from, to: week.to };
      const compare = { kind: "range", range: sameFiscalPlace(window, calendar).range } as const;
      return [`${unit}_to_date`, { metrics, window, compare }];
    }),
  );
}

/** The fiscal periods to date beside their prior year; null in a plain calendar, whose periods everybody knows. */
export function toDateTable(facts: Facts, metrics: readonly MetricId[], calendar: Calendar): BlockOf<"table"> | null {
  if (!isFiscal(calendar)) return null;
  const results = UNITS.map((unit) => ({ unit, ...facts.result(`${unit}_to_date`) }));
  const notes = results.flatMap(({ query }) => sameFiscalPlace(query.window, calendar).note ?? []);
  return {
    kind: "table",
    title: "Fiscal periods to date",
    columns: [
      { id: "metric", title: "Metric", align: "left" },
      ...results.flatMap(({ unit, query }) => [
        { id: unit, title: periodOf(query.window.to, unit, calendar).label, align: "right" as const },
        { id: `${unit}_before`, title: "Year before", align: "right" as const },
        { id: `${unit}_change`, title: "Change", align: "right" as const },
      ]),
    ],
    rows: metrics.map((id) => [
      textCell(facts.metric(id).title),
      ...results.flatMap(({ totals }) => periodCells(facts, id, totals[id] ?? { value: NOT_ASKED })),
    ]),
    note: [...new Set(notes)].map((note) => `${note}.`).join(" ") || "Each up to the end of the week.",
  };
}

function periodCells(facts: Facts, id: MetricId, compared: Parameters<typeof changeCell>[0]): readonly TableCell[] {
  const def = facts.metric(id);
  const { currency } = facts.context;
  return [
    valueCell(compared.value, def.unit, currency),
    valueCell(compared.previous ?? NOT_ASKED, def.unit, currency),
    changeCell(compared, def),
  ];
}
