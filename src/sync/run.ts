import { isoInstant } from "../base/clock.js";
import { isPlainName } from "../base/ids.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { withLock } from "../warehouse/lock.js";
import { readState, recover } from "../warehouse/log.js";
import { mapLimited } from "./limited.js";
import { failed, worstExit } from "./outcomes.js";
import { planTasks } from "./plan.js";
import { closeDeadRuns, newRunId, writeRun } from "./runs.js";
import { thinSnapshots } from "./snapshots.js";
import { type OpenSource, openSources, runSource } from "./source.js";
import type { ImportSource, RunRecord, RunState, SourceOutcome, SyncOptions, SyncPlan, SyncReport } from "./types.js";

/** Sources read at the same time: each waits for its vendor most of the time, but DuckDB shares the cores. */
const PARALLEL_SOURCES = 4;

/** The plan that `runSync` would carry out now: reads the log, touches nothing. Throws `BAD_OPTIONS` for options a connector refuses. */
export function planSync(options: SyncOptions): SyncPlan {
  return planOf(options, openSources(options.sources));
}

function planOf(options: SyncOptions, sources: readonly OpenSource[]): SyncPlan {
  return planTasks({
    streams: sources.flatMap(({ source, streams }) =>
      streams.map(({ name, sync, today }) => ({
        source: source.connector.id,
        stream: name,
        sync,
        since: source.since,
        today: today === true,
      })),
    ),
    state: readState(options.ws),
    asOf: options.asOf,
    now: options.clock.now(),
    ...(options.selection === undefined ? {} : { selection: options.selection }),
  });
}

/**
 * Reads every configured source and commits what is complete: one commit per slice, so a failing source leaves the others in.
 * Does not throw for a failing source: its outcome says so and `exit` is `source` or `auth`.
 * Throws `LOCKED` when another run holds the lock, `BAD_OPTIONS` before anything is read.
 */
export async function runSync(options: SyncOptions): Promise<SyncReport> {
  const { ws, clock } = options;
  const sources = openSources(options.sources);
  const runId = newRunId(clock, options.random);
  const lock = { waitMs: options.lockWaitMs ?? 0, clock, owner: `sync (run ${runId})` };
  return withLock(ws, "ingest", lock, async () => {
    recover(ws);
    closeDeadRuns(ws);
    const plan = planOf(options, sources);
    const started = startRecord(options, runId, plan);
    writeRun(ws, started);
    await thin(options, runId);
    const outcomes = await readAll(options, { runId, plan, sources });
    const ended = endRecord(
      options,
      started,
      outcomes.map(({ outcome }) => outcome),
    );
    writeRun(ws, ended);
    return { ...ended, exit: worstExit(outcomes.map(({ exit }) => exit)), logVersion: readState(ws).version };
  });
}

/** Snapshots of past days are thinned before anything new is read; without any, no database is opened. */
async function thin(options: SyncOptions, runId: string): Promise<void> {
  const { ws, clock, random, toolVersion, configHash } = options;
  if (!readState(ws).parts.some(({ origin }) => "snapshot" in origin)) return;
  const db = await openDatabase({ memoryLimitMb: 256, tempFolder: ws.at("staging") });
  try {
    await thinSnapshots({ ws, db, clock, random, runId, toolVersion, configHash });
  } finally {
    await db.close();
  }
}

interface Work {
  readonly runId: string;
  readonly plan: SyncPlan;
  readonly sources: readonly OpenSource[];
}

/** What became of a source and what the process should exit with because of it. */
interface Result {
  readonly outcome: SourceOutcome;
  readonly exit: SyncReport["exit"];
}

async function readAll(options: SyncOptions, work: Work): Promise<readonly Result[]> {
  const jobs: readonly (() => Promise<Result>)[] = [
    ...work.sources.flatMap((source) => {
      const tasks = work.plan.tasks.filter((task) => task.source === source.source.connector.id);
      return tasks.length === 0 && !isWanted(options, source.source.connector.id)
        ? []
        : [() => runSource(options, { source, tasks, runId: work.runId })];
    }),
    ...wantedImports(options).map((source) => () => runImport(options, source, work.runId)),
  ];
  return mapLimited(jobs, PARALLEL_SOURCES);
}

function isWanted(options: SyncOptions, id: string): boolean {
  return options.selection?.sources?.includes(id) ?? true;
}

function wantedImports(options: SyncOptions): readonly ImportSource[] {
  return (options.imports ?? []).filter(({ id }) => isPlainName(id) && isWanted(options, id));
}

async function runImport(options: SyncOptions, source: ImportSource, runId: string): Promise<Result> {
  const started = options.clock.elapsed();
  const base = { source: source.id, tasksPlanned: 1 };
  const durationMs = () => Math.round(options.clock.elapsed() - started);
  try {
    const timeout = AbortSignal.timeout(source.timeoutMinutes * 60_000);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
    const { rows, warnings, failure } = await source.land({ runId, signal });
    const done = { ...base, rows, tasksDone: 1, durationMs: durationMs(), warnings };
    if (failure !== undefined) {
      const { error, exit } = failed(failure, options.signal);
      return { outcome: { ...done, state: "failed", error }, exit };
    }
    const state: RunState = warnings.length > 0 ? "completed_with_warnings" : "completed";
    return { outcome: { ...done, state, error: null }, exit: "ok" };
  } catch (thrown) {
    const { error, exit } = failed(thrown, options.signal);
    const outcome = { rows: 0, tasksDone: 0, durationMs: durationMs(), warnings: [], error };
    return { outcome: { ...base, ...outcome, state: "failed" }, exit };
  }
}

function startRecord(options: SyncOptions, runId: string, plan: SyncPlan): RunRecord {
  const ids = [...options.sources.map(({ connector }) => connector.id), ...wantedImports(options).map(({ id }) => id)];
  return {
    runId,
    kind: "sync",
    state: "running",
    startedAt: isoInstant(options.clock.now()),
    endedAt: null,
    durationMs: null,
    asOf: options.asOf,
    rows: 0,
    sources: ids
      .filter((id) => isWanted(options, id))
      .map((source) => ({
        source,
        state: "queued",
        rows: 0,
        tasksDone: 0,
        tasksPlanned: plan.tasks.filter((task) => task.source === source).length,
        durationMs: 0,
        warnings: [],
        error: null,
      })),
  };
}

function endRecord(options: SyncOptions, started: RunRecord, sources: readonly SourceOutcome[]): RunRecord {
  const states = new Set(sources.map(({ state }) => state));
  const now = options.clock.now();
  return {
    ...started,
    state: states.has("failed")
      ? "failed"
      : states.has("completed_with_warnings")
        ? "completed_with_warnings"
        : "completed",
    endedAt: isoInstant(now),
    durationMs: now - Date.parse(started.startedAt),
    rows: sources.reduce((sum, { rows }) => sum + rows, 0),
    sources,
  };
}
