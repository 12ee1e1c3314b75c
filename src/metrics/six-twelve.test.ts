import { describe, expect, it } from "vitest";
import { addDays, type Calendar, type DateRange, daysOf, type ISODate, isoDate } from "../base/dates.js";
import { openWorld } from "../testing/worlds.js";
import { PLAIN_CALENDAR } from "./fiscal.js";
import { eventsOf, readSixTwelve, type SixTwelveRequest } from "./six-twelve.js";
import type { MetricValue } from "./types.js";

const VISITS = { kind: "series", name: "visits", aggregate: "sum" } as const;
const SATURDAYS: Calendar = { ...PLAIN_CALENDAR, weekEndsOn: 6 };

/** One visit on every day of a range, but for some. */
async function ask(
  days: DateRange,
  request: Omit<SixTwelveRequest, "figures" | "calendar"> & Partial<SixTwelveRequest>,
  odd: { readonly absent?: readonly string[]; readonly empty?: readonly string[] } = {},
) {
  const db = await openWorld({
    as_of: addDays(days.to, 1),
    configured: ["files"],
    coverage: {},
    tables: {
      fact_daily_metrics: daysOf(days)
        .filter((day) => odd.absent?.includes(day) !== true)
        .map((day) => ({ metric_date: day, metric_name: "visits", value: odd.empty?.includes(day) ? null : 1 })),
    },
  });
  const answer = await readSixTwelve(db, { calendar: SATURDAYS, figures: { visits: VISITS }, ...request });
  await db.close();
  return answer;
}

function range(from: string, to: string): DateRange {
  return { from: isoDate(from), to: isoDate(to) };
}

function told(value: MetricValue | undefined): string | number {
  if (value === undefined) return "nothing";
  return value.status === "ok" ? value.value : value.detail;
}

const TWO_YEARS = range("2019-09-01", "2021-09-25");
const SEPTEMBER = isoDate("2021-09-25");

describe("the weekly review, where others are wrong", () => {
  it("an absent row: the week and its changes say which day is missing, months that are whole stay", async () => {
    const { figures } = await ask(TWO_YEARS, { weekEnding: SEPTEMBER }, { absent: ["2021-09-22"] });
    const { box, weeks, months } = figures["visits"] ?? { box: {} };
    expect(told(weeks?.[5])).toBe("6 of 7 days; missing: 2021-09-22");
    expect(told(weeks?.[4])).toBe(7);
    expect(told(box.weekOverWeek)).toBe("6 of 7 days; missing: 2021-09-22");
    expect(told(box.mtd)).toBe("24 of 25 days; missing: 2021-09-22");
    expect(told(months?.[11])).toBe(31);
  });

  it("a day without a value is missing like one without a row; as_is takes what is there", async () => {
    const odd = { empty: ["2021-09-22"] };
    const strict = await ask(TWO_YEARS, { weekEnding: SEPTEMBER }, odd);
    expect(told(strict.figures["visits"]?.box.lastWeek)).toBe("6 of 7 days; missing: 2021-09-22");
    const asIs = await ask(TWO_YEARS, { weekEnding: SEPTEMBER, partial: "as_is" }, odd);
    expect(told(asIs.figures["visits"]?.box.lastWeek)).toBe(6);
    expect(told(asIs.figures["visits"]?.box.weekOverWeek)).toBeCloseTo(-1 / 7, 12);
  });

  it.each([
    ["a week in December, fiscal year until June", "2021-12-18", 6, "FY2022 Q2", "2021-10-01", "2021-07-01"],
    ["a fiscal year until November", "2021-12-18", 11, "FY2022 Q1", "2021-12-01", "2021-12-01"],
  ])("%s", async (_, day, fiscalYearEndMonth, quarter, quarterStart, yearStart) => {
    const calendar = { ...SATURDAYS, fiscalYearEndMonth };
    const answer = await ask(range("2019-06-01", "2021-12-18"), {
      weekEnding: isoDate(day),
      calendar,
      months: "fiscal_year",
    });
    expect(answer.toDate.qtd).toMatchObject({ label: `${quarter} to ${day}`, from: quarterStart });
    expect(answer.toDate.ytd.from).toBe(yearStart);
    const lengths = (from: string) => daysOf({ from: isoDate(from), to: isoDate(day) }).length;
    expect(told(answer.figures["visits"]?.box.qtd)).toBe(lengths(quarterStart));
    expect(told(answer.figures["visits"]?.box.ytd)).toBe(lengths(yearStart));
    expect(told(answer.figures["visits"]?.box.ytdYearOverYear)).toBe(0);
  });

  it("too little history: what is not there is told, months to come are not over", async () => {
    const calendar = { ...SATURDAYS, fiscalYearEndMonth: 6 };
    const answer = await ask(range("2021-09-01", "2021-09-25"), {
      weekEnding: SEPTEMBER,
      calendar,
      months: "fiscal_year",
    });
    const { months, monthsBefore } = answer.figures["visits"] ?? {};
    expect(told(months?.[0])).toBe("nothing of visits in 2021-07-01 … 2021-07-31");
    expect(told(months?.[3])).toBe("the period is not over");
    expect(monthsBefore?.every((value) => value.status === "unknown")).toBe(true);
  });

  it("week 53 is called 53, and in a calendar of weeks it has no week of the year before", async () => {
    const days = range("2019-01-01", "2021-01-09");
    const plain = await ask(days, { weekEnding: isoDate("2021-01-03"), calendar: PLAIN_CALENDAR });
    expect(plain.weeks.map(({ label }) => label).slice(-2)).toEqual(["2020-W52", "2020-W53"]);
    const retail = { ...PLAIN_CALENDAR, periods: "4-4-5" } as const;
    const weeks = await ask(days, { weekEnding: isoDate("2021-01-03"), calendar: retail });
    expect(weeks.months.at(-1)).toMatchObject({ label: "2020-P12", from: "2020-11-23", to: "2021-01-03" });
    expect(told(weeks.figures["visits"]?.box.lastWeek)).toBe(7);
    expect(told(weeks.figures["visits"]?.box.yearOverYear)).toBe("the year before: the year before has no week 53");
    expect(told(weeks.figures["visits"]?.months.at(-1))).toBe(42);
  });

  it("a year before that is partly loaded gives no change", async () => {
    const answer = await ask(range("2020-01-05", "2021-01-09"), { weekEnding: isoDate("2021-01-09") });
    const box = answer.figures["visits"]?.box;
    expect(told(box?.mtd)).toBe(9);
    expect(told(box?.mtdYearOverYear)).toBe("the year before: 5 of 9 days; missing: 2020-01-01 and 3 more");
    expect(told(box?.yearOverYear)).toBe(0);
  });

  it("keeps all events of a figure, in this year's weeks and last year's", async () => {
    const { weeks } = await ask(TWO_YEARS, { weekEnding: SEPTEMBER });
    const event = (day: string, text: string, figure = "visits") => ({ day: isoDate(day) as ISODate, figure, text });
    const events = [
      event("2021-09-21", "b"),
      event("2021-09-20", "a"),
      event("2020-09-22", "then"),
      event("2021-09-20", "x", "other"),
    ];
    const last = eventsOf(events, "visits", weeks).at(-1);
    expect([last?.now.map(({ text }) => text), last?.before.map(({ text }) => text)]).toEqual([["a", "b"], ["then"]]);
  });
});

describe("figures", () => {
  it("combine after they were aggregated; rates change by differences", async () => {
    const figures = {
      visits: VISITS,
      newest: { ...VISITS, aggregate: "last" },
      share: { kind: "function", function: "divide", of: ["newest", "visits"] },
      none: { kind: "function", function: "difference", of: ["newest", "newest"] },
      hopeless: { kind: "function", function: "divide", of: ["visits", "none"] },
    } as const;
    const answer = await ask(TWO_YEARS, { weekEnding: SEPTEMBER, figures, differences: ["share"] });
    expect(told(answer.figures["share"]?.box.lastWeek)).toBeCloseTo(1 / 7, 12);
    expect(told(answer.figures["share"]?.box.mtd)).toBeCloseTo(1 / 25, 12);
    expect(told(answer.figures["share"]?.box.weekOverWeek)).toBe(0);
    expect(answer.figures["hopeless"]?.box.lastWeek).toMatchObject({ status: "undefined", detail: "none is 0" });
    expect(answer.figures["none"]?.box.weekOverWeek).toMatchObject({ status: "undefined" });
  });

  it.each([
    [{ a: { kind: "function", function: "sum", of: ["a", "b"] }, b: VISITS }, /a -> a is a circle/],
    [{ a: { kind: "function", function: "sum", of: ["b", "c"] }, b: VISITS }, /no figure "c"/],
    [{ a: { kind: "function", function: "sum", of: ["b"] }, b: VISITS }, /fewer than two/],
  ] as const)("refuses what cannot be computed: %j", async (figures, message) => {
    await expect(ask(range("2021-09-01", "2021-09-02"), { weekEnding: SEPTEMBER, figures })).rejects.toThrow(message);
  });

  it("refuses a week that ends on another weekday", async () => {
    await expect(ask(range("2021-09-01", "2021-09-02"), { weekEnding: isoDate("2021-09-24") })).rejects.toThrow(
      /no last day/,
    );
  });
});
