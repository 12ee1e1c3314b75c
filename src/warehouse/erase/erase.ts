import { dirname } from "node:path";
import { isoInstant } from "../../base/clock.js";
import { GrowthosError } from "../../base/errors.js";
import type { Random } from "../../base/ids.js";
import { deleteNow } from "../gc.js";
import { raiseLayout, readSalt, replaceDurably } from "../layout.js";
import { commitEntry, foldLog, readLog, readState } from "../log.js";
import { seal, unseal } from "../sealed.js";
import type { ActivePart, Database, Part, Workspace } from "../types.js";
import { anonymised } from "./anonymise.js";
import { allNames, rowsHolding } from "./find.js";
import { namesOf } from "./names.js";
import { type Name, nameText } from "./person.js";
import { cleanedQuarantine, quarantinedOf } from "./quarantine.js";
import { keepReceipt, type Receipt, type SealedReceipt } from "./receipt.js";
import { type Changes, copiedPart, digestOf, placeOf } from "./rewrite.js";
import { type Replaced, replacedNames, type Somebody, somebody } from "./somebody.js";
import { ERASED, keepTombstones, tombstoneOf, UNDER_WAY } from "./tombstones.js";
import { cleanJournal, journalsOf, type Traces, tracesOf } from "./traces.js";

/** Where erasing happens. The caller holds all three locks, and nothing waits in the spool. */
export interface ErasePlace {
  readonly ws: Workspace;
  readonly db: Database;
  readonly random: Random;
}

/** What erasing somebody would do. */
export interface Erasure {
  readonly names: readonly Name[];
  readonly lookedThrough: Receipt["looked_through"];
  /** Rows by `source.stream`. */
  readonly rows: Readonly<Record<string, number>>;
  readonly quarantinedRows: number;
  readonly removed: Receipt["removed"];
  readonly journals: readonly string[];
}

/** An erasing that has begun. It names the person, so it is the last thing to go. */
export interface UnderWay {
  readonly id: string;
  readonly at: string;
  readonly names: readonly Replaced[];
  readonly answers: readonly string[];
  readonly stamp: { readonly toolVersion: string; readonly configHash: string };
  /** What is deleted beside the rewritten rows; noted before it is, so that the receipt of an interrupted erasing tells all of it. */
  readonly traces?: Pick<Receipt, "removed" | "journals"> & { readonly searched: number };
}

/** Looks for somebody everywhere; changes nothing. */
export async function planErasure(place: ErasePlace, given: readonly Name[]): Promise<Erasure> {
  const { ws, db, random } = place;
  const salt = readSalt(ws);
  const state = readState(ws);
  const names = await allNames(ws, db, { given, parts: state.parts, salt });
  const who = somebody(replacedNames(names, random), salt);
  const rows: Record<string, number> = {};
  let quarantinedRows = 0;
  let rewritten = 0;
  for (const part of state.parts) {
    const changes = await changesOf(place, part, who);
    if (changes.length > 0) rows[relation(part)] = (rows[relation(part)] ?? 0) + changes.length;
    if (changes.length > 0) rewritten += 1;
    quarantinedRows += await quarantinedOf(place, part, who);
  }
  const traces = tracesOf(ws, state, who);
  return {
    names,
    lookedThrough: lookedThrough(state.parts, traces.searched),
    rows,
    quarantinedRows,
    removed: { ...countsOf(traces), landed: traces.retired.length + rewritten },
    journals: journalsOf(ws, who),
  };
}

/** The erasing that was begun and did not end, or null. Throws `ERASING_DAMAGED`. */
export function erasureUnderWay(ws: Workspace): UnderWay | null {
  const path = ws.at(ERASED, UNDER_WAY);
  if (ws.files.stat(path) === undefined) return null;
  const value = unseal(ws.files.readText(path));
  if (value !== null) return value as unknown as UnderWay;
  throw new GrowthosError({
    code: "ERASING_DAMAGED",
    what: `${path} is damaged`,
    why: "its content does not match its own checksum",
    hint: "remove it, then run `growthos forget` again for the same person",
    exit: "damaged",
  });
}

/** Writes down that somebody is to be erased: from here on it will be, whatever happens. */
export function beginErasing(
  { ws, random }: ErasePlace,
  {
    names,
    answers,
    now,
    stamp,
  }: {
    readonly names: readonly Name[];
    readonly answers: readonly string[];
    readonly now: number;
    readonly stamp: UnderWay["stamp"];
  },
): UnderWay {
  const at = isoInstant(now);
  const id = `erase-${at.slice(0, 10).replaceAll("-", "")}-${random.hex(4)}`;
  const begun: UnderWay = { id, at, names: replacedNames(names, random), answers, stamp };
  ws.files.makeFolder(ws.at(ERASED));
  ws.files.sync(ws.root);
  keepUnderWay(ws, begun);
  return begun;
}

/**
 * Erases somebody, or goes on where it was interrupted: the list of who was erased, then one commit with the rewritten parts, then what is
 * older than that, then the receipt. After a crash at any point the next call ends it.
 */
export async function finishErasing(place: ErasePlace, begun: UnderWay): Promise<SealedReceipt> {
  const { ws } = place;
  const salt = readSalt(ws);
  const who = somebody(begun.names, salt);
  const tombstones = new Map(begun.names.map((name) => [tombstoneOf(name, salt), begun.at]));
  // An older version would not know the list, and land them again.
  raiseLayout(ws, 2);
  keepTombstones(ws, tombstones);
  await ws.store?.tellErased(ws, { id: begun.id, names: Object.fromEntries(tombstones) });
  if (!readLog(ws).some(({ runId }) => runId === begun.id)) await commitWithout(place, begun, who);
  const { state, rows, quarantinedRows, version } = committed(ws, begun);
  const found = tracesOf(ws, state, who);
  const journals = journalsOf(ws, who);
  const traces = begun.traces ?? { removed: countsOf(found), journals, searched: found.searched };
  if (begun.traces === undefined) keepUnderWay(ws, { ...begun, traces });
  for (const journal of [...new Set([...traces.journals, ...journals])]) cleanJournal(ws, journal, who);
  await ws.store?.erase(ws, [...new Set([...traces.journals, ...journals])]);
  deleteNow(ws, [...found.retired, ...found.builds, ...found.staged, ...found.written]);
  const receipt = keepReceipt(ws, {
    id: begun.id,
    workspace: ws.name,
    at: begun.at,
    log_version: version,
    names: countByKind(begun.names),
    looked_through: lookedThrough(state.parts, traces.searched),
    changed: rows,
    quarantined_rows: quarantinedRows,
    removed: traces.removed,
    journals: traces.journals,
    answers: begun.answers,
    remains: remainsOf(ws),
  });
  deleteNow(ws, [`${ERASED}/${UNDER_WAY}`]);
  return receipt;
}

function keepUnderWay(ws: Workspace, begun: UnderWay): void {
  replaceDurably(ws.files, ws.at(ERASED, UNDER_WAY), seal({ ...begun }).text);
}

function countsOf({ retired, builds, staged, written }: Traces): Receipt["removed"] {
  return { landed: retired.length, builds: builds.length, staged: staged.length, written: written.length };
}

async function commitWithout(place: ErasePlace, begun: UnderWay, who: Somebody): Promise<void> {
  const { ws } = place;
  const added: Part[] = [];
  const removed: { path: string; reason: string }[] = [];
  for (const part of readState(ws).parts) {
    const changes = await changesOf(place, part, who);
    const quarantine = await cleanedQuarantine(place, part, who);
    if (changes.length === 0 && quarantine === null) continue;
    const { erased_rows: _before, erased_quarantine: _too, ...was } = quarantine?.origin ?? part.origin;
    const origin = {
      ...was,
      ...(changes.length === 0 ? {} : { erased_rows: changes.length }),
      ...(quarantine === null ? {} : { erased_quarantine: quarantine.rows }),
    };
    const own: Part = changes.length === 0 ? withoutPlace(part) : await copiedPart(place, part, changes);
    added.push({ ...own, origin });
    removed.push({ path: part.path, reason: `erased (${begun.id})` });
  }
  // Other machines learn from the commit that there is somebody to forget, also when no landed row is theirs.
  if (added.length === 0 && ws.store === undefined) return;
  await commitEntry(ws, { kind: "erase", runId: begun.id, added, removed, cursors: {}, ...begun.stamp, at: begun.at });
}

function withoutPlace({ ordinal, runId, at, ...part }: ActivePart): Part {
  return { ...part, inPlaceOf: placeOf({ ordinal, runId, at, ...part }) };
}

/** The rows of a part that are otherwise without somebody. */
async function changesOf({ ws, db }: ErasePlace, part: ActivePart, who: Somebody): Promise<Changes> {
  if (who.names.length === 0) return [];
  const stream = namesOf(part.source, part.stream);
  return (await rowsHolding(ws, db, part, who.names)).flatMap((row) => {
    const is = anonymised(row, stream, who.disguise);
    return is === null ? [] : [{ ...row, ...is, hash: digestOf(row, is.payload) }];
  });
}

/** What the commit says that was done; of an erasing that changed no landed row, nothing. */
function committed(ws: Workspace, begun: UnderWay) {
  const entries = readLog(ws);
  const own = entries.find(({ runId }) => runId === begun.id);
  const rows: Record<string, number> = {};
  let quarantinedRows = 0;
  for (const part of own?.added ?? []) {
    const changed = Number(part.origin["erased_rows"] ?? 0);
    if (changed > 0) rows[relation(part)] = (rows[relation(part)] ?? 0) + changed;
    quarantinedRows += Number(part.origin["erased_quarantine"] ?? 0);
  }
  const state = foldLog(entries);
  return { state, rows, quarantinedRows, version: own?.version ?? state.version };
}

function relation({ source, stream }: Pick<Part, "source" | "stream">): string {
  return `${source}.${stream}`;
}

function lookedThrough(parts: readonly ActivePart[], files: number): Receipt["looked_through"] {
  return { parts: parts.length, rows: parts.reduce((sum, { rows }) => sum + rows, 0), files };
}

/** Names by kind; one in two writings is one. */
export function countByKind(names: readonly Name[]): Receipt["names"] {
  const counts: Partial<Record<Name["kind"], number>> = {};
  for (const id of new Set(names.map(nameText))) {
    const kind = id.split(" ")[0] as Name["kind"];
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

const REMAINS_OF_STORE =
  "other machines on this store: builds and caches go with their next sync or build, reports that they wrote stay until they are deleted; older versions of objects, if the bucket keeps them: delete those below landing, quarantine, staged and journals";

function remainsOf(ws: Workspace): readonly string[] {
  const aside = ws.files.list(dirname(ws.root)).filter((name) => name.startsWith(`.replaced-${ws.name}-`));
  return [
    "backups that were made before, wherever they are: delete them, or erase the person again after restoring one",
    ...aside.map((name) => `the folder workspaces/${name}, kept aside by a restore: delete it`),
    "what the vendors and the files that are imported hold themselves: ask there; it does not come back from there",
    "the numbers of orders and payments, which the books need",
    "what was given away: files of `export`, tables of `publish` with people (the next publish replaces them), an engine that is no longer used, connections to `serve --pg` that are still open",
    ...(ws.store === undefined ? [] : [REMAINS_OF_STORE]),
  ];
}
