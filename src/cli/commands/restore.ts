import { join, resolve } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import type { Workspace } from "../../warehouse/types.js";
import { type Command, type CommandContext, flagOption, type Outcome } from "../command.js";
import { WAIT_OPTION, waitMs, withBothLocks } from "../locks.js";
import { refuseWithStore } from "../store.js";

export const command: Command = {
  name: "restore",
  summary: "bring a backup back, verified",
  description:
    "Verifies every byte of a backup and puts it in place as a whole. An existing workspace is renamed aside, never deleted. Run `growthos build` afterwards. A backup without its salt takes it from the workspace in place, or from GROWTHOS_SALT.",
  arguments: [{ usage: "<folder>", description: "what `growthos backup` made" }],
  options: [{ flags: "--replace", description: "put it in the place of the existing workspace" }, WAIT_OPTION],
  examples: ["growthos restore /mnt/backup/shop-2026-02-09 --replace"],
  async run(context, args) {
    const own = await context.workspaceConfig();
    refuseWithStore(own, "restore", {
      why: "the store holds the history, and a folder with another one would not fit it",
      hint: "restore into a workspace without `store`, then give it a new prefix and run `growthos store init`",
    });
    const { projectRoot } = await context.config();
    const from = resolve(context.effects.cwd, args.positionals[0] ?? "");
    const restored = await underLocks(context, waitMs(args), async () => {
      const { restore } = await import("../../warehouse/backup.js");
      const { files, random, env } = context.effects;
      const salt = env["GROWTHOS_SALT"];
      return restore({
        projectRoot,
        name: own.name,
        files,
        random,
        from,
        replace: flagOption(args, "replace"),
        ...(salt === undefined ? {} : { salt }),
      });
    });
    return told(own.name, from, restored);
  },
};

/** A workspace that is there must stand still while it is replaced; one that is not there, or cannot be opened any more, has no locks to take. */
async function underLocks<T>(context: CommandContext, wait: number, action: () => Promise<T>): Promise<T> {
  const { projectRoot } = await context.config();
  const { name } = await context.workspaceConfig();
  if (context.effects.files.stat(join(projectRoot, "workspaces", name)) === undefined) return action();
  const ws = await openable(context);
  return ws === null ? action() : withBothLocks(context, { ws, waitMs: wait, owner: "restore" }, action);
}

/** The workspace in place, or null when it is too damaged to be opened: then nobody works in it, and replacing it is the remedy. */
async function openable(context: CommandContext): Promise<Workspace | null> {
  try {
    return await context.workspace({ mustExist: true });
  } catch (thrown) {
    if (thrown instanceof GrowthosError && thrown.parts.exit === "damaged") return null;
    throw thrown;
  }
}

function told(
  workspace: string,
  from: string,
  { aside, erasedSince }: { readonly aside: string | null; readonly erasedSince: readonly string[] },
): Outcome {
  const old = aside === null ? [] : [`the old one is kept at ${aside}`];
  const back = erasedSince.map(
    (id) => `the backup is older than ${id}: erase that person again with \`growthos forget\``,
  );
  return {
    exit: "ok",
    json: { workspace, from, aside, erased_since: erasedSince },
    text: [`workspace "${workspace}" restored from ${from}`, ...old, ...back, "next: growthos build"].join("\n"),
  };
}
