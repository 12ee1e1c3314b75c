/**
 * Journals in a store: `journals/<name>/<writing>/<seq>.json`. An entry is put under its number if that is free, as in a folder. A journal that
 * is rewritten (somebody is erased from it) is put whole as the next writing; then the old one is ended by an entry that names the new one,
 * put where its next entry would have come, so that nobody adds to the old one unnoticed. Only then is the old one deleted.
 */
import { GrowthosError } from "../../base/errors.js";
import { sha256 } from "../../base/hash.js";
import type { Objects, StoredObject } from "../../base/objects.js";
import { ALERTS_JOURNAL, entryName, keepJournalEntry, readJournal } from "../journal.js";
import { seal, unseal } from "../sealed.js";
import type { Workspace } from "../types.js";
import { inParallel } from "./parts.js";

/** The journals that machines share. The others are about mails, which one machine sends. */
export const SHARED_JOURNALS: readonly string[] = [ALERTS_JOURNAL];

interface Writing {
  readonly number: number;
  /** Keys of its entries, in order. */
  readonly keys: readonly string[];
  /** Entries of earlier writings, without their ends: nobody reads them any more. */
  readonly leftovers: readonly StoredObject[];
}

const keyOf = (journal: string, writing: number, name: string): string =>
  `journals/${journal}/${String(writing).padStart(6, "0")}/${name}`;

/** Brings a journal here as the store has it; gives the number of its writing. What is here and not there was never told to anybody. */
export async function refreshJournal(ws: Workspace, objects: Objects, journal: string): Promise<number> {
  const { number, keys } = await currentWriting(objects, journal);
  const own = readJournal(ws, journal);
  const last = own.at(-1);
  const isAhead =
    last !== undefined && (await isSame(ws, objects, { journal, key: keyOf(journal, number, entryName(last.seq)) }));
  if (!isAhead) ws.files.remove(ws.at(...journal.split("/")));
  const wanted = keys.filter((key) => !isAhead || (key.split("/").at(-1) ?? "") > entryName(last.seq));
  const texts = new Map<string, string>();
  await inParallel(wanted, async (key) => void texts.set(key, textOf(await objects.get(key))));
  // In their order: what a crash leaves is a shorter journal, not one with a hole.
  for (const key of wanted) {
    const seq = Number((key.split("/").at(-1) ?? "").slice(0, 12));
    keepJournalEntry(ws, journal, { seq, text: texts.get(key) ?? "" });
  }
  readJournal(ws, journal);
  return number;
}

async function isSame(
  ws: Workspace,
  objects: Objects,
  { journal, key }: { readonly journal: string; readonly key: string },
): Promise<boolean> {
  const there = await objects.get(key);
  return (
    there !== null && textOf(there) === ws.files.readText(ws.at(...journal.split("/"), key.split("/").at(-1) ?? ""))
  );
}

/** Adds an entry to a writing, if its place is free. */
export function appendToStore(
  objects: Objects,
  { journal, writing }: { readonly journal: string; readonly writing: number },
  entry: { readonly name: string; readonly text: string },
): Promise<boolean> {
  return objects.putIfAbsent(keyOf(journal, writing, entry.name), entry.text);
}

/** Puts the journal that is here in the place of the store's, which held somebody. Throws `JOURNAL_CONFLICT` when another machine added to it. */
export async function replaceInStore(ws: Workspace, objects: Objects, journal: string): Promise<void> {
  const before = await currentWriting(objects, journal);
  const entries = readJournal(ws, journal);
  const last = entries.at(-1);
  if (last === undefined) return;
  const isThere = await isSame(ws, objects, { journal, key: keyOf(journal, before.number, entryName(last.seq)) });
  if (isThere) return;
  const next = before.number + 1;
  await inParallel(entries, async ({ seq }) => {
    const text = ws.files.readText(ws.at(...journal.split("/"), entryName(seq)));
    const bytes = Buffer.from(text, "utf8");
    const body = { bytes: bytes.length, sha256: sha256(bytes), read: () => [bytes] };
    await objects.put(keyOf(journal, next, entryName(seq)), body);
  });
  const end = entryName(last.seq + 1);
  if (!(await objects.putIfAbsent(keyOf(journal, before.number, end), seal({ moved: next }).text)))
    throw addedTo(journal);
  await inParallel(before.keys, (key) => objects.remove(key));
}

/** Entries that an interrupted erasing left in writings that were ended; they may name who was erased. */
export async function leftoversOf(objects: Objects, journal: string): Promise<readonly StoredObject[]> {
  return (await currentWriting(objects, journal)).leftovers;
}

/** The newest writing that is whole: the first, or one that the end of the writing before it names. */
async function currentWriting(objects: Objects, journal: string): Promise<Writing> {
  const writings = new Map<number, StoredObject[]>();
  for (const object of await objects.list(`journals/${journal}/`)) {
    const match = /\/(\d{6})\/\d{12}\.json$/.exec(object.key);
    if (match !== null) writings.set(Number(match[1]), [...(writings.get(Number(match[1])) ?? []), object]);
  }
  const keysOf = (number: number) => (writings.get(number) ?? []).map(({ key }) => key);
  const newest = Math.max(1, ...writings.keys());
  for (let number = newest; number > 1; number--) {
    const end = keysOf(number - 1).at(-1);
    const moved = end === undefined ? null : unseal(textOf(await objects.get(end)));
    if (moved?.["moved"] !== number) continue;
    const earlier = [...writings].filter(([other]) => other < number);
    return { number, keys: keysOf(number), leftovers: earlier.flatMap(([, objects]) => objects.slice(0, -1)) };
  }
  return { number: 1, keys: keysOf(1), leftovers: [] };
}

function textOf(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString("utf8");
}

function addedTo(journal: string): GrowthosError {
  return new GrowthosError({
    code: "JOURNAL_CONFLICT",
    what: `another machine added to the history of ${journal} while somebody was erased from it`,
    state: "the landed rows are without them; the history in the store is as it was",
    hint: "run `growthos forget --yes` again: it goes on from there",
    exit: "locked",
  });
}
