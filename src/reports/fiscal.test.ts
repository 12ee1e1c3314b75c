import { describe, expect, it } from "vitest";
import { weeklyRulesOf } from "../alerts/settings.js";
import { type Calendar, type DateRange, isoDate } from "../base/dates.js";
import { PLAIN_CALENDAR } from "../metrics/fiscal.js";
import type { MetricValue } from "../metrics/types.js";
import { weekYearNote } from "./fiscal.js";
import { wbr } from "./pages/wbr.js";
import { SAMPLE_CONTEXT, sampleFacts } from "./sample-facts.js";
import type { BlockOf } from "./types.js";

/** US retail: weeks end on Saturday, years on the one nearest to 31 January; FY2025 ended on 2026-01-31, FY2023 had 53 weeks. */
const RETAIL: Calendar = {
  ...PLAIN_CALENDAR,
  weekEndsOn: 6,
  fiscalYearEndMonth: 1,
  periods: "4-5-4",
  yearNamedBy: "start",
};
/** Months of the wall, but the year ends in June. */
const JUNE: Calendar = { ...PLAIN_CALENDAR, fiscalYearEndMonth: 6 };

const reads = (calendar: Calendar, lastCompleteDay = SAMPLE_CONTEXT.lastCompleteDay) =>
  wbr.reads({ ...SAMPLE_CONTEXT, lastCompleteDay }, { weekEndsOn: calendar });

function tableOf(model: ReturnType<typeof wbr.build>, title: string): BlockOf<"table"> | undefined {
  return model.blocks.filter((block) => block.kind === "table").find((block) => block.title === title);
}

describe("the weekly review in a fiscal calendar", () => {
  it("is of the shop's own week, and says which one it is", () => {
    const { subtitle } = wbr.build(sampleFacts({ calendar: RETAIL }));
    expect(subtitle).toBe("Week of 1–7 Feb 2026 (FY2026 W01), compared with the week before");
    expect(wbr.build(sampleFacts()).subtitle).toBe("Week of 2–8 Feb 2026, compared with the week before");
  });

  it("compares with the same fiscal week, or the same weekdays in a calendar of months", () => {
    expect(reads(RETAIL)["year"]?.compare).toEqual({
      kind: "range",
      range: { from: "2025-02-02", to: "2025-02-08" },
    });
    expect(reads(JUNE)["year"]?.compare).toEqual({ kind: "year_over_year" });
    // The first week of FY2024 began on 4 February, of the long FY2023 before it on 29 January: 371 days, and no 364.
    expect(reads(RETAIL, isoDate("2024-02-10"))["year"]).toMatchObject({
      window: { from: "2024-02-04", to: "2024-02-10" },
      compare: { range: { from: "2023-01-29", to: "2023-02-04" } },
    });
  });

  it("has fiscal month, quarter and year to date beside their prior year", () => {
    const asked = reads(JUNE);
    const windows = ["month", "quarter", "year"].map((unit) => {
      const query = asked[`${unit}_to_date`];
      return [query?.window.from, query?.window.to, query?.compare];
    });
    const before = (from: string) => ({ kind: "range", range: { from, to: "2025-02-08" } });
    // The year began in July, its third quarter in January.
    expect(windows).toEqual([
      ["2026-02-01", "2026-02-08", before("2025-02-01")],
      ["2026-01-01", "2026-02-08", before("2025-01-01")],
      ["2025-07-01", "2026-02-08", before("2024-07-01")],
    ]);
    const table = tableOf(wbr.build(sampleFacts({ calendar: JUNE })), "Fiscal periods to date");
    expect(table?.columns.map(({ title }) => title)).toEqual([
      ...["Metric", "2026-02", "Year before", "Change"],
      ...["FY2026 Q3", "Year before", "Change"],
      ...["FY2026", "Year before", "Change"],
    ]);
    expect(table?.rows[0]).toHaveLength(10);
    expect(tableOf(wbr.build(sampleFacts()), "Fiscal periods to date")).toBeUndefined();
  });

  it("says so where the year before has no week 53", () => {
    // 2024-01-28 … 2024-02-03 is week 53 of FY2023.
    expect(reads(RETAIL, isoDate("2024-02-03"))["year"]?.compare).toEqual({
      kind: "range",
      range: { from: "2023-01-29", to: "2023-02-04" },
    });
    const long = { from: isoDate("2024-01-28"), to: isoDate("2024-02-03") };
    expect(weekYearNote(long, RETAIL)).toMatch(/^The year before has no week 53; compared with the same weekdays/);
    expect(weekYearNote({ from: isoDate("2026-02-01"), to: isoDate("2026-02-07") }, RETAIL)).toBeUndefined();
  });

  it("judges risks by the workspace's own thresholds, without the rules that are off", () => {
    // 85.00 after 100.00: 15 % less, which the shipped rule warns of from 10 % on.
    const override = (id: string, { from }: DateRange): MetricValue | undefined =>
      id === "net_revenue" ? { status: "ok", value: from === "2026-02-02" ? 8500 : 10_000 } : undefined;
    const fell = (settings: Parameters<typeof weeklyRulesOf>[0]) =>
      wbr
        .build(sampleFacts({ override, rules: weeklyRulesOf(settings) }))
        .blocks.flatMap((block) => (block.kind === "findings" ? block.items : []))
        .filter(({ title }) => title === "Net revenue fell")
        .map(({ badge }) => badge.toLowerCase());
    const moved = (limits: object) => fell({ off: [], thresholds: { revenue_decline: limits } });
    expect(moved({})).toEqual(["warning"]);
    expect(moved({ warning: 0.16 })).toEqual([]);
    expect(moved({ critical: 0.14 })).toEqual(["critical"]);
    expect(fell({ off: ["revenue_decline"], thresholds: {} })).toEqual([]);
    const off = weeklyRulesOf({ off: [], thresholds: {} }).map(({ id }) => id);
    expect(weeklyRulesOf({ off, thresholds: {} })).toEqual([]);
  });
});
