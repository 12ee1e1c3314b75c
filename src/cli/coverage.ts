import { daysBetween, daysOf, type ISODate } from "../base/dates.js";
import { joinRanges } from "../sync/committed.js";
import { keptFrom } from "../warehouse/pruned.js";
import type { ActivePart, WarehouseState } from "../warehouse/types.js";

/** What the log knows of one stream; the line of `growthos status`. */
export interface StreamStatus {
  readonly source: string;
  readonly stream: string;
  /** Landed rows of the active parts; a row that was read twice counts twice. */
  readonly rows: number;
  readonly parts: number;
  readonly bytes: number;
  readonly firstDay: ISODate | null;
  readonly lastDay: ISODate | null;
  /** Days between first and last day that no part answers for. */
  readonly gaps: readonly ISODate[];
  /** Days before this one were pruned (`growthos prune`): they are not gaps. Null: none was. */
  readonly prunedBefore: ISODate | null;
  /** Instant of the newest commit, ISO 8601 UTC. */
  readonly lastLoadedAt: string;
}

/** The streams that have landed anything, by name. */
export function streamStatuses(state: WarehouseState): readonly StreamStatus[] {
  const names = [...new Set(state.parts.map((part) => `${part.source}.${part.stream}`))].sort();
  return names.map((name) =>
    statusOf(
      state,
      state.parts.filter((part) => `${part.source}.${part.stream}` === name),
    ),
  );
}

/** How many complete days before today a stream lacks, against the limits of its source. */
export interface StreamFreshness {
  readonly behind_days: number;
  readonly status: "fresh" | "warning" | "error";
}

/**
 * Freshness by `source.stream`, as of today and by the log alone: the build counts to the day that it was made for. Only streams that
 * answer for days, of sources with limits.
 */
export function freshnessOfStreams(
  streams: readonly StreamStatus[],
  given: {
    readonly limits: Readonly<Record<string, { readonly warnAfterDays: number; readonly errorAfterDays: number }>>;
    readonly today: ISODate;
  },
): ReadonlyMap<string, StreamFreshness> {
  return new Map(
    streams.flatMap(({ source, stream, lastDay }) => {
      const limits = given.limits[source];
      if (limits === undefined || lastDay === null) return [];
      const behind = Math.max(0, daysBetween(lastDay, given.today) - 1);
      const status = behind > limits.errorAfterDays ? "error" : behind > limits.warnAfterDays ? "warning" : "fresh";
      return [[`${source}.${stream}`, { behind_days: behind, status }] as const];
    }),
  );
}

function statusOf(state: WarehouseState, parts: readonly ActivePart[]): StreamStatus {
  const [first] = parts;
  const covered = joinRanges(parts.flatMap((part) => (part.days === null ? [] : [part.days])));
  const firstDay = covered[0]?.from ?? null;
  const lastDay = covered.at(-1)?.to ?? null;
  const known = new Set(covered.flatMap(daysOf));
  return {
    source: first?.source ?? "",
    stream: first?.stream ?? "",
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    parts: parts.length,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    firstDay,
    lastDay,
    gaps:
      firstDay === null || lastDay === null
        ? []
        : daysOf({ from: firstDay, to: lastDay }).filter((day) => !known.has(day)),
    prunedBefore: keptFrom(state, first?.source ?? "", first?.stream ?? ""),
    lastLoadedAt:
      parts
        .map((part) => part.at)
        .sort()
        .at(-1) ?? "",
  };
}
