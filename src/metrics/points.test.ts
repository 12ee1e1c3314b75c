import { describe, expect, it } from "vitest";
import { addDays, daysOf, isoDate } from "../base/dates.js";
import { clockBuckets } from "./clock-buckets.js";
import { timelineOf } from "./points.js";
import { comparedRange } from "./windows.js";

const range = (from: string, to: string) => ({ from: isoDate(from), to: isoDate(to) });
const options = { weekEndsOn: 7, timeZone: "UTC" };

describe("clockBuckets", () => {
  it("has 24 hours, 23 when clocks are set forward and 25 when they are set back", () => {
    const hours = (day: string, zone: string) => clockBuckets(isoDate(day), 3600, zone).map((bucket) => bucket.key);
    expect(hours("2026-02-02", "America/New_York")).toHaveLength(24);
    expect(hours("2026-03-08", "America/New_York").slice(1, 3)).toEqual([
      "2026-03-08T01:00-05:00",
      "2026-03-08T03:00-04:00",
    ]);
    expect(hours("2025-11-02", "America/New_York").slice(0, 4)).toEqual([
      "2025-11-02T00:00-04:00",
      "2025-11-02T01:00-04:00",
      "2025-11-02T01:00-05:00",
      "2025-11-02T02:00-05:00",
    ]);
    expect(hours("2025-11-02", "America/New_York")).toHaveLength(25);
    // Clocks set forward at midnight: the day begins at 1.
    expect(hours("2026-04-24", "Africa/Cairo")[0]).toBe("2026-04-24T01:00+03:00");
    expect(hours("2026-02-02", "Asia/Kolkata")[23]).toBe("2026-02-02T23:00+05:30");
  });

  it("has quarters of an hour, also where clocks change by half an hour", () => {
    const quarters = clockBuckets(isoDate("2026-04-05"), 900, "Australia/Lord_Howe");
    expect(quarters).toHaveLength(98);
    expect(new Set(quarters.map((bucket) => bucket.key)).size).toBe(98);
  });
});

describe("timelineOf", () => {
  it("puts every day of the range before on one point, whatever is compared", () => {
    for (const compare of [{ kind: "previous" }, { kind: "year_over_year" }, { kind: "same_date" }] as const) {
      for (const window of [range("2024-02-01", "2024-03-31"), range("2025-02-10", "2025-03-20")]) {
        for (const grain of ["day", "week", "month", "quarter"] as const) {
          const { points } = timelineOf(grain, { window, compare, ...options });
          const before = points.flatMap((point) => (point.before === null ? [] : daysOf(point.before)));
          const expected = daysOf(comparedRange(window, compare));
          expect(before).toEqual(expected);
          expect(points.flatMap((point) => daysOf(point.now))).toEqual(daysOf(window));
        }
      }
    }
  });

  it("puts the same dates beside each other over a leap day, and lets no day fall out", () => {
    const window = range("2025-02-27", "2025-03-02");
    const { points, before } = timelineOf("day", { window, compare: { kind: "same_date" }, ...options });
    expect(points.map((point) => [point.key, point.before?.from, point.before?.to])).toEqual([
      ["2025-02-27", "2024-02-27", "2024-02-27"],
      // 2024-02-29 has no other day to stand on.
      ["2025-02-28", "2024-02-28", "2024-02-29"],
      ["2025-03-01", "2024-03-01", "2024-03-01"],
      ["2025-03-02", "2024-03-02", "2024-03-02"],
    ]);
    const keyed = before.flatMap((days) =>
      daysOf(days).map((day) => ("shift" in days ? addDays(day, days.shift) : days.key)),
    );
    expect(keyed).toEqual(["2025-02-27", "2025-02-28", "2025-02-28", "2025-03-01", "2025-03-02"]);
  });

  it("compares whole months to the end of the month", () => {
    expect(comparedRange(range("2025-02-01", "2025-02-28"), { kind: "same_date" })).toEqual(
      range("2024-02-01", "2024-02-29"),
    );
    expect(comparedRange(range("2024-02-01", "2024-02-29"), { kind: "same_date" })).toEqual(
      range("2023-02-01", "2023-02-28"),
    );
    expect(comparedRange(range("2026-02-02", "2026-02-08"), { kind: "same_date" })).toEqual(
      range("2025-02-02", "2025-02-08"),
    );
  });

  it("leaves points without days before where the range that is compared with is shorter", () => {
    const compare = { kind: "range", range: range("2026-01-01", "2026-01-02") } as const;
    const { points } = timelineOf("day", { window: range("2026-02-01", "2026-02-03"), compare, ...options });
    expect(points.map((point) => point.before?.from ?? null)).toEqual(["2026-01-01", "2026-01-02", null]);
    const longer = { kind: "range", range: range("2026-01-01", "2026-01-09") } as const;
    const days = timelineOf("day", { window: range("2026-02-01", "2026-02-03"), compare: longer, ...options }).points;
    expect(days.map((point) => point.before?.to)).toEqual(["2026-01-01", "2026-01-02", "2026-01-03"]);
  });
});
