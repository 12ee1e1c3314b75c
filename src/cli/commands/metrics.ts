import { addDays } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import type { Catalog } from "../../metrics/catalog/index.js";
import type { PresentedTable } from "../../metrics/present.js";
import type { AnswerContext, QueryResult } from "../../metrics/types.js";
import type { Command, CommandArgs, CommandContext, Outcome } from "../command.js";
import { flagOption, stringOption } from "../command.js";

export const command: Command = {
  name: "metrics",
  summary: "print metrics for a window, with comparison and breakdown",
  description:
    "Without metrics, lists the catalog: every metric with its unit and formula.\n" +
    "Windows end at the last complete day: 7d, 30d, week, month (so far), a range YYYY-MM-DD..YYYY-MM-DD; --last week and --last month are the newest that is over.",
  arguments: [{ usage: "[metric...]", description: "ids or aliases, 1 to 15; none: list the catalog" }],
  options: [
    { flags: "--last <window>", description: "the last 30d, week, month …" },
    { flags: "--window <window>", description: "week, month, 30d, 2026-01-01..2026-01-31 (default: 7d)" },
    {
      flags: "--by <breakdown>",
      description: "channel, platform, campaign, product, category, country, region, customer_type, day, week, month",
    },
    { flags: "--compare <with>", description: "previous, year (364 days earlier), or a range YYYY-MM-DD..YYYY-MM-DD" },
    { flags: "--grain <grain>", description: "also a point per day, week or month", choices: ["day", "week", "month"] },
    {
      flags: "--filter <filter>",
      description: "channel=meta, country!=US, campaign~brand (contains); repeatable",
      repeat: true,
    },
    { flags: "--sort <metric>", description: "order rows by a metric, greatest first; -metric for smallest first" },
    { flags: "--limit <rows>", description: "at most so many rows" },
    {
      flags: "--format <format>",
      description: "how to print",
      choices: ["table", "csv", "json", "md"],
      default: "table",
    },
    { flags: "--sql", description: "print the statement that was run, too" },
  ],
  examples: [
    "growthos metrics net_revenue aov --last 30d --by channel --compare previous",
    "growthos metrics spend mer --window 2026-01-01..2026-01-31 --grain week --format csv",
    "growthos metrics",
  ],
  async run(context, args) {
    return args.positionals.length === 0 ? listCatalog(context, args) : answer(context, args);
  },
};

async function listCatalog(context: CommandContext, args: CommandArgs): Promise<Outcome> {
  const { isAdditive, METRICS } = await import("../../metrics/catalog/index.js");
  const { csvText, markdownText } = await import("../../metrics/present.js");
  const columns = ["metric", "unit", "good", "formula", "aliases"].map((title) => ({ title, align: "left" as const }));
  const rows = METRICS.map((metric) => [
    metric.id,
    metric.unit,
    metric.better,
    metric.formula,
    metric.aliases.join(" "),
  ]);
  const json = { metrics: METRICS.map((metric) => ({ ...metric, additive: isAdditive(metric) })) };
  switch (formatOf(context, args)) {
    case "csv":
      return { exit: "ok", json, text: csvText({ columns, rows }) };
    case "md":
      return { exit: "ok", json, text: markdownText({ columns, rows, notes: [] }) };
    case "json":
      return { exit: "ok", json, text: JSON.stringify(json, null, 2) };
    default:
      return { exit: "ok", json, text: context.output.table(columns.slice(0, 4), rows) };
  }
}

async function answer(context: CommandContext, args: CommandArgs): Promise<Outcome> {
  const [{ readContext }, { readCatalog }, { runQuery }] = await Promise.all([
    import("../../metrics/context.js"),
    import("../../metrics/declared.js"),
    import("../../metrics/run-query.js"),
  ]);
  const workspace = await context.workspaceConfig();
  const { database } = await context.openBuild();
  try {
    const stamped = asOf(await readContext(database, workspace.shop.name), context);
    await tellAge(context, stamped);
    const catalog = await readCatalog(database);
    const { isWhole, questionOf } = await import("../metrics-question.js");
    const mostMetrics = isWhole(args.positionals) ? catalog.metrics.length : undefined;
    const result = await runQuery(database, questionOf(args, stamped, catalog), stamped, { catalog, mostMetrics });
    return outcome(context, args, { result, stamped, catalog });
  } finally {
    await database.close();
  }
}

/** An answer from a build of another day says so: nobody should take an old figure for today's. */
async function tellAge({ flags, output, asOf: dayOfAnswer }: CommandContext, stamped: AnswerContext): Promise<void> {
  const today = flags.asOf ?? (await dayOfAnswer());
  if (today === stamped.asOf) return;
  output.warn(`the figures are as of ${stamped.asOf}, today is ${today}; \`growthos run\` brings them up to date`);
}

/** `--as-of` moves the answer back to an earlier day of the same build; a later day needs a build of its own. */
function asOf(stamped: AnswerContext, { flags }: CommandContext): AnswerContext {
  if (flags.asOf === undefined || flags.asOf === stamped.asOf) return stamped;
  if (flags.asOf < stamped.asOf) return { ...stamped, asOf: flags.asOf, lastCompleteDay: addDays(flags.asOf, -1) };
  throw new GrowthosError({
    code: "STALE_BUILD",
    what: `the build is as of ${stamped.asOf}, the question as of ${flags.asOf}`,
    hint: `run \`growthos build --as-of ${flags.asOf}\` first`,
    exit: "usage",
  });
}

function formatOf(context: CommandContext, args: CommandArgs): string {
  return context.flags.json ? "json" : (stringOption(args, "format") ?? "table");
}

interface Answered {
  readonly result: QueryResult;
  readonly stamped: AnswerContext;
  readonly catalog: Catalog;
}

async function outcome(context: CommandContext, args: CommandArgs, answered: Answered): Promise<Outcome> {
  const { result, stamped, catalog } = answered;
  const present = await import("../../metrics/present.js");
  const json = present.presentAsJson(result, stamped);
  const sql = flagOption(args, "sql") ? result.sql : [];
  switch (formatOf(context, args)) {
    case "json":
      return { exit: "ok", json, text: JSON.stringify({ schema_version: 1, ...json }, null, 2) };
    case "csv":
      for (const statement of sql) context.output.note(statement);
      return { exit: "ok", json, text: present.csvText(present.presentForMachines(result, stamped, catalog)) };
    case "md":
      return { exit: "ok", json, text: present.markdownText(present.presentForPeople(result, stamped, catalog)) };
    default:
      return {
        exit: "ok",
        json,
        text: [tableText(context, answered, present.presentForPeople(result, stamped, catalog)), ...sql].join("\n\n"),
      };
  }
}

function tableText(context: CommandContext, { result, stamped }: Answered, table: PresentedTable): string {
  const { from, to } = result.query.window;
  const head = `${stamped.shop}, ${from} … ${to}, ${stamped.currency}, ${stamped.timeZone}`;
  return [
    context.output.paint("dim", head),
    context.output.table(table.columns, table.rows),
    ...table.notes.map((note) => context.output.paint("dim", note)),
  ].join("\n");
}
