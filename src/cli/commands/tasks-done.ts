import type { Command } from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { BY_OPTION, changeTasks } from "../tasks.js";

export const command: Command = {
  name: "tasks done",
  summary: "say that tasks are done: they never come back by themselves",
  arguments: [{ usage: "<id...>", description: "as `growthos tasks list` shows them; their beginnings are enough" }],
  options: [BY_OPTION, { flags: "--note <text>", description: "what came of it" }, WAIT_OPTION],
  examples: ['growthos tasks done cart-1f3a9c20 --note "ordered by phone"'],
  async run(context, args) {
    const keys = await changeTasks(context, args, { change: "done", waitMs: waitMs(args) });
    return { exit: "ok", json: { done: keys, dry_run: context.flags.dryRun }, text: `done: ${keys.join(", ")}` };
  },
};
