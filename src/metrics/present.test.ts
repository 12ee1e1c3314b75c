import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { worldContext } from "../testing/worlds.js";
import {
  csvText,
  markdownText,
  presentAsJson,
  presentForMachines,
  presentForPeople,
  withoutControls,
} from "./present.js";
import type { QueryResult } from "./types.js";

const CONTEXT = worldContext({ as_of: isoDate("2026-02-09") });
const gap = { status: "unknown", because: "days_missing", detail: "meta_ads: 2026-02-05" } as const;
const RESULT: QueryResult = {
  query: {
    metrics: ["net_revenue", "mer"],
    window: { from: isoDate("2026-02-02"), to: isoDate("2026-02-08") },
    compare: { kind: "previous" },
    breakdown: "channel",
    orderBy: { metric: "mer", direction: "asc" },
  },
  totals: {
    net_revenue: {
      value: { status: "ok", value: 123456 },
      previous: { status: "ok", value: 100000 },
      change: { status: "ok", value: 0.23456 },
    },
    mer: { value: gap, previous: { status: "ok", value: 2.5, provisional: true } },
  },
  rows: [
    {
      key: "meta",
      label: "Meta",
      values: {
        net_revenue: {
          value: { status: "ok", value: -50 },
          previous: { status: "ok", value: 0 },
          change: { status: "undefined", because: "zero_denominator", detail: "the value before is 0" },
        },
        mer: { value: { status: "ok", value: 2.456, provisional: true }, previous: gap },
      },
    },
  ],
  series: [],
  sql: ["select 1"],
};

describe("presenting a result", () => {
  it("prints figures for people, with the reasons under the table", () => {
    expect(presentForPeople(RESULT, CONTEXT)).toEqual({
      columns: [
        { title: "channel", align: "left" },
        ...["Net revenue", "before", "change", "Marketing efficiency ratio", "before", "change"].map((title) => ({
          title,
          align: "right",
        })),
      ],
      rows: [
        ["Meta", "−$0.50", "$0.00", "n/a", "2.46x", "n/a", "n/a"],
        ["Total", "$1,234.56", "$1,000.00", "+23.5%", "n/a", "2.50x", "n/a"],
      ],
      notes: [
        "Net revenue, change n/a: the value before is 0",
        "Marketing efficiency ratio n/a: meta_ads: 2026-02-05",
        "provisional, the source may still restate these days: Marketing efficiency ratio",
      ],
    });
  });

  it("prints plain numbers with their status for machines", () => {
    expect(csvText(presentForMachines(RESULT, CONTEXT))).toBe(
      [
        "channel,label,net_revenue,net_revenue_status,net_revenue_previous,net_revenue_change,mer,mer_status,mer_previous,mer_change",
        "meta,Meta,-0.50,ok,0.00,,2.456,provisional,,",
        "total,Total,1234.56,ok,1000.00,0.23456,,unknown:days_missing,2.5,",
      ].join("\n"),
    );
  });

  it("is snake case as JSON", () => {
    const json = presentAsJson(RESULT, CONTEXT);
    expect(json).toMatchObject({
      context: { last_complete_day: "2026-02-08" },
      query: { order_by: { metric: "mer" } },
      rows: [{ key: "meta" }],
    });
  });
});

const table = (...cells: readonly string[]) => ({
  columns: [{ title: "a", align: "left" as const }],
  rows: cells.map((cell) => [cell]),
  notes: [],
});

describe("csvText", () => {
  it.each([
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ["+1+1", "'+1+1"],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "' =1"],
    ["\r=1", "' =1"],
    ["-12.50", "-12.50"],
    ["+3", "+3"],
    ["12", "12"],
    ['say "hi", you', '"say ""hi"", you"'],
    ["two\nlines", "two lines"],
    [" padded", '" padded"'],
    ["\u001b[31mred\u0007", " [31mred "],
  ])("makes %j inert", (cell, text) => {
    const shown = csvText(table(cell)).slice(2);
    expect(shown === text || shown === `"${text}"`).toBe(true);
  });
});

describe("markdownText", () => {
  it("escapes markup and bars", () => {
    expect(markdownText(table("<b>x</b> | [y](z) `c`"))).toBe(
      "| a |\n| --- |\n| &lt;b&gt;x&lt;/b&gt; \\| \\[y\\](z) \\`c\\` |",
    );
  });
});

describe("withoutControls", () => {
  it("removes what moves cursors, colours or turns text around", () => {
    expect(withoutControls("a\u001b[2Jb\u202ec\u0000d\u2028e\u009bf")).toBe("a [2Jb c d e f");
    expect(withoutControls("žlutý 🦆 شعار")).toBe("žlutý 🦆 شعار");
  });
});
