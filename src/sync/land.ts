import { isoInstant } from "../base/clock.js";
import { addDays, type DateRange, dayInZone, type ISODate } from "../base/dates.js";
import { sha256 } from "../base/hash.js";
import type { Stream } from "../connectors/types.js";
import { setHmacKey } from "../warehouse/hmac.js";
import { type KeptRows, rowsOfOthers } from "../warehouse/kept-rows.js";
import { readSalt } from "../warehouse/layout.js";
import { landLineFile } from "../warehouse/line-file.js";
import { commitEntry, readState } from "../warehouse/log.js";
import { keepQuarantine } from "../warehouse/quarantine.js";
import type { ActivePart, Cursor, Part, Supersession } from "../warehouse/types.js";
import { newLoadId, writePart } from "../warehouse/write-part.js";
import { earlier, joinRanges, later, missingRanges, progressOf, rangesText, type StreamProgress } from "./committed.js";
import { entityChangePart } from "./entity-changes.js";
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
  const days = task.snapshot === undefined ? daysOf(request) : null;
  const cursors = {
    ...cursorEntry(task, progress, nextCursor(request, progress)),
    ...unknownEntry(task, progress, { days, fetched }),
    ...schema.cursors,
  };
  const kept = await keptOf(request, progress, days);
  const isEmpty = fetched.rows + fetched.quarantined === 0 && fetched.received.length === 0 && days === null;
  const ranges = knownRanges(days, fetched);
  const isKnown = isAlreadyThere(progress, ranges, { content: contentOf(fetched, kept), fetched });
  const rows = isKnown || (isEmpty && kept === null) ? [] : await partsOf({ ...request, kept }, ranges);
  const notes = rows.length === 0 ? [] : await notesOf(request, progress, { rows, schema });
  const added = [...rows, ...notes];
  if (added.length > 0 || Object.keys(cursors).length > 0) await commitTask(request, added, cursors);
  const landed = rows.reduce((sum, part) => sum + part.rows, 0) - (rows.length === 0 ? 0 : (kept?.rows ?? 0));
  return { rows: landed, warnings: [...schema.warnings, ...keptWarnings(request, kept)] };
}

/** A slice with the rows that its part must not replace by nothing. */
interface Keeping extends LandRequest {
  readonly kept: KeptRows | null;
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

/** Parts beside the rows: what the platform changed of earlier days, what was set otherwise, and what changed in its records. */
async function notesOf(
  request: LandRequest,
  progress: StreamProgress,
  { rows, schema }: { readonly rows: readonly Part[]; readonly schema: Settled },
): Promise<readonly Part[]> {
  const restated = await restatementPart(request, progress, rows);
  const reset = await entityChangePart(request, progress, rows);
  const changed = await schemaPart(request, schema.changes);
  return [restated, reset, changed].filter((part) => part !== null);
}

/** Files first: of a record that stands in a file and among the rows, the row is newer. */
async function partsOf(request: Keeping, ranges: readonly (DateRange | null)[]): Promise<readonly Part[]> {
  const { fetched } = request;
  const parts: Part[] = [];
  for (const received of fetched.received) parts.push(...(await filePartsOf(request, received, ranges[0] ?? null)));
  if (parts.length > 0 && fetched.rows + fetched.quarantined === 0) return parts;
  if (fetched.unknown.length === 0) return [...parts, await partOf(request, ranges[0] ?? null)];
  // One part for each stretch of known days: a part answers for all of its days.
  for (const days of ranges)
    parts.push(await partOf({ ...request, loadId: newLoadId(request.ws, request.random) }, days));
  return parts;
}

/** The days that the slice is the answer for, without those of which the source had nothing to say; `[null]` for records without days. */
function knownRanges(days: DateRange | null, { unknown }: Fetched): readonly (DateRange | null)[] {
  return days === null ? [null] : missingRanges(days, single(unknown));
}

function single(days: readonly ISODate[]): readonly DateRange[] {
  return joinRanges(days.map((day) => ({ from: day, to: day })));
}

/** The unknown days of a stream after this slice: those of before that were not asked for now, and those of now. */
function unknownEntry(
  task: SyncTask,
  { unknown: before }: StreamProgress,
  { days, fetched }: { readonly days: DateRange | null; readonly fetched: Fetched },
): Readonly<Record<string, Cursor>> {
  if (days === null || (before.length === 0 && fetched.unknown.length === 0)) return {};
  const kept = before.flatMap((range) => missingRanges(range, [days]));
  const [was, is] = [before, joinRanges([...kept, ...single(fetched.unknown)])].map(rangesText);
  return was === is || is === undefined ? {} : { [`${task.source}.${task.stream}`]: { unknown: is } };
}

async function filePartsOf(
  request: LandRequest,
  { path, file, isFolded, fetchedAt }: Fetched["received"][number],
  days: DateRange | null,
): Promise<readonly Part[]> {
  const { ws, db, task, stream, stamp, pii, random } = request;
  if (pii === "hash") await setHmacKey(db, readSalt(ws));
  return landLineFile(
    ws,
    db,
    { ...file, path, isFolded, personal: pii === "keep" ? [] : stream.pii },
    {
      source: task.source,
      stream: task.stream,
      supersession: SUPERSESSION[stream.sync.kind],
      days,
      origin: { api_version: stamp.apiVersion, because: task.because },
      runId: stamp.runId,
      fetchedAt,
      apiVersion: stamp.apiVersion,
      conceal: pii === "drop" ? "drop" : "hash",
      expectRoots: file.expect.roots,
      random,
    },
  );
}

function partOf(request: Keeping, days: DateRange | null): Promise<Part> {
  const { kept, ws, db, task, stream, fetched, ndjson, loadId, stamp } = request;
  const { quarantine } = fetched;
  const { snapshot } = task;
  const isOneOfSeveral = fetched.unknown.length > 0;
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
    from: {
      kind: "ndjson",
      path: ndjson,
      ...(isOneOfSeveral && days !== null ? { only: days } : {}),
      ...(kept === null ? {} : { also: kept.sql }),
    },
    dedupe: "last",
    ...(isOneOfSeveral ? {} : { expectRows: fetched.rows + (kept?.rows ?? 0) }),
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
  ranges: readonly (DateRange | null)[],
  { content, fetched }: { readonly content: string; readonly fetched: Fetched },
): boolean {
  const [days, ...more] = ranges;
  if (days === undefined) return true;
  if (fetched.received.length > 0 || more.length > 0) return false;
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

async function commitTask(
  { ws, stamp, clock }: LandRequest,
  added: readonly Part[],
  cursors: Readonly<Record<string, Cursor>>,
): Promise<void> {
  await commitEntry(ws, {
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
