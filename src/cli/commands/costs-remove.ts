import { GrowthosError } from "../../base/errors.js";
import { nearest } from "../../base/ids.js";
import type { Command } from "../command.js";
import { costsJson, costText, keepCosts, standingCosts } from "../costs.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

export const command: Command = {
  name: "costs remove",
  summary: "take an entered cost back",
  description: "It stays in the history and counts in no build from the next one on.",
  arguments: [{ usage: "<id>", description: "as `growthos costs list` shows it" }],
  options: [WAIT_OPTION],
  examples: ["growthos costs remove 1f3a9c20"],
  async run(context, args) {
    const id = args.positionals[0] ?? "";
    const costs = await standingCosts(context);
    const cost = costs.find((one) => one.id === id);
    if (cost === undefined) {
      const near = nearest(
        id,
        costs.map((one) => one.id),
      );
      throw new GrowthosError({
        code: "COST_UNKNOWN",
        what: `there is no cost "${id.slice(0, 40)}"`,
        hint: near === undefined ? "`growthos costs list` shows them" : `did you mean ${near}?`,
        exit: "usage",
      });
    }
    await keepCosts(context, [cost], { isRemoved: true, waitMs: waitMs(args) });
    return {
      exit: "ok",
      json: { removed: costsJson([cost]), dry_run: context.flags.dryRun },
      text: `taken back: ${costText(cost)}; the next build does without it`,
    };
  },
};
