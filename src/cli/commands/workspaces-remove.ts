import { dirname, join } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import { isWorkspaceName } from "../../base/ids.js";
import type { Config } from "../../config/types.js";
import { keyFilePath, keyFiles } from "../../vault/key-file.js";
import type { Workspace } from "../../warehouse/types.js";
import { type Command, type CommandContext, flagOption, type Outcome } from "../command.js";
import { megabytes } from "../format.js";
import { WAIT_OPTION, waitMs, withBothLocks } from "../locks.js";
import { refuseWithStore } from "../store.js";

export const command: Command = {
  name: "workspaces remove",
  summary: "delete a workspace: its data, reports, credentials, what was pushed, and its file",
  description:
    "Deletes the folder of one workspace with everything in it, its file in the folder of the config, and .env.<name>. Asks for its name, or takes --yes; nothing is deleted while any command holds one of its locks. Backups, inboxes and what was sent stay.",
  arguments: [{ usage: "<name>", description: "which" }],
  options: [{ flags: "-y, --yes", description: "do not ask" }, WAIT_OPTION],
  examples: ["growthos workspaces remove acme --dry-run", "growthos workspaces remove acme"],
  async run(context, args) {
    const name = args.positionals[0] ?? "";
    const config = await context.config();
    const own = config.workspaces.find((workspace) => workspace.name === name);
    if (own !== undefined) {
      refuseWithStore(own, "workspaces remove", {
        why: "deleting the folder would leave everything in the store",
        hint: "delete what is below the prefix with your provider's tools, take `store` out of the config, and run this again",
      });
    }
    const plan = await planRemoval(context, config, name);
    if (context.flags.dryRun) return outcome(plan, "would delete");
    await confirm(context, plan, flagOption(args, "yes"));
    const { deleteWorkspace } = await import("../../warehouse/gc.js");
    const { ws } = plan;
    if (ws !== null) {
      await underAllLocks(context, { ws, waitMs: waitMs(args) }, async () => {
        removeKeys(context, ws);
        deleteWorkspace(ws, context.effects.random);
      });
    }
    removeBeside(context, plan);
    return outcome(plan, "deleted");
  },
};

interface Removal {
  readonly name: string;
  /** Null: there is no folder. */
  readonly ws: Workspace | null;
  readonly config: Config;
  readonly bytes: number;
  /** Files beside the folder: the client's own, its variables, its key. */
  readonly files: readonly string[];
  /** What is left to people. */
  readonly stays: readonly string[];
}

async function planRemoval(context: CommandContext, config: Config, name: string): Promise<Removal> {
  const { files, env } = context.effects;
  const [{ unknownWorkspace }, { strayWorkspaces, folderBytes }, { openWorkspace }] = await Promise.all([
    import("../../config/workspaces.js"),
    import("../workspace-state.js"),
    import("../../warehouse/layout.js"),
  ]);
  const client = config.clients?.files.find((file) => file.name === name);
  const isInline = client === undefined && config.workspaces.some((workspace) => workspace.name === name);
  if (client === undefined && !isInline && !strayWorkspaces(config, files).includes(name))
    throw unknownWorkspace(config, name);
  const root = join(config.projectRoot, "workspaces", name);
  const isThere = isWorkspaceName(name) && files.stat(root) !== undefined;
  const ws = isThere ? openWorkspace({ projectRoot: config.projectRoot, name, files }) : null;
  const key = ws === null ? null : keyFilePath(env, ws.id);
  const beside = [
    ...(client === undefined ? [] : [client.path]),
    ...(isWorkspaceName(name) ? [join(config.projectRoot, `.env.${name}`)] : []),
    ...(key === null ? [] : ["", ".next", ".previous"].map((ending) => `${key}${ending}`)),
  ];
  return {
    name,
    ws,
    config,
    bytes: ws === null ? 0 : folderBytes(files, root),
    files: beside.filter((path) => files.stat(path) !== undefined),
    stays: [
      ...(isInline ? ["its entry in the config: take it out, or the next run begins it anew"] : []),
      "backups, the inbox, commentary, and what was sent or pushed elsewhere",
      "access at the vendors: revoke it there",
    ],
  };
}

/** In the order of every command; a credential is not written meanwhile either. */
async function underAllLocks(
  context: CommandContext,
  { ws, waitMs: wait }: { readonly ws: Workspace; readonly waitMs: number },
  action: () => Promise<void>,
): Promise<void> {
  const { withCredentialsLock, withLock } = await import("../../warehouse/lock.js");
  const { clock, random } = context.effects;
  const owner = "workspaces remove";
  const options = { waitMs: wait, clock, owner };
  await withBothLocks(context, { ws, waitMs: wait, owner }, () =>
    withLock(ws, "spool", options, () => withCredentialsLock(ws, { ...options, random }, action)),
  );
}

/** Keys that growthos keeps for this workspace alone; one in the OS keyring opens nothing any more. */
function removeKeys({ effects: { files, machine, env } }: CommandContext, ws: Workspace): void {
  const path = keyFilePath(env, ws.id);
  if (path === null) return;
  const place = keyFiles(path, { files, user: machine.user });
  for (const slot of ["current", "next", "previous"] as const) place.clear(slot);
}

/** After the data: until the client's file is gone, the command can be run again. */
function removeBeside({ effects: { files } }: CommandContext, plan: Removal): void {
  for (const path of plan.files) files.remove(path);
  for (const folder of new Set(plan.files.map((path) => dirname(path)))) files.sync(folder);
}

async function confirm({ flags, effects }: CommandContext, { name, bytes }: Removal, isSure: boolean): Promise<void> {
  if (isSure) return;
  if (flags.input) {
    const question = `Everything of workspace "${name}" is deleted (${megabytes(bytes)}). Type its name to go on:`;
    if ((await (await effects.prompt()).ask(question)).trim() === name) return;
  }
  throw new GrowthosError({
    code: "NOT_CONFIRMED",
    what: "the deletion was not confirmed",
    state: "nothing was deleted",
    hint: `growthos workspaces remove ${name} --yes; --dry-run shows what would go`,
    exit: "usage",
  });
}

function outcome(plan: Removal, verb: string): Outcome {
  const { name, ws, bytes, files, stays } = plan;
  const data =
    ws === null ? [] : [`${ws.root} (${megabytes(bytes)}): data, builds, reports, credentials, what was pushed`];
  return {
    exit: "ok",
    json: { workspace: name, dry_run: verb !== "deleted", folder: ws?.root ?? null, bytes, files, stays },
    text: [
      `${verb}:`,
      ...[...data, ...files].map((line) => `  ${line}`),
      "stays:",
      ...stays.map((line) => `  ${line}`),
    ].join("\n"),
  };
}
