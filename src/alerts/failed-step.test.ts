import { describe, expect, it } from "vitest";
import { addDays, isoDate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { sampleAlert } from "../testing/alert-sample.js";
import { alertOfFailure, judgeFailures, stepOfFailure } from "./failed-step.js";
import { type AlertHistory, foldAlerts, NO_HISTORY } from "./lifecycle.js";

const DAY = isoDate("2026-02-08");
const error = (code: string, hint?: string) =>
  new GrowthosError({
    code,
    what: "2 critical checks failed",
    why: 'a__x (1 rows): broken: A holds; for example {"id":1}\nb__y (2 rows): broken: B holds; for example {"id":2}',
    ...(hint === undefined ? {} : { hint }),
    exit: "badData",
  });
const failure = (code = "CHECK_FAILED", day = DAY) =>
  alertOfFailure({ name: "build", error: error(code), day, currency: "USD", readable: isoDate("2026-02-08") });

/** The days of failures, one after the other: what was told on each, and where everything stands. */
function live(days: readonly (readonly [number, string])[], from: AlertHistory = NO_HISTORY) {
  let history = from;
  const told = days.map(([after, code]) => {
    const day = addDays(DAY, after);
    const { events, tellings } = stepOfFailure(history, failure(code, day), day);
    history = foldAlerts(events, history);
    return tellings.map(({ status, alert }) => `${status} ${alert.key} since ${alert.since}`);
  });
  return { told, history };
}

describe("a step of a run that failed", () => {
  it("says what failed, why without sample rows, what can still be read and what to do", () => {
    const { what, advice, severity } = failure();
    expect(what).toBe(
      "2 critical checks failed: a__x (1 rows): broken: A holds: b__y (2 rows): broken: B holds (CHECK_FAILED). Figures and reports as of 2026-02-08 can still be read; nothing newer was published.",
    );
    expect([severity, advice]).toEqual([
      "critical",
      "read what `growthos run --verbose` says; then `growthos run` again.",
    ]);
    const first = { name: "build", day: DAY, currency: "USD", readable: null };
    expect(alertOfFailure({ ...first, error: error("X", "correct the data") })).toMatchObject({
      what: expect.stringContaining("There is no earlier build to read."),
      advice: "correct the data; then `growthos run` again.",
    });
  });

  it("is told at once and every third day, not each time; another failure is told by itself", () => {
    const same = "CHECK_FAILED";
    const { told } = live([...[0, 0, 1, 2, 3].map((day) => [day, same] as const), [3, "DISK_FULL"]]);
    expect(told).toEqual([
      ["new failed_step:build:check_failed since 2026-02-08"],
      ...[[], [], []],
      ["still failed_step:build:check_failed since 2026-02-08"],
      ["new failed_step:build:disk_full since 2026-02-11"],
    ]);
  });

  it("leaves other alerts as they are, and the day unjudged", () => {
    const before = foldAlerts([{ kind: "new", day: DAY, alert: sampleAlert({}), told: true }]);
    const { history } = live([[1, "CHECK_FAILED"]], before);
    expect([...history.alerts.values()].map(({ status }) => status)).toEqual(["new", "new"]);
    expect(history.lastDay).toBeNull();
  });

  it("goes on until a run comes to its end, and is news when it comes back", () => {
    const { history } = live([[0, "CHECK_FAILED"]]);
    expect(judgeFailures(history)).toMatchObject([{ rule: "failed_step", verdict: { kind: "fires" }, since: DAY }]);
    const key = "failed_step:build:check_failed";
    const over = foldAlerts([{ kind: "recovered", day: DAY, key, told: true }], history);
    expect(judgeFailures(over)).toEqual([]);
    expect(live([[1, "CHECK_FAILED"]], over).told).toEqual([[`new ${key} since 2026-02-09`]]);
  });
});
