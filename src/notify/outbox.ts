/**
 * The outbox: nothing told is lost, nothing that arrived is told again. A message is durable together with the alerts that it is about;
 * each attempt is noted before it begins and after it ended. After a crash between the two nobody can know whether the message arrived:
 * it goes out again under the same id, marked as a possible repeat.
 */
import type { OpenJournal } from "../alerts/journal.js";
import type { Telling } from "../alerts/lifecycle.js";
import { SEVERITIES } from "../alerts/types.js";
import { type Clock, isoInstant } from "../base/clock.js";
import type { ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Random } from "../base/ids.js";
import type { Message, OutboxEvent, Sink } from "./types.js";

/** A message that has not arrived yet, as far as is known. */
export interface Pending {
  readonly message: Message;
  readonly failures: number;
  /** An attempt began and no end of it was noted. */
  readonly isOpen: boolean;
}

/** What became of one message in this run. */
export interface Delivered {
  readonly message: Message;
  readonly outcome: "sent" | "failed" | "given_up" | "no_sink";
  readonly why: string | null;
}

/** Attempts in vain before a message is given up. */
export const MOST_FAILURES = 30;
/** Attempts of one run, as long as the failure may pass; then the next run goes on. */
const TRIES_PER_RUN = 3;
const FIRST_PAUSE_MS = 500;

/** Messages for the sinks: each gets what is severe enough for it, in one message. None when there is nothing. */
export function messagesFor(
  sinks: readonly Sink[],
  about: {
    readonly shop: string;
    readonly day: ISODate;
    readonly tellings: readonly Telling[];
    readonly random: Random;
  },
): readonly Message[] {
  const { shop, day, tellings, random } = about;
  return sinks.flatMap(({ id: sink, least }) => {
    const own = tellings.filter(({ alert }) => SEVERITIES.indexOf(alert.severity) >= SEVERITIES.indexOf(least));
    return own.length === 0 ? [] : [{ id: `msg_${random.hex(12)}`, sink, shop, day, tellings: own }];
  });
}

/** The messages that are still to be delivered, oldest first. Events of other kinds are left out. */
export function foldOutbox(events: readonly { readonly kind: string }[]): readonly Pending[] {
  const pending = new Map<string, Pending>();
  for (const event of events as readonly OutboxEvent[]) {
    if (event.kind === "queued") pending.set(event.message.id, { message: event.message, failures: 0, isOpen: false });
    if (event.kind === "sending") change(pending, event.id, () => ({ isOpen: true }));
    if (event.kind === "failed")
      change(pending, event.id, ({ failures }) => ({ isOpen: event.isOpen, failures: failures + 1 }));
    if (event.kind === "sent" || event.kind === "given_up") pending.delete(event.id);
  }
  return [...pending.values()];
}

function change(pending: Map<string, Pending>, id: string, to: (known: Pending) => Partial<Pending>): void {
  const known = pending.get(id);
  if (known !== undefined) pending.set(id, { ...known, ...to(known) });
}

/** Delivers what is pending, one after the other. A sink that fails does not keep the others from theirs. The caller holds the spool lock. */
export async function deliver(
  journal: OpenJournal<{ readonly kind: string }>,
  sinks: readonly Sink[],
  clock: Clock,
): Promise<readonly Delivered[]> {
  const delivered: Delivered[] = [];
  for (const pending of foldOutbox(journal.events().map(({ event }) => event))) {
    const sink = sinks.find(({ id }) => id === pending.message.sink);
    delivered.push(
      sink === undefined
        ? { message: pending.message, outcome: "no_sink", why: `${pending.message.sink} is not configured any more` }
        : await deliverOne(pending, sink, { journal, clock }),
    );
  }
  return delivered;
}

interface Ways {
  readonly journal: OpenJournal<{ readonly kind: string }>;
  readonly clock: Clock;
}

async function deliverOne(pending: Pending, sink: Sink, ways: Ways): Promise<Delivered> {
  let { isOpen, failures } = pending;
  const { message } = pending;
  for (let tries = 1; ; tries++) {
    const failed = await attempt(message, sink, { ...ways, mayRepeat: isOpen, isLast: failures + 1 >= MOST_FAILURES });
    if (failed === null) return { message, outcome: "sent", why: null };
    failures += 1;
    isOpen = failed.isOpen;
    if (failures >= MOST_FAILURES) return { message, outcome: "given_up", why: failed.why };
    if (tries === TRIES_PER_RUN || !failed.mayPass) return { message, outcome: "failed", why: failed.why };
    await ways.clock.sleep(FIRST_PAUSE_MS * 4 ** (tries - 1));
  }
}

interface Failed {
  readonly why: string;
  readonly isOpen: boolean;
  readonly mayPass: boolean;
}

/** One attempt, noted before and after. Null: it arrived. */
async function attempt(
  message: Message,
  sink: Sink,
  { journal, clock, mayRepeat, isLast }: Ways & { readonly mayRepeat: boolean; readonly isLast: boolean },
): Promise<Failed | null> {
  const note = (event: OutboxEvent) => journal.append(isoInstant(clock.now()), [event]);
  const { id } = message;
  note({ kind: "sending", id });
  try {
    await sink.send(message, { at: clock.now(), mayRepeat });
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    // The HTTP client names a cause when the line broke, and none when there was an answer.
    const failed = {
      why: thrown.message,
      isOpen: thrown.parts.cause !== undefined || mayRepeat,
      mayPass: mayPass(thrown),
    };
    note(
      isLast
        ? { kind: "given_up", id, why: failed.why }
        : { kind: "failed", id, why: failed.why, isOpen: failed.isOpen },
    );
    return failed;
  }
  note({ kind: "sent", id });
  return null;
}

function mayPass({ code }: GrowthosError): boolean {
  return code === "API_BROKEN" || code === "API_THROTTLED";
}
