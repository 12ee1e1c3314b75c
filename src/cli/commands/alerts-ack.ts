import { type Command, stringOption } from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

export const command: Command = {
  name: "alerts ack",
  summary: "say that somebody has taken an alert: it is not told again unless it gets worse",
  arguments: [{ usage: "<key>", description: "the key of an alert that is there now" }],
  options: [{ flags: "--note <text>", description: "who, or what is being done" }, WAIT_OPTION],
  examples: ['growthos alerts ack cac_increase --note "Ada looks at the Meta campaigns"'],
  async run(context, args) {
    const key = args.positionals[0] ?? "";
    const note = stringOption(args, "note") ?? "";
    const { addToHistory, requireKey } = await import("../alert-journal.js");
    await addToHistory(context, { waitMs: waitMs(args), dryRun: context.flags.dryRun }, ({ alerts }) => {
      requireKey(
        key,
        [...alerts].filter(([, { status }]) => status !== "recovered").map(([name]) => name),
      );
      return [{ kind: "acked", key, note }];
    });
    return { exit: "ok", json: { key, acknowledged: true, note }, text: `${key} is acknowledged` };
  },
};
