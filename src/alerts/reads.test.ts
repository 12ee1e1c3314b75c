import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { CATALOG } from "../metrics/catalog/index.js";
import { LAST_DAY } from "../testing/alert-sample.js";
import { type Source, unjudgeable, windowOf } from "./reads.js";
import { RULES } from "./rules/index.js";

const range = (from: string, to: string) => ({ from: isoDate(from), to: isoDate(to) });

describe("the window of a look, and what it is held against", () => {
  it.each([
    ["previous", { kind: "previous" }],
    ["last_week", { kind: "range", range: range("2026-01-26", "2026-02-01") }],
    ["last_year", { kind: "year_over_year" }],
  ] as const)("a week against %s", (against, compare) => {
    const look = { days: 7, against };
    expect(windowOf(look, LAST_DAY, 0)).toEqual({ window: range("2026-02-02", "2026-02-08"), compare });
    expect(windowOf(look, LAST_DAY, 2).window).toEqual(range("2026-01-19", "2026-01-25"));
  });

  it("a day against the same weekday a week before", () => {
    const look = { days: 1, against: "last_week" } as const;
    expect(windowOf(look, LAST_DAY, 0)).toEqual({
      window: range("2026-02-08", "2026-02-08"),
      compare: { kind: "range", range: range("2026-02-01", "2026-02-01") },
    });
  });

  // By hand: 60 days before 9 February is 11 December, so December is the newest month; its last buyers are 39 days old.
  it.each([
    ["2026-02-08", "2025-12-01", "2025-12-31", "2024-12-01", "2025-11-30"],
    // 60 days before 30 January is 1 December: that month has just come of age; a day earlier it is November.
    ["2026-01-29", "2025-12-01", "2025-12-31", "2024-12-01", "2025-11-30"],
    ["2026-01-28", "2025-11-01", "2025-11-30", "2024-11-01", "2025-10-31"],
    // A leap year: 60 days before 29 February is 31 December.
    ["2024-02-28", "2023-12-01", "2023-12-31", "2022-12-01", "2023-11-30"],
  ])("retention_drop on %s: the cohort of %s against the twelve months before", (day, from, to, first, last) => {
    const rule = RULES.find(({ id }) => id === "retention_drop");
    if (rule === undefined) throw new Error("the rule is gone");
    expect(windowOf(rule.look, isoDate(day), 0)).toEqual({
      window: range(from, to),
      compare: { kind: "range", range: range(first, last) },
    });
    // Everybody of the cohort has had the thirty days that the figure is about.
    expect(Date.parse(day) - Date.parse(to)).toBeGreaterThanOrEqual(29 * 86_400_000);
  });
});

it("customers' ages are those of the build's day: on an earlier one they cannot be judged", () => {
  const early = { context: { asOf: isoDate("2026-02-08") }, catalog: CATALOG, builtAsOf: isoDate("2026-02-09") };
  const source = early as Source;
  expect(unjudgeable(["orders", "retention_d30"], source)).toMatch(/2026-02-09.*--as-of 2026-02-08/);
  expect(unjudgeable(["orders"], source)).toBeNull();
  expect(unjudgeable(["retention_d30"], { ...source, builtAsOf: undefined } as Source)).toBeNull();
});
