import { type Clock, isoInstant } from "../base/clock.js";
import type { Random } from "../base/ids.js";
import { commitEntry, readState } from "../warehouse/log.js";
import { newestOfHour } from "../warehouse/thinning.js";
import type { ActivePart, Database, Workspace } from "../warehouse/types.js";
import { newLoadId, writePart } from "../warehouse/write-part.js";

/** A snapshot stands for a quarter of an hour: a second look within it replaces the first. */
export const SNAPSHOT_MINUTES = 15;
/** Quarters of an hour are kept for so long; older ones are thinned to the last of each hour. */
const FINE_HOURS = 24;
const HOUR_MS = 3_600_000;
const SUFFIX = "_today";

/** The stream that holds the snapshots of a window stream. */
export function snapshotStream(stream: string): string {
  return `${stream}${SUFFIX}`;
}

/** The window stream behind a snapshot stream. */
export function baseStream(stream: string): string {
  return stream.endsWith(SUFFIX) ? stream.slice(0, -SUFFIX.length) : stream;
}

/** The quarter of an hour that an instant falls into, ISO 8601 UTC. */
export function snapshotAt(now: number): string {
  const width = SNAPSHOT_MINUTES * 60_000;
  return isoInstant(Math.floor(now / width) * width);
}

/** What thinning needs. */
export interface ThinningContext {
  readonly ws: Workspace;
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly runId: string;
  readonly toolVersion: string;
  readonly configHash: string;
}

/**
 * Replaces the snapshots of past days by the newest of each hour and key, one commit per stream: the old parts go and the new one
 * comes in the same entry. Gives the number of parts replaced. The caller holds the ingest lock.
 */
export async function thinSnapshots(context: ThinningContext): Promise<number> {
  const { ws, clock } = context;
  const limit = isoInstant(clock.now() - FINE_HOURS * HOUR_MS);
  const old = readState(ws).parts.filter(
    ({ stream, origin }) =>
      stream.endsWith(SUFFIX) && typeof origin["snapshot"] === "string" && origin["snapshot"] < limit,
  );
  const names = [...new Set(old.map(({ source, stream }) => `${source}.${stream}`))];
  for (const name of names) {
    await thinStream(
      context,
      old.filter(({ source, stream }) => `${source}.${stream}` === name),
    );
  }
  return old.length;
}

async function thinStream(context: ThinningContext, parts: readonly ActivePart[]): Promise<void> {
  const { ws, db, clock, random, runId, toolVersion, configHash } = context;
  const [first] = parts;
  if (first === undefined) return;
  const part = await writePart(ws, db, {
    source: first.source,
    stream: first.stream,
    loadId: newLoadId(ws, random),
    supersession: "key",
    days: null,
    origin: { api_version: String(first.origin["api_version"] ?? ""), because: "thinned", parts: parts.length },
    from: { kind: "select", sql: newestOfHour(ws, parts) },
  });
  await commitEntry(ws, {
    kind: "append",
    runId,
    added: [part],
    removed: parts.map(({ path }) => ({ path, reason: "thinned to the newest of each hour" })),
    cursors: {},
    toolVersion,
    configHash,
    at: isoInstant(clock.now()),
  });
}
