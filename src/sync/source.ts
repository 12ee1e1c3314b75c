import type { ZodError } from "zod";
import type { Clock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { type Send, walk } from "../connectors/paginate.js";
import type { Stream } from "../connectors/types.js";
import { type Client, createClient } from "../http/client.js";
import type { Auth } from "../http/types.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { readSalt } from "../warehouse/layout.js";
import { readState } from "../warehouse/log.js";
import { quarantinePath } from "../warehouse/quarantine.js";
import type { Database } from "../warehouse/types.js";
import { newLoadId } from "../warehouse/write-part.js";
import { type Fetched, fetchSlice } from "./fetch-slice.js";
import { land } from "./land.js";
import { mapLimited } from "./limited.js";
import { lineSink } from "./line-sink.js";
import { failed, worstExit } from "./outcomes.js";
import { type Contract, shapeKey, shapeOf } from "./shape.js";
import { baseStream } from "./snapshots.js";
import type { SourceOutcome, SyncOptions, SyncReport, SyncSource, SyncTask } from "./types.js";

/** A source whose options and credentials have been checked. */
export interface OpenSource {
  readonly source: SyncSource;
  readonly auth: Auth;
  /** Hosts that the options name. */
  readonly hosts?: readonly string[];
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
  const opened = checked.map(({ source, options, secrets }) => ({
    source,
    ...source.connector.open(options.data, secrets.data),
  }));
  const unknown = opened.flatMap(unknownStreams);
  if (unknown.length > 0) throw badOptions(unknown);
  return opened.map((one) => ({ ...one, streams: one.streams.filter(({ name }) => isWanted(one.source, name)) }));
}

function isWanted({ streams }: SyncSource, name: string): boolean {
  return streams?.includes(name) ?? true;
}

function unknownStreams({ source, streams }: OpenSource): readonly string[] {
  const names = streams.map(({ name }) => name);
  return (source.streams ?? [])
    .filter((name) => !names.includes(name))
    .map((name) => `sources.${source.connector.id}.streams: there is no "${name}", only ${names.join(", ")}`);
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

/** Streams of one source that are read at the same time, at most. */
const PARALLEL_STREAMS = 6;

/** Reads and commits the tasks of one source: streams side by side, the slices of a stream in order until one fails. Never throws. */
export async function runSource(
  options: SyncOptions,
  job: SourceJob,
): Promise<{ readonly outcome: SourceOutcome; readonly exit: SyncReport["exit"] }> {
  const started = options.clock.elapsed();
  const tally: Tally = { rows: 0, tasksDone: 0, warnings: new Set() };
  const failures = await runStreams(options, job, tally);
  const [first] = failures;
  const base = {
    source: job.source.source.connector.id,
    rows: tally.rows,
    tasksDone: tally.tasksDone,
    tasksPlanned: job.tasks.length,
    durationMs: Math.round(options.clock.elapsed() - started),
    warnings: [...tally.warnings],
  };
  if (first === undefined) {
    return {
      outcome: { ...base, state: base.warnings.length > 0 ? "completed_with_warnings" : "completed", error: null },
      exit: "ok",
    };
  }
  const told = failures.map((one) => ({ ...one, ...failed(one.thrown, options.signal) }));
  const exit = worstExit(told.map((one) => one.exit));
  const worst = told.find((one) => one.exit === exit) ?? { ...first, ...failed(first.thrown, options.signal) };
  const others = failures.length === 1 ? "" : `; ${failures.length - 1} more of its streams failed`;
  const error = { ...worst.error, state: `${stateOf(job, worst.task, tally)}${others}` };
  return { outcome: { ...base, state: "failed", error }, exit };
}

/** Where it stopped and what is kept. */
function stateOf({ source, tasks }: SourceJob, task: SyncTask | null, { tasksDone }: Tally): string {
  const kept = `${tasksDone} of ${tasks.length} slices of ${source.source.connector.id} are committed`;
  if (task === null) return kept;
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

/** What ended a stream before its last slice. */
interface Failure {
  readonly task: SyncTask | null;
  readonly thrown: unknown;
}

async function runStreams(options: SyncOptions, job: SourceJob, tally: Tally): Promise<readonly Failure[]> {
  if (job.tasks.length === 0) return [];
  const { connector, timeoutMinutes } = job.source.source;
  const clock = untilDeadline(options.clock, timeoutMinutes, connector.title);
  const client = clientOf({ ...options, clock }, job.source);
  // Credentials that are refused to one stream are refused to all: the others need not ask.
  const refused = new AbortController();
  const names = [...new Set(job.tasks.map(({ stream }) => stream))];
  const atOnce = Math.min(PARALLEL_STREAMS, Math.max(1, connector.limits.concurrent));
  const memoryLimitMb = streamMemoryMb(options.memoryLimitMb, Math.min(atOnce, names.length) * options.sources.length);
  const failures = await mapLimited(
    names.map((name) => async (): Promise<Failure | null> => {
      let task: SyncTask | null = null;
      try {
        const db = await openDatabase({ memoryLimitMb, tempFolder: options.ws.at("staging") });
        try {
          for (task of job.tasks.filter(({ stream }) => stream === name)) {
            if (refused.signal.aborted) return null;
            await runTask({ ...options, clock }, job, { task, client, db, tally });
            tally.tasksDone += 1;
          }
        } finally {
          await db.close();
        }
        return null;
      } catch (thrown) {
        if (thrown instanceof GrowthosError && thrown.parts.exit === "auth") refused.abort();
        return { task, thrown };
      }
    }),
    atOnce,
  );
  return failures.filter((failure) => failure !== null);
}

/** A stream's part of the limit, MB: 512 is enough for any, and one of 16,384 wide records needs 256. */
export function streamMemoryMb(limitMb: number | undefined, atOnce: number): number {
  return Math.max(256, Math.min(512, Math.floor((limitMb ?? Number.POSITIVE_INFINITY) / atOnce)));
}

function clientOf(options: SyncOptions, { source, auth, hosts = [] }: OpenSource): Client {
  const { connector, transport, tokens, learned } = source;
  return createClient({
    source: connector.id,
    title: connector.title,
    transport,
    auth,
    limits: connector.limits,
    hosts: [...connector.hosts, ...hosts],
    ...(connector.classify === undefined ? {} : { classify: connector.classify }),
    ...(connector.usage === undefined ? {} : { usage: connector.usage }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(learned === undefined ? {} : { learned }),
    clock: options.clock,
    random: options.random,
    log: options.log,
  });
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
  const name = task.snapshot === undefined ? task.stream : baseStream(task.stream);
  const stream = job.source.streams.find((one) => one.name === name);
  if (stream === undefined) return;
  const { connector, since } = job.source.source;
  const loadId = newLoadId(ws, options.random);
  ws.files.makeFolder(ws.at("staging", loadId));
  const ndjson = ws.at("staging", loadId, "rows.ndjson");
  const apiVersion = connector.apiVersion.name;
  try {
    const fetched = await fetchTask(options, job, { ...tools, stream, loadId });
    options.signal?.throwIfAborted();
    const { asOf, clock, timeZone = "UTC", toolVersion, configHash, pii, random } = options;
    const stamp = { runId: job.runId, apiVersion, toolVersion, configHash };
    const contract = contractOf(job.source.source, task.stream);
    const request = {
      ws,
      db,
      task,
      stream,
      fetched,
      ndjson,
      loadId,
      asOf,
      since,
      timeZone,
      stamp,
      clock,
      pii,
      random,
      contract,
    };
    const landed = await land(request);
    tally.rows += landed.rows;
    for (const warning of [...warningsOf(fetched, task), ...landed.warnings]) tally.warnings.add(warning);
  } finally {
    ws.files.remove(ws.at("staging", loadId));
  }
}

function contractOf({ contract }: SyncSource, stream: string): Contract {
  return (typeof contract === "string" ? contract : contract?.[stream]) ?? "evolve";
}

function fetchTask(
  options: SyncOptions,
  job: SourceJob,
  tools: TaskTools & { readonly stream: Stream; readonly loadId: string },
): Promise<Fetched> {
  const { ws, clock, pii } = options;
  const { task, stream, tally, loadId } = tools;
  const { snapshot } = task;
  const send = sender(options, tools);
  return fetchSlice(stream, task.slice, walk(stream, task.slice, send), {
    files: ws.files,
    ndjson: ws.at("staging", loadId, "rows.ndjson"),
    quarantine: () => quarantinePath(ws, { source: task.source, stream: task.stream, loadId, extension: "ndjson" }),
    runId: job.runId,
    apiVersion: job.source.source.connector.apiVersion.name,
    pii,
    salt: readSalt(ws),
    clock,
    known: shapeOf(readState(ws).cursors[shapeKey(task.source, task.stream)]),
    contract: contractOf(job.source.source, task.stream),
    ...(snapshot === undefined ? {} : { snapshot }),
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

/** Asks through the client; what is to be a file goes to the staging folder, checked as it arrives. */
function sender(options: SyncOptions, { client, loadId, task }: TaskTools & { readonly loadId: string }): Send {
  const { ws, clock, signal } = options;
  let files = 0;
  return async (request) => {
    // Each question is a chance to stop: at the deadline, or when the user has had enough.
    signal?.throwIfAborted();
    clock.elapsed();
    if (request.expect !== "file") return client.ask(request, signal);
    files += 1;
    const path = ws.at("staging", loadId, `received-${files}`);
    const name = `the export of ${task.source}.${task.stream}`;
    if (request.lines === undefined) throw new GrowthosError({ code: "LINES_UNKNOWN", what: name, exit: "bug" });
    const sink = { folder: path, name, members: request.lines };
    return { ...(await client.download(request, () => lineSink(ws.files, sink), signal)), path };
  };
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
