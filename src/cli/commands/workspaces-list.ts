import type { Command, CommandContext } from "../command.js";
import { ago, megabytes, plural } from "../format.js";
import type { WorkspaceState } from "../workspace-state.js";

export const command: Command = {
  name: "workspaces list",
  summary: "list the workspaces: shop, sources, last run, newest day, size, state",
  description:
    "Reads each workspace's own files and changes nothing. The newest day is the last one that no dated source lacks. A workspace that the config does not name, or whose file is wrong, is listed too.",
  options: [],
  examples: ["growthos workspaces list", "growthos workspaces list --json"],
  async run(context) {
    const config = await context.config();
    const { workspaceStates } = await import("../workspace-state.js");
    const { clock, files } = context.effects;
    const all = workspaceStates({ config, files, clock, asOf: context.flags.asOf });
    const wanted = context.flags.workspace;
    const shown = all.filter(({ name }) => wanted === undefined || name === wanted);
    if (wanted !== undefined && shown.length === 0)
      throw (await import("../../config/workspaces.js")).unknownWorkspace(config, wanted);
    return {
      exit: "ok",
      json: { workspaces: shown.map(stateJson) },
      text: shown.length === 0 ? nothing(config.clients !== undefined) : listed(context, shown),
    };
  },
};

function stateJson(one: WorkspaceState) {
  return {
    name: one.name,
    shop: one.shop,
    sources: one.sources,
    state: one.state.replaceAll(" ", "_"),
    problem: one.problem,
    last_run: one.lastRun === null ? null : { started_at: one.lastRun.startedAt, state: one.lastRun.state },
    newest_complete_day: one.newestDay,
    behind_days: one.behindDays,
    build_as_of: one.buildAsOf,
    bytes: one.bytes,
    locks: one.locks,
  };
}

function nothing(hasFolder: boolean): string {
  const add = 'growthos workspaces add acme --shop "Acme" --currency USD --time-zone America/New_York';
  return hasFolder ? `no workspace yet; add the first: ${add}` : "no workspace yet";
}

function listed({ output }: CommandContext, all: readonly WorkspaceState[]): string {
  const rows = all.map((one) => [
    one.name,
    one.shop ?? "",
    one.sources.join(", "),
    one.lastRun === null ? "never" : `${ago(one.lastRun.agoMs)}, ${one.lastRun.state}`,
    one.newestDay ?? "",
    one.bytes === 0 ? "" : megabytes(one.bytes),
    one.state,
    one.locks === null ? "?" : one.locks.join(", "),
  ]);
  const table = output.table(
    [
      { title: "workspace" },
      { title: "shop" },
      { title: "sources" },
      { title: "last run" },
      { title: "newest day" },
      { title: "size", align: "right" },
      { title: "state", tone: (cell) => (cell === "ok" ? "good" : cell === "not created" ? undefined : "warn") },
      { title: "locked" },
    ],
    rows,
  );
  const problems = all.flatMap(({ name, problem }) => (problem === null ? [] : [`${name}: ${problem}`]));
  const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
  const total = `${plural(all.length, "workspace")}, ${megabytes(bytes)}`;
  return [table, "", ...problems, ...(problems.length === 0 ? [] : [""]), total].join("\n");
}
