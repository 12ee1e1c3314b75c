import { addDays, type DateRange, dayNumber, fromDayNumber, isoDate } from "../base/dates.js";
import type { ActivePart, WarehouseState } from "../warehouse/types.js";

/** How far a stream has been read, according to the log alone. */
export interface StreamProgress {
  /** Records changed in `since` (included) to `until` (excluded) are in; null before the first commit. Instants, ISO 8601 UTC. */
  readonly cursor: { readonly since: string; readonly until: string } | null;
  /** Days that parts answer for, in order, neighbours joined. */
  readonly covered: readonly DateRange[];
  /** Days that were asked for and of which the source had nothing to say: not covered, and not asked for again by themselves. */
  readonly unknown: readonly DateRange[];
  /** The stream's active parts, oldest first. */
  readonly parts: readonly ActivePart[];
}

/** The progress of one stream: a pure fold, there is no other memory of it. */
export function progressOf(state: WarehouseState, source: string, stream: string): StreamProgress {
  const parts = state.parts
    .filter((part) => part.source === source && part.stream === stream)
    .sort((a, b) => a.ordinal - b.ordinal);
  return {
    cursor: cursorOf(state, `${source}.${stream}`),
    covered: joinRanges(parts.flatMap((part) => (part.days === null ? [] : [part.days]))),
    unknown: unknownOf(state, `${source}.${stream}`),
    parts,
  };
}

function unknownOf(state: WarehouseState, stream: string): readonly DateRange[] {
  const text = state.cursors[stream]?.["unknown"];
  if (typeof text !== "string" || text === "") return [];
  return text.split(",").map((range): DateRange => {
    const [from = "", to = ""] = range.split("..");
    return { from: isoDate(from), to: isoDate(to) };
  });
}

/** Ranges as a cursor keeps them. */
export function rangesText(ranges: readonly DateRange[]): string {
  return ranges.map(({ from, to }) => `${from}..${to}`).join(",");
}

function cursorOf(state: WarehouseState, stream: string): StreamProgress["cursor"] {
  const cursor = state.cursors[stream];
  const since = cursor?.["since"];
  const until = cursor?.["until"];
  return typeof since === "string" && typeof until === "string" ? { since, until } : null;
}

/** Ranges in order, overlapping and neighbouring ones joined. */
export function joinRanges(ranges: readonly DateRange[]): readonly DateRange[] {
  const joined: DateRange[] = [];
  for (const range of [...ranges].sort((a, b) => dayNumber(a.from) - dayNumber(b.from))) {
    const last = joined.at(-1);
    if (last === undefined || range.from > addDays(last.to, 1)) joined.push(range);
    else joined[joined.length - 1] = { from: last.from, to: later(last.to, range.to) };
  }
  return joined;
}

/** The parts of `range` that no range of `covered` holds, in order. `covered` must come from `joinRanges`. */
export function missingRanges(range: DateRange, covered: readonly DateRange[]): readonly DateRange[] {
  const missing: DateRange[] = [];
  let from = range.from;
  for (const known of covered) {
    if (known.from > range.to) break;
    if (known.from > from) missing.push({ from, to: addDays(known.from, -1) });
    from = later(from, addDays(known.to, 1));
  }
  return from <= range.to ? [...missing, { from, to: range.to }] : missing;
}

/** A range cut into pieces of at most `days`, newest first; the oldest piece may be shorter. */
export function chunksNewestFirst(range: DateRange, days: number): readonly DateRange[] {
  const chunks: DateRange[] = [];
  const first = dayNumber(range.from);
  for (let to = dayNumber(range.to); to >= first; to -= days) {
    chunks.push({ from: fromDayNumber(Math.max(first, to - days + 1)), to: fromDayNumber(to) });
  }
  return chunks;
}

/** The later of two days or instants (ISO texts sort by time). */
export function later<T extends string>(a: T, b: T): T {
  if (a > b) return a;
  return b;
}

/** The earlier of two days or instants. */
export function earlier<T extends string>(a: T, b: T): T {
  if (a < b) return a;
  return b;
}
