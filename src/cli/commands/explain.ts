import { join } from "node:path";
import { addDays } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import type { Coverage } from "../../metrics/coverage.js";
import type { Explanation } from "../../metrics/explain.js";
import type { Model } from "../../transform/types.js";
import type { Command, CommandContext } from "../command.js";

export const command: Command = {
  name: "explain",
  summary: "show where a metric comes from: formula, SQL, marts, sources",
  arguments: [{ usage: "<metric>", description: "id or alias of a metric" }],
  options: [],
  examples: ["growthos explain net_revenue", "growthos explain blended_cac --json"],
  async run(context, args) {
    const [{ explainMetric }, { workspaceCatalog }] = await Promise.all([
      import("../../metrics/explain.js"),
      import("../catalog.js"),
    ]);
    const { calendar } = await context.workspaceConfig();
    const explanation = explainMetric(args.positionals[0] ?? "", {
      models: await models(context),
      lastCompleteDay: addDays(await context.asOf(), -1),
      weekEndsOn: calendar.weekEndsOn,
      coverage: await coverage(context),
      catalog: await workspaceCatalog(context),
    });
    return { exit: "ok", json: { explanation }, text: explanationText(explanation, context) };
  },
};

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
  { metric, formulas, sql, columns, models: files, streams }: Explanation,
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
    title("SQL for the last seven complete days"),
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
