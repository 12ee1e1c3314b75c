/** What pages say of a workspace beside its figures: runs, connections, API versions, the schedule, the history of alerts. Never a credential. */
import type { AlertEvent } from "../alerts/lifecycle.js";
import { isoInstant } from "../base/clock.js";
import type { ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { SourceConfig } from "../config/types.js";
import type { SignIn } from "../connectors/sign-in.js";
import type { ApiFact, ConnectionFact, JobFact, Operations, RunFact } from "../reports/operations.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { isLocal } from "./local-source.js";
import type { Job } from "./schedule.js";
import { clockText } from "./schedule.js";
import { workspaceClock } from "./world.js";

/** Runs that pages list. */
const RUNS_SHOWN = 200;

/** Reads all of it. What is damaged is left out and told as a warning: a report is no place to fail for it. */
export async function readOperations(context: CommandContext, day: ISODate): Promise<Operations> {
  const ws = await context.workspace();
  const [{ readRuns }, { openJournal }, { alertLog }] = await Promise.all([
    import("../sync/runs.js"),
    import("../alerts/journal.js"),
    import("../alerts/alert-log.js"),
  ]);
  const own = await context.workspaceConfig();
  const { runs, broken } = readRuns(ws);
  const events = orWarn(
    context,
    () =>
      openJournal<AlertEvent>(ws)
        .events()
        .map(({ event }) => event),
    [],
  );
  return {
    runs: runs.slice(0, RUNS_SHOWN).map((run) => (own.demo === undefined ? run : withoutDurations(run))),
    brokenRuns: broken,
    connections: await connectionFacts(context, ws),
    apis: await apiFacts(own.sources),
    jobs: await jobFacts(context),
    alerts: alertLog(events, day, own.calendar.weekEndsOn),
    now: isoInstant(workspaceClock(own, context.effects.clock).now()),
  };
}

/** A simulated shop is the same on every machine, its durations are not. */
function withoutDurations(run: RunFact): RunFact {
  return { ...run, durationMs: null, sources: run.sources.map((step) => ({ ...step, durationMs: null })) };
}

function orWarn<T>({ output }: CommandContext, read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    output.warn(`the report leaves out what cannot be read: ${thrown.parts.what}`);
    return otherwise;
  }
}

async function connectionFacts(context: CommandContext, ws: Workspace): Promise<readonly ConnectionFact[]> {
  const { sources } = await context.workspaceConfig();
  const { connectionsOf } = await import("./commands/connections-list.js");
  const { connectorById } = await import("../connectors/index.js");
  const rows = await connectionsOf(context, ws).catch((thrown: unknown) => {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    context.output.warn(`the report leaves out the connections: ${thrown.parts.what}`);
    return [];
  });
  const known = sources.map((source): ConnectionFact => {
    const row = rows.find((one) => one.source === source.id);
    const connector = connectorById(source.id);
    return {
      source: source.id,
      title: connector?.title ?? source.id,
      from: source.transport === "demo" ? "demo" : isLocal(source) || row === undefined ? "local" : fromOf(row.from),
      account: accountOf(source.options),
      method: row?.method ?? null,
      scopes: scopesOf(connector?.signIns ?? [], row?.method ?? null),
      connectedAt: row?.connectedAt ?? null,
      tokenExpiresAt: row?.tokenExpiresAt ?? null,
      problem: row?.from === "nowhere" ? `not connected: run growthos connect ${source.id}` : null,
    };
  });
  const sinks = rows.filter((row) => !sources.some(({ id }) => id === row.source));
  return [...known, ...sinks.map(sinkFact)];
}

/** What signs in without being a source: where alerts are sent, and records of sources that the config no longer has. */
function sinkFact(
  row: Awaited<ReturnType<typeof import("./commands/connections-list.js").connectionsOf>>[number],
): ConnectionFact {
  const { source, method, connectedAt, tokenExpiresAt } = row;
  const problem =
    row.from === "nowhere"
      ? `not connected: run growthos connect ${source}`
      : row.from === "not in the config"
        ? row.from
        : null;
  return {
    source,
    title: source,
    from: fromOf(row.from),
    account: "",
    method,
    scopes: [],
    connectedAt,
    tokenExpiresAt,
    problem,
  };
}

function fromOf(from: string): ConnectionFact["from"] {
  if (from === "environment" || from === "both" || from === "nowhere") return from;
  return "stored";
}

/** Members of the options that say whose data they are; options hold no credentials. */
const ACCOUNT = [
  "shop",
  "accounts",
  "customers",
  "loginCustomer",
  "property",
  "project",
  "dataset",
  "host",
  "folder",
  "file",
];

function accountOf(options: unknown): string {
  const members = typeof options === "object" && options !== null ? (options as Readonly<Record<string, unknown>>) : {};
  return ACCOUNT.flatMap((name) => {
    const value = members[name];
    const texts = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string");
    return texts.length === 0 ? [] : [`${name} ${texts.join(", ")}`];
  }).join("; ");
}

function scopesOf(signIns: readonly SignIn[], method: string | null): readonly string[] {
  const chosen = signIns.filter(({ kind }) => method === null || kind === method);
  return [...new Set(chosen.flatMap(({ oauth }) => oauth?.scopes ?? []))];
}

async function apiFacts(sources: readonly SourceConfig[]): Promise<readonly ApiFact[]> {
  const { connectorById } = await import("../connectors/index.js");
  return sources.flatMap(({ id }) => {
    const connector = connectorById(id);
    if (connector === undefined) return [];
    const { name, sunset, isEstimate = false, checkedOn = null, others = [] } = connector.apiVersion;
    const rest = others.map((other) => ({ version: other.name, sunset: other.sunset }));
    return [{ source: id, title: connector.title, version: name, sunset, isEstimate, checkedOn, others: rest }];
  });
}

async function jobFacts(context: CommandContext): Promise<readonly JobFact[]> {
  const { scheduleOf } = await import("./commands/schedule.js");
  const { jobs, chosen } = await scheduleOf(context, "node");
  return jobs.map((job) => ({
    name: job.name,
    title: job.title,
    when: whenText(job),
    // The config's path is this machine's affair.
    command: ["growthos", ...job.words, ...(chosen[0] === "--workspace" ? chosen.slice(0, 2) : [])].join(" "),
  }));
}

function whenText({ at }: Job): string {
  return "hour" in at ? `every day at ${clockText(at.hour * 60 + at.minute)}` : `every ${at.everyMinutes} minutes`;
}
