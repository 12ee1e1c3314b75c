import { describe, expect, it } from "vitest";
import { type PixelCounts, pixelHealth, pixelSentence } from "./pixel-health.js";

// The predecessor's table: 50; 25, 15 or 5 by events of 24 hours; 15 for a checkout; 10 or 5 by the last event; 10 less per issue.

const counts = (more: Partial<PixelCounts> = {}): PixelCounts => ({
  ...{ cutOff: "2026-02-09T00:00:00.000Z", events: 500, later: 0, recent: 0, recentCheckouts: 0 },
  ...{ lastAt: "2026-02-01T00:00:00.000Z", minutesSinceLast: 11_520, weekEvents: 100, weekOrders: 0 },
  ...{ weekCheckouts: 0, repeatedCheckouts: 0, paidLandings: 0, unnamedLandings: 0, untoldConsent: 0, skewed: 0 },
  ...more,
});
const ALL_WRONG = {
  weekOrders: 5,
  unnamedLandings: 5,
  paidLandings: 5,
  untoldConsent: 99,
  skewed: 99,
  repeatedCheckouts: 1,
};

describe("the score of the pixel", () => {
  it.each<[string, Partial<PixelCounts>, string, number | null]>([
    ["nothing ever", { events: 0 }, "not_installed", null],
    ["the first events today", { events: 0, later: 3 }, "too_young", null],
    ["silent for a week: 50", {}, "inactive", 50],
    ["silent, and wrong in five ways: 50 - 50", ALL_WRONG, "inactive", 0],
    ["one event, 23 hours ago: 50 + 5", { recent: 1, minutesSinceLast: 1_380 }, "degraded", 55],
    ["nine events: 50 + 5 + 5", { recent: 9, minutesSinceLast: 359 }, "degraded", 60],
    ["six hours are no longer below six: 50 + 5", { recent: 9, minutesSinceLast: 360 }, "degraded", 55],
    ["ten events, below an hour: 50 + 15 + 10", { recent: 10, minutesSinceLast: 59 }, "active", 75],
    ["an hour: 50 + 15 + 5", { recent: 99, minutesSinceLast: 60 }, "active", 70],
    ["a hundred: 50 + 25 + 10", { recent: 100, minutesSinceLast: 0 }, "active", 85],
    ["all of it: 50 + 25 + 15 + 10", { recent: 100, recentCheckouts: 1, minutesSinceLast: 0 }, "active", 100],
    [
      "all of it with one issue: 100 - 10",
      { recent: 100, recentCheckouts: 1, minutesSinceLast: 0, skewed: 6 },
      "active",
      90,
    ],
    ["five issues: 100 - 50", { recent: 100, recentCheckouts: 1, minutesSinceLast: 0, ...ALL_WRONG }, "degraded", 50],
  ])("%s", (_, more, state, score) => {
    const health = pixelHealth(counts(more));
    expect([health.state, health.score]).toEqual([state, score]);
  });

  it.each<[string, Partial<PixelCounts>, readonly string[]]>([
    ["four orders say nothing", { weekOrders: 4 }, []],
    ["half of the orders are enough", { weekOrders: 10, weekCheckouts: 5 }, []],
    ["less than half are not", { weekOrders: 11, weekCheckouts: 5 }, ["checkouts_missing"]],
    ["a fifth of the landings may have no name", { paidLandings: 25, unnamedLandings: 5 }, []],
    ["more may not", { paidLandings: 24, unnamedLandings: 5 }, ["paid_without_campaign"]],
    ["four landings say nothing", { paidLandings: 4, unnamedLandings: 4 }, []],
    ["a tenth may be silent about consent", { untoldConsent: 10 }, []],
    ["more may not be", { untoldConsent: 11 }, ["consent_untold"]],
    ["four say nothing", { weekEvents: 4, untoldConsent: 4, skewed: 4 }, []],
    ["a twentieth may be late", { skewed: 5 }, []],
    ["more may not be late", { skewed: 6 }, ["clock_skew"]],
    ["no order may be told twice", { repeatedCheckouts: 1 }, ["repeated_checkouts"]],
    ["nothing in a week is no share of anything", { weekEvents: 0 }, []],
  ])("%s", (_, more, ids) => {
    expect(pixelHealth(counts(more)).issues.map(({ id }) => id)).toEqual(ids);
  });

  it("is told in a sentence", () => {
    const say = (more: Partial<PixelCounts>) => pixelSentence(pixelHealth(counts(more)));
    expect(say({ events: 0 })).toBe("not installed: no event has ever come");
    expect(say({ recent: 10, minutesSinceLast: 0 })).toBe("active, 75 of 100 points");
    expect(pixelHealth(counts({ recent: 9 })).parts.map(({ what }) => what)).toEqual([
      "it is installed",
      "9 events in 24 hours",
      "0 completed checkouts in 24 hours",
      "last event 8 days before the end of the day",
    ]);
  });
});
