import { type OpenJournal, openJournal } from "../alerts/journal.js";
import { type AlertEvent, type AlertHistory, foldAlerts } from "../alerts/lifecycle.js";
import { isoInstant } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import { foldOutbox, type Pending } from "../notify/outbox.js";
import { withLock } from "../warehouse/lock.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { plural } from "./format.js";
import { workspaceClock } from "./world.js";

/** Adds what a person says to the history of alerts, after `decide` has looked at where they stand. */
export async function addToHistory(
  context: CommandContext,
  { waitMs, dryRun }: { readonly waitMs: number; readonly dryRun: boolean },
  decide: (history: AlertHistory) => readonly AlertEvent[],
): Promise<AlertHistory> {
  const ws = await context.workspace({ mustExist: true });
  const clock = workspaceClock(await context.workspaceConfig(), context.effects.clock);
  const lock = { waitMs, clock: context.effects.clock, owner: "growthos alerts" };
  return withLock(ws, "spool", lock, async () => {
    const journal: OpenJournal<AlertEvent> = openJournal(ws);
    const history = foldAlerts(journal.events().map(({ event }) => event));
    const events = decide(history);
    if (!dryRun) await journal.append(isoInstant(clock.now()), events);
    return foldAlerts(events, history);
  });
}

/** The messages about alerts that have not arrived, oldest first. Throws `JOURNAL_DAMAGED`. */
export function undelivered(ws: Workspace): readonly Pending[] {
  const journal: OpenJournal<{ readonly kind: string }> = openJournal(ws);
  return foldOutbox(journal.events().map(({ event }) => event));
}

/** How many messages wait, for whom, and what the last attempt heard: one sentence. */
export function undeliveredText(waiting: readonly Pending[]): string {
  const sinks = [...new Set(waiting.map(({ message }) => message.sink))];
  const why = waiting.findLast((one) => one.why !== null)?.why ?? null;
  const heard = why === null ? "" : `; last: ${why}`;
  return `${plural(waiting.length, "message")} about alerts not delivered (${sinks.join(", ")}${heard})`;
}

/** Throws `ALERT_UNKNOWN` (usage) for a key that no alert or rule ever had. */
export function requireKey(key: string, known: Iterable<string>): void {
  const names = [...new Set(known)];
  if (names.includes(key)) return;
  const near = nearest(key, names);
  throw new GrowthosError({
    code: "ALERT_UNKNOWN",
    what: `there is no alert or rule "${key.slice(0, 80)}"`,
    state: "nothing was changed",
    hint:
      near === undefined
        ? "`growthos alerts` shows the key of each alert in brackets, `growthos alerts history` those of the past"
        : `did you mean ${near}?`,
    exit: "usage",
  });
}
