import { describe, expect, it } from "vitest";
import { addDays, type DateRange, daysOf, isoDate, rangeLength } from "../base/dates.js";
import { answerKeyMarkdown, EVENTS, eventsOn, quietWeeks } from "./anomalies.js";
import { measure, metricOf } from "./measure.js";
import type { DemoEvent, Sign } from "./types.js";
import { makeWorld } from "./world.js";

const options = { seed: 42, days: 180, asOf: isoDate("2026-02-09") };
const world = makeWorld(options);
/** The same shop in which nothing goes wrong. */
const calm = makeWorld({ ...options, events: [] });

function range(from: string, to: string): DateRange {
  return { from: isoDate(from), to: isoDate(to) };
}

const ORDINARY = range("2025-11-01", "2025-11-18");
const AFTER_RAMP = range("2025-09-01", "2025-09-28");
const AMOUNTS = new Set(["orders", "new_customers", "sessions", "spend", "discounts", "returns"]);

/** What a sign says, measured: amounts per day, ratios as they are. */
function seen(event: DemoEvent, { metric, channel }: Sign): number {
  const base = { anomaly: event.days, season: ORDINARY, ramp: AFTER_RAMP }[event.kind];
  const daily = (days: DateRange) => (AMOUNTS.has(metric) ? rangeLength(days) : 1);
  const now = metricOf(measure(world, event.days, channel), metric) / daily(event.days);
  const other = event.kind === "anomaly" ? calm : world;
  return now / (metricOf(measure(other, base, channel), metric) / daily(base));
}

describe("the answer key", () => {
  it.each(EVENTS.flatMap((event) => event.signs.map((sign) => ({ id: event.id, event, sign }))))(
    "$id: $sign.metric moves as published",
    ({ event, sign }) => {
      const ratio = seen(event, sign);
      expect(Math.abs(ratio / sign.about - 1)).toBeLessThan(sign.metric === "roas" ? 0.4 : 0.16);
      if (sign.direction === "up") expect(ratio).toBeGreaterThan(1.1);
      if (sign.direction === "down") expect(ratio).toBeLessThan(0.95);
      if (sign.direction === "unchanged") expect(Math.abs(ratio - 1)).toBeLessThan(0.04);
    },
  );

  it("is silent elsewhere: on days without an event both shops live alike", () => {
    const quiet = daysOf(range("2025-08-13", "2025-10-07"));
    expect(quiet.filter((day) => day >= "2025-09-01" && eventsOn(day).length > 0)).toEqual([]);
    for (const day of quiet) {
      expect(measure(world, { from: day, to: day }).sessions).toBe(measure(calm, { from: day, to: day }).sessions);
      expect(measure(world, { from: day, to: day }).orders).toBe(measure(calm, { from: day, to: day }).orders);
    }
    for (const week of quietWeeks({ from: world.from, to: world.to })) {
      const ratio = (metric: string) => metricOf(measure(world, week), metric) / metricOf(measure(calm, week), metric);
      for (const metric of ["orders", "sessions", "spend", "net_revenue"])
        expect(Math.abs(ratio(metric) - 1)).toBeLessThan(0.05);
    }
  });

  it("leaves quiet weeks in which no level moves by itself", () => {
    const weeks = quietWeeks({ from: world.from, to: world.to });
    expect(weeks.map((week) => week.from)).toEqual([
      "2025-09-08",
      "2025-09-15",
      "2025-09-22",
      "2025-09-29",
      "2025-11-10",
    ]);
    for (const week of weeks) {
      const before = { from: addDays(week.from, -7), to: addDays(week.to, -7) };
      const change = (metric: string) =>
        metricOf(measure(world, week), metric) / metricOf(measure(world, before), metric) - 1;
      expect(Math.abs(change("blended_cac"))).toBeLessThan(0.15);
      expect(change("net_revenue")).toBeGreaterThan(-0.1);
      expect(change("mer")).toBeGreaterThan(-0.1);
      expect(Math.abs(change("sessions"))).toBeLessThan(0.1);
    }
  });

  it("gives the last full week something to talk about", () => {
    const last = measure(world, range("2026-02-02", "2026-02-08"));
    const before = measure(world, range("2026-01-26", "2026-02-01"));
    const change = (metric: string) => metricOf(last, metric) / metricOf(before, metric) - 1;
    expect(change("blended_cac")).toBeGreaterThan(0.3);
    expect(change("mer")).toBeLessThan(-0.1);
    expect(Math.abs(change("net_revenue"))).toBeLessThan(0.1);
  });

  it("prints as a table with one row per event", () => {
    const text = answerKeyMarkdown();
    expect(text.split("\n").filter((line) => line.startsWith("| 20"))).toHaveLength(EVENTS.length);
    expect(text).toContain("| 2025-10-08 … 2025-10-14 | anomaly | Orders fall by 40 % | `orders` −40 %;");
    expect(text).toContain("`spend` (meta) +35 %");
  });

  it("has ids that are unique and days in order", () => {
    expect(new Set(EVENTS.map((event) => event.id)).size).toBe(EVENTS.length);
    expect(EVENTS.every((event) => event.days.from <= event.days.to)).toBe(true);
    const starts = EVENTS.map((event) => event.days.from);
    expect(starts).toEqual([...starts].sort());
  });
});
