/** What a small shop expects, for tests of pages. Imported by tests only. */
import { isoDate } from "../base/dates.js";
import { CATALOG } from "../metrics/catalog/index.js";
import type { MetricForecast } from "../metrics/forecast.js";
import type { LifetimeGroup, LifetimeValue } from "../metrics/lifetime-value.js";

function expected(value: number, spread: number) {
  return {
    value,
    low80: value - spread,
    high80: value + spread,
    low95: value - 2 * spread,
    high95: value + 2 * spread,
  };
}

const FEBRUARY = {
  ...{ unit: "month" as const, year: 2026, number: 2, label: "2026-02" },
  ...{ from: isoDate("2026-02-01"), to: isoDate("2026-02-28") },
};

/** Revenue with a target that is open, orders without one, and ad spend of too few days. */
export const SAMPLE_FORECASTS: readonly MetricForecast[] = [
  ...(
    [
      ["net_revenue", 2_300_000, 8_050_000, 450_000, 8_000_000],
      ["orders", 320, 1120, 60, null],
    ] as const
  ).map(
    ([id, soFar, value, spread, target]): MetricForecast => ({
      metric: CATALOG.get(id),
      status: "ok",
      method: "holt_winters",
      history: { from: isoDate("2025-08-13"), to: isoDate("2026-02-08"), points: 174 },
      leftOut: [],
      provisional: false,
      days: [],
      sum: expected(value, spread),
      landing: { ...expected(value, spread), period: FEBRUARY, soFar, expectedDays: 20, target },
      landingMissing: null,
      backTest: null,
      smoothing: { level: 0.3, trend: 0.1, season: 0.1, damping: 0.9 },
    }),
  ),
  {
    metric: CATALOG.get("spend"),
    status: "unknown",
    because: "too_short",
    detail: "9 complete days with a value, a forecast needs 14",
  },
];

function group(key: string, label: string, customers: number): LifetimeGroup {
  const [each, expectedValue] = [9_000, customers * 2_500];
  return {
    ...{ key, label, customers, alive: customers * 0.6, netSoFar: customers * 6_500, expectedOrders: customers * 0.5 },
    expectedValue,
    band: { low: expectedValue - customers * 500, high: expectedValue + customers * 500 },
    lifetimeEach: each,
    lifetimeBand: { low: each - 500, high: each + 500 },
  };
}

/** Two cohorts and two channels of 500 customers; 10 % more orders came than were expected. */
export const SAMPLE_LIFETIME: LifetimeValue = {
  status: "ok",
  models: [],
  holdout: {
    ...{ days: 60, expected: 200, actual: 220, error: 0.1 },
    rows: [
      { repeats: 0, customers: 300, expected: 80, actual: 85 },
      { repeats: 1, customers: 90, expected: 60, actual: 70 },
      { repeats: 7, customers: 10, expected: 60, actual: 65 },
    ],
  },
  holdoutMissing: null,
  cohorts: [group("2025-12-01", "2025-12", 300), group("2026-01-01", "2026-01", 200)],
  channels: [group("meta", "Meta", 350), group("direct", "Direct", 150)],
  total: group("", "All", 500),
};
