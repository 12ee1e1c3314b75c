import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import type { Reconciliation } from "../transform/data-quality.js";
import { bridgeLines, cannotTell, reconciliationNotes } from "./reconciliation.js";

const GA4: Reconciliation = {
  system: "ga4",
  title: "GA4",
  kind: "analytics",
  comparedDays: 7,
  windowDays: 7,
  missing: [],
  start: { orders: 1200, cents: 100_000 },
  causes: [
    { step: "cancelled", orders: 12, cents: 9_000 },
    { step: "offline", orders: -15, cents: -15_000 },
  ],
  expected: { orders: 1197, cents: 94_000 },
  rest: { orders: -47, cents: -4_000 },
  restShare: { orders: -47 / 1197, cents: -4 / 94 },
  end: { orders: 1150, cents: 90_000 },
  possible: [{ step: "test", orders: 2, cents: 1_800 }],
  claimedTwice: 0,
};

describe("a reconciliation in words", () => {
  it("leads from the shop to the other system, line by line", () => {
    expect(bridgeLines(GA4, "USD").map(({ text, orders, money }) => [text, orders, money])).toEqual([
      ["The shop: counted orders, net revenue", "1,200", "$1,000.00"],
      ["Cancelled orders, counted by GA4 at checkout", "+12", "+$90.00"],
      ["Counter and draft orders: no visit to the site", "−15", "−$150.00"],
      ["Expected of GA4", "1,197", "$940.00"],
      ["Unexplained rest (−3.9% of the orders)", "−47", "−$40.00"],
      ["Claimed by GA4", "1,150", "$900.00"],
    ]);
  });

  it("says what the rest may be, with the amounts that are known", () => {
    expect(reconciliationNotes(GA4, "USD")).toEqual([
      "The rest may be: visitors who refused consent or block the tag; another time zone of the property; test orders (2, $18.00), if counted by GA4.",
    ]);
    const matched = { ...GA4, possible: [], causes: [{ step: "not_seen", orders: -40, cents: -3_000 }] };
    expect(reconciliationNotes(matched, "USD").join()).not.toContain("consent");
    const whole = { ...GA4, rest: { orders: 0, cents: 0 } };
    expect(reconciliationNotes(whole, "USD")).toEqual([]);
  });

  it("says which days are missing, what is unknown, and what was claimed twice", () => {
    const ads: Reconciliation = {
      ...GA4,
      kind: "ads",
      title: "all ad platforms",
      comparedDays: 6,
      missing: [{ from: isoDate("2026-02-03"), to: isoDate("2026-02-03") }],
      rest: { orders: 30.456, cents: null },
      end: { orders: 1227.456, cents: null },
      claimedTwice: 15.5,
    };
    expect(
      bridgeLines(ads, "USD")
        .slice(-2)
        .map(({ orders, money }) => [orders, money]),
    ).toEqual([
      ["+30.46", null],
      ["1,227.46", null],
    ]);
    const notes = reconciliationNotes(ads, "USD");
    expect(notes.slice(0, 3)).toEqual([
      "6 of 7 days are compared; of 2026-02-03 the shop or all ad platforms has not landed.",
      "No revenue in USD from all ad platforms on some day: money cannot be compared.",
      "The platforms claim 15.50 orders more than the shop had: at least that many are claimed by several, or never were.",
    ]);
    expect(notes[3]).toMatch(/^The rest may be: views of an ad without a click/);
  });

  it("cannot tell without a day of both", () => {
    const none = { ...GA4, comparedDays: 0 };
    expect(reconciliationNotes(none, "USD")).toEqual([cannotTell(none)]);
    expect(cannotTell(none)).toBe("Cannot tell: the shop and GA4 have not both landed on any of the 7 days.");
  });
});
