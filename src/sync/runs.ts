import { type Clock, isoInstant } from "../base/clock.js";
import { messageOf } from "../base/errors.js";
import type { Random } from "../base/ids.js";
import { replaceDurably } from "../warehouse/layout.js";
import type { Workspace } from "../warehouse/types.js";
import type { RunRecord } from "./types.js";

/** A name for a run: its start, sortable, and 32 random bits. */
export function newRunId(clock: Clock, random: Random): string {
  return `${isoInstant(clock.now()).replace(/[-:]|\.\d+/g, "")}-${random.hex(4)}`.toLowerCase();
}

/** Keeps a run's record as `runs/<run_id>.json`, replacing the one before. */
export function writeRun(ws: Workspace, record: RunRecord): void {
  replaceDurably(ws.files, ws.at("runs", `${record.runId}.json`), `${JSON.stringify(record)}\n`);
}

/** Every sync of the workspace (or what `kinds` says), newest first, and the names of records that cannot be read. */
export function readRuns(
  ws: Workspace,
  kinds: readonly RunRecord["kind"][] = ["sync"],
): { readonly runs: readonly RunRecord[]; readonly broken: readonly string[] } {
  const read = ws.files
    .list(ws.at("runs"))
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({ name, record: readRun(ws, name) }));
  const runs = read.flatMap(({ record }) =>
    typeof record === "string" || !kinds.includes(record.kind) ? [] : [record],
  );
  return {
    runs: runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0)),
    broken: read.flatMap(({ name, record }) => (typeof record === "string" ? [`${name}: ${record}`] : [])),
  };
}

/** A record, or why it cannot be read: a history with a hole is still a history. */
function readRun(ws: Workspace, name: string): RunRecord | string {
  try {
    const record = JSON.parse(ws.files.readText(ws.at("runs", name))) as Partial<RunRecord> | null;
    const isRecord = typeof record?.runId === "string" && typeof record.startedAt === "string";
    return isRecord ? (record as RunRecord) : "not a run record";
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/**
 * Ends the records of runs that died: whoever syncs holds the ingest lock, so nothing that says `running` is running. A publish holds none;
 * one that is under way all the same writes its own end over this.
 */
export function closeDeadRuns(ws: Workspace, kind: RunRecord["kind"] = "sync"): void {
  for (const record of readRuns(ws, [kind]).runs) {
    if (record.state !== "running" && record.state !== "queued") continue;
    writeRun(ws, { ...record, state: "failed", sources: record.sources.map(dead) });
  }
}

function dead(outcome: RunRecord["sources"][number]): RunRecord["sources"][number] {
  if (outcome.state !== "running" && outcome.state !== "queued") return outcome;
  const error = { code: "RUN_DIED", what: "the run ended without finishing", hint: "what it committed is kept" };
  return { ...outcome, state: "failed", error };
}
