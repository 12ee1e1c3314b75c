import { join } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import { nearest } from "../../base/ids.js";
import type { Format } from "../../reports/site.js";
import type { ReportPage } from "../../reports/types.js";
import { buildOptions } from "../build-options.js";
import {
  type Command,
  type CommandArgs,
  type CommandContext,
  flagOption,
  listOption,
  type Outcome,
  stringOption,
} from "../command.js";
import { WAIT_OPTION, waitMs } from "../locks.js";
import { workspaceClock } from "../world.js";

export const command: Command = {
  name: "report",
  summary: "write the reports of the current build as HTML, Markdown and JSON",
  description:
    "Rebuilds first when data, SQL, config or the as-of day have changed since the current build. Pages go to workspaces/<name>/out/<as-of>/; their paths are the answer.",
  options: [
    { flags: "--wbr", description: "only the weekly business review" },
    { flags: "--page <id>", description: "only this page: wbr, executive; repeatable", repeat: true },
    { flags: "--format <formats>", description: "html, md, json, separated by commas", default: "html,md,json" },
    { flags: "--no-build", description: "do not rebuild; stop when the current build is stale" },
    WAIT_OPTION,
  ],
  examples: [
    "growthos report",
    "growthos report --wbr --format md",
    "growthos report --page executive --as-of 2026-02-09",
  ],
  async run(context, args) {
    const [{ PAGES, pageById }, { FORMATS }] = await Promise.all([
      import("../../reports/pages/index.js"),
      import("../../reports/site.js"),
    ]);
    const ids = pageIds(args);
    const pages = ids.length === 0 ? PAGES : ids.map(pageById);
    const formats = formatsOf(stringOption(args, "format") ?? FORMATS.join(","), FORMATS);
    if (context.flags.dryRun) return planned(context, pages, formats);
    await bringUpToDate(context, args);
    const paths = await write(context, pages, formats);
    return {
      exit: "ok",
      json: { as_of: await context.asOf(), pages: pages.map((page) => page.id), files: paths },
      text: paths.join("\n"),
    };
  },
};

/** Pages for which the SQL is read. */
const SHOWS_SQL = ["metrics", "lineage"];

/** The pages asked for, each once; none means all. */
export function pageIds(args: CommandArgs): readonly string[] {
  return [...new Set([...(flagOption(args, "wbr") ? ["wbr"] : []), ...listOption(args, "page")])];
}

/** `html,md` as a list. Throws `BAD_FORMAT`. */
export function formatsOf(text: string, known: readonly Format[]): readonly Format[] {
  const names = text.split(",").map((name) => name.trim().toLowerCase());
  for (const name of names) {
    if (known.some((format) => format === name)) continue;
    const near = nearest(name, known);
    throw new GrowthosError({
      code: "BAD_FORMAT",
      what: `"${name.slice(0, 40)}" is not a format of reports`,
      why: `the formats are ${known.join(", ")}`,
      hint: near === undefined ? "write them with commas between, for example html,md" : `did you mean ${near}?`,
      exit: "usage",
    });
  }
  return known.filter((format) => names.includes(format));
}

async function planned(
  context: CommandContext,
  pages: readonly ReportPage[],
  formats: readonly Format[],
): Promise<Outcome> {
  const asOf = await context.asOf();
  const names = [...pages.map((page) => page.id), "index"].flatMap((id) => formats.map((format) => `${id}.${format}`));
  const files = names.map((name) => `out/${asOf}/${name}`);
  return { exit: "ok", json: { dry_run: true, as_of: asOf, files }, text: files.join("\n") };
}

/** A report never shows numbers of another day, config or SQL than asked for. Throws `STALE_BUILD` with `--no-build`. */
async function bringUpToDate(context: CommandContext, args: CommandArgs): Promise<void> {
  const options = await buildOptions(context, { waitMs: waitMs(args) });
  const { planBuild, runBuild } = await import("../../transform/build.js");
  const plan = await planBuild(options);
  if (plan.upToDate) return;
  if (args.options["build"] === false) {
    const reasons = plan.steps.filter((step) => step.action !== "reuse").slice(0, 3);
    throw new GrowthosError({
      code: "STALE_BUILD",
      what: "the current build is not what was asked for",
      why: reasons.map((step) => `${step.relation}: ${step.because}`).join("; "),
      state: "no report was written; the previous ones are as they were",
      hint: "leave out --no-build, or run `growthos build`",
      exit: "usage",
    });
  }
  const step = context.output.step("build");
  try {
    const { build } = await runBuild(options);
    step.done(build.buildId);
  } catch (thrown) {
    step.failed();
    throw thrown;
  }
}

async function write(
  context: CommandContext,
  pages: readonly ReportPage[],
  formats: readonly Format[],
): Promise<readonly string[]> {
  const own = await context.workspaceConfig();
  const [{ loadFacts }, { writeReports }, { readContext }, { readCatalog }, { workspaceCatalog }] = await Promise.all([
    import("../../reports/facts.js"),
    import("../../reports/site.js"),
    import("../../metrics/context.js"),
    import("../../metrics/declared.js"),
    import("../catalog.js"),
  ]);
  const { DEFAULT_SETTINGS, WATCHED, dailyRulesOf, rulesOf, weeklyRulesOf } = await import("../../alerts/settings.js");
  const { isWeekly } = await import("../../alerts/rules/index.js");
  const { readOperations } = await import("../operations.js");
  const { NO_LINEAGE, readLineage } = await import("../../transform/lineage.js");
  const { readDeck } = await import("../deck.js");
  const step = context.output.step("report");
  const { database } = await context.openBuild();
  try {
    const catalog = await readCatalog(database, await workspaceCatalog(context));
    const stamped = await readContext(database, own.shop.name, own.calendar.holidays);
    const settings =
      own.alerts === undefined ? DEFAULT_SETTINGS : { ...own.alerts, watch: own.alerts.watch ?? WATCHED };
    const facts = await loadFacts(database, pages, stamped, {
      catalog,
      rules: weeklyRulesOf(settings),
      dailyRules: dailyRulesOf(settings),
      guardrails: rulesOf(settings).filter(isWeekly),
      operations: await readOperations(context, stamped.lastCompleteDay),
      lineage: pages.some(({ id }) => SHOWS_SQL.includes(id))
        ? await readLineage(database, context.effects.files, join(context.packageFolder, "sql"))
        : NO_LINEAGE,
      targets: own.targets,
      deck: await readDeck(context, stamped, catalog),
    });
    const paths = await writeReports({
      ws: await context.workspace(),
      facts,
      pages,
      formats,
      templates: join(context.packageFolder, "templates"),
      random: context.effects.random,
      clock: workspaceClock(own, context.effects.clock),
    });
    step.done(`${pages.map((page) => page.id).join(", ")} as of ${facts.context.asOf}`);
    return paths;
  } catch (thrown) {
    step.failed();
    throw thrown;
  } finally {
    await database.close();
  }
}
