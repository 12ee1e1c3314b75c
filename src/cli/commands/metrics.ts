import type { Catalog } from "../../metrics/catalog/index.js";
import type { PresentedTable } from "../../metrics/present.js";
import type { AnswerContext, QueryResult } from "../../metrics/types.js";
import type { Command, CommandArgs, CommandContext, Outcome } from "../command.js";
import { flagOption, stringOption } from "../command.js";

export const command: Command = {
  name: "metrics",
  summary: "print metrics for a window, with comparison and breakdown",
  description:
    "Without metrics, lists the catalog: every metric with its unit, its formula, what it rests on, and who uses its name for another figure.\n" +
    "Windows end at the last complete day: 7d, 30d, week, month (so far), a range YYYY-MM-DD..YYYY-MM-DD; --last week and --last month are the newest that is over.",
  arguments: [{ usage: "[metric...]", description: "ids or aliases, 1 to 15; all: every one; none: list the catalog" }],
  options: [
    { flags: "--last <window>", description: "the last 30d, week, month …" },
    {
      flags: "--window <window>",
      description: "wtd, mtd, qtd, ytd, 30d, 'last 6 weeks', 'FY2026 Q3', 2026-01-01..2026-01-31 (default: 7d)",
    },
    {
      flags: "--by <breakdown>",
      description:
        "channel, platform, account, campaign, ad_set, ad, product, category, country, region, device, location, customer_type, cost_category, day, week, month, quarter",
    },
    {
      flags: "--compare <with>",
      description:
        "previous, year (364 days earlier: same weekdays), same-date, fiscal (same fiscal place), holiday, holiday:easter, or a range YYYY-MM-DD..YYYY-MM-DD",
    },
    {
      flags: "--grain <grain>",
      description:
        "also a point per 15min, hour, 4hours, 12hours, day, week, month or quarter; with --by, of every row",
      choices: ["15min", "hour", "4hours", "12hours", "day", "week", "month", "quarter"],
    },
    {
      flags: "--filter <filter>",
      description:
        "channel=meta, country!=US, campaign~brand (contains), status=active, order_value>100, order_number=1; repeatable",
      repeat: true,
    },
    {
      flags: "--having <condition>",
      description: "only rows that meet it: roas>4, spend>=500 (money in main units); repeatable",
      repeat: true,
    },
    { flags: "--sort <metric>", description: "order rows by a metric, greatest first; -metric for smallest first" },
    { flags: "--limit <rows>", description: "at most so many rows" },
    {
      flags: "--partial",
      description: "where days of a source are missing: what is there, marked, instead of unknown",
    },
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
    "growthos metrics spend roas --last 30d --by campaign --filter status=active --having 'spend>=500' --sort -roas --limit 5",
    "growthos metrics spend mer --window 2026-01-01..2026-01-31 --grain week --format csv",
    "growthos metrics",
  ],
  async run(context, args) {
    return args.positionals.length === 0 ? listCatalog(context, args) : answer(context, args);
  },
};

async function listCatalog(context: CommandContext, args: CommandArgs): Promise<Outcome> {
  const { isAdditive } = await import("../../metrics/catalog/index.js");
  const { restsOn } = await import("../../metrics/leaves.js");
  const { catalogToList } = await import("../catalog.js");
  const catalog = await catalogToList(context);
  const { csvText, markdownText } = await import("../../metrics/present.js");
  const titles = ["metric", "unit", "good", "adds up", "formula", "rests on", "aliases", "elsewhere"];
  const columns = titles.map((title) => ({ title, align: "left" as const }));
  const rows = catalog.metrics.map((metric) => [
    metric.id,
    metric.unit,
    metric.better,
    isAdditive(metric, catalog) ? "yes" : "no",
    metric.formula,
    restsOn(metric.id, catalog)
      .map(({ fact }) => fact)
      .join(", "),
    metric.aliases.join(" "),
    metric.disputed ?? "",
  ]);
  const json = {
    metrics: catalog.metrics.map((metric) => ({
      ...metric,
      additive: isAdditive(metric, catalog),
      rests_on: restsOn(metric.id, catalog),
    })),
  };
  switch (formatOf(context, args)) {
    case "csv":
      return { exit: "ok", json, text: csvText({ columns, rows }) };
    case "md":
      return { exit: "ok", json, text: markdownText({ columns, rows, notes: [] }) };
    case "json":
      return { exit: "ok", json, text: JSON.stringify(json, null, 2) };
    default:
      return {
        exit: "ok",
        json,
        text: [context.output.table(columns.slice(0, 6), rows), ...elsewhere(catalog, context)].join("\n"),
      };
  }
}

/** Where others use a name for another figure: said under the list, not only in the documentation. */
function elsewhere(catalog: Catalog, { output }: CommandContext): readonly string[] {
  const lines = catalog.metrics.flatMap(({ id, disputed }) => (disputed === undefined ? [] : [`  ${id}: ${disputed}`]));
  return ["", output.paint("strong", "elsewhere"), ...lines.map((line) => output.paint("dim", line))];
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
    const { refuseOtherAges, stampFor } = await import("../stamp.js");
    const built = await readContext(database, workspace.shop.name, workspace.calendar.holidays);
    const stamped = await stampFor(built, context);
    const { workspaceCatalog } = await import("../catalog.js");
    const catalog = await readCatalog(database, await workspaceCatalog(context));
    const { comparisonNote, isWhole, questionOf } = await import("../metrics-question.js");
    const mostMetrics = isWhole(args.positionals) ? catalog.metrics.length : undefined;
    const question = questionOf(args, stamped, catalog);
    const { asksForAges } = await import("../../metrics/leaves.js");
    if (asksForAges(question.metrics, catalog)) refuseOtherAges(built, context);
    const result = await runQuery(database, question, stamped, { catalog, mostMetrics });
    const note = comparisonNote(args, question, stamped);
    if (note !== null) context.output.note(note);
    return outcome(context, args, { result, stamped, catalog });
  } finally {
    await database.close();
  }
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
