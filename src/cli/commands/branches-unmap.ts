import type { RepEvent } from "../../notify/branch-reps.js";
import { changeReps, repNamed, repsJson } from "../branch-reps.js";
import type { Command } from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

export const command: Command = {
  name: "branches unmap",
  summary: "send a rep no report of a branch any more",
  arguments: [
    { usage: "<branch>", description: "its code" },
    { usage: "<email>", description: "the rep's address" },
  ],
  options: [WAIT_OPTION],
  examples: ["growthos branches unmap 001 ada@example.com"],
  async run(context, args) {
    const [code = "", email = ""] = args.positionals;
    const reps = await changeReps(context, waitMs(args), (standing): readonly RepEvent[] => {
      const rep = repNamed(standing, code, email);
      return [{ kind: "unmapped", branch: rep.branch, email: rep.email }];
    });
    return {
      exit: "ok",
      json: { reps: repsJson(reps), dry_run: context.flags.dryRun },
      text: `${email.trim().toLowerCase()} gets no report any more of ${code}`,
    };
  },
};
