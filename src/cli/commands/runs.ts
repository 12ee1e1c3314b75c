import { GrowthosError } from "../../base/errors.js";
import { type Command, stringOption } from "../command.js";
import { count, duration } from "../format.js";

export const command: Command = {
  name: "runs",
  summary: "list the history of syncs and publishes: state, rows, duration, errors",
  options: [
    { flags: "--limit <n>", description: "runs per page", default: "20" },
    { flags: "--page <n>", description: "1 is the newest", default: "1" },
    {
      flags: "--state <state>",
      description: "only runs in this state",
      choices: ["queued", "running", "completed", "completed_with_warnings", "failed"],
    },
  ],
  examples: ["growthos runs", "growthos runs --state failed --json"],
  async run(context, args) {
    const limit = wholeNumber("--limit", stringOption(args, "limit") ?? "20", 1000);
    const page = wholeNumber("--page", stringOption(args, "page") ?? "1", 1_000_000);
    const state = stringOption(args, "state");
    const ws = await context.workspace({ mustExist: true });
    const { readRuns } = await import("../../sync/runs.js");
    const { runs, broken } = readRuns(ws, ["sync", "publish"]);
    const wanted = runs.filter((run) => state === undefined || run.state === state);
    const shown = wanted.slice((page - 1) * limit, page * limit);
    const pages = Math.max(1, Math.ceil(wanted.length / limit));
    for (const name of broken) context.output.warn(`the record ${name} cannot be read`);
    const rows = shown.map((run) => [
      run.runId,
      run.kind === "sync" ? "sync" : `publish ${run.sources.map(({ source }) => source).join(", ")}`,
      run.startedAt,
      run.state,
      count(run.rows),
      run.durationMs === null ? "" : duration(run.durationMs),
      run.sources
        .flatMap((source) => (source.error === null ? [] : [`${source.source}: ${source.error.code}`]))
        .join(", "),
    ]);
    return {
      exit: "ok",
      json: { workspace: ws.name, page, pages, total: wanted.length, runs: shown, broken },
      text:
        wanted.length === 0
          ? "no runs yet"
          : [
              context.output.table(
                [
                  { title: "run" },
                  { title: "what" },
                  { title: "started" },
                  {
                    title: "state",
                    tone: (cell) => (cell === "failed" ? "bad" : cell === "completed" ? "good" : "warn"),
                  },
                  { title: "rows", align: "right" },
                  { title: "took", align: "right" },
                  { title: "errors" },
                ],
                rows,
              ),
              ...(pages > 1 ? ["", `page ${page} of ${pages}; --page ${page + 1} shows older runs`] : []),
            ].join("\n"),
    };
  },
};

function wholeNumber(flag: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new GrowthosError({
    code: "USAGE",
    what: `${flag} takes a whole number from 1 to ${max}, not "${text}"`,
    exit: "usage",
  });
}
