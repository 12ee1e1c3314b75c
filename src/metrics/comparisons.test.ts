import { describe, expect, it } from "vitest";
import { type Calendar, isoDate } from "../base/dates.js";
import { aroundHoliday, sameFiscalPlace, sameWeekdays } from "./comparisons.js";
import { PLAIN_CALENDAR } from "./fiscal.js";
import { HOLIDAY_RULES } from "./holidays.js";
import { windowFor } from "./windows.js";

const RETAIL: Calendar = {
  ...PLAIN_CALENDAR,
  weekEndsOn: 6,
  fiscalYearEndMonth: 1,
  periods: "4-5-4",
  yearNamedBy: "start",
};
const LUNAR: Calendar = {
  ...PLAIN_CALENDAR,
  holidays: { ramadan: [isoDate("2025-03-01"), isoDate("2026-02-18")] },
};

function days(from: string, to: string) {
  return { from: isoDate(from), to: isoDate(to) };
}

function text({ range, note }: ReturnType<typeof sameWeekdays>): string {
  return `${range.from}..${range.to}${note === null ? "" : ` ${note}`}`;
}

describe("holidays", () => {
  it("fall on the days of the almanac", () => {
    const on = (name: string, years: readonly number[]) => years.map((year) => HOLIDAY_RULES[name]?.(year));
    expect(on("easter", [2000, 2024, 2025, 2026, 2038])).toEqual([
      "2000-04-23",
      "2024-03-31",
      "2025-04-20",
      "2026-04-05",
      "2038-04-25",
    ]);
    expect(on("thanksgiving", [2018, 2019, 2025])).toEqual(["2018-11-22", "2019-11-28", "2025-11-27"]);
    expect(on("memorial_day", [2025, 2026])).toEqual(["2025-05-26", "2026-05-25"]);
    expect(on("labor_day", [2025, 2026])).toEqual(["2025-09-01", "2026-09-07"]);
    expect(on("mothers_day", [2026])).toEqual(["2026-05-10"]);
    expect(on("cyber_monday", [2026])).toEqual(["2026-11-30"]);
    expect(on("fathers_day", [2025])).toEqual(["2025-06-15"]);
    expect(on("good_friday", [2026])).toEqual(["2026-04-03"]);
    expect(on("christmas", [2025])).toEqual(["2025-12-25"]);
  });
});

describe("comparisons", () => {
  it("the same weekdays, told when a long year lies between", () => {
    expect(text(sameWeekdays(days("2026-02-02", "2026-02-08"), PLAIN_CALENDAR))).toBe("2025-02-03..2025-02-09");
    expect(text(sameWeekdays(days("2021-01-04", "2021-01-10"), PLAIN_CALENDAR))).toBe(
      "2020-01-06..2020-01-12 2021-W01 is compared with 2020-W02: one of the two years has 53 weeks",
    );
  });

  it("the same fiscal place", () => {
    expect(text(sameFiscalPlace(days("2024-02-01", "2024-02-29"), PLAIN_CALENDAR))).toBe("2023-02-01..2023-02-28");
    expect(text(sameFiscalPlace(days("2025-02-01", "2025-02-28"), PLAIN_CALENDAR))).toBe("2024-02-01..2024-02-29");
    // FY2024 begins 371 days after FY2023, whose 53rd week no year beside it has.
    expect(text(sameFiscalPlace(days("2024-02-04", "2024-02-10"), RETAIL))).toBe("2023-01-29..2023-02-04");
    expect(text(sameFiscalPlace(days("2023-01-29", "2024-02-03"), RETAIL))).toMatch(
      /^2022-01-30\.\.2023-01-28 .*a week less$/,
    );
    expect(text(sameFiscalPlace(days("2024-01-28", "2024-02-03"), RETAIL))).toMatch(
      /^2023-01-29\.\.2023-02-04 .*no week 53/,
    );
  });

  it("around the holiday in the window", () => {
    // Easter 2025-04-20 to 2026-04-05: 350 days; Black Friday 2018-11-23 to 2019-11-29: 371 days.
    expect(text(aroundHoliday(days("2026-03-30", "2026-04-05"), PLAIN_CALENDAR))).toBe(
      "2025-04-14..2025-04-20 easter: 2026-04-05 is compared with 2025-04-20",
    );
    expect(aroundHoliday(days("2019-11-25", "2019-12-02"), PLAIN_CALENDAR).range).toEqual(
      days("2018-11-19", "2018-11-26"),
    );
    expect(aroundHoliday(days("2026-02-16", "2026-02-22"), LUNAR).range).toEqual(days("2025-02-27", "2025-03-05"));
  });

  it("without a holiday the same weekdays, told when a holiday lies there", () => {
    expect(text(aroundHoliday(days("2026-04-13", "2026-04-19"), PLAIN_CALENDAR))).toBe(
      "2025-04-14..2025-04-20 the days compared with hold easter (2025-04-20), the window holds no holiday",
    );
    expect(aroundHoliday(days("2026-06-01", "2026-06-07"), PLAIN_CALENDAR).note).toBeNull();
  });

  it.each([
    ["an unknown one", days("2026-04-01", "2026-04-07"), "eastr", /no holiday "eastr"/],
    ["one that is not there", days("2026-06-01", "2026-06-07"), "easter", /easter is not in/],
    ["one without a day before", days("2025-02-26", "2025-03-04"), "ramadan", /no day before/],
    ["several that moved differently", days("2026-02-01", "2026-11-30"), undefined, /moved differently/],
  ])("refuses %s", (_, window, name, message) => {
    expect(() => aroundHoliday(window, LUNAR, name)).toThrow(message);
  });
});

describe("windows of a calendar", () => {
  const at = (phrase: string, last: string, calendar: Calendar | number) => {
    const { from, to } = windowFor(phrase, isoDate(last), calendar);
    return `${from}..${to}`;
  };
  it.each([
    ["wtd", "2026-02-02..2026-02-04"],
    ["mtd", "2026-02-01..2026-02-04"],
    ["qtd", "2026-01-01..2026-02-04"],
    ["ytd", "2026-01-01..2026-02-04"],
    ["last 2 weeks", "2026-01-19..2026-02-01"],
    ["12m", "2025-02-01..2026-01-31"],
    ["last quarter", "2025-10-01..2025-12-31"],
    ["last year", "2025-01-01..2025-12-31"],
    ["2026-W06", "2026-02-02..2026-02-04"],
    ["2025-12", "2025-12-01..2025-12-31"],
    ["2025 Q4", "2025-10-01..2025-12-31"],
  ])("%s in a plain one is %s", (phrase, range) => {
    expect(at(phrase, "2026-02-04", 7)).toBe(range);
  });

  it("are fiscal where the calendar is", () => {
    expect(at("qtd", "2024-01-10", RETAIL)).toBe("2023-10-29..2024-01-10");
    expect(at("ytd", "2024-01-10", RETAIL)).toBe("2023-01-29..2024-01-10");
    expect(at("FY2023 W53", "2024-03-01", RETAIL)).toBe("2024-01-28..2024-02-03");
    expect(at("FY2023 P12", "2024-03-01", RETAIL)).toBe("2023-12-31..2024-02-03");
    expect(at("last month", "2024-02-03", RETAIL)).toBe("2023-12-31..2024-02-03");
    expect(() => at("FY2022 W53", "2024-03-01", RETAIL)).toThrow(/no such week/);
    expect(() => at("FY2025", "2024-03-01", RETAIL)).toThrow(/begins after/);
  });
});
