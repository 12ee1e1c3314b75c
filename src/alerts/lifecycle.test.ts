import { describe, expect, it } from "vitest";
import { addDays, type ISODate, isoDate } from "../base/dates.js";
import { sampleAlert } from "../testing/alert-sample.js";
import { type AlertEvent, type AlertHistory, foldAlerts, NO_HISTORY, step } from "./lifecycle.js";
import type { Alert, Judgement, Verdict } from "./types.js";

const DAY = isoDate("2026-02-08");
const later = (days: number): ISODate => addDays(DAY, days);
const QUIET: Verdict = { kind: "quiet", because: "within_limits" };
const GAP: Verdict = { kind: "no_signal", input: "Orders", detail: "a gap" };

function judgement(alert: Alert, verdict: Verdict): Judgement {
  return { ...alert, verdict };
}

/** One day after another: what fires, what cannot be judged; gives the history and what was told, as `status key`. */
function live(
  days: readonly { readonly day: ISODate; readonly fires?: readonly Alert[]; readonly gaps?: readonly Alert[] }[],
  people: readonly AlertEvent[] = [],
  from: AlertHistory = NO_HISTORY,
) {
  let history = foldAlerts(people, from);
  const told = days.map(({ day, fires = [], gaps = [] }) => {
    const judgements = [
      ...fires.map((alert) => judgement(alert, { kind: "fires", severity: alert.severity })),
      ...gaps.map((alert) => judgement(alert, GAP)),
      judgement(sampleAlert({ key: "other", rule: "other" }), QUIET),
    ];
    const made = step(history, { day, judgements, alerts: fires });
    history = foldAlerts(made.events, history);
    return made.tellings.map(({ status, alert }) => `${status} ${alert.key}`);
  });
  return { history, told };
}

const once = sampleAlert({});
const critical = sampleAlert({ severity: "critical" });

describe("the life of an alert", () => {
  it("new, still, recovered, new again; told when it begins and when it is over", () => {
    const { told, history } = live([
      { day: DAY, fires: [once] },
      { day: later(1), fires: [once] },
      { day: later(2) },
      { day: later(3) },
      { day: later(4), fires: [once] },
    ]);
    expect(told).toEqual([["new cac_increase"], [], ["recovered cac_increase"], [], ["new cac_increase"]]);
    expect(history.alerts.get("cac_increase")).toMatchObject({ status: "new", first: later(4), last: later(4) });
    expect(history.lastDay).toBe(later(4));
  });

  it("the same day judged again adds nothing", () => {
    const first = live([{ day: DAY, fires: [once] }]);
    const again = live([{ day: DAY, fires: [once] }], [], first.history);
    expect(again.told).toEqual([[]]);
    expect(again.history.alerts).toEqual(first.history.alerts);
  });

  it("keeps the day since when, whatever window shows it later", () => {
    const moved = sampleAlert({ since: later(-1) });
    const { history } = live([
      { day: DAY, fires: [once] },
      { day: later(5), fires: [moved] },
    ]);
    expect(history.alerts.get("cac_increase")).toMatchObject({
      status: "still",
      first: DAY,
      last: later(5),
      alert: { since: once.since },
    });
  });

  it("what cannot be judged neither begins nor ends", () => {
    const { told, history } = live([{ day: DAY, fires: [once] }, { day: later(1), gaps: [once] }, { day: later(2) }]);
    expect(told).toEqual([["new cac_increase"], [], ["recovered cac_increase"]]);
    expect(history.alerts.get("cac_increase")?.status).toBe("recovered");
    expect(live([{ day: DAY, gaps: [once] }]).history.alerts.size).toBe(0);
  });

  it("a rule without a signal keeps all of its groups", () => {
    const group = sampleAlert({ key: "channel_cac_increase:meta", rule: "channel_cac_increase" });
    const rule = sampleAlert({ key: "channel_cac_increase", rule: "channel_cac_increase" });
    const { told } = live([
      { day: DAY, fires: [group] },
      { day: later(1), gaps: [rule] },
    ]);
    expect(told[1]).toEqual([]);
  });

  it("getting worse is told, getting better is not", () => {
    const { told } = live([
      { day: DAY, fires: [once] },
      { day: later(1), fires: [critical] },
      { day: later(2), fires: [once] },
    ]);
    expect(told).toEqual([["new cac_increase"], ["still cac_increase"], []]);
  });

  it("the end of an info is not told", () => {
    const info = sampleAlert({ severity: "info" });
    expect(live([{ day: DAY, fires: [info] }, { day: later(1) }]).told).toEqual([["new cac_increase"], []]);
  });
});

describe("how often", () => {
  const days = [0, 1, 2, 3, 4].map(later);
  const every = (alert: Alert) => live(days.map((day) => ({ day, fires: [alert] }))).told.map((told) => told.length);

  it.each([
    ["once" as const, [1, 0, 0, 0, 0]],
    ["continuous" as const, [1, 1, 1, 1, 1]],
    [{ cooldownDays: 2 }, [1, 0, 1, 0, 1]],
    [{ onceInDays: 2 }, [1, 0, 0, 0, 0]],
  ])("%j", (repeat, told) => {
    expect(every(sampleAlert({ repeat }))).toEqual(told);
  });

  it.each([
    ["once" as const, ["new cac_increase"]],
    [{ cooldownDays: 5 }, []],
    [{ onceInDays: 5 }, []],
    [{ onceInDays: 2 }, ["new cac_increase"]],
  ])("comes back two days later under %j", (repeat, told) => {
    const alert = sampleAlert({ repeat });
    const lived = live([{ day: DAY, fires: [alert] }, { day: later(1) }, { day: later(2), fires: [alert] }]);
    expect(lived.told[2]).toEqual(told);
  });
});

describe("what people say", () => {
  it("a mute silences until its last day, keeps the state, and can be taken back", () => {
    const mute: AlertEvent = { kind: "muted", key: "cac_increase", until: later(1), reason: "a test" };
    const alert = sampleAlert({ repeat: "continuous" });
    const days = [0, 1, 2].map((day) => ({ day: later(day), fires: [alert] }));
    const { told, history } = live(days, [mute]);
    expect(told).toEqual([[], [], ["still cac_increase"]]);
    expect(history.alerts.get("cac_increase")?.first).toBe(DAY);
    const back = live(days.slice(0, 1), [mute, { kind: "unmuted", key: "cac_increase" }]);
    expect(back.told).toEqual([["new cac_increase"]]);
  });

  it("a mute of a rule silences all of its groups, of a group only itself", () => {
    const groups = ["meta", "google"].map((key) => sampleAlert({ key: `channel_cac:${key}`, rule: "channel_cac" }));
    const muted = (key: string) =>
      live([{ day: DAY, fires: groups }], [{ kind: "muted", key, until: null, reason: "a test" }]).told[0];
    expect(muted("channel_cac")).toEqual([]);
    expect(muted("channel_cac:meta")).toEqual(["new channel_cac:google"]);
  });

  it("what began in silence does not end aloud", () => {
    const mute: AlertEvent = { kind: "muted", key: "cac_increase", until: DAY, reason: "a test" };
    expect(live([{ day: DAY, fires: [once] }, { day: later(1) }], [mute]).told).toEqual([[], []]);
  });

  it("an acknowledged alert is told again only when it gets worse", () => {
    const alert = sampleAlert({ repeat: "continuous" });
    const begun = live([{ day: DAY, fires: [alert] }]);
    const acked: AlertEvent = { kind: "acked", key: "cac_increase", note: "Ada" };
    const lived = live(
      [
        { day: later(1), fires: [alert] },
        { day: later(2), fires: [{ ...alert, severity: "critical" }] },
      ],
      [acked],
      begun.history,
    );
    expect(lived.told).toEqual([[], ["still cac_increase"]]);
    expect(lived.history.alerts.get("cac_increase")?.acked).toBe("Ada");
  });
});
