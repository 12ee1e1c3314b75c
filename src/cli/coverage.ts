import { daysOf, type ISODate } from "../base/dates.js";
import { joinRanges } from "../sync/committed.js";
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
  /** Instant of the newest commit, ISO 8601 UTC. */
  readonly lastLoadedAt: string;
}

/** The streams that have landed anything, by name. */
export function streamStatuses(state: WarehouseState): readonly StreamStatus[] {
  const names = [...new Set(state.parts.map((part) => `${part.source}.${part.stream}`))].sort();
  return names.map((name) => statusOf(state.parts.filter((part) => `${part.source}.${part.stream}` === name)));
}

function statusOf(parts: readonly ActivePart[]): StreamStatus {
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
    lastLoadedAt:
      parts
        .map((part) => part.at)
        .sort()
        .at(-1) ?? "",
  };
}
