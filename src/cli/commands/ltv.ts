import type { Command } from "../command.js";

export const command: Command = {
  name: "ltv",
  summary: "say what customers are expected to bring within a year, by cohort and channel, or why nothing can be said",
  description: [
    "Who still buys and how often (BG/NBD), and what an order of theirs is worth (Gamma-Gamma), both by maximum likelihood on the shop's own orders.",
    "A third of the history, half a year at most, is held out: what the model expected of it stands beside what came, and makes the 80 % bands.",
    "Too few customers, or orders that do not tell one model from another, are refused by name. dim_customer has each customer's figures.",
  ].join(" "),
  options: [],
  examples: ["growthos ltv", "growthos ltv --json"],
  async run(context) {
    const [{ readContext }, { readLifetimeValue }, { refuseOtherAges, stampFor }] = await Promise.all([
      import("../../metrics/context.js"),
      import("../../metrics/lifetime-value.js"),
      import("../stamp.js"),
    ]);
    const [{ lifetimeText }, { snakeCased }] = await Promise.all([
      import("../lifetime-text.js"),
      import("../../metrics/present.js"),
    ]);
    const { shop, calendar } = await context.workspaceConfig();
    const { database } = await context.openBuild();
    try {
      const built = await readContext(database, shop.name, calendar.holidays);
      refuseOtherAges(built, context);
      const stamped = await stampFor(built, context);
      const found = await readLifetimeValue(database);
      return {
        exit: "ok",
        json: snakeCased({ context: stamped, lifetimeValue: found }) as Readonly<Record<string, unknown>>,
        text: lifetimeText(found, { context: stamped, output: context.output }),
      };
    } finally {
      await database.close();
    }
  },
};
