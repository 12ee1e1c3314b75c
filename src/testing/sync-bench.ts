import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import type { SyncOptions, SyncSource } from "../sync/types.js";
import { readState } from "../warehouse/log.js";
import { createRawRelation, rawRelation, survivors } from "../warehouse/raw-views.js";
import type { Row, Workspace } from "../warehouse/types.js";
import { askDatabase } from "./database.js";

/** Options of a sync at 2026-02-09 06:00 UTC. */
export function syncOptions(
  ws: Workspace,
  sources: readonly SyncSource[],
  over: Partial<SyncOptions> = {},
): SyncOptions {
  return {
    ws,
    sources,
    asOf: isoDate("2026-02-09"),
    pii: "hash",
    clock: fixedClock(Date.parse("2026-02-09T06:00:00Z")),
    random: systemRandom,
    log: silentLog,
    toolVersion: "0",
    configHash: "c",
    ...over,
  };
}

/** The rows of a stream that supersession keeps, by key: what staging is made of. Their JSON is in `payload`. */
export function standingRows(ws: Workspace, source: string, stream: string): Promise<readonly Row[]> {
  return askDatabase(async (db) => {
    const parts = readState(ws).parts.filter((part) => part.source === source && part.stream === stream);
    const kept = await survivors(db, { ws, source, stream, parts, table: "kept" });
    await createRawRelation(db, { ws, source, stream, parts: kept.parts });
    const relation = rawRelation(source, stream);
    const using = kept.kind === "key" ? "_key, _load" : "_slice, _load";
    const keep = kept.kind === "all" ? "" : ` semi join kept using (${using})`;
    return await db.all(`select _key, _slice, payload from ${relation}${keep} order by all`);
  });
}

/** The payloads of `standingRows`. */
export async function payloads(
  ws: Workspace,
  source: string,
  stream: string,
): Promise<readonly Record<string, unknown>[]> {
  const rows = await standingRows(ws, source, stream);
  return rows.map((row) => JSON.parse(String(row["payload"])) as Record<string, unknown>);
}
