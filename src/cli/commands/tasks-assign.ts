import type { Command } from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { BY_OPTION, changeTasks, plainOption, usage } from "../tasks.js";

export const command: Command = {
  name: "tasks assign",
  summary: "give tasks to somebody, by name or e-mail address, or to nobody",
  arguments: [{ usage: "<id...>", description: "as `growthos tasks list` shows them; their beginnings are enough" }],
  options: [
    { flags: "--to <name>", description: "who takes them, or nobody" },
    BY_OPTION,
    { flags: "--note <text>", description: "why" },
    WAIT_OPTION,
  ],
  examples: ["growthos tasks assign cart-1f3a9c20 --to ada@example.com"],
  async run(context, args) {
    const to = plainOption(args, "to");
    if (to === undefined) throw usage("assigned to whom?", "add --to with a name, an e-mail address, or nobody");
    const assignee = to === "nobody" ? null : to;
    const keys = await changeTasks(context, args, { change: "assigned", assignee, waitMs: waitMs(args) });
    return {
      exit: "ok",
      json: { assigned: keys, to: assignee, dry_run: context.flags.dryRun },
      text: `${assignee === null ? "nobody's now" : `assigned to ${assignee}`}: ${keys.join(", ")}`,
    };
  },
};
