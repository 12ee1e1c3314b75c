import type { Command } from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { BY_OPTION, changeTasks, dayOption, usage } from "../tasks.js";

export const command: Command = {
  name: "tasks snooze",
  summary: "put tasks aside until a day, on which they are open again",
  arguments: [{ usage: "<id...>", description: "as `growthos tasks list` shows them; their beginnings are enough" }],
  options: [
    { flags: "--until <day>", description: "the day on which they return, YYYY-MM-DD" },
    BY_OPTION,
    { flags: "--note <text>", description: "why" },
    WAIT_OPTION,
  ],
  examples: ["growthos tasks snooze cart-1f3a9c20 --until 2026-03-02"],
  async run(context, args) {
    const until = dayOption(args, "until");
    const today = await context.asOf();
    if (until === undefined) throw usage("until which day?", "add --until, the day on which they return");
    if (until <= today) throw usage(`--until ${until} is not after ${today}`, "name a day to come");
    const keys = await changeTasks(context, args, { change: "snoozed", until, waitMs: waitMs(args) });
    return {
      exit: "ok",
      json: { snoozed: keys, until, dry_run: context.flags.dryRun },
      text: `snoozed until ${until}: ${keys.join(", ")}`,
    };
  },
};
