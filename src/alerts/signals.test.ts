import { describe, expect, it } from "vitest";
import { addDays, isoDate } from "../base/dates.js";
import { CATALOG } from "../metrics/catalog/index.js";
import type { BreakdownRow, MetricValue } from "../metrics/types.js";
import { GONE, LAST_DAY, ok } from "../testing/alert-sample.js";
import { type FrozenLimits, newestWeek, type SignalOptions, watchMetric } from "./signals.js";

const WEEK = { from: isoDate("2026-02-02"), to: LAST_DAY };
const context = {
  shop: "Tiny",
  currency: "USD",
  timeZone: "UTC",
  asOf: isoDate("2026-02-09"),
  lastCompleteDay: LAST_DAY,
  buildId: "b",
  inputHash: "h",
  weekEndsOn: 7,
};

/** Weeks of one metric, the last of them the newest; net revenue beside it stands at 1,000.00. */
function weeksOf(metric: string, values: readonly (number | MetricValue)[]): readonly BreakdownRow[] {
  return values.map((value, index) => {
    const key = addDays(WEEK.from, 7 * (index + 1 - values.length));
    const own = typeof value === "number" ? ok(value) : value;
    return { key, label: key, values: { net_revenue: { value: ok(100_000) }, [metric]: { value: own } } };
  });
}

function watched(metric: string, values: readonly (number | MetricValue)[], more: Partial<SignalOptions> = {}) {
  const options = { metrics: [metric], limits: "mean", dividers: [], frozen: [], ...more } as const;
  const around = { ...options, week: WEEK, source: { context, catalog: CATALOG } };
  return watchMetric(CATALOG.get(metric), weeksOf(metric, values), around);
}

/** Seventeen weeks about 100: centre 100 + 8/17·… alternating 98 and 102; ranges of 4, limits 4 × 2.66 away. */
const STEADY = Array.from({ length: 17 }, (_, index) => (index % 2 === 0 ? 98 : 102));

describe("the newest week", () => {
  it.each([
    ["2026-02-08", 7, "2026-02-02"],
    ["2026-02-07", 7, "2026-01-26"],
    ["2026-02-07", 6, "2026-02-01"],
  ])("of %s with weeks that end on %i begins on %s", (day, weekEndsOn, from) => {
    expect(newestWeek(isoDate(day), weekEndsOn).from).toBe(from);
  });
});

describe("a watched metric", () => {
  it("fires beyond a limit, with level, limits and money", () => {
    // Centre (9 × 98 + 8 × 102) / 17 = 99.88, mean range 4: limits 89.24 and 110.52.
    const { judgement, settled } = watched("orders", [...STEADY, 80]);
    expect(judgement).toMatchObject({
      key: "signal:orders",
      verdict: { kind: "fires", severity: "warning" },
      title: "Orders: lower than usual",
      means: "worse",
      since: "2026-02-02",
      // 19.88 of 99.88 orders fewer, of 1,000.00 net revenue.
      money: -19906,
    });
    expect(judgement.what).toBe(
      "Orders: 80 in the week, outside its natural limits (usual level 100, limits 89 to 111).",
    );
    expect(settled).toMatchObject({ metric: "orders", segment: addDays(WEEK.from, -7 * 17), limits: { points: 17 } });
  });

  it("is silent within the limits", () => {
    expect(watched("orders", [...STEADY, 110]).judgement.verdict.kind).toBe("quiet");
  });

  it("tells good news as an info, by the metric's direction", () => {
    expect(watched("orders", [...STEADY, 120]).judgement).toMatchObject({
      verdict: { severity: "info" },
      means: "better",
    });
    expect(watched("blended_cac", [...STEADY, 120]).judgement).toMatchObject({
      verdict: { severity: "warning" },
      means: "worse",
    });
  });

  it("no signal: an unknown week, or fewer than six", () => {
    expect(watched("orders", [...STEADY, GONE]).judgement.verdict).toMatchObject({
      kind: "no_signal",
      detail: "ga4: 2026-02-05",
    });
    expect(watched("orders", [1, 2, 3, 4, 5]).judgement.verdict).toMatchObject({
      kind: "no_signal",
      detail: "limits need 6 weeks, there are 5",
    });
    expect(watched("orders", []).judgement.verdict.kind).toBe("no_signal");
  });

  it("leaves unknown weeks out of the limits", () => {
    const { settled } = watched("orders", [...STEADY.slice(0, 9), GONE, ...STEADY.slice(9), 100]);
    expect(settled?.limits.points).toBe(17);
  });

  it("against provisional limits only bad news beyond a limit is told", () => {
    const few = STEADY.slice(0, 10);
    expect(watched("orders", [...few, 150]).judgement.verdict.kind).toBe("quiet");
    const bad = watched("orders", [...few, 60]);
    expect(bad.judgement.verdict.kind).toBe("fires");
    expect(bad.judgement.what).toContain("provisional limits from 11 weeks");
    expect(bad.settled).toBeNull();
  });
});

describe("limits", () => {
  const level = [...STEADY, ...STEADY.map((value) => value + 50)];

  it("stay as the first seventeen weeks made them, however long another level lasts", () => {
    expect(watched("orders", level).judgement).toMatchObject({
      verdict: { kind: "fires" },
      title: "Orders: higher than usual",
    });
    expect(watched("orders", [...level, ...level]).settled?.limits.centre).toBeCloseTo(99.88, 2);
  });

  it("begin anew after a divider, for the metrics that it names", () => {
    const day = addDays(WEEK.from, -7 * 16);
    const divider = { day, reason: "new price list" };
    const after = watched("orders", level, { dividers: [divider] });
    expect(after.judgement.verdict.kind).toBe("quiet");
    expect(after.settled).toMatchObject({ segment: day, limits: { points: 17 } });
    const other = watched("orders", level, { dividers: [{ ...divider, metrics: ["aov"] }] });
    expect(other.judgement.verdict.kind).toBe("fires");
  });

  it("that were recorded stand, also when their weeks are restated", () => {
    const recorded = watched("orders", [...STEADY, 100]).settled as FrozenLimits;
    const restated = [0, 200, ...STEADY.slice(2), 85];
    expect(watched("orders", restated).judgement.verdict.kind).toBe("quiet");
    const against = watched("orders", restated, { frozen: [recorded] });
    expect(against.judgement.verdict.kind).toBe("fires");
    expect(against.settled).toBeNull();
  });

  it("that were recorded later do not judge an earlier week", () => {
    const recorded = watched("orders", [...STEADY, 100]).settled as FrozenLimits;
    const segment = addDays(WEEK.from, -7 * 9);
    const early = watched("orders", [...STEADY.slice(0, 9), 50], { frozen: [{ ...recorded, segment }] });
    expect(early.judgement.what).toContain("provisional limits from 10 weeks");
  });

  it("of a count end at zero, of money they need not", () => {
    const wild = Array.from({ length: 18 }, (_, index) => (index % 2 === 0 ? 0 : 100));
    expect(watched("orders", wild).settled?.limits.lower).toBe(0);
    expect(watched("net_revenue", wild).settled?.limits.lower).toBeLessThan(0);
  });
});
