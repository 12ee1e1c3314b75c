import type { SemanticQuery } from "../../metrics/types.js";
import { branchNamed, DAYS_OPTIONS, daysOfArgs, withBranches } from "../branches.js";
import { type Command, stringOption } from "../command.js";

const GRAINS: Readonly<Record<string, NonNullable<SemanticQuery["grain"]>>> = {
  hourly: "hour",
  "4hours": "4hours",
  "12hours": "12hours",
  daily: "day",
  weekly: "week",
  monthly: "month",
};

const METRICS = ["web_revenue", "web_purchases", "web_visits", "abandoned_carts", "searches"];

export const command: Command = {
  name: "branches chart",
  summary: "print revenue, purchases, visitors, abandoned carts and searches over time, of all branches or one",
  description:
    "A point in which nothing happened is 0 where its day has landed, and unknown, with the days that are missing, where it has not. Hours are those of the shop's clock: a day may have 23 or 25 of them. Weeks begin as the shop's calendar says.",
  arguments: [{ usage: "[branch]", description: "code, id or name; none: all branches together" }],
  options: [
    {
      flags: "--granularity <grain>",
      description: "how long a point is",
      choices: Object.keys(GRAINS),
      default: "daily",
    },
    ...DAYS_OPTIONS,
    { flags: "--format <format>", description: "how to print", choices: ["table", "csv", "md"], default: "table" },
  ],
  examples: [
    "growthos branches chart 001 --granularity hourly --days 1",
    "growthos branches chart --granularity weekly --days 90 --format csv",
  ],
  async run(context, args) {
    return withBranches(context, async ({ database, stamped, branches }) => {
      const [{ runQuery }, present] = await Promise.all([
        import("../../metrics/run-query.js"),
        import("../../metrics/present.js"),
      ]);
      const [name] = args.positionals;
      const branch = name === undefined ? null : branchNamed(name, branches);
      const result = await runQuery(
        database,
        {
          metrics: METRICS,
          window: daysOfArgs(args, stamped.lastCompleteDay),
          grain: GRAINS[stringOption(args, "granularity") ?? "daily"] ?? "day",
          ...(branch === null ? {} : { filters: [{ field: "location", operator: "=", value: branch.id }] }),
        },
        stamped,
      );
      const json = { branch: present.snakeCased(branch), ...present.presentAsJson(result, stamped) };
      const format = stringOption(args, "format") ?? "table";
      if (format === "csv")
        return { exit: "ok", json, text: present.csvText(present.presentForMachines(result, stamped)) };
      const table = present.presentForPeople(result, stamped);
      if (format === "md") return { exit: "ok", json, text: present.markdownText(table) };
      const head = [branch === null ? "all branches" : `${branch.code}: ${branch.name}`, stamped.timeZone].join(", ");
      // All figures rest on the same events: why a point is not there is said once for all of them.
      const reasons = new Set(table.notes.map((note) => note.replace(/^.* n\/a: /, "n/a: ")));
      const notes = [...reasons].map((note) => context.output.paint("dim", note));
      const text = [context.output.paint("dim", head), context.output.table(table.columns, table.rows), ...notes];
      return { exit: "ok", json, text: text.join("\n") };
    });
  },
};
