import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DateRange, daysOf, fromDayNumber, isoDate } from "../base/dates.js";
import { chunksNewestFirst, joinRanges, missingRanges } from "./committed.js";

// A failure is the same for everybody.
fc.configureGlobal({ seed: 42 });

const range = (from: string, to: string): DateRange => ({ from: isoDate(from), to: isoDate(to) });
const ranges = fc
  .tuple(fc.integer({ min: 20_000, max: 20_060 }), fc.integer({ min: 0, max: 12 }))
  .map(([from, length]) => ({ from: fromDayNumber(from), to: fromDayNumber(from + length) }));

describe("ranges of days", () => {
  it("joins what overlaps or touches", () => {
    const joined = joinRanges([
      range("2026-01-10", "2026-01-12"),
      range("2026-01-01", "2026-01-05"),
      range("2026-01-06", "2026-01-07"),
      range("2026-01-02", "2026-01-03"),
    ]);
    expect(joined).toEqual([range("2026-01-01", "2026-01-07"), range("2026-01-10", "2026-01-12")]);
  });

  it("finds what is missing", () => {
    const covered = [range("2026-01-03", "2026-01-04"), range("2026-01-08", "2026-01-09")];
    expect(missingRanges(range("2026-01-01", "2026-01-10"), covered)).toEqual([
      range("2026-01-01", "2026-01-02"),
      range("2026-01-05", "2026-01-07"),
      range("2026-01-10", "2026-01-10"),
    ]);
    expect(missingRanges(range("2026-01-03", "2026-01-04"), covered)).toEqual([]);
    expect(missingRanges(range("2026-01-05", "2026-01-04"), covered)).toEqual([]);
  });

  it("misses exactly the days that nothing covers", () => {
    fc.assert(
      fc.property(ranges, fc.array(ranges, { maxLength: 6 }), (wanted, covered) => {
        const known = new Set(covered.flatMap((one) => daysOf(one)));
        const expected = daysOf(wanted).filter((day) => !known.has(day));
        expect(missingRanges(wanted, joinRanges(covered)).flatMap((one) => daysOf(one))).toEqual(expected);
      }),
    );
  });

  it("cuts newest first, and the oldest piece may be shorter", () => {
    expect(chunksNewestFirst(range("2026-01-01", "2026-01-07"), 3)).toEqual([
      range("2026-01-05", "2026-01-07"),
      range("2026-01-02", "2026-01-04"),
      range("2026-01-01", "2026-01-01"),
    ]);
    expect(chunksNewestFirst(range("2026-01-02", "2026-01-01"), 3)).toEqual([]);
  });
});
