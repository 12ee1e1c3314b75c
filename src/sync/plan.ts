import { isoInstant } from "../base/clock.js";
import { addDays, type DateRange, dayInZone, type ISODate, isoDate } from "../base/dates.js";
import type { SyncMode } from "../connectors/types.js";
import { keptFrom } from "../warehouse/pruned.js";
import type { WarehouseState } from "../warehouse/types.js";
import {
  chunksNewestFirst,
  earlier,
  joinRanges,
  later,
  missingRanges,
  progressOf,
  type StreamProgress,
} from "./committed.js";
import { snapshotAt, snapshotStream } from "./snapshots.js";
import type { Because, SyncPlan, SyncSelection, SyncTask } from "./types.js";

/** History read by a first run when the config names no first day. */
export const DEFAULT_HISTORY_DAYS = 730;

/** Cursor streams are read in pieces of this many days, so that a long first run is committed as it goes. */
const CURSOR_CHUNK_DAYS = 30;
const DAY_MS = 86_400_000;
/** Before any shop. */
const BEGINNING_DAY = isoDate("2000-01-01");
const BEGINNING = startOf(BEGINNING_DAY);

/** A stream that the config asks for. */
export interface ConfiguredStream {
  readonly source: string;
  readonly stream: string;
  readonly sync: SyncMode;
  /** First day wanted, in the shop's days; null: `DEFAULT_HISTORY_DAYS` before the as-of day. */
  readonly since: ISODate | null;
  /** May be read for the day under way. */
  readonly today?: boolean;
}

/** What a plan is made from. */
export interface PlanInput {
  readonly streams: readonly ConfiguredStream[];
  readonly state: WarehouseState;
  readonly asOf: ISODate;
  /** The present instant, ms since 1970 UTC: the end of what cursor streams ask for. */
  readonly now: number;
  readonly selection?: SyncSelection;
}

/** Which slices to read and why; pure. The newest first: the report needs the recent days, and history can follow. */
export function planTasks(input: PlanInput): SyncPlan {
  if (input.selection?.today === true) return { asOf: input.asOf, tasks: snapshotTasks(input) };
  const tasks = input.streams
    .filter((stream) => isSelected(stream, input.selection))
    .flatMap((stream) =>
      slicesOf(stream, input).map(({ slice, because }) => ({
        source: stream.source,
        stream: stream.stream,
        slice,
        because,
      })),
    );
  return { asOf: input.asOf, tasks };
}

function snapshotTasks(input: PlanInput): readonly SyncTask[] {
  const day = input.asOf;
  return input.streams
    .filter((stream) => stream.today === true && isSelected(stream, input.selection))
    .map((stream) => ({
      source: stream.source,
      stream: snapshotStream(stream.stream),
      slice: { kind: "days", days: { from: day, to: day } },
      because: "today",
      snapshot: snapshotAt(input.now),
    }));
}

type Piece = Pick<SyncTask, "slice" | "because">;

function isSelected(stream: ConfiguredStream, selection: SyncSelection | undefined): boolean {
  const names = [stream.stream, `${stream.source}.${stream.stream}`];
  const bySource = selection?.sources?.includes(stream.source) ?? true;
  return bySource && (selection?.streams?.some((wanted) => names.includes(wanted)) ?? true);
}

function slicesOf(stream: ConfiguredStream, input: PlanInput): readonly Piece[] {
  // Pruned days are not missing: they are over.
  const firsts = [reachOf(stream.sync, input.now), keptFrom(input.state, stream.source, stream.stream)];
  return piecesOf(stream, input).flatMap((one) =>
    firsts.reduce<readonly Piece[]>((pieces, first) => pieces.flatMap((each) => within(each, first)), [one]),
  );
}

/** The first day that the vendor answers for, by its present and not by what the run is as of; null: any. */
function reachOf(sync: SyncMode, now: number): ISODate | null {
  if (sync.kind !== "window" || sync.reachDays === undefined) return null;
  return addDays(dayInZone(now, "UTC"), -sync.reachDays);
}

function within(one: Piece, first: ISODate | null): readonly Piece[] {
  if (first === null || one.slice.kind !== "days" || one.slice.days.from >= first) return [one];
  const { to } = one.slice.days;
  return to < first ? [] : [{ ...one, slice: { kind: "days", days: { from: first, to } } }];
}

function piecesOf(stream: ConfiguredStream, input: PlanInput): readonly Piece[] {
  const progress = progressOf(input.state, stream.source, stream.stream);
  const since = stream.since ?? addDays(input.asOf, -DEFAULT_HISTORY_DAYS);
  const { backfill } = input.selection ?? {};
  const force = forcedDays(stream, since, input);
  if (backfill !== undefined) return backfillSlices(stream, progress, { range: backfill, input });
  if (stream.sync.kind === "full") {
    return [
      {
        slice: { kind: "full" },
        because: force !== null ? "forced" : progress.parts.length === 0 ? "first_run" : "new_days",
      },
    ];
  }
  if (stream.sync.kind === "cursor") {
    return force !== null
      ? forcedInstants(stream.sync, force, input.now)
      : cursorSlices(progress, since, stream.sync, input.now);
  }
  const last = addDays(input.asOf, -1);
  if (force === null) return windowSlices(progress, { from: since, to: last }, stream.sync);
  return days({ from: force.from, to: earlier(force.to, last) }, stream.sync.chunkDays, "forced");
}

/**
 * What is missing of the days, newest first. A cursor stream is one stretch of time without holes: it is read from the first of the
 * days up to where it begins until now (up to now when it was never read), whatever the last of the days is.
 */
function backfillSlices(
  { sync }: ConfiguredStream,
  progress: StreamProgress,
  { range, input }: { readonly range: DateRange; readonly input: PlanInput },
): readonly Piece[] {
  if (sync.kind === "full") return [];
  if (sync.kind === "cursor") {
    const end = progress.cursor === null ? input.now : Date.parse(progress.cursor.since);
    return instants(startOf(addDays(range.from, -1)), end, "backfill");
  }
  const wanted = { from: range.from, to: earlier(range.to, addDays(input.asOf, -1)) };
  return [...missingRanges(wanted, progress.covered)]
    .reverse()
    .flatMap((missing) => days(missing, sync.chunkDays, "backfill"));
}

function forcedInstants(
  { fromTheBeginning }: Extract<SyncMode, { kind: "cursor" }>,
  { from, to }: DateRange,
  now: number,
): readonly Piece[] {
  const end = Math.min(startOf(addDays(to, 1)), now);
  const isWhole = fromTheBeginning === true && from === BEGINNING_DAY;
  return isWhole ? [piece(BEGINNING, end, "forced")] : instants(startOf(from), end, "forced");
}

/** The days to read again whatever is covered; null when that is not wanted. */
function forcedDays({ sync }: ConfiguredStream, since: ISODate, { selection, asOf }: PlanInput): DateRange | null {
  if (selection?.everything !== true) return selection?.force ?? null;
  const isFromTheBeginning = sync.kind === "cursor" && sync.fromTheBeginning === true;
  // A day earlier, and today as well, for streams whose days are instants.
  if (sync.kind === "cursor") return { from: isFromTheBeginning ? BEGINNING_DAY : addDays(since, -1), to: asOf };
  return { from: since, to: addDays(asOf, -1) };
}

function cursorSlices(
  progress: StreamProgress,
  since: ISODate,
  mode: Extract<SyncMode, { kind: "cursor" }>,
  now: number,
): readonly Piece[] {
  // A day earlier: the shop's first day begins up to 14 hours before the UTC day of that name.
  const start = mode.fromTheBeginning ? BEGINNING : startOf(addDays(since, -1));
  const { cursor } = progress;
  if (cursor === null)
    return mode.fromTheBeginning ? [piece(start, now, "first_run")] : instants(start, now, "first_run");
  const until = Date.parse(cursor.until);
  const older = instants(start, Date.parse(cursor.since), "gap");
  if (until >= now) return older;
  // What is new is one stretch from the cursor on, oldest first: each piece moves the cursor, and none may be jumped over.
  return [...[...instants(until - mode.overlapMinutes * 60_000, now, "new_days")].reverse(), ...older];
}

function piece(from: number, to: number, because: Because): Piece {
  return { slice: { kind: "since", since: isoInstant(from), until: isoInstant(to) }, because };
}

function startOf(day: ISODate): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** Half-open instants in pieces, newest first: each piece moves the beginning of what is covered back by itself. */
function instants(from: number, to: number, because: Because): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let end = to; end > from; end -= CURSOR_CHUNK_DAYS * DAY_MS) {
    pieces.push(piece(Math.max(end - CURSOR_CHUNK_DAYS * DAY_MS, from), end, because));
  }
  return pieces;
}

/**
 * New days and the look-back in one run of days, then what is missing before it. Nothing after the last complete day.
 * A first run begins with the look-back too, so that reading it again asks for the same slice and can be found unchanged.
 */
function windowSlices(
  progress: StreamProgress,
  wanted: DateRange,
  mode: Extract<SyncMode, { kind: "window" }>,
): readonly Piece[] {
  // A day of which the source had nothing to say is asked for again by the look-back and by `--backfill`, not by every run.
  const asked = joinRanges([...progress.covered, ...progress.unknown]);
  const lookback = addDays(wanted.to, 1 - mode.lookbackDays);
  const first = asked[0]?.from ?? addDays(wanted.to, 1);
  const known = asked.at(-1)?.to ?? addDays(wanted.from, -1);
  const isNew = asked.length === 0;
  const head = {
    from: isNew
      ? later(lookback, wanted.from)
      : later(earlier(lookback, addDays(known, 1)), earlier(first, wanted.from)),
    to: wanted.to,
  };
  const recent = chunksNewestFirst(head, mode.chunkDays).map((chunk) =>
    ofDays(chunk, isNew ? "first_run" : chunk.to > known ? "new_days" : "lookback"),
  );
  const before = missingRanges({ from: wanted.from, to: addDays(head.from, -1) }, asked);
  const older = [...before]
    .reverse()
    .flatMap((range) => days(range, mode.chunkDays, range.to < first ? "first_run" : "gap"));
  return [...recent, ...older];
}

function days(range: DateRange, chunkDays: number, because: Because): readonly Piece[] {
  return chunksNewestFirst(range, chunkDays).map((chunk) => ofDays(chunk, because));
}

function ofDays(chunk: DateRange, because: Because): Piece {
  return { slice: { kind: "days", days: chunk }, because };
}
