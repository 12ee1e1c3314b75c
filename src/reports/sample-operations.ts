/** The machine room of the sample shop: two runs, four sources, three alerts. Imported by tests only. */
import { alertLog } from "../alerts/alert-log.js";
import type { AlertEvent } from "../alerts/lifecycle.js";
import type { Alert } from "../alerts/types.js";
import { isoDate } from "../base/dates.js";
import type { Operations, RunFact } from "./operations.js";

const WINDOW = { from: isoDate("2026-02-02"), to: isoDate("2026-02-08") };

function alert(key: string, more: Partial<Alert>): Alert {
  return {
    key,
    rule: key.split(":")[0] ?? key,
    severity: "warning",
    title: "A new customer became more expensive",
    what: "Blended CAC rose by 18.2% against the week before (limit 15.0%).",
    metric: "blended_cac",
    segment: null,
    window: WINDOW,
    since: isoDate("2026-02-02"),
    money: -120_400,
    currency: "USD",
    means: "worse",
    contributor: null,
    advice: "Compare CAC by channel.",
    repeat: "once",
    ...more,
  };
}

const CAC = alert("cac_increase", {
  contributor: { by: "channel", key: "meta", label: "Meta Ads", share: 0.8 },
});
const REFUNDS = alert("refund_rate_high", {
  severity: "critical",
  title: "Refunds are high",
  what: "Refund rate was 9.1% (limit 8.0%).",
  metric: "refund_rate",
  money: null,
});
const SESSIONS = alert("signal:sessions", {
  severity: "info",
  title: "Sessions: higher than usual",
  what: "Sessions: 9,120 in the week, outside its natural limits.",
  metric: "sessions",
  means: "better",
});

/** Three weeks of the sample's history: one alert open, one taken, one muted, one over. */
export const SAMPLE_ALERTS: readonly AlertEvent[] = [
  {
    kind: "new",
    day: isoDate("2026-01-25"),
    alert: alert("roas_decline:google", { title: "ROAS fell: Google Ads" }),
    told: true,
  },
  { kind: "evaluated", day: isoDate("2026-01-25"), judged: 42, noSignal: 3 },
  { kind: "recovered", day: isoDate("2026-02-01"), key: "roas_decline:google", told: true },
  { kind: "new", day: isoDate("2026-02-01"), alert: SESSIONS, told: true },
  { kind: "evaluated", day: isoDate("2026-02-01"), judged: 42, noSignal: 0 },
  { kind: "muted", key: "signal:sessions", until: isoDate("2026-03-01"), reason: "the campaign with the magazine" },
  { kind: "new", day: isoDate("2026-02-07"), alert: CAC, told: true },
  { kind: "evaluated", day: isoDate("2026-02-07"), judged: 42, noSignal: 1 },
  { kind: "acked", key: "cac_increase", note: "budget is being moved" },
  { kind: "new", day: isoDate("2026-02-08"), alert: REFUNDS, told: true },
  { kind: "still", day: isoDate("2026-02-08"), alert: CAC, told: false },
  { kind: "evaluated", day: isoDate("2026-02-08"), judged: 42, noSignal: 2 },
  { kind: "evaluated", day: isoDate("2026-02-08"), judged: 42, noSignal: 1 },
];

function step(source: string, more: Partial<RunFact["sources"][number]> = {}): RunFact["sources"][number] {
  return {
    source,
    state: "completed",
    rows: 1204,
    tasksDone: 4,
    tasksPlanned: 4,
    durationMs: 8400,
    warnings: [],
    error: null,
    ...more,
  };
}

const ERROR = { code: "API_AUTH", what: "Meta Ads refused the access token", hint: "run growthos connect meta_ads" };

/** What the sample's pages say about the workspace. */
export const SAMPLE_OPERATIONS: Operations = {
  runs: [
    {
      runId: "20260209t060000z-1a2b3c4d",
      state: "completed_with_warnings",
      startedAt: "2026-02-09T06:00:00.000Z",
      durationMs: 75_200,
      rows: 6613,
      sources: [
        step("shopify", { rows: 5413, durationMs: 64_000 }),
        step("ga4", {
          state: "completed_with_warnings",
          warnings: ["landing_pages: thresholding applied"],
          rows: 1200,
        }),
      ],
    },
    {
      runId: "20260208t060000z-5e6f7a8b",
      state: "failed",
      startedAt: "2026-02-08T06:00:00.000Z",
      durationMs: null,
      rows: 0,
      sources: [step("meta_ads", { state: "failed", rows: 0, tasksDone: 1, error: ERROR })],
    },
  ],
  brokenRuns: ["old.json: not a run record"],
  connections: [
    {
      source: "shopify",
      title: "Shopify",
      from: "stored",
      account: "shop larkfield",
      method: "client_credentials",
      scopes: [],
      connectedAt: "2026-01-09T10:00:00.000Z",
      tokenExpiresAt: "2026-02-10T06:00:00.000Z",
      problem: null,
    },
    {
      source: "ga4",
      title: "Google Analytics 4",
      from: "both",
      account: "property 123456789",
      method: "oauth",
      scopes: ["https://www.googleapis.com/auth/analytics.readonly"],
      connectedAt: "2026-02-01T10:00:00.000Z",
      tokenExpiresAt: null,
      problem: null,
    },
    {
      source: "meta_ads",
      title: "Meta Ads",
      from: "nowhere",
      account: "accounts 1021, 1022",
      method: null,
      scopes: [],
      connectedAt: null,
      tokenExpiresAt: null,
      problem: "not connected: run growthos connect meta_ads",
    },
    {
      source: "files",
      title: "files",
      from: "local",
      account: "folder exports",
      method: null,
      scopes: [],
      connectedAt: null,
      tokenExpiresAt: null,
      problem: null,
    },
  ],
  apis: [
    {
      source: "shopify",
      title: "Shopify",
      version: "2025-04",
      sunset: isoDate("2026-04-01"),
      isEstimate: false,
      others: [],
      checkedOn: isoDate("2026-01-15"),
    },
    {
      source: "google_ads",
      title: "Google Ads",
      version: "v25",
      sunset: isoDate("2027-07-14"),
      isEstimate: true,
      others: [{ version: "v22", sunset: isoDate("2026-10-07") }],
      checkedOn: isoDate("2026-01-15"),
    },
    {
      source: "ga4",
      title: "Google Analytics 4",
      version: "v1beta",
      sunset: null,
      isEstimate: false,
      others: [],
      checkedOn: null,
    },
  ],
  jobs: [
    {
      name: "daily",
      title: "every morning: sync, build, check, report",
      when: "every day at 06:20",
      command: "growthos run --quiet --wait 3600",
    },
  ],
  alerts: alertLog(SAMPLE_ALERTS, isoDate("2026-02-08"), 7),
  now: "2026-02-09T09:30:00.000Z",
};
