import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, type Calendar, fromDayNumber, isoDate, isoWeekday, rangeLength } from "../base/dates.js";
import { type Bench, openBench } from "../testing/evaluate.js";
import { bucketsOf } from "./calendar.js";
import {
  dayYearBefore,
  type PeriodUnit,
  PLAIN_CALENDAR,
  periodAt,
  periodOf,
  shiftPeriod,
  yearBefore,
} from "./fiscal.js";

/** US retail (NRF): Sunday to Saturday, until the Saturday nearest to 31 January, named by the year in which it begins. */
const RETAIL: Calendar = {
  ...PLAIN_CALENDAR,
  weekEndsOn: 6,
  fiscalYearEndMonth: 1,
  periods: "4-5-4",
  yearNamedBy: "start",
};
/** A year of whole weeks until the last Saturday of September. */
const SEPTEMBER: Calendar = {
  ...PLAIN_CALENDAR,
  weekEndsOn: 6,
  fiscalYearEndMonth: 9,
  periods: "4-4-5",
  lastWeek: "last",
};
const ISO: Calendar = { ...PLAIN_CALENDAR, periods: "4-4-5" };

function text(day: string, unit: PeriodUnit, calendar: Calendar): string {
  const { label, from, to } = periodOf(isoDate(day), unit, calendar);
  return `${label} ${from}..${to}`;
}

const calendars = fc.record({
  weekEndsOn: fc.integer({ min: 1, max: 7 }),
  fiscalYearEndMonth: fc.integer({ min: 1, max: 12 }),
  periods: fc.constantFrom("months" as const, "4-4-5" as const, "4-5-4" as const, "5-4-4" as const),
  lastWeek: fc.constantFrom("last" as const, "nearest" as const),
  yearNamedBy: fc.constantFrom("end" as const, "start" as const),
  holidays: fc.constant({}),
});
const days = fc.integer({ min: 15_000, max: 25_000 }).map(fromDayNumber);

describe("fiscal periods", () => {
  it("the retail calendar as published: 2023 has 53 weeks, the last month five", () => {
    expect(text("2024-02-03", "year", RETAIL)).toBe("FY2023 2023-01-29..2024-02-03");
    expect(text("2024-02-03", "week", RETAIL)).toBe("FY2023 W53 2024-01-28..2024-02-03");
    expect(text("2024-02-03", "month", RETAIL)).toBe("FY2023 P12 2023-12-31..2024-02-03");
    expect(text("2024-02-03", "quarter", RETAIL)).toBe("FY2023 Q4 2023-10-29..2024-02-03");
    expect(text("2024-02-04", "year", RETAIL)).toBe("FY2024 2024-02-04..2025-02-01");
    expect(text("2024-03-05", "month", RETAIL)).toBe("FY2024 P02 2024-03-03..2024-04-06");
    const long = [2004, 2008, 2012, 2015, 2017, 2020, 2023].filter((year) =>
      periodAt({ unit: "week", year, number: 53 }, RETAIL),
    );
    expect(long).toEqual([2012, 2017, 2023]);
  });

  it("a year until the last Saturday of September", () => {
    expect(text("2023-09-30", "week", SEPTEMBER)).toBe("FY2023 W53 2023-09-24..2023-09-30");
    expect(text("2023-10-01", "quarter", SEPTEMBER)).toBe("FY2024 Q1 2023-10-01..2023-12-30");
    expect(text("2024-09-28", "month", SEPTEMBER)).toBe("FY2024 P12 2024-08-25..2024-09-28");
    expect(text("2024-09-29", "year", SEPTEMBER)).toBe("FY2025 2024-09-29..2025-09-27");
  });

  it("calendar months in any fiscal year, December and November included", () => {
    const until = (fiscalYearEndMonth: number) => ({ ...PLAIN_CALENDAR, fiscalYearEndMonth });
    expect(text("2021-12-25", "quarter", until(6))).toBe("FY2022 Q2 2021-10-01..2021-12-31");
    expect(text("2021-12-25", "year", until(11))).toBe("FY2022 2021-12-01..2022-11-30");
    expect(text("2021-11-30", "quarter", until(11))).toBe("FY2021 Q4 2021-09-01..2021-11-30");
    expect(text("2024-02-29", "year", until(2))).toBe("FY2024 2023-03-01..2024-02-29");
    expect(text("2026-02-08", "month", PLAIN_CALENDAR)).toBe("2026-02 2026-02-01..2026-02-28");
    expect(text("2026-02-08", "quarter", PLAIN_CALENDAR)).toBe("2026-Q1 2026-01-01..2026-03-31");
  });

  it("names weeks as ISO 8601 does where weeks end on Sunday and years in December", () => {
    expect(text("2020-12-31", "week", PLAIN_CALENDAR)).toBe("2020-W53 2020-12-28..2021-01-03");
    expect(text("2024-12-30", "week", PLAIN_CALENDAR)).toBe("2025-W01 2024-12-30..2025-01-05");
    expect(
      bucketsOf({ from: isoDate("2021-01-03"), to: isoDate("2021-01-05") }, "week", 7).map(({ label }) => label),
    ).toEqual(["2020-W53, to 2021-01-03", "2021-W01, to 2021-01-10"]);
  });

  it("compares with the same place of the year before; week 53 has none", () => {
    const week = (day: string) => periodOf(isoDate(day), "week", RETAIL);
    expect(yearBefore(week("2024-02-03"), RETAIL)).toBeNull();
    expect(dayYearBefore(isoDate("2024-01-30"), RETAIL)).toBeNull();
    // After the long year the same week number lies 371 days back.
    expect(yearBefore(week("2024-02-04"), RETAIL)).toMatchObject({ label: "FY2023 W01", from: "2023-01-29" });
    expect(yearBefore(periodOf(isoDate("2021-01-03"), "week", PLAIN_CALENDAR), PLAIN_CALENDAR)?.from).toBe(
      "2019-12-30",
    );
    expect(yearBefore(periodOf(isoDate("2025-02-28"), "month", PLAIN_CALENDAR), PLAIN_CALENDAR)?.to).toBe("2024-02-29");
    expect(dayYearBefore(isoDate("2024-02-29"), PLAIN_CALENDAR)).toBe("2023-02-28");
  });

  it("cut time into pieces without gaps, and are found again by their number", () => {
    fc.assert(
      fc.property(
        days,
        calendars,
        fc.constantFrom<PeriodUnit>("week", "month", "quarter", "year"),
        (day, calendar, unit) => {
          const period = periodOf(day, unit, calendar);
          expect(period.from <= day && day <= period.to).toBe(true);
          expect(periodOf(addDays(period.to, 1), unit, calendar).from).toBe(addDays(period.to, 1));
          expect(periodOf(period.from, unit, calendar)).toEqual(period);
          expect(shiftPeriod(shiftPeriod(period, 3, calendar), -3, calendar)).toEqual(period);
          expect(periodAt(period, calendar)).toEqual(period);
          if (unit === "week" || calendar.periods !== "months") expect(isoWeekday(period.to)).toBe(calendar.weekEndsOn);
          if (unit === "year" && calendar.periods !== "months") expect([364, 371]).toContain(rangeLength(period));
        },
      ),
    );
  });
});

describe("dim_date", { timeout: 60_000 }, () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const facts = (day: string) => ({
    stg_orders: [],
    stg_refunds: [],
    stg_traffic: [],
    stg_daily_metrics: [{ metric_date: day, source: "files", metric_name: "x", value: 1 }],
    stg_spend: [],
  });

  it("says the same as TypeScript, for every day and any calendar", async () => {
    const named = [RETAIL, SEPTEMBER, ISO, PLAIN_CALENDAR, ...fc.sample(calendars, { numRuns: 8, seed: 42 })];
    for (const calendar of named) {
      const rows = await bench.rowsOf("dim_date", facts("2022-03-01"), {
        asOf: isoDate("2024-02-09"),
        weekEndsOn: calendar.weekEndsOn,
        fiscalYearEndMonth: calendar.fiscalYearEndMonth,
        fiscalPeriods: calendar.periods,
        fiscalLastWeek: calendar.lastWeek,
        fiscalYearNamedBy: calendar.yearNamedBy,
      });
      expect(rows.length).toBeGreaterThanOrEqual(3 * 365);
      const wrong = rows.filter((row) => {
        const day = isoDate(String(row["date_day"]));
        const [week, month, quarter, year] = (["week", "month", "quarter", "year"] as const).map((unit) =>
          periodOf(day, unit, calendar),
        );
        const expected = [
          week?.from,
          week?.to,
          week?.year,
          week?.number,
          month?.from,
          month?.number,
          quarter?.from,
          quarter?.number,
          year?.from,
          year?.year,
        ];
        const columns =
          "week_start week_end fiscal_week_year fiscal_week fiscal_month_start fiscal_month fiscal_quarter_start fiscal_quarter fiscal_year_start fiscal_year";
        return JSON.stringify(columns.split(" ").map((name) => row[name])) !== JSON.stringify(expected);
      });
      expect(wrong.slice(0, 2), JSON.stringify(calendar)).toEqual([]);
    }
  });

  it("begins and ends with whole fiscal years, and reaches to the horizon", async () => {
    const rows = await bench.rowsOf("dim_date", facts("2023-12-31"), {
      asOf: isoDate("2024-02-09"),
      weekEndsOn: 6,
      fiscalYearEndMonth: 1,
      fiscalPeriods: "4-5-4",
      fiscalYearNamedBy: "start",
      datesUntil: isoDate("2026-12-31"),
    });
    // 2023-01-01 begins a calendar year before its fiscal year; FY2026 ends on 2027-01-30.
    expect([rows[0]?.["date_day"], rows.at(-1)?.["date_day"]]).toEqual(["2023-01-01", "2027-01-30"]);
  });
});
