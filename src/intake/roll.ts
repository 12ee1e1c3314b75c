import { GrowthosError } from "../base/errors.js";
import { sha256 } from "../base/hash.js";
import { withLock } from "../warehouse/lock.js";
import { readState } from "../warehouse/log.js";
import { type LandContext, type Landed, landDeliveries } from "./land-deliveries.js";
import { landedUpto, recoverSpool, type Segment, SPOOL_CURSOR, sealedSegments } from "./segments.js";
import { deliveryOf, linesOf } from "./spool-line.js";
import type { Arrival } from "./types.js";

/** Spool bytes that land with one commit, at most (one segment may be larger). */
const BATCH_BYTES = 64 * 1024 * 1024;

/**
 * Lands what the spool holds: sealed segments become one commit each few, which says up to which segment it came, and are deleted after
 * it. The caller holds the ingest lock. While a receiver runs, its open segment stays for the next time; without one it is sealed first.
 * A crash before a commit changes nothing; after it the segments are known to have landed.
 */
export async function rollSpool(
  context: LandContext,
  signal: AbortSignal,
  /** The caller holds the spool lock as well: no receiver runs, and nothing stays. */
  { isSpoolHeld = false }: { readonly isSpoolHeld?: boolean } = {},
): Promise<Landed> {
  const { ws } = context;
  const sum = { rows: 0, repeats: 0, rejected: 0 };
  if (ws.files.stat(ws.at("spool")) === undefined) return sum;
  if (isSpoolHeld) recoverSpool(ws);
  else await sealLeft(context);
  removeLanded(context);
  const upto = landedUpto(readState(ws));
  for (const batch of batchesOf(sealedSegments(ws).filter(({ number }) => number > upto))) {
    signal.throwIfAborted();
    const last = Math.max(...batch.map(({ number }) => number));
    const landed = await landDeliveries(context, arrivalsOf(context, batch), {
      cursors: { [SPOOL_CURSOR]: { upto: last } },
    });
    removeLanded(context);
    sum.rows += landed.rows;
    sum.repeats += landed.repeats;
    sum.rejected += landed.rejected;
  }
  return sum;
}

/** Seals what a dead receiver left; a living one holds the lock and seals by itself. */
async function sealLeft({ ws, clock, runId }: LandContext): Promise<void> {
  try {
    const options = { waitMs: 0, clock, owner: `intake roll (run ${runId})` };
    await withLock(ws, "spool", options, async () => recoverSpool(ws));
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || thrown.code !== "LOCKED") throw thrown;
  }
}

function removeLanded({ ws }: LandContext): void {
  const upto = landedUpto(readState(ws));
  for (const { number, path } of sealedSegments(ws)) if (number <= upto) ws.files.remove(path);
}

function batchesOf(segments: readonly Segment[]): readonly (readonly Segment[])[] {
  const batches: Segment[][] = [];
  let bytes = 0;
  for (const segment of segments) {
    const last = batches.at(-1);
    if (last === undefined || bytes + segment.bytes > BATCH_BYTES) {
      batches.push([segment]);
      bytes = segment.bytes;
    } else {
      last.push(segment);
      bytes += segment.bytes;
    }
  }
  return batches;
}

function* arrivalsOf({ ws }: LandContext, segments: readonly Segment[]): Generator<Arrival> {
  for (const { path, bytes: most } of segments) {
    for (const { bytes: line } of linesOf(ws.files.chunks(path), most)) {
      const found = deliveryOf(line);
      yield found ?? { id: sha256(line).slice(0, 16), delivery: null, line };
    }
  }
}
