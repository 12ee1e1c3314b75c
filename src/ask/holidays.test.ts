import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { PLAIN_CALENDAR } from "../metrics/fiscal.js";
import { keyOf, questionWorld } from "../testing/questions.js";
import { readerOf } from "./ask.js";
import type { AskWorld } from "./types.js";

const base = questionWorld();

/** The last complete day, with the shop's own lists and those of its country. */
function asked(question: string, last: string, more: Pick<AskWorld, "holidays"> & { own?: object } = {}) {
  const calendar = { ...PLAIN_CALENDAR, holidays: (more.own ?? {}) as typeof PLAIN_CALENDAR.holidays };
  const context = { ...base.context, lastCompleteDay: isoDate(last), calendar };
  return readerOf({ ...base, context, ...(more.holidays === undefined ? {} : { holidays: more.holidays }) }).ask(
    question,
  );
}

describe("holidays that the house knows", () => {
  it("are the shop's own lists before the rules, and what is listed for its country", () => {
    const own = { ramadan: ["2025-03-01", "2026-02-18"], easter: ["2024-05-05", "2025-04-20", "2026-04-12"] };
    expect(keyOf(asked("orders on ramadan vs last year", "2026-02-20", { own }))).toBe(
      "orders; 2026-02-18..2026-02-18; vs 2025-03-01..2025-03-01",
    );
    expect(keyOf(asked("orders on easter", "2026-04-20", { own }))).toBe("orders; 2026-04-12..2026-04-12");
    const holidays = [{ day: isoDate("2025-07-04"), name: "Independence Day" }];
    expect(keyOf(asked("orders on independence day", "2026-02-20", { holidays }))).toBe(
      "orders; 2025-07-04..2025-07-04",
    );
    expect(asked("orders on independence day", "2026-02-20")).toMatchObject({
      code: "UNKNOWN_WORDS",
      why: expect.stringContaining("calendar.holidays.independence_day"),
    });
  });

  it("are not taken for those of a year before while they are not over", () => {
    expect(keyOf(asked("orders on black friday", "2026-11-25"))).toBe("orders; 2025-11-28..2025-11-28");
    expect(asked("orders on black friday", "2026-11-26")).toMatchObject({ kind: "refused", code: "NOT_COMPLETE" });
    expect(keyOf(asked("orders on black friday", "2026-11-27"))).toBe("orders; 2026-11-27..2026-11-27");
    expect(keyOf(asked("bfcm orders", "2026-11-28"))).toBe("orders; 2026-11-27..2026-11-28");
  });

  it("say their name and day, and refuse a counterpart that no list tells", () => {
    const found = asked("orders on mother's day", "2026-02-11");
    expect(found).toMatchObject({ window: { name: "Mother's Day 2025", range: { from: "2025-05-11" } } });
    const own = { ramadan: ["2025-03-01"] };
    expect(asked("orders on ramadan yoy", "2026-02-11", { own })).toMatchObject({
      code: "OUTSIDE_DATA",
      why: "Ramadan 2025 has no counterpart: the one of 2024 is not over, or no day of it is known",
    });
  });
});
