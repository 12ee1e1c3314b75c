import { trackedChanges } from "../warehouse/tracked-values.js";
import type { Part } from "../warehouse/types.js";
import type { StreamProgress } from "./committed.js";
import type { LandRequest } from "./land-request.js";
import { ownEvents } from "./ledger.js";

/**
 * What was set otherwise on the platform since a stream was last read (D-54): one event per record and field, with both values as text.
 * A load replaces the one before, and what it replaced may be collected: without these events nobody could tell. Null without changes,
 * and for streams that track nothing.
 */
export async function entityChangePart(
  request: LandRequest,
  progress: StreamProgress,
  rows: readonly Part[],
): Promise<Part | null> {
  const { ws, db, task, stream } = request;
  const { tracked } = stream;
  if (tracked === undefined || task.snapshot !== undefined) return null;
  const { source, stream: name } = task;
  const isWhole = stream.sync.kind === "full";
  const changes = await trackedChanges(
    db,
    { ws, source, stream: name, parts: progress.parts },
    { rows, tracked, isWhole },
  );
  return ownEvents(
    request,
    "entity_changes",
    changes.map((change) => ({ source, stream: name, ...change })),
  );
}
