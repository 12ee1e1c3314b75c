/** Where the history of alerts is kept: the journal `alerts/` of the workspace, folded when it is read. */
import { ALERTS_JOURNAL, appendJournal, type JournalEntry, readJournal } from "../warehouse/journal.js";
import type { Workspace } from "../warehouse/types.js";
import { type AlertEvent, type AlertHistory, foldAlerts } from "./lifecycle.js";

/** The journal open for one command: its events so far, and the way to add some. The caller holds the spool lock when it adds. */
export interface OpenJournal<E> {
  /** Events with the instant at which they were written, oldest first. */
  events(): readonly { readonly at: string; readonly event: E }[];
  /** Durable when it resolves. */
  append(at: string, events: readonly E[]): Promise<void>;
}

/** Opens the journal, or another one of the workspace. Throws `JOURNAL_DAMAGED`. */
export function openJournal<E>(ws: Workspace, name = ALERTS_JOURNAL): OpenJournal<E> {
  const entries: JournalEntry[] = [...readJournal(ws, name)];
  return {
    events: () => entries.flatMap(({ at, events }) => events.map((event) => ({ at, event: event as E }))),
    append: async (at, events) => {
      if (events.length === 0) return;
      entries.push(await appendJournal(ws, name, { at, events, after: entries.at(-1) }));
    },
  };
}

/** Where every alert stands now. */
export function historyOf(journal: OpenJournal<AlertEvent>): AlertHistory {
  return foldAlerts(journal.events().map(({ event }) => event));
}
