import type { RepEvent } from "../../notify/branch-reps.js";
import { changeReps, repNamed, repsJson } from "../branch-reps.js";
import type { Command } from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

export const command: Command = {
  name: "branches enable",
  summary: "send a rep the report of a branch again",
  arguments: [
    { usage: "<branch>", description: "its code" },
    { usage: "<email>", description: "the rep's address" },
  ],
  options: [WAIT_OPTION],
  examples: ["growthos branches enable 001 ada@example.com"],
  async run(context, args) {
    const [code = "", email = ""] = args.positionals;
    const reps = await changeReps(context, waitMs(args), (standing): readonly RepEvent[] => {
      const rep = repNamed(standing, code, email);
      return [{ kind: "mapped", rep: { ...rep, isEnabled: true } }];
    });
    return {
      exit: "ok",
      json: { reps: repsJson(reps), dry_run: context.flags.dryRun },
      text: `${email.trim().toLowerCase()} gets the daily report again of ${code}`,
    };
  },
};
