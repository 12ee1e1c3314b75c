import { describe, expect, it } from "vitest";
import { addDays, daysOf, type ISODate, isoDate } from "../base/dates.js";
import { CATALOG } from "./catalog/index.js";
import { type ForecastOptions, forecastsOf, forecastWindow } from "./forecast.js";
import type { AnswerContext, MetricValue, QueryResult } from "./types.js";

const LAST = isoDate("2026-02-08");
const CONTEXT = { asOf: isoDate("2026-02-09"), lastCompleteDay: LAST, weekEndsOn: 7 } as AnswerContext;
const OPTIONS: ForecastOptions = {
  days: 7,
  context: CONTEXT,
  catalog: CATALOG,
  targets: [],
  holidays: new Map(),
};

const MISSING: MetricValue = { status: "unknown", because: "days_missing", detail: "shopify: 2026-02-05" };

/** The answer to a question by day: `valueOn` of each of the last `days` days. */
function answered(days: number, valueOn: (day: ISODate, index: number) => number | MetricValue): QueryResult {
  const range = { from: addDays(LAST, 1 - days), to: LAST };
  const series = daysOf(range).map((key, index) => {
    const value = valueOn(key, index);
    const known = typeof value === "number" ? ({ status: "ok", value } as const) : value;
    return { key, label: key, values: { orders: { value: known } } };
  });
  return { query: { metrics: ["orders"], window: range }, totals: {}, rows: [], series, sql: [] };
}

const told = (result: QueryResult, options: Partial<ForecastOptions> = {}) => {
  const [forecast] = forecastsOf(result, { ...OPTIONS, ...options });
  if (forecast?.status !== "ok") throw new Error(JSON.stringify(forecast));
  return forecast;
};

describe("a forecast", () => {
  it("of what never changes is that, and the month lands where it must: 8 days of 10, and 20 to come", () => {
    const { days, sum, landing, leftOut } = told(answered(60, () => 10));
    expect(days.map(({ day }) => day)).toEqual(daysOf({ from: isoDate("2026-02-09"), to: isoDate("2026-02-15") }));
    expect(days[6]).toMatchObject({ value: 10, low80: 10, high95: 10, holiday: null });
    expect(sum.value).toBe(70);
    expect(landing).toMatchObject({ value: 280, soFar: 80, expectedDays: 20, target: null });
    expect(landing?.period.label).toBe("2026-02");
    expect(leftOut).toEqual([]);
  });

  it("is of the next month on the last day of one", () => {
    const lastCompleteDay = isoDate("2026-01-31");
    const result = answered(60, () => 10);
    const january = { ...result, series: result.series.filter(({ key }) => key <= lastCompleteDay) };
    const context = { ...CONTEXT, lastCompleteDay };
    expect(told(january, { context }).landing).toMatchObject({ value: 280, soFar: 0, expectedDays: 28 });
    expect(forecastWindow(context, 7).to).toBe("2026-02-28");
    expect(forecastWindow(CONTEXT, 90).to).toBe("2026-05-09");
  });

  it("knows the target, put together from its days", () => {
    const targets = [{ metric: "orders", period: "day" as const, value: 11 }];
    expect(
      told(
        answered(60, () => 10),
        { targets },
      ).landing?.target,
    ).toBe(308);
  });

  it("needs 14 complete days with a value, counted from the first that is not 0", () => {
    const short = (days: number) =>
      forecastsOf(
        answered(60, (_, index) => (index < 60 - days ? 0 : 5)),
        OPTIONS,
      )[0];
    expect(short(13)).toMatchObject({
      status: "unknown",
      because: "too_short",
      detail: "13 complete days with a value, a forecast needs 14",
    });
    expect(short(14)).toMatchObject({ status: "ok", method: "holt", backTest: null, history: { points: 14 } });
    expect(short(0)).toMatchObject({ because: "too_short" });
    expect(
      forecastsOf(
        answered(60, () => MISSING),
        OPTIONS,
      )[0],
    ).toMatchObject({
      because: "days_missing",
      detail: "0 complete days with a value, a forecast needs 14; shopify: 2026-02-05",
    });
  });

  it("leaves holidays out and names them, before and after today", () => {
    const [past, next] = [isoDate("2026-01-01"), isoDate("2026-02-14")];
    const holidays = new Map([
      [past, "New Year's Day"],
      [next, "Valentine's Day"],
    ]);
    const { days, leftOut } = told(
      answered(60, (day) => (day === past ? 500 : 10)),
      { holidays },
    );
    expect(leftOut).toEqual([{ day: past, holiday: "New Year's Day" }]);
    expect(days.map(({ value }) => value)).toEqual([10, 10, 10, 10, 10, 10, 10]);
    expect(days.find(({ day }) => day === next)?.holiday).toBe("Valentine's Day");
  });

  it("counts a holiday of this month as it was, also yesterday's", () => {
    const holidays = new Map([[LAST, "Sunday of sports"]]);
    const { landing, history } = told(
      answered(60, (day) => (day === LAST ? 500 : 10)),
      { holidays },
    );
    expect(history.to).toBe("2026-02-07");
    expect(landing).toMatchObject({ soFar: 570, value: 570 + 200, expectedDays: 20 });
  });

  it("expects days that are late, and does not fill a hole", () => {
    const late = told(answered(60, (day) => (day > "2026-02-06" ? MISSING : 10)));
    expect(late.landing).toMatchObject({ soFar: 60, expectedDays: 22, value: 280 });
    expect(late.days[0]?.day).toBe("2026-02-09");
    const hole = told(answered(60, (day) => (day === "2026-02-05" ? MISSING : 10)));
    expect(hole).toMatchObject({ landing: null, landingMissing: "shopify: 2026-02-05" });
    expect(hole.sum.value).toBe(70);
  });

  it("takes the weekdays where they tell more than a line, and never goes below what never was", () => {
    const weekday = [0, 2, 2, 2, 2, 30, 30];
    const { method, days, backTest } = told(answered(84, (_, index) => (weekday[index % 7] ?? 0) + (index % 3)));
    expect(method).toBe("holt_winters");
    // The first day is 0: of 83 days from 55, 48, 41 and 34 on, each 28 ahead; 27 are too few for weekdays.
    expect(backTest).toMatchObject({ origins: 4, ahead: 28 });
    expect(backTest?.dayError).toBeLessThan(0.12);
    // The series ends on the seventh of its weekdays, so the next day is the first.
    expect(days.map(({ value }) => value > 20)).toEqual([false, false, false, false, false, true, true]);
    for (const { low95, low80, value, high80, high95 } of days) {
      expect(low95).toBeGreaterThanOrEqual(0);
      expect([low95, low80, value, high80, high95]).toEqual(
        [low95, low80, value, high80, high95].toSorted((a, b) => a - b),
      );
    }
  });
});
