/**
 * A journal beside the commit log: entries in a folder of the workspace, each sealed, numbered and linked to the one before. For what
 * happened that no figure is computed from (alerts told, muted, delivered), so that it does not make a build stale. State is the fold of it.
 */
import { GrowthosError, systemCode } from "../base/errors.js";
import { replaceDurably } from "./layout.js";
import { seal, unseal } from "./sealed.js";
import type { Workspace } from "./types.js";

/** One durable append. Events are plain JSON values. */
export interface JournalEntry {
  readonly seq: number;
  readonly prev: string | null;
  /** Wall clock, ISO 8601 UTC; order is `seq`. */
  readonly at: string;
  readonly events: readonly unknown[];
  readonly self: string;
}

/** The journal of alerts, and its folder in the workspace. */
export const ALERTS_JOURNAL = "alerts";

/** The journal of reports that are sent, beside what is sent. */
export const OUTBOX_JOURNAL = "outbox";

/** The journal of who gets which branch report. */
export const REPS_JOURNAL = "branch-reps";

/** Folder of the journals of branch reports, one per report date; the mails stand beside their journal. */
export const POST_FOLDER = "outbox/branches";

const NAME = /^\d{12}\.json$/;
/** Where a journal begins whose first entries were pruned. */
const BASE = "base.json";

/** The file of an entry. */
export function entryName(seq: number): string {
  return `${String(seq).padStart(12, "0")}.json`;
}

/** The journals that a workspace has, by name. */
export function journalNames(ws: Workspace): readonly string[] {
  const days = ws.files.list(ws.at(...POST_FOLDER.split("/"))).map((day) => `${POST_FOLDER}/${day}`);
  return [ALERTS_JOURNAL, OUTBOX_JOURNAL, REPS_JOURNAL, ...days].filter((journal) =>
    ws.files.list(ws.at(...journal.split("/"))).some((name) => NAME.test(name)),
  );
}

/**
 * Every entry of a journal (its name, or names with `/` between), oldest first, with seals and links checked. Throws `JOURNAL_DAMAGED` (exit damaged) with the file and the remedy.
 */
export function readJournal(ws: Workspace, journal: string): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  const base = journalBase(ws, journal);
  for (const name of ws.files
    .list(ws.at(...journal.split("/")))
    .filter((file) => NAME.test(file) && file > entryName(base.seq))) {
    const entry = unseal(ws.files.readText(ws.at(...journal.split("/"), name))) as JournalEntry | null;
    const last = entries.at(-1) ?? base;
    const isNext = entry?.seq === last.seq + 1 && name === entryName(entry.seq) && entry.prev === last.self;
    if (entry === null || !isNext) throw damaged(ws, journal, name);
    entries.push(entry);
  }
  return entries;
}

/** The entry after which a journal begins; the one before the first when nothing was pruned. Throws `JOURNAL_DAMAGED`. */
export function journalBase(ws: Workspace, journal: string): { readonly seq: number; readonly self: string | null } {
  const path = ws.at(...journal.split("/"), BASE);
  if (ws.files.stat(path) === undefined) return { seq: 0, self: null };
  const base = unseal(ws.files.readText(path));
  if (typeof base?.["seq"] !== "number" || typeof base["entry"] !== "string") throw damaged(ws, journal, BASE);
  return { seq: base["seq"], self: base["entry"] };
}

/**
 * Forgets the entries up to this one, durably; the newest entry always stays, because the next one is linked to it. Gives the files that can
 * be deleted, relative to the workspace: those of an interrupted attempt as well.
 */
export function beginJournalAfter(ws: Workspace, journal: string, last: JournalEntry | undefined): readonly string[] {
  const newest = readJournal(ws, journal).at(-1);
  if (last !== undefined && newest !== undefined && last.seq < newest.seq)
    replaceDurably(ws.files, ws.at(...journal.split("/"), BASE), seal({ seq: last.seq, entry: last.self }).text);
  const base = journalBase(ws, journal);
  return ws.files
    .list(ws.at(...journal.split("/")))
    .filter((name) => NAME.test(name) && name <= entryName(base.seq))
    .map((name) => `${journal}/${name}`);
}

/**
 * Appends events durably: when it returns they are there, and after a crash they are there whole or not at all. Throws `JOURNAL_CONFLICT`
 * (exit locked) when another process was quicker: the caller read an older state.
 */
export async function appendJournal(
  ws: Workspace,
  journal: string,
  entry: { readonly at: string; readonly events: readonly unknown[]; readonly after: JournalEntry | undefined },
): Promise<JournalEntry> {
  const body = {
    seq: (entry.after?.seq ?? 0) + 1,
    prev: entry.after?.self ?? null,
    at: entry.at,
    events: entry.events,
  };
  const { text, self } = seal(body);
  const isFree = ws.store === undefined || (await ws.store.append(ws, journal, { name: entryName(body.seq), text }));
  if (!isFree) throw conflict(journal);
  keepJournalEntry(ws, journal, { seq: body.seq, text });
  return { ...body, self };
}

/** Puts the text of an entry in its place. Throws `JOURNAL_CONFLICT` when it is taken. */
export function keepJournalEntry(
  ws: Workspace,
  journal: string,
  { seq, text }: { readonly seq: number; readonly text: string },
): void {
  const { files } = ws;
  files.makeFolder(ws.at(...journal.split("/")));
  const temporary = ws.at(...journal.split("/"), `.tmp-${seq}`);
  // A crash may have left this name as a second one of an entry: writing through it would change the entry.
  files.remove(temporary);
  files.write(temporary, text);
  files.sync(temporary);
  try {
    files.link(temporary, ws.at(...journal.split("/"), entryName(seq)));
  } catch (cause) {
    if (systemCode(cause) !== "FILE_EEXIST") throw cause;
    throw conflict(journal, cause);
  }
  files.sync(ws.at(...journal.split("/")));
  files.remove(temporary);
}

function damaged(ws: Workspace, journal: string, name: string): GrowthosError {
  return new GrowthosError({
    code: "JOURNAL_DAMAGED",
    what: `${ws.at(...journal.split("/"), name)} is damaged`,
    why: "its content does not match its checksum, or it does not follow from the entry before it",
    state: "nothing was changed",
    hint: `restore the workspace from a backup with \`growthos restore\`, or move the folder ${ws.at(...journal.split("/"))} away to begin a new history`,
    exit: "damaged",
  });
}

function conflict(journal: string, cause?: unknown): GrowthosError {
  return new GrowthosError({
    code: "JOURNAL_CONFLICT",
    what: `another process wrote into ${journal} at the same time`,
    state: "nothing was written",
    hint: "run the command again",
    exit: "locked",
    cause,
  });
}
