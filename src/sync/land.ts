import { isoInstant } from "../base/clock.js";
import { addDays, type DateRange, dayInZone } from "../base/dates.js";
import { sha256 } from "../base/hash.js";
import type { Stream } from "../connectors/types.js";
import { setHmacKey } from "../warehouse/hmac.js";
import { type KeptRows, rowsOfOthers } from "../warehouse/kept-rows.js";
import { readSalt } from "../warehouse/layout.js";
import { landLineFile } from "../warehouse/line-file.js";
import { commit, readState } from "../warehouse/log.js";
import { keepQuarantine } from "../warehouse/quarantine.js";
import type { ActivePart, Cursor, Part, Supersession } from "../warehouse/types.js";
import { writePart } from "../warehouse/write-part.js";
import { earlier, later, progressOf, type StreamProgress } from "./committed.js";
import type { Fetched } from "./fetch-slice.js";
import type { LandRequest } from "./land-request.js";
import { restatementPart } from "./restatements.js";
import { type Settled, schemaPart, settled } from "./schema-log.js";
import type { SyncTask } from "./types.js";

/** What a slice brought into the warehouse. */
export interface Landed {
  /** Rows committed. */
  readonly rows: number;
  readonly warnings: readonly string[];
}

/**
 * Turns a slice into verified parts and commits them together with the cursor, what the platform restated and what changed in its
 * schema: one entry, so none of it exists without the rest. Days that brought exactly what is already there add nothing.
 * Throws `SCHEMA_CHANGED` under the contract `freeze`.
 */
export async function land(request: LandRequest): Promise<Landed> {
  const { ws, task, fetched } = request;
  const state = readState(ws);
  const progress = progressOf(state, task.source, task.stream);
  const schema = settled(request, state);
  const cursors = { ...cursorEntry(task, progress, nextCursor(request, progress)), ...schema.cursors };
  const days = task.snapshot === undefined ? daysOf(request) : null;
  const kept = await keptOf(request, progress, days);
  const isEmpty = fetched.rows + fetched.quarantined === 0 && fetched.received.length === 0 && days === null;
  const isKnown = isAlreadyThere(progress, days, { content: contentOf(fetched, kept), fetched });
  const rows = isKnown || (isEmpty && kept === null) ? [] : await partsOf(request, days, kept);
  const notes = rows.length === 0 ? [] : await notesOf(request, progress, { rows, schema });
  const added = [...rows, ...notes];
  if (added.length > 0 || Object.keys(cursors).length > 0) commitTask(request, added, cursors);
  const landed = rows.reduce((sum, part) => sum + part.rows, 0) - (rows.length === 0 ? 0 : (kept?.rows ?? 0));
  return { rows: landed, warnings: [...schema.warnings, ...keptWarnings(request, kept)] };
}

/** What was read before of accounts that could not be read now: it would be replaced by nothing, so it is landed again. */
async function keptOf(
  request: LandRequest,
  { parts }: StreamProgress,
  days: DateRange | null,
): Promise<KeptRows | null> {
  const { ws, db, task, fetched, stream } = request;
  const { owners } = fetched;
  if (owners === null || task.snapshot !== undefined || stream.sync.kind === "cursor") return null;
  return rowsOfOthers(db, { ws, source: task.source, stream: task.stream, parts }, { owners, days });
}

/** Figures that stand still are worth a word; entities of an account that is gone are not. */
function keptWarnings({ task }: LandRequest, kept: KeptRows | null): readonly string[] {
  if (kept === null || task.slice.kind !== "days") return [];
  const { from, to } = task.slice.days;
  return [
    `${task.stream}: nothing was read of ${kept.owners.join(", ")} for ${from} … ${to}: the ${kept.rows} rows that were read before stay`,
  ];
}

function contentOf({ digest }: Fetched, kept: KeptRows | null): string {
  return kept === null ? digest : sha256(`${digest} ${kept.digest}`);
}

/** Parts beside the rows: what the platform changed of earlier days, and what changed in its records. */
async function notesOf(
  request: LandRequest,
  progress: StreamProgress,
  { rows, schema }: { readonly rows: readonly Part[]; readonly schema: Settled },
): Promise<readonly Part[]> {
  const restated = await restatementPart(request, progress, rows);
  const changed = await schemaPart(request, schema.changes);
  return [restated, changed].filter((part) => part !== null);
}

/** Files first: of a record that stands in a file and among the rows, the row is newer. */
async function partsOf(request: LandRequest, days: DateRange | null, kept: KeptRows | null): Promise<readonly Part[]> {
  const { fetched } = request;
  const parts: Part[] = [];
  for (const received of fetched.received) parts.push(...(await filePartsOf(request, received, days)));
  const isOnlyFiles = parts.length > 0 && fetched.rows + fetched.quarantined === 0;
  return isOnlyFiles ? parts : [...parts, await partOf(request, days, kept)];
}

async function filePartsOf(
  request: LandRequest,
  { path, file, fetchedAt }: Fetched["received"][number],
  days: DateRange | null,
): Promise<readonly Part[]> {
  const { ws, db, task, stream, stamp, pii, random } = request;
  if (pii === "hash") await setHmacKey(db, readSalt(ws));
  return landLineFile(
    ws,
    db,
    { ...file, path },
    {
      source: task.source,
      stream: task.stream,
      supersession: SUPERSESSION[stream.sync.kind],
      days,
      origin: { api_version: stamp.apiVersion, because: task.because },
      runId: stamp.runId,
      fetchedAt,
      apiVersion: stamp.apiVersion,
      pii: { paths: stream.pii, policy: pii },
      expectRoots: file.expect.roots,
      random,
    },
  );
}

function partOf(request: LandRequest, days: DateRange | null, kept: KeptRows | null): Promise<Part> {
  const { ws, db, task, stream, fetched, ndjson, loadId, stamp } = request;
  const { quarantine } = fetched;
  const { snapshot } = task;
  const quarantined = quarantine === null ? {} : keepQuarantine(ws, quarantine, fetched.quarantined);
  const origin = {
    api_version: stamp.apiVersion,
    content: contentOf(fetched, kept),
    because: task.because,
    ...quarantined,
  };
  return writePart(ws, db, {
    source: task.source,
    stream: task.stream,
    loadId,
    supersession: snapshot === undefined ? SUPERSESSION[stream.sync.kind] : "key",
    days,
    origin: snapshot === undefined ? origin : { ...origin, snapshot },
    from: { kind: "ndjson", path: ndjson, ...(kept === null ? {} : { also: kept.sql }) },
    dedupe: "last",
    expectRows: fetched.rows + (kept?.rows ?? 0),
  });
}

const SUPERSESSION: Readonly<Record<Stream["sync"]["kind"], Supersession>> = {
  full: "full",
  cursor: "key",
  window: "window",
};

/** The days for which the part is the answer, so that a day without records is known to be empty. */
function daysOf({ task, asOf, since, timeZone }: LandRequest): DateRange | null {
  const { slice } = task;
  if (slice.kind === "days") return slice.days;
  if (slice.kind === "full") return null;
  const start = dayInZone(Date.parse(slice.since), timeZone);
  // The day in which the slice ends is not covered by it.
  const end = addDays(dayInZone(Date.parse(slice.until), timeZone), -1);
  const from = later(start, since ?? start);
  const to = earlier(end, addDays(asOf, -1));
  return from <= to ? { from, to } : null;
}

/** True when the newest part of exactly these days holds exactly these records. Files are not compared: they are read once. */
function isAlreadyThere(
  progress: StreamProgress,
  days: DateRange | null,
  { content, fetched }: { readonly content: string; readonly fetched: Fetched },
): boolean {
  if (fetched.received.length > 0) return false;
  const newest = progress.parts.findLast((part) => touches(part, days));
  const isSame = newest?.days?.from === days?.from && newest?.days?.to === days?.to;
  return newest !== undefined && isSame && newest.origin["content"] === content;
}

function touches(part: ActivePart, days: DateRange | null): boolean {
  return days === null || part.days === null || (part.days.from <= days.to && part.days.to >= days.from);
}

/** Where the stream stands after this slice. Never backwards, and never past the vendor's own clock. */
function nextCursor({ task, stream, fetched }: LandRequest, { cursor }: StreamProgress): Cursor | null {
  const { slice, because } = task;
  if (stream.sync.kind !== "cursor" || slice.kind !== "since" || because === "forced") return null;
  const server = fetched.serverTime === null ? slice.until : isoInstant(fetched.serverTime);
  const until = earlier(slice.until, server);
  if (cursor === null) return { since: slice.since, until };
  return { since: earlier(slice.since, cursor.since), until: later(until, cursor.until) };
}

function cursorEntry(
  task: SyncTask,
  { cursor }: StreamProgress,
  next: Cursor | null,
): Readonly<Record<string, Cursor>> {
  const moves = next !== null && (cursor === null || cursor.since !== next["since"] || cursor.until !== next["until"]);
  return moves ? { [`${task.source}.${task.stream}`]: next } : {};
}

function commitTask(
  { ws, stamp, clock }: LandRequest,
  added: readonly Part[],
  cursors: Readonly<Record<string, Cursor>>,
): void {
  commit(ws, {
    kind: added.length > 0 ? "append" : "state",
    runId: stamp.runId,
    added,
    removed: [],
    cursors,
    toolVersion: stamp.toolVersion,
    configHash: stamp.configHash,
    at: isoInstant(clock.now()),
  });
}
