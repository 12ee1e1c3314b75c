import { addDays, isoDate } from "../base/dates.js";
import { pixelHealth } from "../transform/pixel-health.js";
import type { DataHealth } from "./types.js";

const LAST_DAY = isoDate("2026-02-08");

type Quality = "availability" | "freshness" | "volumes" | "reconciliations" | "pixel";

/** GA4 misses some orders; the ad platforms have not landed; the pixel is well, but for the links of ads. */
export const SAMPLE_QUALITY: Pick<DataHealth, Quality> = {
  availability: [
    {
      relation: "fact_traffic",
      source: "ga4",
      rows: 1080,
      first: "2025-08-13",
      last: LAST_DAY,
      missingDays: 2,
      emptyDays: 0,
      gaps: [{ kind: "missing", from: "2026-01-18", to: "2026-01-19", days: 2 }],
    },
  ],
  freshness: [
    {
      source: "ga4",
      stream: "traffic_days",
      last: "2026-02-06",
      behindDays: 2,
      warnAfterDays: 1,
      errorAfterDays: 3,
      status: "warning",
    },
    {
      source: "google_ads",
      stream: "any",
      last: null,
      behindDays: null,
      warnAfterDays: 1,
      errorAfterDays: 3,
      status: "unknown",
    },
  ],
  volumes: {
    days: 84,
    usual: 79,
    unjudged: 4,
    unusual: [
      { relation: "fact_traffic", source: "ga4", day: "2026-02-03", volume: 311, usual: 942.5, verdict: "low" },
    ],
  },
  reconciliations: [
    {
      system: "ga4",
      title: "GA4",
      kind: "analytics",
      comparedDays: 26,
      windowDays: 28,
      missing: [{ from: isoDate("2026-01-18"), to: isoDate("2026-01-19") }],
      start: { orders: 1100, cents: 9_000_000 },
      causes: [
        { step: "refunds", orders: 0, cents: 500_000 },
        { step: "offline", orders: -15, cents: -150_000 },
      ],
      expected: { orders: 1085, cents: 9_350_000 },
      rest: { orders: -45, cents: -390_000 },
      restShare: { orders: -0.0415, cents: -0.0417 },
      end: { orders: 1040, cents: 8_960_000 },
      possible: [{ step: "tax", orders: 0, cents: 610_000 }],
      claimedTwice: 0,
    },
    {
      system: "ad_platforms",
      title: "all ad platforms",
      kind: "ads",
      comparedDays: 0,
      windowDays: 28,
      missing: [{ from: addDays(LAST_DAY, -27), to: LAST_DAY }],
      start: { orders: null, cents: null },
      causes: [],
      expected: { orders: null, cents: null },
      rest: { orders: null, cents: null },
      restShare: { orders: null, cents: null },
      end: { orders: null, cents: null },
      possible: [],
      claimedTwice: 0,
    },
  ],
  pixel: pixelHealth({
    cutOff: "2026-02-09T00:00:00.000Z",
    events: 11_204,
    later: 31,
    recent: 412,
    recentCheckouts: 9,
    lastAt: "2026-02-08T23:33:00.000Z",
    minutesSinceLast: 27,
    weekEvents: 2_870,
    weekOrders: 71,
    weekCheckouts: 58,
    repeatedCheckouts: 0,
    paidLandings: 40,
    unnamedLandings: 14,
    untoldConsent: 0,
    skewed: 3,
  }),
};
