import type { Command } from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { BY_OPTION, changeTasks } from "../tasks.js";

export const command: Command = {
  name: "tasks reopen",
  summary: "take back that tasks are done or snoozed",
  arguments: [{ usage: "<id...>", description: "as `growthos tasks list --state all` shows them" }],
  options: [BY_OPTION, { flags: "--note <text>", description: "why" }, WAIT_OPTION],
  examples: ["growthos tasks reopen cart-1f3a9c20"],
  async run(context, args) {
    const keys = await changeTasks(context, args, { change: "reopened", waitMs: waitMs(args) });
    return {
      exit: "ok",
      json: { reopened: keys, dry_run: context.flags.dryRun },
      text: `open again: ${keys.join(", ")}`,
    };
  },
};
