import type { JournalEntry } from "../warehouse/journal.js";
import type { OutboxEvent } from "./types.js";

/** The old end of the history of what was mailed. */
export interface OldMail {
  /** Everything up to this entry may go; absent: nothing may. */
  readonly last: JournalEntry | undefined;
  /** How many messages that are. */
  readonly messages: number;
  /** Their files in the outbox. */
  readonly letters: readonly string[];
}

/**
 * The beginning of an outbox that is older than an instant (ISO 8601 UTC) and over: it ends before the first message that has neither arrived
 * nor been given up, and before the first one whose end comes later.
 */
export function oldMail(entries: readonly JournalEntry[], before: string): OldMail {
  const open = new Set<string>();
  let over = { last: undefined as JournalEntry | undefined, count: 0 };
  for (const [index, entry] of entries.entries()) {
    if (entry.at >= before) break;
    for (const event of entry.events as readonly OutboxEvent[]) {
      if (event.kind === "queued") open.add(event.message.id);
      if (event.kind === "sent" || event.kind === "given_up") open.delete(event.id);
    }
    // The newest entry stays: the next one is linked to it.
    if (open.size === 0 && index < entries.length - 1) over = { last: entry, count: index + 1 };
  }
  const events = entries.slice(0, over.count).flatMap((entry) => entry.events as readonly OutboxEvent[]);
  const messages = events.flatMap((event) => (event.kind === "queued" ? [event.message] : []));
  return { last: over.last, messages: messages.length, letters: messages.flatMap(({ letter }) => letter ?? []) };
}
