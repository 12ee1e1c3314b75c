import { type Command, stringOption } from "../command.js";
import { badCost, costOf, costsJson, costText, keepCosts } from "../costs.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

export const command: Command = {
  name: "costs add",
  summary: "enter a cost that no source tells: one-off, or spread over a range of days",
  description:
    "Rent, tools, agencies: what the profit and loss needs beside goods and ads. A range is spread evenly over its days and ends before --to. The same name, category and days entered again correct the amount. It counts from the next build on.",
  arguments: [{ usage: "<name>", description: "what it is for" }],
  options: [
    { flags: "--amount <amount>", description: "how much, 2000 or 1999.90; negative for a credit" },
    { flags: "--from <day>", description: "its day, or the first one of its range, YYYY-MM-DD" },
    { flags: "--to <day>", description: "the first day after its range" },
    { flags: "--category <name>", description: "what it is summed up under (default: other)" },
    { flags: "--currency <code>", description: "ISO 4217 (default: the shop's)" },
    WAIT_OPTION,
  ],
  examples: [
    "growthos costs add 'Agency retainer' --amount 2000 --from 2026-01-01 --to 2026-02-01 --category agency",
    "growthos costs add 'Photo shoot' --amount 299 --from 2026-01-15",
  ],
  async run(context, args) {
    const own = await context.workspaceConfig();
    const given = (name: string) => stringOption(args, name) ?? "";
    const cost = costOf(
      {
        name: args.positionals[0] ?? "",
        amount: given("amount"),
        from: given("from"),
        to: given("to"),
        category: given("category"),
        currency: given("currency"),
      },
      own.shop.currency,
    );
    if ("wrong" in cost) throw badCost("this is no cost that can be entered", cost.wrong);
    await keepCosts(context, [cost], { isRemoved: false, waitMs: waitMs(args) });
    return {
      exit: "ok",
      json: { costs: costsJson([cost]), dry_run: context.flags.dryRun },
      text: `${cost.id}  ${costText(cost)}; the next build counts it`,
    };
  },
};
