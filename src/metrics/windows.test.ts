import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, daysOf, fromDayNumber, isoDate, isoWeekday, rangeLength } from "../base/dates.js";
import { bucketsOf, weekStart } from "./calendar.js";
import { comparedRange, windowFor } from "./windows.js";

// A failure is the same for everybody.
fc.configureGlobal({ seed: 42 });

const SUNDAY = isoDate("2026-02-08");
const day = fc.integer({ min: 15_000, max: 25_000 }).map(fromDayNumber);
const weekday = fc.integer({ min: 1, max: 7 });

function text(phrase: string, last = SUNDAY, weekEndsOn = 7): string {
  const { from, to } = windowFor(phrase, last, weekEndsOn);
  return `${from}..${to}`;
}

describe("windowFor", () => {
  it.each([
    ["7d", "2026-02-02..2026-02-08"],
    ["last 30d", "2026-01-10..2026-02-08"],
    ["Last 30 Days", "2026-01-10..2026-02-08"],
    ["90d", "2025-11-11..2026-02-08"],
    ["1d", "2026-02-08..2026-02-08"],
    ["yesterday", "2026-02-08..2026-02-08"],
    ["month", "2026-02-01..2026-02-08"],
    ["last month", "2026-01-01..2026-01-31"],
    ["2026-01-05..2026-01-07", "2026-01-05..2026-01-07"],
    [" 2026-01-05 .. 2026-01-07 ", "2026-01-05..2026-01-07"],
  ])("%s is %s", (phrase, range) => {
    expect(text(phrase)).toBe(range);
  });

  it("takes the workspace's week", () => {
    expect(text("last week")).toBe("2026-02-02..2026-02-08");
    expect(text("week")).toBe("2026-02-02..2026-02-08");
    // Weeks end on Saturday: Sunday the 8th is the first day of a new one.
    expect(text("last week", SUNDAY, 6)).toBe("2026-02-01..2026-02-07");
    expect(text("week", SUNDAY, 6)).toBe("2026-02-08..2026-02-08");
    expect(text("last week", isoDate("2026-02-04"), 7)).toBe("2026-01-26..2026-02-01");
    expect(text("week", isoDate("2026-02-04"), 7)).toBe("2026-02-02..2026-02-04");
  });

  it("takes a month that is over only when its last day is complete", () => {
    expect(text("last month", isoDate("2026-01-31"))).toBe("2026-01-01..2026-01-31");
    expect(text("last month", isoDate("2026-01-30"))).toBe("2025-12-01..2025-12-31");
    expect(text("last month", isoDate("2024-02-29"))).toBe("2024-02-01..2024-02-29");
  });

  it.each([
    "",
    "soon",
    "0d",
    "99999d",
    "2026-02-01..2026-02-09",
    "2026-02-03..2026-02-01",
    "2026-02-30..2026-03-01",
    "next year",
  ])("refuses %j", (phrase) => {
    expect(() => windowFor(phrase, SUNDAY, 7)).toThrow(expect.objectContaining({ code: "BAD_WINDOW" }));
  });

  it("never passes the last complete day, and a last week is seven days ending on the weekday", () => {
    fc.assert(
      fc.property(
        day,
        weekday,
        fc.constantFrom("7d", "30d", "week", "last week", "month", "last month"),
        (last, ends, phrase) => {
          const window = windowFor(phrase, last, ends);
          expect(window.to <= last && window.from <= window.to).toBe(true);
          if (phrase !== "last week") return;
          expect(rangeLength(window)).toBe(7);
          expect(isoWeekday(window.to)).toBe(ends);
          expect(addDays(window.to, 7) > last).toBe(true);
        },
      ),
    );
  });
});

describe("comparedRange", () => {
  const window = { from: isoDate("2026-02-02"), to: SUNDAY };

  it("is the same length just before, or 364 days earlier on the same weekdays", () => {
    expect(comparedRange(window, { kind: "previous" })).toEqual({ from: "2026-01-26", to: "2026-02-01" });
    const year = comparedRange(window, { kind: "year_over_year" });
    expect(year).toEqual({ from: "2025-02-03", to: "2025-02-09" });
    expect(isoWeekday(year.from)).toBe(isoWeekday(window.from));
    expect(comparedRange(window, { kind: "range", range: year })).toBe(year);
  });
});

describe("bucketsOf", () => {
  it("cuts the first and the last bucket at the range and names whole ones by their first day", () => {
    const range = { from: isoDate("2026-01-30"), to: isoDate("2026-02-08") };
    expect(bucketsOf(range, "week", 7)).toEqual([
      { key: "2026-01-26", label: "2026-W05, to 2026-02-01", from: "2026-01-30", to: "2026-02-01" },
      { key: "2026-02-02", label: "2026-W06, to 2026-02-08", from: "2026-02-02", to: "2026-02-08" },
    ]);
    expect(bucketsOf(range, "month", 7)).toEqual([
      { key: "2026-01-01", label: "2026-01", from: "2026-01-30", to: "2026-01-31" },
      { key: "2026-02-01", label: "2026-02", from: "2026-02-01", to: "2026-02-08" },
    ]);
    expect(bucketsOf(range, "day", 7)).toHaveLength(10);
  });

  it("covers every day of a range once, at any grain and week", () => {
    fc.assert(
      fc.property(
        day,
        fc.integer({ min: 0, max: 120 }),
        weekday,
        fc.constantFrom("day", "week", "month"),
        (from, length, ends, grain) => {
          const range = { from, to: addDays(from, length) };
          const days = bucketsOf(range, grain as "day" | "week" | "month", ends).flatMap(daysOf);
          expect(days).toEqual(daysOf(range));
        },
      ),
    );
  });

  it("begins weeks on the day after the one that ends them", () => {
    fc.assert(
      fc.property(day, weekday, (any, ends) => {
        const start = weekStart(any, ends);
        expect(start <= any && any <= addDays(start, 6)).toBe(true);
        expect(isoWeekday(addDays(start, 6))).toBe(ends);
      }),
    );
  });
});
