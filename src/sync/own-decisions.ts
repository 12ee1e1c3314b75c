import { type Clock, isoInstant } from "../base/clock.js";
import { canonicalJson } from "../base/hash.js";
import type { Random } from "../base/ids.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { withLock } from "../warehouse/lock.js";
import { commitEntry } from "../warehouse/log.js";
import type { Workspace } from "../warehouse/types.js";
import { newLoadId } from "../warehouse/write-part.js";
import { type OwnEvent, writeOwnPart } from "./ledger.js";

/** What a person decides that figures rest on, so that it is an event in raw like everything else that happened. */
export interface Decision {
  /** What it is about: a newer decision with the same key replaces it. */
  readonly key: string;
  readonly event: OwnEvent;
}

/** What landing needs to know. */
export interface DecisionContext {
  readonly ws: Workspace;
  readonly clock: Clock;
  readonly random: Random;
  readonly toolVersion: string;
  readonly configHash: string;
  /** How long to wait for a sync under way, ms. */
  readonly waitMs: number;
}

/** Lands decisions in `raw.growthos__<stream>`, in a commit of their own. Errors of the lock, of `writePart` and of `commit`. */
export async function landDecisions(
  context: DecisionContext,
  stream: string,
  decisions: readonly Decision[],
): Promise<void> {
  const { ws, clock, random, toolVersion, configHash, waitMs } = context;
  await withLock(ws, "ingest", { waitMs, clock, owner: `growthos ${stream}` }, async () => {
    const at = isoInstant(clock.now());
    const loadId = newLoadId(ws, random);
    const runId = `decision-${random.hex(8)}`;
    const folder = ws.at("staging", `${loadId}-decisions`);
    ws.files.makeFolder(folder);
    const db = await openDatabase({ memoryLimitMb: 128, threads: 1 });
    try {
      const part = await writeOwnPart(
        { ws, db, stream, loadId, folder, runId, toolVersion, at },
        decisions.map(({ key, event }) => ({ key, payload: canonicalJson({ ...event, decided_at: at }) })),
      );
      await commitEntry(ws, {
        kind: "append",
        runId,
        added: [part],
        removed: [],
        cursors: {},
        toolVersion,
        configHash,
        at,
      });
    } finally {
      await db.close();
      ws.files.remove(folder);
    }
  });
}
