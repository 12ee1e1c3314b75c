import type { AlertHistory, AlertState } from "../alerts/lifecycle.js";
import { muteOf } from "../alerts/lifecycle.js";
import type { Alert, Judgement } from "../alerts/types.js";
import type { ISODate } from "../base/dates.js";
import { sizeLines } from "../notify/text.js";
import type { Output, Tone } from "./command.js";

/** An alert as it stands: what is told, and what people have said to it. */
export interface Shown {
  readonly alert: Alert;
  readonly status: "new" | "still";
  readonly muted: { readonly until: ISODate | null; readonly reason: string } | null;
  readonly acked: string | null;
}

/** The alerts of a day with their place in the history. */
export function shownOf(alerts: readonly Alert[], history: AlertHistory, day: ISODate): readonly Shown[] {
  return alerts.map((alert) => {
    const known: AlertState | undefined = history.alerts.get(alert.key);
    const mute = muteOf(history, alert, day);
    const isOngoing = known !== undefined && known.status !== "recovered";
    return {
      alert: isOngoing ? { ...alert, since: known.alert.since } : alert,
      status: isOngoing && known.first !== day ? "still" : "new",
      muted: mute === undefined ? null : { until: mute.until, reason: mute.reason },
      acked: isOngoing ? known.acked : null,
    };
  });
}

const TONES: Readonly<Record<Alert["severity"], Tone>> = { critical: "bad", warning: "warn", info: "dim" };

/** The answer for people: alerts, what could not be judged, and how much was looked at. */
export function alertsText(
  output: Output,
  {
    shown,
    judgements,
    day,
  }: { readonly shown: readonly Shown[]; readonly judgements: readonly Judgement[]; readonly day: ISODate },
): string {
  const blocks = shown.map((one) => block(output, one));
  const silent = silentOf(judgements);
  const count = `${judgements.length} judgements as of ${day}: ${shown.length} alerts, ${silent.length} without a signal`;
  return [
    ...(blocks.length === 0 ? ["no alert"] : blocks),
    ...(silent.length === 0 ? [] : [["no signal:", ...silent.map((line) => `  ${line}`)].join("\n")]),
    output.paint("dim", count),
  ].join("\n\n");
}

/** What could not be judged, by reason: forty rules without GA4 are one line. */
function silentOf(judgements: readonly Judgement[]): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const { key, verdict } of judgements) {
    if (verdict.kind !== "no_signal") continue;
    const reason = `${verdict.input}: ${verdict.detail}`;
    byReason.set(reason, [...(byReason.get(reason) ?? []), key]);
  }
  return [...byReason].map(([reason, keys]) => `${keys.join(", ")} (${reason})`);
}

function block(output: Output, { alert, status, muted, acked }: Shown): string {
  const marks = [
    status,
    `since ${alert.since}`,
    ...(muted === null ? [] : [`muted ${muted.until === null ? "" : `until ${muted.until} `}(${muted.reason})`]),
    ...(acked === null ? [] : [`acknowledged${acked === "" ? "" : `: ${acked}`}`]),
  ];
  const head = `${output.paint(TONES[alert.severity], alert.severity.toUpperCase())}  ${output.paint("strong", alert.title)}  [${alert.key}; ${marks.join(", ")}]`;
  const lines = [alert.what, ...sizeLines(alert)];
  return [head, ...lines.map((line) => `  ${line}`), `  ${output.paint("hint", "→")} ${alert.advice}`].join("\n");
}
