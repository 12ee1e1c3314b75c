/**
 * A step of `growthos run` that failed. The run ends there, before rules are judged, so it is told by itself: as an alert of its own, that a
 * run which comes to its end recovers.
 */
import type { ISODate } from "../base/dates.js";
import type { GrowthosError } from "../base/errors.js";
import { type AlertEvent, type AlertHistory, type Step, step } from "./lifecycle.js";
import type { Alert, Judgement } from "./types.js";

/** The rule's id, for config, mutes and history. */
export const FAILED_STEP = "failed_step";

/** What failed and what is left. */
export interface FailedStep {
  /** The command: `sync`, `build`, … */
  readonly name: string;
  readonly error: GrowthosError;
  /** The last complete day of the run. */
  readonly day: ISODate;
  readonly currency: string;
  /** The day of the build that can still be read; null: there is none. */
  readonly readable: ISODate | null;
}

/** The failure as an alert: what failed, why, what is left, what to do. One alert per step and code; told again every third day. */
export function alertOfFailure({ name, error, day, currency, readable }: FailedStep): Alert {
  const { what, why, hint } = error.parts;
  // Sample rows stay in the shop: a message leaves it.
  const reasons = (why ?? "").split("\n").map((line) => line.split("; for example ")[0]);
  const left =
    readable === null
      ? "There is no earlier build to read."
      : `Figures and reports as of ${readable} can still be read; nothing newer was published.`;
  return {
    key: `${FAILED_STEP}:${name}:${error.code.toLowerCase()}`,
    rule: FAILED_STEP,
    severity: "critical",
    title: `growthos run: ${name} failed`,
    what: `${[what, ...reasons.filter((reason) => reason !== "")].join(": ")} (${error.code}). ${left}`,
    metric: null,
    segment: { by: "step", key: name, label: name },
    window: { from: day, to: day },
    since: day,
    money: null,
    currency,
    means: "worse",
    contributor: null,
    advice: `${hint ?? "read what `growthos run --verbose` says"}; then \`growthos run\` again.`,
    repeat: { cooldownDays: 3 },
  };
}

/** What a failure adds to the history. Nothing else was judged, so nothing else begins, goes on or recovers, and the day is not judged. */
export function stepOfFailure(history: AlertHistory, alert: Alert, day: ISODate): Step {
  const known = history.alerts.get(alert.key);
  // A failure that was over and comes back is news, however soon.
  const alerts = new Map(known === undefined || known.status === "recovered" ? [] : [[alert.key, known]]);
  const { events, tellings } = step({ ...history, alerts }, { day, judgements: [], alerts: [alert] });
  return { events: events.filter(({ kind }: AlertEvent) => kind !== "evaluated"), tellings };
}

/** Failures that no run has come past yet: they go on as they were told. */
export function judgeFailures({ alerts }: AlertHistory): readonly Judgement[] {
  return [...alerts.values()].flatMap(({ alert, status }) => {
    if (alert.rule !== FAILED_STEP || status === "recovered") return [];
    const { severity, currency, contributor, ...told } = alert;
    return [{ ...told, verdict: { kind: "fires" as const, severity } }];
  });
}
