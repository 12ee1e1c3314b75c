/** Daily branch reports on their way out (D-65): one journal per report date, so that a run reads no other days, and history can be dropped by days. */

import type { ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { canonicalJson, sha256 } from "../base/hash.js";
import { POST_FOLDER } from "../warehouse/journal.js";
import type { MailLine } from "./email.js";
import type { ReadLetter } from "./letters.js";
import type { Pending, Way } from "./outbox.js";
import type { Message, OutboxEvent } from "./types.js";

/** The journal of a date. */
export function postJournal(day: ISODate): string {
  return `${POST_FOLDER}/${day}`;
}

/** A report for one rep. `id` is the same for the same branch, rep and date: that is what makes it go out once. */
export interface BranchMessage extends Message {
  readonly letter: string;
  readonly branch: string;
  readonly code: string;
  readonly subject: string;
}

/** States of a job; the last three are its end. */
export type JobState = "queued" | "processing" | "completed" | "completed_with_errors" | "failed";

/** What happens to a job: one command that sends the reports of a date. */
export interface JobEvent {
  readonly kind: "job";
  readonly job: string;
  readonly state: JobState;
  readonly total?: number;
  readonly sent?: number;
  readonly failed?: number;
  readonly why?: string;
}

/** Everything that the journal of a date holds. */
export type PostEvent = OutboxEvent | JobEvent;

/** The message for a rep; its id is the digest of shop, branch, rep and date. */
export function branchMessage(about: {
  readonly workspace: string;
  readonly shop: string;
  readonly day: ISODate;
  readonly branch: string;
  readonly code: string;
  readonly email: string;
  readonly subject: string;
}): BranchMessage {
  const { workspace, shop, day, branch, code, email, subject } = about;
  const id = `msg_${sha256(canonicalJson([workspace, "branch", branch, email, day])).slice(0, 24)}`;
  const letter = `${id.slice(4)}.eml`;
  return { id, sink: `email:${email}`, shop, day, tellings: [], letter, branch, code, subject };
}

/** Jobs that began and whose end nobody noted: what they were doing was interrupted. */
export function openJobs(events: readonly { readonly kind: string }[]): readonly string[] {
  const open = new Set<string>();
  for (const event of events as readonly PostEvent[]) {
    if (event.kind !== "job") continue;
    if (event.state === "queued" || event.state === "processing") open.add(event.job);
    else open.delete(event.job);
  }
  return [...open];
}

/** Connections in vain, one after the other, after which a server is left alone for this run. */
const MOST_BROKEN = 3;

/**
 * Mails over one line. A server that refuses the password or an encrypted connection is not asked again for every mail, one that cannot
 * be reached only a few times: the rest is put off without a word to it.
 */
export function linedWays(
  line: MailLine,
  { from, recipients }: { readonly from: string; readonly recipients: readonly string[] },
  read: ReadLetter,
): readonly Way[] {
  let [broken, cause] = [0, ""];
  return recipients.map((to) => ({
    id: `email:${to}` as const,
    send: async (message) => {
      if (broken >= MOST_BROKEN) throw putOff(cause);
      try {
        const reply = await line.post({ from, to, content: read(message.letter ?? "") });
        broken = 0;
        return reply;
      } catch (thrown) {
        if (thrown instanceof GrowthosError) {
          cause = thrown.message;
          if (thrown.code === "MAIL_AUTH" || thrown.code === "MAIL_TLS") broken = MOST_BROKEN;
          else broken = thrown.code === "MAIL_BROKEN" ? broken + 1 : 0;
        }
        throw thrown;
      }
    },
  }));
}

function putOff(why: string): GrowthosError {
  return new GrowthosError({
    code: "MAIL_DEFERRED",
    what: "the mail was not offered: the server failed the mails before it",
    why: why.slice(0, 300),
    state: "the mail was not taken",
    exit: "source",
  });
}

const FIRST_WAIT_MS = 5 * 60_000;
const LONGEST_WAIT_MS = 12 * 3_600_000;

/** How long a mail rests after so many failures, ms: 5 minutes, doubled each time, 12 hours at most. */
export function restAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}

/** Whether a mail has rested long enough since its last failure. What was interrupted has not failed and goes on at once. */
export function hasRested(
  { message, failures }: Pending,
  events: readonly { readonly at: string; readonly event: { readonly kind: string } }[],
  now: number,
): boolean {
  const last = events.findLast(({ event }) => event.kind === "failed" && (event as { id?: string }).id === message.id);
  return last === undefined || now >= Date.parse(last.at) + restAfter(failures);
}

/** A line of the history: what became of one report for one rep. */
export interface PostLine {
  readonly day: ISODate;
  readonly branch: string;
  readonly code: string;
  readonly email: string;
  readonly subject: string;
  readonly state: "queued" | "sending" | "sent" | "deferred" | "given_up";
  readonly attempts: number;
  /** An attempt ended without an answer: the rep may have it twice. */
  readonly mayRepeat: boolean;
  /** The server's reply, or why it failed. */
  readonly reply: string | null;
  /** Of the last thing that happened to it, ISO 8601 UTC. */
  readonly at: string;
}

/** The history of one date, in the order in which the reports were queued. */
export function foldPost(
  events: readonly { readonly at: string; readonly event: { readonly kind: string } }[],
): readonly PostLine[] {
  const lines = new Map<string, PostLine>();
  const change = (id: string, at: string, to: Partial<PostLine>) => {
    const known = lines.get(id);
    if (known !== undefined) lines.set(id, { ...known, ...to, at });
  };
  for (const { at, event: given } of events) {
    const event = given as PostEvent;
    if (event.kind === "queued") lines.set(event.message.id, queuedLine(event.message as BranchMessage, at));
    if (event.kind === "sending") {
      const known = lines.get(event.id);
      const isAgain = known?.state === "sending" || known?.mayRepeat === true;
      change(event.id, at, { state: "sending", attempts: (known?.attempts ?? 0) + 1, mayRepeat: isAgain });
    }
    if (event.kind === "sent") change(event.id, at, { state: "sent", reply: event.reply ?? null });
    if (event.kind === "failed")
      change(event.id, at, { state: "deferred", reply: event.why, ...(event.isOpen ? { mayRepeat: true } : {}) });
    if (event.kind === "given_up") change(event.id, at, { state: "given_up", reply: event.why });
  }
  return [...lines.values()];
}

function queuedLine({ day, branch, code, sink, subject }: BranchMessage, at: string): PostLine {
  const email = sink.replace(/^email:/, "");
  return { day, branch, code, email, subject, state: "queued", attempts: 0, mayRepeat: false, reply: null, at };
}
