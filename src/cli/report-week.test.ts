import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { PLAIN_CALENDAR } from "../metrics/fiscal.js";
import { codeOf } from "../testing/workspace.js";
import type { CommandContext } from "./command.js";
import { contextOfWeek, weekNamed } from "./report-week.js";

/** Years end on the Saturday nearest to 31 January, named by the calendar year in which most of them lies. */
const RETAIL = {
  ...PLAIN_CALENDAR,
  weekEndsOn: 6,
  fiscalYearEndMonth: 1,
  periods: "4-5-4",
  yearNamedBy: "start",
} as const;

const context = (asOf: string, calendar = PLAIN_CALENDAR as typeof PLAIN_CALENDAR | typeof RETAIL) =>
  ({
    flags: { asOf: undefined },
    asOf: async () => isoDate(asOf),
    workspaceConfig: async () => ({ calendar }),
  }) as unknown as CommandContext;
const args = (week?: string) => ({ positionals: [], options: { week } });

describe("a week's name", () => {
  it("is the ISO one, in any case and with or without a leading zero", () => {
    for (const text of ["2026-W06", "2026-w6", " 2026 W06 "])
      expect(weekNamed(text, PLAIN_CALENDAR)).toMatchObject({ from: "2026-02-02", to: "2026-02-08" });
    // 2020 had 53 weeks, 2025 has 52: ISO 8601.
    expect(weekNamed("2020-W53", PLAIN_CALENDAR).to).toBe("2021-01-03");
    expect(() => weekNamed("2025-W53", PLAIN_CALENDAR)).toThrow(/no week 53/);
  });

  it("is the shop's fiscal one where it says FY, and the ISO one where it does not", () => {
    // The National Retail Federation's 2025 began on 2 February 2025.
    expect(weekNamed("FY2025-W01", RETAIL)).toMatchObject({
      from: "2025-02-02",
      to: "2025-02-08",
      label: "FY2025 W01",
    });
    expect(weekNamed("2025-W06", RETAIL)).toMatchObject({ to: "2025-02-08" });
    expect(() => weekNamed("FY2026-W06", PLAIN_CALENDAR)).toThrow(/calendar years/);
  });

  it("is nothing else", () => {
    for (const text of ["", "06", "2026-06", "2026-W", "2026-W006", "W06-2026", "2026-W00", "last"])
      expect(() => weekNamed(text, PLAIN_CALENDAR)).toThrow(/cannot be reported/);
  });
});

describe("--week", () => {
  it("makes the report one of the day after its last day", async () => {
    const week = await contextOfWeek(context("2026-11-27"), args("2026-W06"));
    expect([await week.asOf(), week.flags.asOf]).toEqual(["2026-02-09", "2026-02-09"]);
    expect(await (await contextOfWeek(context("2026-02-09"), args("2026-W06"))).asOf()).toBe("2026-02-09");
  });

  it("changes nothing when it is not given", async () => {
    const given = context("2026-02-09");
    expect(await contextOfWeek(given, args())).toBe(given);
  });

  it("refuses a week that is not over, and says which one is", async () => {
    const now = contextOfWeek(context("2026-02-08"), args("2026-W06"));
    await expect(now).rejects.toMatchObject({ code: "BAD_WEEK", parts: { hint: expect.stringContaining("2026-W05") } });
  });

  it("refuses a day beside it", async () => {
    const both = { ...context("2026-02-09"), flags: { asOf: isoDate("2026-02-09") } } as unknown as CommandContext;
    expect(await codeOf(() => contextOfWeek(both, args("2026-W06")))).toBe("USAGE");
  });
});
