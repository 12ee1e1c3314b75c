import { join } from "node:path";
import { addDays } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import type { Coverage } from "../../metrics/coverage.js";
import type { Explanation } from "../../metrics/explain.js";
import type { GroupBreakdown } from "../../metrics/types.js";
import type { Model } from "../../transform/types.js";
import { type Command, type CommandArgs, type CommandContext, type Outcome, stringOption } from "../command.js";

export const command: Command = {
  name: "explain",
  summary: "show where a metric comes from, or why it changed in a window",
  description:
    "Without a window: formula, SQL, marts and sources. With one: the change against another window, told by the formula,\n" +
    "by the funnel (sessions x conversion x order value) and by segments (volume, mix, price; mix and rate of ratios). Every table adds up to the change.",
  arguments: [{ usage: "<metric>", description: "id or alias of a metric" }],
  options: [
    {
      flags: "--window <window>",
      description: "explain the change: 7d, 'last week', mtd, 'FY2026 Q3', 2026-01-01..2026-01-31",
    },
    {
      flags: "--compare <with>",
      description:
        "previous (default), year, same-date, fiscal, holiday, holiday:easter, or a range YYYY-MM-DD..YYYY-MM-DD",
    },
    {
      flags: "--by <breakdown>",
      description: "segments: channel, product, region, campaign … (default: each of these that the metric knows)",
    },
  ],
  examples: [
    "growthos explain net_revenue",
    "growthos explain net_revenue --window 7d --by channel",
    "growthos explain mer --window 'last month' --compare year --json",
  ],
  async run(context, args) {
    const window = stringOption(args, "window");
    if (window !== undefined) return explainWindow(context, args, window);
    if (stringOption(args, "by") !== undefined || stringOption(args, "compare") !== undefined)
      throw new GrowthosError({
        code: "BAD_OPTION",
        what: "--by and --compare explain a change, and no window is given",
        hint: "add --window 7d",
        exit: "usage",
      });
    const [{ explainMetric }, { workspaceCatalog }] = await Promise.all([
      import("../../metrics/explain.js"),
      import("../catalog.js"),
    ]);
    const { calendar } = await context.workspaceConfig();
    const explanation = explainMetric(args.positionals[0] ?? "", {
      models: await models(context),
      lastCompleteDay: addDays(await context.asOf(), -1),
      weekEndsOn: calendar,
      coverage: await coverage(context),
      catalog: await workspaceCatalog(context),
    });
    return { exit: "ok", json: { explanation }, text: explanationText(explanation, context) };
  },
};

async function explainWindow(context: CommandContext, args: CommandArgs, text: string): Promise<Outcome> {
  const [{ readContext }, { readCatalog }, { explainChange }, { presentChange }, question, { windowFor }] =
    await Promise.all([
      import("../../metrics/context.js"),
      import("../../metrics/declared.js"),
      import("../../metrics/explain-change.js"),
      import("../../metrics/present.js"),
      import("../metrics-question.js"),
      import("../../metrics/windows.js"),
    ]);
  const [{ changeText }, { refuseOtherAges, stampFor }, { workspaceCatalog }, { calendarOf }, { asksForAges }] =
    await Promise.all([
      import("../change-text.js"),
      import("../stamp.js"),
      import("../catalog.js"),
      import("../../metrics/fiscal.js"),
      import("../../metrics/leaves.js"),
    ]);
  const workspace = await context.workspaceConfig();
  const { database } = await context.openBuild();
  try {
    const built = await readContext(database, workspace.shop.name, workspace.calendar.holidays);
    const stamped = await stampFor(built, context);
    const catalog = await readCatalog(database, await workspaceCatalog(context));
    if (asksForAges(args.positionals, catalog)) refuseOtherAges(built, context);
    const calendar = stamped.calendar ?? calendarOf(stamped.weekEndsOn ?? 7);
    const days = (phrase: string) => windowFor(phrase, stamped.lastCompleteDay, calendar);
    const window = days(text);
    const [compare, by] = [stringOption(args, "compare"), stringOption(args, "by")];
    const explained = await explainChange(
      database,
      {
        metric: args.positionals[0] ?? "",
        window,
        ...(compare === undefined ? {} : { compare: question.comparisonOf(compare, days, { days: window, calendar }) }),
        // Whether there is such a breakdown is told with everything else that is wrong.
        ...(by === undefined ? {} : { by: by as GroupBreakdown }),
      },
      stamped,
      { catalog },
    );
    const note = question.comparisonNote(args, { window }, stamped);
    if (note !== null) context.output.note(note);
    const lines = changeText(explained, stamped, context.output);
    return { exit: "ok", json: presentChange(explained, stamped), text: lines };
  } finally {
    await database.close();
  }
}

/** The graph that builds the data, read from the same files. */
async function models(context: CommandContext): Promise<readonly Model[]> {
  const [{ openDatabase }, { readProject }] = await Promise.all([
    import("../../warehouse/duckdb.js"),
    import("../../transform/project.js"),
  ]);
  const parser = await openDatabase();
  try {
    return (await readProject(parser, context.effects.files, join(context.packageFolder, "sql"))).models;
  } finally {
    await parser.close();
  }
}

/** What has landed, as the current build tells; null when nothing was built yet: the definition can be explained all the same. */
async function coverage(context: CommandContext): Promise<Coverage | null> {
  try {
    const { database } = await context.openBuild();
    try {
      const { readCoverage } = await import("../../metrics/coverage.js");
      return await readCoverage(database);
    } finally {
      await database.close();
    }
  } catch (thrown) {
    if (thrown instanceof GrowthosError && thrown.code === "NO_BUILD") return null;
    throw thrown;
  }
}

function explanationText(
  { metric, formulas, window, sql, columns, models: files, streams }: Explanation,
  context: CommandContext,
): string {
  const title = (text: string) => context.output.paint("strong", text);
  const aliases = metric.aliases.length === 0 ? [] : [`also called: ${metric.aliases.join(", ")}`];
  return [
    title(`${metric.title} (${metric.id})`),
    metric.description,
    `unit: ${metric.unit}; good news: ${metric.better}; source: ${metric.source}`,
    ...aliases,
    ...(metric.disputed === undefined ? [] : [`elsewhere: ${metric.disputed}`]),
    "",
    title("formula"),
    ...formulas.map(({ id, depth, formula, reads }) => `${"  ".repeat(depth + 1)}${id} = ${reads ?? formula}`),
    "",
    title("columns"),
    ...columns.map(({ relation, column, place }) => `  ${relation}.${column}  ${place ?? "(not in this build)"}`),
    "",
    title("models"),
    ...files.map(({ path, title: what }) => `  ${path}  ${what}`),
    "",
    title("raw streams"),
    ...streamLines(streams),
    "",
    title(`SQL for ${window.from} … ${window.to}`),
    sql,
  ].join("\n");
}

function streamLines(streams: Explanation["streams"]): readonly string[] {
  const synced = streams.filter((stream) => stream.lastLoadedAt !== null);
  const never = streams.filter((stream) => stream.lastLoadedAt === null).map((stream) => stream.name);
  return [
    ...synced.map(
      ({ name, lastLoadedAt, covered }) =>
        `  ${name}  last sync ${lastLoadedAt}${covered === null ? "" : `, ${covered}`}`,
    ),
    ...(never.length === 0 ? [] : [`  never synced: ${never.join(", ")}`]),
  ];
}
