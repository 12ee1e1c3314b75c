import { resolve } from "node:path";
import type { Command } from "../command.js";
import { badCost, costOf, costsJson, keepCosts } from "../costs.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

/** Rows that a refusal names. */
const SHOWN = 5;

export const command: Command = {
  name: "costs import",
  summary: "enter the costs of a CSV file",
  description:
    "A head line with name, amount, from and, as wanted, to, category, currency; one cost per row, as `growthos costs add` takes it. All rows or none. The same file again corrects, it never doubles; a row that is gone is not taken back.",
  arguments: [{ usage: "<file>", description: "a CSV file" }],
  options: [WAIT_OPTION],
  examples: ["growthos costs import costs.csv", "growthos costs import costs.csv --dry-run"],
  async run(context, args) {
    const path = resolve(context.effects.cwd, args.positionals[0] ?? "");
    const own = await context.workspaceConfig();
    const [{ readCostFile }, { openDatabase }] = await Promise.all([
      import("../../transform/costs.js"),
      import("../../warehouse/duckdb.js"),
    ]);
    const db = await openDatabase({ memoryLimitMb: 256, threads: 1 });
    const rows = await readCostFile(db, path).finally(() => db.close());
    const read = rows.map((row) => costOf(row, own.shop.currency));
    const wrong = read.flatMap((one, index) => ("wrong" in one ? [`row ${index + 1}: ${one.wrong}`] : []));
    if (wrong.length > 0) {
      const more = wrong.length > SHOWN ? [`and ${wrong.length - SHOWN} more`] : [];
      throw badCost(
        `${wrong.length} of ${rows.length} rows of ${path} are no costs`,
        [...wrong.slice(0, SHOWN), ...more].join("; "),
      );
    }
    const costs = [...new Map(read.flatMap((one) => ("wrong" in one ? [] : [[one.id, one] as const]))).values()];
    if (costs.length < rows.length)
      throw badCost(`${path} has the same cost more than once`, "name, category and days of every row must differ");
    await keepCosts(context, costs, { isRemoved: false, waitMs: waitMs(args) });
    return {
      exit: "ok",
      json: { costs: costsJson(costs), dry_run: context.flags.dryRun },
      text: `${costs.length} costs entered; the next build counts them`,
    };
  },
};
