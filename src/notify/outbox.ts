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
import { canonicalJson, sha256 } from "../base/hash.js";
import type { Message, OutboxEvent, Sink } from "./types.js";

/** A message that has not arrived yet, as far as is known. */
export interface Pending {
  readonly message: Message;
  readonly failures: number;
  /** An attempt began and no end of it was noted. */
  readonly isOpen: boolean;
  /** Of the last attempt that failed; null before one did. */
  readonly why: string | null;
}

/** What became of one message in this run. */
export interface Delivered {
  readonly message: Message;
  readonly outcome: "sent" | "failed" | "given_up" | "no_sink" | "waits";
  readonly why: string | null;
}

/** Attempts in vain before a message is given up. */
export const MOST_FAILURES = 30;
/** What a refusal of the message itself counts for: asking again changes little, but the recipient's name may have been mistyped. */
const REFUSAL_COUNTS = 10;
/** Attempts of one run, as long as the failure may pass; then the next run goes on. */
const TRIES_PER_RUN = 3;
const FIRST_PAUSE_MS = 500;

/**
 * Messages for the sinks: each gets what is severe enough for it, in one message. None when there is nothing. The id of a message is the
 * digest of the alerts' events that it tells: judged again after a restored backup, the same events make the same message.
 */
export function messagesFor(
  sinks: readonly Sink[],
  about: {
    /** Id of the workspace: two shops may bear one name. */
    readonly workspace: string;
    readonly shop: string;
    readonly day: ISODate;
    readonly tellings: readonly Telling[];
  },
): readonly Message[] {
  const { workspace, shop, day, tellings } = about;
  return sinks.flatMap(({ id: sink, least }) => {
    const own = tellings.filter(({ alert }) => SEVERITIES.indexOf(alert.severity) >= SEVERITIES.indexOf(least));
    const id = `msg_${sha256(canonicalJson([workspace, sink, day, own])).slice(0, 24)}`;
    return own.length === 0 ? [] : [{ id, sink, shop, day, tellings: own }];
  });
}

/** The messages that are still to be delivered, oldest first. Events of other kinds are left out. */
export function foldOutbox(events: readonly { readonly kind: string }[]): readonly Pending[] {
  const pending = new Map<string, Pending>();
  for (const event of events as readonly OutboxEvent[]) {
    if (event.kind === "queued") pending.set(event.message.id, fresh(event.message));
    if (event.kind === "sending") change(pending, event.id, () => ({ isOpen: true }));
    if (event.kind === "failed")
      change(pending, event.id, ({ failures }) => ({
        isOpen: event.isOpen,
        failures: failures + countOf(event),
        why: event.why,
      }));
    if (event.kind === "sent" || event.kind === "given_up") pending.delete(event.id);
  }
  return [...pending.values()];
}

function fresh(message: Message): Pending {
  return { message, failures: 0, isOpen: false, why: null };
}

function countOf({ isRefused }: { readonly isRefused?: true }): number {
  return isRefused === true ? REFUSAL_COUNTS : 1;
}

function change(pending: Map<string, Pending>, id: string, to: (known: Pending) => Partial<Pending>): void {
  const known = pending.get(id);
  if (known !== undefined) pending.set(id, { ...known, ...to(known) });
}

/** Delivers what is pending, one after the other. A sink that fails does not keep the others from theirs. The caller holds the spool lock. */
export async function deliver(
  journal: OpenJournal<{ readonly kind: string }>,
  sinks: readonly Way[],
  clock: Clock,
  rules: DeliveryRules = {},
): Promise<readonly Delivered[]> {
  const delivered: Delivered[] = [];
  for (const pending of foldOutbox(journal.events().map(({ event }) => event))) {
    if (rules.mayTry?.(pending) === false) {
      delivered.push({ message: pending.message, outcome: "waits", why: pending.why });
      continue;
    }
    const sink = sinks.find(({ id }) => id === pending.message.sink);
    delivered.push(
      sink === undefined
        ? { message: pending.message, outcome: "no_sink", why: `${pending.message.sink} is not configured any more` }
        : await deliverOne(pending, sink, { journal, clock, rules }),
    );
  }
  return delivered;
}

/** As much of a sink as a delivery needs. */
export type Way = Pick<Sink, "id" | "send">;

/** How patient a delivery is. */
export interface DeliveryRules {
  /** False: it is not its turn yet. Default: always. */
  readonly mayTry?: (pending: Pending) => boolean;
  /** What the receiver refuses for good is given up at once, and not offered twice more. */
  readonly isRefusalFinal?: true;
}

interface Ways {
  readonly rules: DeliveryRules;
  readonly journal: OpenJournal<{ readonly kind: string }>;
  readonly clock: Clock;
}

async function deliverOne(pending: Pending, sink: Way, ways: Ways): Promise<Delivered> {
  let { isOpen, failures } = pending;
  const { message } = pending;
  for (let tries = 1; ; tries++) {
    const failed = await attempt(message, sink, { ...ways, mayRepeat: isOpen, failures });
    if (failed === null) return { message, outcome: "sent", why: null };
    failures += countOf(failed);
    isOpen = failed.isOpen;
    if (isOver(failures, failed, ways.rules)) return { message, outcome: "given_up", why: failed.why };
    if (tries === TRIES_PER_RUN || !failed.mayPass) return { message, outcome: "failed", why: failed.why };
    await ways.clock.sleep(FIRST_PAUSE_MS * 4 ** (tries - 1));
  }
}

interface Failed {
  readonly why: string;
  readonly isOpen: boolean;
  readonly mayPass: boolean;
  readonly isRefused?: true;
}

/** One attempt, noted before and after. Null: it arrived. */
async function attempt(
  message: Message,
  sink: Way,
  { journal, clock, rules, mayRepeat, failures }: Ways & { readonly mayRepeat: boolean; readonly failures: number },
): Promise<Failed | null> {
  const note = (event: OutboxEvent) => journal.append(isoInstant(clock.now()), [event]);
  const { id } = message;
  await note({ kind: "sending", id });
  let reply: unknown;
  try {
    reply = await sink.send(message, { at: clock.now(), mayRepeat });
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    const failed = failedBy(thrown, mayRepeat);
    const { why, isOpen, isRefused } = failed;
    const refused = isRefused === undefined ? {} : { isRefused };
    await note(
      isOver(failures + countOf(failed), failed, rules)
        ? { kind: "given_up", id, why }
        : { kind: "failed", id, why, isOpen, ...refused },
    );
    return failed;
  }
  await note(typeof reply === "string" ? { kind: "sent", id, reply } : { kind: "sent", id });
  return null;
}

function isOver(failures: number, { isRefused }: Failed, { isRefusalFinal }: DeliveryRules): boolean {
  return failures >= MOST_FAILURES || (isRefused === true && isRefusalFinal === true);
}

function failedBy(thrown: GrowthosError, mayRepeat: boolean): Failed {
  const { code, message: why, parts } = thrown;
  return {
    why,
    // A cause is named when the line broke at a moment at which the message may have arrived, and none when there was an answer.
    isOpen: parts.cause !== undefined || mayRepeat,
    mayPass: code === "API_BROKEN" || code === "API_THROTTLED" || code === "MAIL_BROKEN",
    ...(code === "MAIL_REFUSED" ? { isRefused: true } : {}),
  };
}
