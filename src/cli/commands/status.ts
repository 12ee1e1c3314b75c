import type { PublishedBuild } from "../../warehouse/types.js";
import type { Command, CommandContext } from "../command.js";
import type { StreamStatus } from "../coverage.js";
import { ago, count, plural } from "../format.js";
import { workspaceClock } from "../world.js";

export const command: Command = {
  name: "status",
  summary: "show sources: last load, covered days, gaps, rows, freshness, and the current build",
  options: [],
  examples: ["growthos status", "growthos status --workspace shop-a --json"],
  async run(context) {
    const own = await context.workspaceConfig();
    const ws = await context.workspace({ mustExist: true });
    const [{ readState }, { currentBuild }, { readRuns }, { streamStatuses }] = await Promise.all([
      import("../../warehouse/log.js"),
      import("../../warehouse/publish.js"),
      import("../../sync/runs.js"),
      import("../coverage.js"),
    ]);
    const state = readState(ws);
    const streams = streamStatuses(state);
    const build = currentBuild(ws);
    const { runs } = readRuns(ws);
    const never = own.sources.map(({ id }) => id).filter((id) => !streams.some((stream) => stream.source === id));
    const last = runs[0];
    return {
      exit: "ok",
      json: {
        workspace: own.name,
        as_of: await context.asOf(),
        log_version: state.version,
        streams: streams.map(streamJson),
        never_synced: never,
        last_run: last ?? null,
        build: build === null ? null : { ...buildJson(build), up_to_date: build.logVersion === state.version },
      },
      text: [
        streamTable(context, streams, workspaceClock(own, context.effects.clock).now()),
        ...never.map((id) => `${id}: configured, nothing landed yet`),
        "",
        last === undefined
          ? "last run: none"
          : `last run: ${last.runId}, ${last.state}, ${plural(last.rows, "row")}, ${last.startedAt}`,
        buildLine(build, state.version),
      ].join("\n"),
    };
  },
};

function streamTable({ output }: CommandContext, streams: readonly StreamStatus[], now: number): string {
  if (streams.length === 0) return "nothing has landed yet; run `growthos sync`";
  return output.table(
    [
      { title: "stream" },
      { title: "rows", align: "right" },
      { title: "first day" },
      { title: "last day" },
      { title: "gaps", align: "right", tone: (cell) => (cell === "0" || cell === "" ? undefined : "warn") },
      { title: "loaded" },
    ],
    streams.map((stream) => [
      `${stream.source}.${stream.stream}`,
      count(stream.rows),
      stream.firstDay ?? "",
      stream.lastDay ?? "",
      stream.firstDay === null ? "" : String(stream.gaps.length),
      ago(now - Date.parse(stream.lastLoadedAt)),
    ]),
  );
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
