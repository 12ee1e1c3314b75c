import { daysOf } from "../base/dates.js";
import { type DaySums, partSums, standingSums } from "../warehouse/day-sums.js";
import type { Part } from "../warehouse/types.js";
import type { StreamProgress } from "./committed.js";
import type { LandRequest } from "./land-request.js";
import { type OwnEvent, ownEvents } from "./ledger.js";

/**
 * What the platform changed of days that were read before: one event per day and measure, with the sum before and after as decimal
 * text (null: no row had it). Null when nothing changed, and for streams that name no measures.
 */
export async function restatementPart(
  request: LandRequest,
  progress: StreamProgress,
  rows: readonly Part[],
): Promise<Part | null> {
  const { ws, db, task, stream } = request;
  const { source, slice } = task;
  const { measures } = stream;
  if (measures === undefined || slice.kind !== "days" || task.snapshot !== undefined) return null;
  const known = new Set(progress.covered.flatMap(daysOf));
  const again = daysOf(slice.days).filter((day) => known.has(day));
  if (again.length === 0) return null;
  const wanted = { measures, days: slice.days };
  const before = await standingSums(db, { ws, source, stream: task.stream, parts: progress.parts }, wanted);
  const after = await partSums(db, ws, rows, wanted);
  const events = again.flatMap((day) => changesOf(request, day, { before, after }));
  return ownEvents(request, "restatements", events);
}

function changesOf(
  { task, stream }: LandRequest,
  day: string,
  { before, after }: { readonly before: DaySums; readonly after: DaySums },
): readonly OwnEvent[] {
  return Object.keys(stream.measures ?? {}).flatMap((measure) => {
    const was = before.get(day)?.[measure] ?? null;
    const is = after.get(day)?.[measure] ?? null;
    return was === is ? [] : [{ source: task.source, stream: task.stream, measure, day, before: was, after: is }];
  });
}
