/**
 * What became of alerts over time: new, still there, recovered; muted and acknowledged by people. Everything is an event, the state is the
 * fold of them, and a step decides which events a day's judgements add. Pure: the journal is kept elsewhere.
 */
import { daysBetween, type ISODate } from "../base/dates.js";
import type { FrozenLimits } from "./signals.js";
import { type Alert, type Judgement, SEVERITIES, type Severity } from "./types.js";

/** An alert that is told to people, and why now. */
export interface Telling {
  readonly status: "new" | "still" | "recovered";
  readonly alert: Alert;
}

/** One thing that happened to alerts. Days are last complete days of the judged figures. */
export type AlertEvent =
  | { readonly kind: "new"; readonly day: ISODate; readonly alert: Alert; readonly told: boolean }
  | { readonly kind: "still"; readonly day: ISODate; readonly alert: Alert; readonly told: boolean }
  | { readonly kind: "recovered"; readonly day: ISODate; readonly key: string; readonly told: boolean }
  | { readonly kind: "muted"; readonly key: string; readonly until: ISODate | null; readonly reason: string }
  | { readonly kind: "unmuted"; readonly key: string }
  | { readonly kind: "acked"; readonly key: string; readonly note: string }
  | { readonly kind: "limits"; readonly frozen: FrozenLimits }
  | { readonly kind: "evaluated"; readonly day: ISODate; readonly judged: number; readonly noSignal: number };

/** Where an alert stands. */
export interface AlertState {
  readonly alert: Alert;
  readonly status: "new" | "still" | "recovered";
  /** Days on which it was first and last seen in this episode. */
  readonly first: ISODate;
  readonly last: ISODate;
  /** The last day on which people were told. */
  readonly told: ISODate | null;
  readonly acked: string | null;
}

/** A silence: of one alert, or of a rule with all of its groups. */
export interface Mute {
  readonly key: string;
  /** The last muted day; null: until it is taken back. */
  readonly until: ISODate | null;
  readonly reason: string;
}

/** The fold of all events. */
export interface AlertHistory {
  readonly alerts: ReadonlyMap<string, AlertState>;
  readonly mutes: ReadonlyMap<string, Mute>;
  readonly frozen: readonly FrozenLimits[];
  /** The newest day that was judged. */
  readonly lastDay: ISODate | null;
}

/** Before anything happened. */
export const NO_HISTORY: AlertHistory = { alerts: new Map(), mutes: new Map(), frozen: [], lastDay: null };

/** Folds events into where every alert stands. Events of other kinds are left out. */
export function foldAlerts(events: readonly AlertEvent[], from: AlertHistory = NO_HISTORY): AlertHistory {
  const alerts = new Map(from.alerts);
  const mutes = new Map(from.mutes);
  const frozen = [...from.frozen];
  let { lastDay } = from;
  for (const event of events) {
    if (event.kind === "new" || event.kind === "still") alerts.set(event.alert.key, seen(event, alerts));
    if (event.kind === "recovered") change(alerts, event.key, { status: "recovered", last: event.day });
    if (event.kind === "acked") change(alerts, event.key, { acked: event.note });
    if (event.kind === "muted") mutes.set(event.key, event);
    if (event.kind === "unmuted") mutes.delete(event.key);
    if (event.kind === "limits") frozen.push(event.frozen);
    if (event.kind === "evaluated") lastDay = event.day;
  }
  return { alerts, mutes, frozen, lastDay };
}

function seen(event: Extract<AlertEvent, { alert: Alert }>, alerts: ReadonlyMap<string, AlertState>): AlertState {
  const { kind, alert, day } = event;
  const known = alerts.get(alert.key);
  const told = event.told ? day : (known?.told ?? null);
  if (kind === "new" || known === undefined) return { alert, status: "new", first: day, last: day, told, acked: null };
  // What began once goes on since then, whatever window shows it today.
  return { ...known, alert: { ...alert, since: known.alert.since }, status: "still", last: day, told };
}

function change(alerts: Map<string, AlertState>, key: string, to: Partial<AlertState>): void {
  const known = alerts.get(key);
  if (known !== undefined) alerts.set(key, { ...known, ...to });
}

/** The mute that silences an alert on a day, or undefined. */
export function muteOf(history: AlertHistory, alert: Pick<Alert, "key" | "rule">, day: ISODate): Mute | undefined {
  const mutes = [history.mutes.get(alert.key), history.mutes.get(alert.rule)];
  return mutes.find((mute) => mute !== undefined && (mute.until === null || day <= mute.until));
}

/** What a day adds to the history, and what people are told of it. */
export interface Step {
  readonly events: readonly AlertEvent[];
  readonly tellings: readonly Telling[];
}

/**
 * The events of a day: what is new, what goes on, what recovered. The same day judged again adds nothing that did not change. What cannot
 * be judged neither begins nor ends. `alerts` are the judgements that fire, explained.
 */
export function step(
  history: AlertHistory,
  {
    day,
    judgements,
    alerts,
  }: { readonly day: ISODate; readonly judgements: readonly Judgement[]; readonly alerts: readonly Alert[] },
): Step {
  const firing = alerts.flatMap((alert) => seenToday(history, alert, day) ?? []);
  const unknown = judgements.filter(({ verdict }) => verdict.kind === "no_signal");
  const isUnsure = ({ key, rule }: Alert) => unknown.some((one) => one.key === key || one.key === rule);
  const over = [...history.alerts.values()].filter(
    ({ alert, status }) => status !== "recovered" && !alerts.some(({ key }) => key === alert.key) && !isUnsure(alert),
  );
  const recovered = over.map(({ alert, told }): AlertEvent => {
    const isTold = told !== null && alert.severity !== "info" && muteOf(history, alert, day) === undefined;
    return { kind: "recovered", day, key: alert.key, told: isTold };
  });
  const events = [...firing, ...recovered];
  return { events: [...events, evaluated(day, judgements, unknown.length)], tellings: tellingsOf(history, events) };
}

function evaluated(day: ISODate, judgements: readonly Judgement[], noSignal: number): AlertEvent {
  return { kind: "evaluated", day, judged: judgements.length, noSignal };
}

function seenToday(history: AlertHistory, alert: Alert, day: ISODate): AlertEvent | null {
  const known = history.alerts.get(alert.key);
  const isMuted = muteOf(history, alert, day) !== undefined;
  if (known === undefined || known.status === "recovered") {
    return { kind: "new", day, alert, told: !isMuted && !isCooling(alert, known, day) };
  }
  const isWorse = rank(alert.severity) > rank(known.alert.severity);
  if (known.last === day && !isWorse) return null;
  return { kind: "still", day, alert, told: !isMuted && (isWorse || isDue(alert, known, day)) };
}

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** Something that comes back within its cooldown was told already. */
function isCooling({ repeat, severity }: Alert, known: AlertState | undefined, day: ISODate): boolean {
  if (typeof repeat !== "object" || known === undefined || known.told === null) return false;
  const days = "onceInDays" in repeat ? repeat.onceInDays : repeat.cooldownDays;
  return rank(severity) <= rank(known.alert.severity) && daysBetween(known.told, day) < days;
}

/** Whether an alert that goes on is told again; not when somebody has taken it. */
function isDue({ repeat }: Alert, { told, acked }: AlertState, day: ISODate): boolean {
  if (acked !== null || repeat === "once") return false;
  if (repeat === "continuous") return true;
  if ("onceInDays" in repeat) return false;
  return told === null || daysBetween(told, day) >= repeat.cooldownDays;
}

function tellingsOf(history: AlertHistory, events: readonly AlertEvent[]): readonly Telling[] {
  return events.flatMap((event): readonly Telling[] => {
    if (event.kind === "new" || event.kind === "still") {
      const since = history.alerts.get(event.alert.key)?.alert.since;
      const alert = event.kind === "still" && since !== undefined ? { ...event.alert, since } : event.alert;
      return event.told ? [{ status: event.kind, alert }] : [];
    }
    const known = event.kind === "recovered" ? history.alerts.get(event.key) : undefined;
    return event.kind === "recovered" && event.told && known !== undefined
      ? [{ status: "recovered", alert: known.alert }]
      : [];
  });
}
