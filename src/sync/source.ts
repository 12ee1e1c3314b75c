import type { ZodError } from "zod";
import type { Clock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { walk } from "../connectors/paginate.js";
import type { Stream } from "../connectors/types.js";
import { type Client, createClient } from "../http/client.js";
import type { Auth } from "../http/types.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { readSalt } from "../warehouse/layout.js";
import { quarantinePath } from "../warehouse/quarantine.js";
import type { Database } from "../warehouse/types.js";
import { newLoadId } from "../warehouse/write-part.js";
import { type Fetched, fetchSlice } from "./fetch-slice.js";
import { land } from "./land.js";
import { failed } from "./outcomes.js";
import type { SourceOutcome, SyncOptions, SyncReport, SyncSource, SyncTask } from "./types.js";

/** A source whose options and credentials have been checked. */
export interface OpenSource {
  readonly source: SyncSource;
  readonly auth: Auth;
  readonly streams: readonly Stream[];
}

/** Checks options and credentials of all sources, all problems at once. Throws `BAD_OPTIONS`. */
export function openSources(sources: readonly SyncSource[]): readonly OpenSource[] {
  const checked = sources.map((source) => ({
    source,
    options: source.connector.options.safeParse(source.options),
    secrets: source.connector.secrets.safeParse(source.secrets),
  }));
  const problems = checked.flatMap(({ source: { connector }, options, secrets }) => [
    ...problemsOf(`sources.${connector.id}`, options.error),
    ...problemsOf(`the credentials of ${connector.id}`, secrets.error),
  ]);
  if (problems.length > 0) throw badOptions(problems);
  return checked.map(({ source, options, secrets }) => ({
    source,
    ...source.connector.open(options.data, secrets.data),
  }));
}

function problemsOf(place: string, error: ZodError | undefined): readonly string[] {
  return (error?.issues ?? []).map((issue) => `${[place, ...issue.path].join(".")}: ${issue.message}`);
}

function badOptions(problems: readonly string[]): GrowthosError {
  return new GrowthosError({
    code: "BAD_OPTIONS",
    what: "the options of a source are not right",
    why: problems.join("; "),
    state: "nothing was read",
    hint: "correct growthos.config.ts or the credentials",
    exit: "usage",
  });
}

/** What one source has to do in a run. */
export interface SourceJob {
  readonly source: OpenSource;
  readonly tasks: readonly SyncTask[];
  readonly runId: string;
}

/** Reads and commits the tasks of one source, in order, until one fails. Never throws. */
export async function runSource(
  options: SyncOptions,
  job: SourceJob,
): Promise<{ readonly outcome: SourceOutcome; readonly exit: SyncReport["exit"] }> {
  const started = options.clock.elapsed();
  const tally: Tally = { rows: 0, tasksDone: 0, warnings: new Set() };
  const outcome = (state: SourceOutcome["state"], error: SourceOutcome["error"]): SourceOutcome => ({
    source: job.source.source.connector.id,
    state,
    rows: tally.rows,
    tasksDone: tally.tasksDone,
    tasksPlanned: job.tasks.length,
    durationMs: Math.round(options.clock.elapsed() - started),
    warnings: [...tally.warnings],
    error,
  });
  try {
    await runTasks(options, job, tally);
    return { outcome: outcome(tally.warnings.size > 0 ? "completed_with_warnings" : "completed", null), exit: "ok" };
  } catch (thrown) {
    const { error, exit } = failed(thrown, options.signal);
    return { outcome: outcome("failed", { ...error, state: stateOf(job, tally) }), exit };
  }
}

/** Where it stopped and what is kept: the task that failed is the one after those that are done. */
function stateOf({ source, tasks }: SourceJob, { tasksDone }: Tally): string {
  const task = tasks[tasksDone];
  const kept = `${tasksDone} of ${tasks.length} slices of ${source.source.connector.id} are committed`;
  if (task === undefined) return kept;
  const { slice } = task;
  const what =
    slice.kind === "days"
      ? `, days ${slice.days.from} … ${slice.days.to}`
      : slice.kind === "since"
        ? `, changes ${slice.since} … ${slice.until}`
        : "";
  return `stream ${task.source}.${task.stream}${what}: nothing of it was written; ${kept}`;
}

interface Tally {
  rows: number;
  tasksDone: number;
  readonly warnings: Set<string>;
}

async function runTasks(options: SyncOptions, job: SourceJob, tally: Tally): Promise<void> {
  if (job.tasks.length === 0) return;
  const { connector, transport, timeoutMinutes } = job.source.source;
  const clock = untilDeadline(options.clock, timeoutMinutes, connector.title);
  const client = createClient({
    source: connector.id,
    title: connector.title,
    transport,
    auth: job.source.auth,
    limits: connector.limits,
    ...(connector.classify === undefined ? {} : { classify: connector.classify }),
    clock,
    random: options.random,
    log: options.log,
  });
  const db = await openDatabase({ memoryLimitMb: 512 });
  try {
    for (const task of job.tasks) {
      await runTask({ ...options, clock }, job, { task, client, db, tally });
      tally.tasksDone += 1;
    }
  } finally {
    await db.close();
  }
}

interface TaskTools {
  readonly task: SyncTask;
  readonly client: Client;
  readonly db: Database;
  readonly tally: Tally;
}

async function runTask(options: SyncOptions, job: SourceJob, tools: TaskTools): Promise<void> {
  const { ws } = options;
  const { task, db, tally } = tools;
  const stream = job.source.streams.find(({ name }) => name === task.stream);
  if (stream === undefined) return;
  const { connector, since } = job.source.source;
  const loadId = newLoadId(ws, options.random);
  ws.files.makeFolder(ws.at("staging", loadId));
  const ndjson = ws.at("staging", loadId, "rows.ndjson");
  const apiVersion = connector.apiVersion.name;
  try {
    const fetched = await fetchTask(options, job, { ...tools, stream, ndjson, loadId });
    options.signal?.throwIfAborted();
    const { asOf, clock, timeZone = "UTC", toolVersion, configHash } = options;
    const stamp = { runId: job.runId, apiVersion, toolVersion, configHash };
    const request = { ws, db, task, stream, fetched, ndjson, loadId, asOf, since, timeZone, stamp, clock };
    tally.rows += await land(request);
    for (const warning of warningsOf(fetched, task)) tally.warnings.add(warning);
  } finally {
    ws.files.remove(ws.at("staging", loadId));
  }
}

function fetchTask(
  options: SyncOptions,
  job: SourceJob,
  {
    task,
    stream,
    client,
    tally,
    ndjson,
    loadId,
  }: TaskTools & {
    readonly stream: Stream;
    readonly ndjson: string;
    readonly loadId: string;
  },
): Promise<Fetched> {
  const { ws, clock, pii } = options;
  const send = (request: Parameters<Client["json"]>[0]) => {
    // Each question is a chance to stop: at the deadline, or when the user has had enough.
    options.signal?.throwIfAborted();
    clock.elapsed();
    return client.json(request, options.signal);
  };
  return fetchSlice(stream, task.slice, walk(stream, task.slice, send), {
    files: ws.files,
    ndjson,
    quarantine: () => quarantinePath(ws, { source: task.source, stream: task.stream, loadId, extension: "ndjson" }),
    runId: job.runId,
    apiVersion: job.source.source.connector.apiVersion.name,
    pii,
    salt: readSalt(ws),
    clock,
    onPage: (rows) =>
      options.onProgress?.({
        source: task.source,
        stream: task.stream,
        doneTasks: tally.tasksDone,
        allTasks: job.tasks.length,
        rows: tally.rows + rows,
      }),
  });
}

function warningsOf({ warnings, quarantined }: Fetched, task: SyncTask): readonly string[] {
  if (quarantined === 0) return warnings;
  return [...warnings, `${task.stream}: ${quarantined} records could not be stored, see the quarantine folder`];
}

/** A clock that refuses to go on, or to sleep, past a source's time-out: a wait that cannot be kept ends at once. */
function untilDeadline(clock: Clock, minutes: number, title: string): Clock {
  const deadline = clock.elapsed() + minutes * 60_000;
  const refuseAfter = (at: number) => {
    if (at <= deadline) return;
    throw new GrowthosError({
      code: "SOURCE_TIMEOUT",
      what: `${title} took longer than its ${minutes} minutes`,
      state: "what was complete is committed",
      hint: "run the command again: it goes on where it stopped; or raise timeoutMinutes",
      exit: "source",
    });
  };
  return {
    now: clock.now,
    elapsed: () => {
      const now = clock.elapsed();
      refuseAfter(now);
      return now;
    },
    sleep: async (ms, signal) => {
      refuseAfter(clock.elapsed() + ms);
      await clock.sleep(ms, signal);
    },
  };
}
