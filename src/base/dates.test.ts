import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDays,
  addMonths,
  dayInZone,
  dayNumber,
  daysBetween,
  daysOf,
  fromDayNumber,
  type ISODate,
  isISODate,
  isoDate,
  isoWeekday,
  rangeLength,
  zoneOffset,
} from "./dates.js";

const anyDay = fc
  .integer({ min: -700_000, max: 2_900_000 })
  .map(fromDayNumber)
  .filter((day) => isISODate(day));

describe("civil days", () => {
  it("knows which texts are days", () => {
    for (const day of ["2026-02-09", "2024-02-29", "0001-01-01", "9999-12-31", "2000-02-29"])
      expect(isISODate(day), day).toBe(true);
    for (const text of [
      "2026-02-29",
      "1900-02-29",
      "2026-13-01",
      "2026-00-10",
      "2026-2-9",
      "0000-01-01",
      "2026-02-09T00:00:00Z",
      " 2026-02-09",
      "+02026-02-09",
      "",
    ]) {
      expect(isISODate(text), text).toBe(false);
    }
    expect(() => isoDate("09/02/2026")).toThrow('"09/02/2026" is not a date');
  });

  it("counts from 1970", () => {
    expect(dayNumber(isoDate("1970-01-01"))).toBe(0);
    expect(dayNumber(isoDate("2026-02-09"))).toBe(20_493);
    expect(dayNumber(isoDate("1969-12-31"))).toBe(-1);
  });

  it("adds days over months, years and leap days", () => {
    expect(addDays(isoDate("2024-02-28"), 1)).toBe("2024-02-29");
    expect(addDays(isoDate("2025-12-31"), 1)).toBe("2026-01-01");
    expect(addDays(isoDate("2026-02-09"), -364)).toBe("2025-02-10");
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -5000, max: 5000 }), (day, days) => {
        const later = addDays(day, days);
        fc.pre(isISODate(later));
        expect(daysBetween(day, later)).toBe(days);
      }),
      { seed: 42 },
    );
  });

  it("adds months and stays at the end of shorter ones", () => {
    expect(addMonths(isoDate("2026-01-31"), 1)).toBe("2026-02-28");
    expect(addMonths(isoDate("2024-01-31"), 1)).toBe("2024-02-29");
    expect(addMonths(isoDate("2026-03-31"), -1)).toBe("2026-02-28");
    expect(addMonths(isoDate("2026-01-15"), -13)).toBe("2024-12-15");
    expect(addMonths(isoDate("2025-11-30"), 15)).toBe("2027-02-28");
  });

  it("lists a range with both ends; a reversed one is empty", () => {
    const range = { from: isoDate("2026-02-27"), to: isoDate("2026-03-02") };
    expect(daysOf(range)).toEqual(["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]);
    expect(rangeLength(range)).toBe(4);
    expect(daysOf({ from: range.to, to: range.from })).toEqual([]);
  });

  it("tells the weekday as ISO does", () => {
    expect(isoWeekday(isoDate("2026-02-09"))).toBe(1);
    expect(isoWeekday(isoDate("2026-02-08"))).toBe(7);
    expect(isoWeekday(isoDate("1969-12-31"))).toBe(3);
    fc.assert(
      fc.property(anyDay, (day) => isoWeekday(day) === (new Date(`${day}T00:00:00Z`).getUTCDay() || 7)),
      { seed: 42 },
    );
  });
});

describe("the day of an instant in a zone", () => {
  it.each<[string, string, string]>([
    ["2026-02-09T03:00:00Z", "America/New_York", "2026-02-08"],
    ["2026-02-09T03:00:00Z", "Asia/Tokyo", "2026-02-09"],
    ["2026-03-08T06:59:59Z", "America/New_York", "2026-03-08"],
    ["2026-03-08T04:59:59Z", "America/New_York", "2026-03-07"],
    ["2026-11-01T04:30:00Z", "America/New_York", "2026-11-01"],
    ["2026-02-08T10:00:00Z", "Pacific/Kiritimati", "2026-02-09"],
    ["2026-02-08T18:15:00Z", "Asia/Kathmandu", "2026-02-09"],
    ["2026-10-03T14:30:00Z", "Australia/Lord_Howe", "2026-10-04"],
  ])("%s in %s is %s", (instant, zone, day) => {
    expect(dayInZone(Date.parse(instant), zone)).toBe(day as ISODate);
  });

  it("names a zone that does not exist", () => {
    expect(() => dayInZone(0, "Mars/Olympus")).toThrow('"Mars/Olympus" is not a time zone');
  });
});

describe("the offset of a zone", () => {
  it("is minutes ahead of UTC at an instant, with daylight saving and odd zones", () => {
    const [winter, summer] = ["2026-01-15T12:00:00Z", "2026-07-15T23:30:00Z"].map(Date.parse) as [number, number];
    expect(["America/New_York", "Asia/Kolkata", "UTC", "Pacific/Kiritimati"].map((z) => zoneOffset(winter, z))).toEqual(
      [-300, 330, 0, 840],
    );
    expect([zoneOffset(summer, "America/New_York"), zoneOffset(summer, "Europe/Berlin")]).toEqual([-240, 120]);
    expect(() => zoneOffset(winter, "Mars/Olympus")).toThrow(/not a time zone/);
  });
});
