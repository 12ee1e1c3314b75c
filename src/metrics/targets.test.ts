import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { CATALOG } from "./catalog/index.js";
import { PLAIN_CALENDAR } from "./fiscal.js";
import { isOnTrack, type MetricTarget, targetFor, varianceOf } from "./targets.js";

const WEEK = { from: isoDate("2026-01-26"), to: isoDate("2026-02-01") };
const FEBRUARY = { from: isoDate("2026-02-01"), to: isoDate("2026-02-28") };
const of = (targets: readonly MetricTarget[]) => ({ targets, calendar: PLAIN_CALENDAR, catalog: CATALOG });

describe("targets", () => {
  const orders = CATALOG.get("orders");

  it("hold as they were set for their own period", () => {
    const source = of([
      { metric: "orders", period: "month", value: 3100 },
      { metric: "orders", period: "week", value: 650 },
    ]);
    expect(targetFor(orders, "week", WEEK, source)).toBe(650);
    expect(targetFor(orders, "month", FEBRUARY, source)).toBe(3100);
    expect(targetFor(CATALOG.get("spend"), "week", WEEK, source)).toBeNull();
  });

  it("of sums are put together from days: six of January's 31 and one of February's 28", () => {
    const month = of([{ metric: "orders", period: "month", value: 868 }]);
    // 868 / 31 = 28 a day, 868 / 28 = 31 a day: 6 x 28 + 31.
    expect(targetFor(orders, "week", WEEK, month)).toBe(199);
    expect(targetFor(orders, "month", FEBRUARY, of([{ metric: "orders", period: "week", value: 70 }]))).toBe(280);
    expect(targetFor(orders, "week", WEEK, of([{ metric: "orders", period: "day", value: 30 }]))).toBe(210);
  });

  it("of rates are the same in every period", () => {
    const rate = of([{ metric: "cvr", period: "month", value: 0.03 }]);
    expect(targetFor(CATALOG.get("cvr"), "week", WEEK, rate)).toBe(0.03);
  });

  it("are met by the metric's direction, exactly met included", () => {
    const value = { status: "ok", value: 95 } as const;
    expect(varianceOf(value, 100)).toEqual({ status: "ok", value: -0.05 });
    expect(isOnTrack(value, 100, "up")).toBe(false);
    expect(isOnTrack(value, 95, "up")).toBe(true);
    expect(isOnTrack(value, 100, "down")).toBe(true);
    expect(isOnTrack(value, 100, "neither")).toBeNull();
    const gone = { status: "unknown", because: "days_missing", detail: "x" } as const;
    expect([varianceOf(gone, 100), isOnTrack(gone, 100, "up")]).toEqual([gone, null]);
    expect(varianceOf(value, 0).status).toBe("undefined");
  });
});
