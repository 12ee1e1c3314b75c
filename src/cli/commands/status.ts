import { GrowthosError } from "../../base/errors.js";
import { freshnessOf } from "../../config/sources.js";
import type { Pending } from "../../notify/outbox.js";
import type { Availability } from "../../transform/data-quality.js";
import type { PublishedBuild, Workspace } from "../../warehouse/types.js";
import type { Command, CommandContext } from "../command.js";
import { freshnessOfStreams, type StreamFreshness, type StreamStatus } from "../coverage.js";
import { ago, count, plural } from "../format.js";
import { workspaceClock } from "../world.js";

export const command: Command = {
  name: "status",
  summary: "show sources: last load, covered days, gaps, rows, freshness, and the current build",
  description:
    "Streams are what has landed; relations are what the current build holds of it, with missing days (not landed) and empty ones (landed, no row). Freshness counts the complete days before today that a source lacks, against `freshness` of the source in the config.",
  options: [],
  examples: ["growthos status", "growthos status --workspace shop-a --json"],
  async run(context) {
    const own = await context.workspaceConfig();
    const ws = await context.workspace({ mustExist: true });
    const [{ readState }, { currentBuild }, { readRuns }, { streamStatuses }, outbox] = await Promise.all([
      import("../../warehouse/log.js"),
      import("../../warehouse/publish.js"),
      import("../../sync/runs.js"),
      import("../coverage.js"),
      outboxOf(ws),
    ]);
    const state = readState(ws);
    const streams = streamStatuses(state);
    const build = currentBuild(ws);
    const { runs } = readRuns(ws);
    const never = own.sources.map(({ id }) => id).filter((id) => !streams.some((stream) => stream.source === id));
    const last = runs[0];
    const today = await context.asOf();
    const fresh = freshnessOfStreams(streams, { limits: freshnessOf(own.sources), today });
    const relations = build === null ? [] : await availabilityOf(context);
    const intake = own.intake === undefined ? null : await intakeStateOf(ws);
    return {
      exit: "ok",
      json: {
        workspace: own.name,
        as_of: today,
        log_version: state.version,
        streams: streams.map((stream) => ({ ...streamJson(stream), freshness: fresh.get(nameOf(stream)) ?? null })),
        relations: relations.map(relationJson),
        never_synced: never,
        last_run: last ?? null,
        undelivered: outbox.waiting,
        ...(intake === null ? {} : { intake: { spool: intake.spool, in_quarantine: intake.waiting } }),
        build: build === null ? null : { ...buildJson(build), up_to_date: build.logVersion === state.version },
      },
      text: [
        streamTable(context, { streams, fresh, now: workspaceClock(own, context.effects.clock).now() }),
        ...prunedLines(streams),
        ...never.map((id) => `${id}: configured, nothing landed yet`),
        "",
        ...(relations.length === 0 ? [] : [relationTable(context, relations), ""]),
        last === undefined
          ? "last run: none"
          : `last run: ${last.runId}, ${last.state}, ${plural(last.rows, "row")}, ${last.startedAt}`,
        buildLine(build, state.version),
        ...outbox.lines,
        ...(intake === null ? [] : [`intake ${intake.spool}`]),
        ...(intake === null || intake.waiting === 0
          ? []
          : [`intake: ${intake.waiting} in quarantine; \`growthos intake list\``]),
      ].join("\n"),
    };
  },
};

/** What was pushed and has not landed. */
async function intakeStateOf(ws: Workspace) {
  const [{ spoolText }, { waitingDeliveries }] = await Promise.all([
    import("../intake.js"),
    import("../intake-waiting.js"),
  ]);
  return { spool: await spoolText(ws), waiting: waitingDeliveries(ws).length };
}

/** What waits in the outbox; a damaged history keeps nobody from the state of the data. */
async function outboxOf(ws: Workspace) {
  const { undelivered, undeliveredText } = await import("../alert-journal.js");
  try {
    const waiting = undelivered(ws);
    const lines = waiting.length === 0 ? [] : [`outbox: ${undeliveredText(waiting)}; \`growthos alerts\` tries again`];
    return { waiting: waiting.map(messageJson), lines };
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    return { waiting: null, lines: [`outbox: ${thrown.parts.what}; run \`growthos verify\``] };
  }
}

function messageJson({ message: { id, sink, day, tellings }, failures, why }: Pending) {
  return { id, sink, day, alerts: tellings.map(({ alert }) => alert.key), failures, why };
}

function nameOf({ source, stream }: StreamStatus): string {
  return `${source}.${stream}`;
}

interface Streams {
  readonly streams: readonly StreamStatus[];
  readonly fresh: ReadonlyMap<string, StreamFreshness>;
  readonly now: number;
}

function streamTable({ output }: CommandContext, { streams, fresh, now }: Streams): string {
  if (streams.length === 0) return "nothing has landed yet; run `growthos sync`";
  return output.table(
    [
      { title: "stream" },
      { title: "rows", align: "right" },
      { title: "first day" },
      { title: "last day" },
      { title: "gaps", align: "right", tone: (cell) => (cell === "0" || cell === "" ? undefined : "warn") },
      { title: "loaded" },
      { title: "freshness", tone: (cell) => (/late/.test(cell) ? "warn" : undefined) },
    ],
    streams.map((stream) => [
      nameOf(stream),
      count(stream.rows),
      stream.firstDay ?? "",
      stream.lastDay ?? "",
      stream.firstDay === null ? "" : String(stream.gaps.length),
      ago(now - Date.parse(stream.lastLoadedAt)),
      freshText(fresh.get(nameOf(stream))),
    ]),
  );
}

/** Days that are over for good, by the day from which on they are kept. */
function prunedLines(streams: readonly StreamStatus[]): readonly string[] {
  const days = [...new Set(streams.flatMap(({ prunedBefore }) => prunedBefore ?? []))].sort();
  return days.map((day) => {
    const names = streams.filter(({ prunedBefore }) => prunedBefore === day).map(nameOf);
    return `pruned before ${day}: ${names.join(", ")}`;
  });
}

function freshText(fresh: StreamFreshness | undefined): string {
  if (fresh === undefined) return "";
  const behind = fresh.behind_days === 0 ? "" : `, ${plural(fresh.behind_days, "day")} behind`;
  return `${{ fresh: "fresh", warning: "late", error: "too late" }[fresh.status]}${behind}`;
}

/** What the current build says of its relations; nothing for a build of an older version. */
async function availabilityOf(context: CommandContext): Promise<readonly Availability[]> {
  const { hasDataQuality, readAvailability } = await import("../../transform/data-quality.js");
  const { database } = await context.openBuild();
  try {
    return (await hasDataQuality(database)) ? await readAvailability(database) : [];
  } finally {
    await database.close();
  }
}

function relationTable({ output }: CommandContext, relations: readonly Availability[]): string {
  const days = (number: number | null) => (number === null ? "" : String(number));
  return output.table(
    [
      { title: "relation" },
      { title: "source" },
      { title: "rows", align: "right" },
      { title: "first day" },
      { title: "last day" },
      { title: "missing", align: "right", tone: (cell) => (cell === "0" || cell === "" ? undefined : "warn") },
      { title: "empty", align: "right" },
    ],
    relations.map((one) => [
      one.relation,
      one.source,
      count(one.rows),
      one.first ?? "",
      one.last ?? "",
      days(one.missingDays),
      days(one.emptyDays),
    ]),
  );
}

function relationJson(one: Availability) {
  return {
    relation: one.relation,
    source: one.source,
    rows: one.rows,
    first_day: one.first,
    last_day: one.last,
    missing_days: one.missingDays,
    empty_days: one.emptyDays,
    gaps: one.gaps,
  };
}

function streamJson(stream: StreamStatus) {
  return {
    source: stream.source,
    stream: stream.stream,
    rows: stream.rows,
    parts: stream.parts,
    bytes: stream.bytes,
    first_day: stream.firstDay,
    last_day: stream.lastDay,
    gaps: stream.gaps,
    pruned_before: stream.prunedBefore,
    last_loaded_at: stream.lastLoadedAt,
  };
}

function buildJson(build: PublishedBuild) {
  return {
    id: build.buildId,
    as_of: build.asOf,
    log_version: build.logVersion,
    input_hash: build.inputHash,
    path: build.path,
  };
}

function buildLine(build: PublishedBuild | null, version: number): string {
  if (build === null) return "build: none; run `growthos build`";
  const behind = version - build.logVersion;
  const state =
    behind === 0 ? "has everything that landed" : `${plural(behind, "commit")} behind; run \`growthos build\``;
  return `build: ${build.buildId}, as of ${build.asOf}, ${state}`;
}
