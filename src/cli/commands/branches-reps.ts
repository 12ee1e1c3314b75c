import { csvText } from "../../metrics/present.js";
import { repsJson, standingReps } from "../branch-reps.js";
import { type Command, stringOption } from "../command.js";

export const command: Command = {
  name: "branches reps",
  summary: "list which sales rep gets the daily report of which branch, also as CSV",
  options: [{ flags: "--format <format>", description: "how to print", choices: ["table", "csv"], default: "table" }],
  examples: ["growthos branches reps", "growthos branches reps --format csv > reps.csv"],
  async run(context, args) {
    const reps = standingReps(await context.workspace({ mustExist: true }));
    const rows = reps.map(({ code, email, name, isEnabled }) => [code, email, name ?? "", isEnabled ? "yes" : "no"]);
    const titles = ["branch_code", "email", "name", "enabled"];
    const columns = titles.map((title) => ({ title, align: "left" as const }));
    const table = context.output.table(columns, rows);
    const text = stringOption(args, "format") === "csv" ? csvText({ columns, rows }) : table;
    return {
      exit: "ok",
      json: { reps: repsJson(reps) },
      text:
        reps.length === 0 && stringOption(args, "format") !== "csv"
          ? "Nobody gets a daily report: `growthos branches map` says who does."
          : text,
    };
  },
};
