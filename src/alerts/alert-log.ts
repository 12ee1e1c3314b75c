/** The history of alerts as people look at it: where each stands, and what happened week by week. Pure. */
import type { ISODate } from "../base/dates.js";
import { weekStart } from "../metrics/calendar.js";
import { type AlertEvent, type AlertState, foldAlerts, type Mute, muteOf, NO_HISTORY } from "./lifecycle.js";
import type { FrozenLimits } from "./signals.js";
import { SEVERITIES, type Severity } from "./types.js";

/** What happened in a week. */
export interface AlertWeek {
  readonly from: ISODate;
  /** Alerts that began, by severity, and those that were over. */
  readonly begun: Readonly<Record<Severity, number>>;
  readonly recovered: number;
  /** Judgements that could not be made on the days that were judged. */
  readonly noSignal: number;
  readonly judgedDays: number;
}

/** Alerts, silences and weeks, newest first. */
export interface AlertLog {
  readonly open: readonly OpenAlert[];
  /** Those that are over, newest first. */
  readonly over: readonly AlertState[];
  readonly mutes: readonly Mute[];
  readonly weeks: readonly AlertWeek[];
  readonly limits: readonly FrozenLimits[];
  /** The newest day that was judged; null: none was. */
  readonly lastDay: ISODate | null;
}

/** An alert that is not over, with the silence over it. */
export interface OpenAlert extends AlertState {
  readonly muted: Mute | null;
}

/** Before anything was judged. */
export const NO_ALERT_LOG: AlertLog = { open: [], over: [], mutes: [], weeks: [], limits: [], lastDay: null };

/** The log of some events as of a day; weeks end on ISO weekday `weekEndsOn`. */
export function alertLog(events: readonly AlertEvent[], day: ISODate, weekEndsOn: number): AlertLog {
  const history = foldAlerts(events, NO_HISTORY);
  const states = [...history.alerts.values()];
  const open = states
    .filter(({ status }) => status !== "recovered")
    .map((state) => ({ ...state, muted: muteOf(history, state.alert, day) ?? null }))
    .sort((a, b) => rank(b) - rank(a) || (a.alert.key < b.alert.key ? -1 : 1));
  return {
    open,
    over: states.filter(({ status }) => status === "recovered").sort((a, b) => (a.last < b.last ? 1 : -1)),
    mutes: [...history.mutes.values()].filter(({ until }) => until === null || day <= until),
    weeks: weeksOf(events, weekEndsOn),
    limits: history.frozen,
    lastDay: history.lastDay,
  };
}

const rank = ({ alert }: AlertState): number => SEVERITIES.indexOf(alert.severity);

function weeksOf(events: readonly AlertEvent[], weekEndsOn: number): readonly AlertWeek[] {
  const weeks = new Map<ISODate, AlertWeek>();
  const days = new Set<ISODate>();
  for (const event of events) {
    if (!("day" in event)) continue;
    const from = weekStart(event.day, weekEndsOn);
    const known = weeks.get(from) ?? emptyWeek(from);
    const isFirst = event.kind === "evaluated" && !days.has(event.day);
    if (event.kind === "evaluated") days.add(event.day);
    weeks.set(from, counted(known, event, isFirst));
  }
  return [...weeks.values()].sort((a, b) => (a.from < b.from ? 1 : -1));
}

function emptyWeek(from: ISODate): AlertWeek {
  return { from, begun: { info: 0, warning: 0, critical: 0 }, recovered: 0, noSignal: 0, judgedDays: 0 };
}

function counted(week: AlertWeek, event: AlertEvent, isFirst: boolean): AlertWeek {
  if (event.kind === "new") {
    const { severity } = event.alert;
    return { ...week, begun: { ...week.begun, [severity]: week.begun[severity] + 1 } };
  }
  if (event.kind === "recovered") return { ...week, recovered: week.recovered + 1 };
  if (event.kind !== "evaluated") return week;
  // A day that was judged again counts once, by what it was told last.
  return {
    ...week,
    judgedDays: week.judgedDays + (isFirst ? 1 : 0),
    noSignal: Math.max(week.noSignal, event.noSignal),
  };
}
