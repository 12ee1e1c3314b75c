import { BRANCH_METRICS, branchNamed, DAYS_OPTIONS, daysOfArgs, withBranches } from "../branches.js";
import type { Command } from "../command.js";
import { overviewTable } from "./branches-list.js";

export const command: Command = {
  name: "branches show",
  summary: "show the figures of one branch against the days before",
  description:
    "A branch is named by its code, id or name; `unassigned` is what no branch is known of. Of people only those who visited it are counted.",
  arguments: [{ usage: "<branch>", description: "code, id or name" }],
  options: DAYS_OPTIONS,
  examples: ["growthos branches show 001", "growthos branches show unassigned --from 2026-01-01 --to 2026-01-31"],
  async run(context, args) {
    return withBranches(context, async ({ database, stamped, branches }) => {
      const [{ runQuery }, present] = await Promise.all([
        import("../../metrics/run-query.js"),
        import("../../metrics/present.js"),
      ]);
      const branch = branchNamed(args.positionals[0] ?? "", branches);
      const result = await runQuery(
        database,
        {
          metrics: BRANCH_METRICS,
          window: daysOfArgs(args, stamped.lastCompleteDay),
          compare: { kind: "previous" },
          filters: [{ field: "location", operator: "=", value: branch.id }],
        },
        stamped,
      );
      const { from, to } = result.query.window;
      const about = [branch.name, branch.city, branch.state, branch.country].filter((part) => part !== null).join(", ");
      const state = branch.isActive ? "" : " (not active)";
      return {
        exit: "ok",
        json: { branch: present.snakeCased(branch), ...present.presentAsJson(result, stamped) },
        text: [
          `${branch.code}: ${about}${state}`,
          context.output.paint("dim", `${from} … ${to}, ${stamped.currency}, ${stamped.timeZone}`),
          overviewTable(context, result, stamped.currency),
        ].join("\n"),
      };
    });
  },
};
