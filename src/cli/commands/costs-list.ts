import type { Command } from "../command.js";
import { costsJson, standingCosts } from "../costs.js";

export const command: Command = {
  name: "costs list",
  summary: "list the costs that were entered",
  options: [],
  examples: ["growthos costs list", "growthos costs list --json"],
  async run(context) {
    const costs = await standingCosts(context);
    const table = context.output.table(
      [
        { title: "id" },
        { title: "name" },
        { title: "category" },
        { title: "amount", align: "right" },
        { title: "from" },
        { title: "up to, without" },
      ],
      costs.map(({ id, name, category, amount, currency, from, to }) => [
        id,
        name,
        category,
        `${amount} ${currency}`,
        from,
        to ?? "",
      ]),
    );
    return {
      exit: "ok",
      json: { costs: costsJson(costs) },
      text: costs.length === 0 ? "No costs were entered: `growthos costs add` enters one." : table,
    };
  },
};
