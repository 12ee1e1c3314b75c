import { describe, expect, it } from "vitest";
import { addDays, isoDate } from "../base/dates.js";
import type { Coverage } from "../metrics/coverage.js";
import { LAST_DAY } from "../testing/alert-sample.js";
import { judgeData, type RunSeen } from "./data-rules.js";

const NEVER: Coverage = { configured: ["shopify"], streams: [] };

function coveredTo(daysBehind: number): Coverage {
  const days = [{ from: isoDate("2026-01-01"), to: addDays(LAST_DAY, -daysBehind) }];
  return { configured: ["shopify"], streams: [{ name: "shopify.orders", days, lastLoadedAt: null }] };
}

const run = (state: string, day: string): RunSeen => ({
  runId: `run-${day}`,
  startedAt: `${day}T06:00:00.000Z`,
  state,
  sources: [
    { source: "shopify", error: state === "failed" ? { code: "API_AUTH", what: "the token was refused" } : null },
  ],
});

const judged = (coverage: Coverage, runs: readonly RunSeen[] = []) =>
  judgeData({ coverage, lastCompleteDay: LAST_DAY, runs, staleAfterDays: 2 });
const stale = (coverage: Coverage) => judged(coverage).find(({ rule }) => rule === "stale_data");
const failed = (...runs: readonly RunSeen[]) => judged(NEVER, runs).find(({ rule }) => rule === "failed_run");

describe("stale data", () => {
  it.each([
    [0, { kind: "quiet" }],
    [2, { kind: "quiet" }],
    [3, { kind: "fires", severity: "warning" }],
    [4, { kind: "fires", severity: "warning" }],
    [5, { kind: "fires", severity: "critical" }],
  ])("%i days behind", (days, verdict) => {
    expect(stale(coveredTo(days))?.verdict).toMatchObject(verdict);
  });

  it("says since when, and is one alert per source", () => {
    expect(stale(coveredTo(3))).toMatchObject({
      key: "stale_data:shopify",
      since: "2026-02-06",
      what: "The newest day of shopify is 2026-02-05, 3 days behind.",
    });
  });

  it("no signal for a source that was never synced, and without any source", () => {
    expect(stale(NEVER)?.verdict).toEqual({ kind: "no_signal", input: "Newest day", detail: "shopify: never synced" });
    expect(stale({ configured: [], streams: [] })?.verdict.kind).toBe("no_signal");
  });
});

describe("failed runs", () => {
  it("the newest decides; one that goes on does not count", () => {
    expect(failed(run("running", "2026-02-09"), run("completed", "2026-02-08"))?.verdict.kind).toBe("quiet");
    const one = failed(run("failed", "2026-02-09"), run("completed", "2026-02-08"));
    expect(one).toMatchObject({ verdict: { severity: "warning" }, since: "2026-02-09", title: "The last sync failed" });
    expect(one?.what).toBe("Run run-2026-02-09 of 2026-02-09T06:00:00.000Z failed: shopify: the token was refused.");
  });

  it("several in a row are critical, since the first", () => {
    const several = failed(run("failed", "2026-02-09"), run("failed", "2026-02-08"), run("completed", "2026-02-07"));
    expect(several).toMatchObject({ verdict: { severity: "critical" }, since: "2026-02-08" });
  });

  it("a run with warnings did not fail", () => {
    expect(failed(run("completed_with_warnings", "2026-02-09"))?.verdict.kind).toBe("quiet");
  });

  it("no signal without any run", () => {
    expect(failed()?.verdict).toEqual({ kind: "no_signal", input: "Runs", detail: "no run is recorded" });
  });
});
