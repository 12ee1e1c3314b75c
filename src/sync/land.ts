import { type Clock, isoInstant } from "../base/clock.js";
import { addDays, type DateRange, dayInZone, type ISODate } from "../base/dates.js";
import type { Stream } from "../connectors/types.js";
import { commit, readState } from "../warehouse/log.js";
import { keepQuarantine } from "../warehouse/quarantine.js";
import type { ActivePart, Cursor, Database, Part, Supersession, Workspace } from "../warehouse/types.js";
import { writePart } from "../warehouse/write-part.js";
import { earlier, later, progressOf, type StreamProgress } from "./committed.js";
import type { Fetched } from "./fetch-slice.js";
import type { SyncTask } from "./types.js";

/** A slice that was read whole, ready to be committed. */
export interface LandRequest {
  readonly ws: Workspace;
  readonly db: Database;
  readonly task: SyncTask;
  readonly stream: Stream;
  readonly fetched: Fetched;
  readonly ndjson: string;
  readonly loadId: string;
  readonly asOf: ISODate;
  readonly since: ISODate | null;
  readonly timeZone: string;
  readonly stamp: {
    readonly runId: string;
    readonly apiVersion: string;
    readonly toolVersion: string;
    readonly configHash: string;
  };
  readonly clock: Clock;
}

/**
 * Turns a slice into one verified part and commits it together with the cursor: one entry, so neither exists without the other.
 * Days that brought exactly what is already there add nothing. Gives the rows committed.
 */
export async function land(request: LandRequest): Promise<number> {
  const { ws, task, fetched } = request;
  const progress = progressOf(readState(ws), task.source, task.stream);
  const cursor = nextCursor(request, progress);
  const days = daysOf(request);
  const isKnown = isAlreadyThere(progress, days, fetched);
  const isEmpty = fetched.rows + fetched.quarantined === 0 && days === null;
  const added = isKnown || isEmpty ? [] : [await partOf(request, days)];
  if (added.length > 0 || moves(progress, cursor)) commitTask(request, added, cursor);
  return added.reduce((sum, part) => sum + part.rows, 0);
}

function partOf(request: LandRequest, days: DateRange | null): Promise<Part> {
  const { ws, db, task, stream, fetched, ndjson, loadId, stamp } = request;
  const { quarantine } = fetched;
  const quarantined = quarantine === null ? {} : keepQuarantine(ws, quarantine, fetched.quarantined);
  return writePart(ws, db, {
    source: task.source,
    stream: task.stream,
    loadId,
    supersession: SUPERSESSION[stream.sync.kind],
    days,
    origin: { api_version: stamp.apiVersion, content: fetched.digest, because: task.because, ...quarantined },
    from: { kind: "ndjson", path: ndjson },
    dedupe: "last",
    expectRows: fetched.rows,
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

/** True when the newest part of exactly these days holds exactly these records. */
function isAlreadyThere(progress: StreamProgress, days: DateRange | null, fetched: Fetched): boolean {
  const newest = progress.parts.findLast((part) => touches(part, days));
  const isSame = newest?.days?.from === days?.from && newest?.days?.to === days?.to;
  return newest !== undefined && isSame && newest.origin["content"] === fetched.digest;
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

function moves({ cursor }: StreamProgress, next: Cursor | null): boolean {
  return next !== null && (cursor === null || cursor.since !== next["since"] || cursor.until !== next["until"]);
}

function commitTask({ ws, task, stamp, clock }: LandRequest, added: readonly Part[], cursor: Cursor | null): void {
  commit(ws, {
    kind: added.length > 0 ? "append" : "state",
    runId: stamp.runId,
    added,
    removed: [],
    cursors: cursor === null ? {} : { [`${task.source}.${task.stream}`]: cursor },
    toolVersion: stamp.toolVersion,
    configHash: stamp.configHash,
    at: isoInstant(clock.now()),
  });
}
