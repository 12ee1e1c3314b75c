import { basename, dirname, join, resolve } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import { nearest } from "../../base/ids.js";
import type { ReportPage } from "../../reports/types.js";
import { showToPerson } from "../browser.js";
import {
  type Command,
  type CommandArgs,
  type CommandContext,
  flagOption,
  listOption,
  type Outcome,
  stringOption,
} from "../command.js";
import { WAIT_OPTION } from "../locks.js";
import { bringUpToDate, factsOf } from "../report-facts.js";
import type { WantedFormat } from "../report-formats.js";
import { contextOfWeek } from "../report-week.js";
import { workspaceClock } from "../world.js";

export const command: Command = {
  name: "report",
  summary: "write the reports of the current build as HTML, Markdown and JSON",
  description:
    "Rebuilds first when data, SQL, config or the as-of day have changed since the current build. Pages go to workspaces/<name>/out/<as-of>/; the paths of a single page, or of the index, are the answer (--json has all). " +
    "With --from a report is rendered again from its JSON, byte for byte, beside it: neither data nor a build is needed.",
  options: [
    { flags: "--all", description: "every page, whatever the config says under reports.pages" },
    { flags: "--wbr", description: "only the weekly business review" },
    {
      flags: "--page <id>",
      description: "only this page: wbr, executive, channels, daily …; repeatable",
      repeat: true,
    },
    { flags: "--week <week>", description: "as of the day after this week: 2026-W06, or the shop's fiscal FY2026-W01" },
    {
      flags: "--format <formats>",
      description: "html, md, json, email (.eml), pdf, separated by commas",
      default: "html,md,json",
    },
    { flags: "--from <file>", description: "render this report's JSON again" },
    { flags: "--open", description: "show the first page in the browser; not in CI or without a terminal" },
    { flags: "--no-build", description: "do not rebuild; stop when the current build is stale" },
    WAIT_OPTION,
  ],
  examples: [
    "growthos report",
    "growthos report --wbr --week 2026-W06 --open",
    "growthos report --wbr --format md",
    "growthos report --page executive --as-of 2026-02-09",
    "growthos report --from workspaces/main/out/2026-02-09/wbr.json --format html",
  ],
  async run(context, args) {
    const { ALL_FORMATS } = await import("../report-formats.js");
    const formats = formatsOf(stringOption(args, "format") ?? "html,md,json", ALL_FORMATS);
    const from = stringOption(args, "from");
    const outcome =
      from === undefined
        ? await reported(await contextOfWeek(context, args), args, formats)
        : await renderedAgain(context, { args, from, formats });
    const [first] = (outcome.json?.["files"] ?? []) as readonly string[];
    if (flagOption(args, "open") && !context.flags.dryRun && first !== undefined) await showToPerson(context, first);
    return outcome;
  },
};

async function reported(
  context: CommandContext,
  args: CommandArgs,
  formats: readonly WantedFormat[],
): Promise<Outcome> {
  const own = await context.workspaceConfig();
  const pages = await pagesAsked(args, own.pages, own.sources);
  if (context.flags.dryRun) return planned(context, pages, formats);
  await bringUpToDate(context, args);
  const paths = await write(context, pages, formats);
  return {
    exit: "ok",
    json: { as_of: await context.asOf(), pages: pages.map((page) => page.id), files: paths },
    text: pathsTold(pages, paths).join("\n"),
  };
}

/** The files of one page; of several, where to begin, and what was written beside the three usual formats. */
function pathsTold(pages: readonly ReportPage[], paths: readonly string[]): readonly string[] {
  const isFirst = (path: string) => basename(path).startsWith("index.") || /\.(eml|pdf)$/.test(path);
  return pages.length === 1 ? paths : paths.filter(isFirst);
}

/** The pages that the options name, else those of the config, else all that the shop's sources feed. Throws `PAGE_UNKNOWN`, and `USAGE` for all of them and one of them. */
export async function pagesAsked(
  args: CommandArgs,
  configured?: readonly string[],
  sources?: readonly { readonly id: string }[],
): Promise<readonly ReportPage[]> {
  const { PAGES, pageById } = await import("../../reports/pages/index.js");
  const ids = pageIds(args);
  if (flagOption(args, "all") && ids.length > 0)
    throw new GrowthosError({
      code: "USAGE",
      what: "--all and single pages were both asked for",
      hint: "leave out one of --all, --wbr and --page",
      exit: "usage",
    });
  if (ids.length > 0) return ids.map(pageById);
  if (!flagOption(args, "all") && configured !== undefined) return [...new Set(configured)].map(pageById);
  return PAGES.filter(
    ({ needs }) => needs === undefined || sources === undefined || sources.some(({ id }) => id === needs),
  );
}

/** The pages asked for, each once; none means all. */
export function pageIds(args: CommandArgs): readonly string[] {
  return [...new Set([...(flagOption(args, "wbr") ? ["wbr"] : []), ...listOption(args, "page")])];
}

/** `html,md` as a list. Throws `BAD_FORMAT`. */
export function formatsOf(text: string, known: readonly WantedFormat[]): readonly WantedFormat[] {
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
  formats: readonly WantedFormat[],
): Promise<Outcome> {
  const asOf = await context.asOf();
  const names = [...pages.map((page) => page.id), "index"].flatMap((id) =>
    formats
      .filter((format) => id !== "index" || (format !== "email" && format !== "pdf"))
      .map((format) => `${id}.${format === "email" ? "eml" : format}`),
  );
  const files = names.map((name) => `out/${asOf}/${name}`);
  return { exit: "ok", json: { dry_run: true, as_of: asOf, files }, text: files.join("\n") };
}

async function write(
  context: CommandContext,
  pages: readonly ReportPage[],
  formats: readonly WantedFormat[],
): Promise<readonly string[]> {
  const own = await context.workspaceConfig();
  const [{ writeReports }, { textFormats, writeRich }] = await Promise.all([
    import("../../reports/site.js"),
    import("../report-formats.js"),
  ]);
  const step = context.output.step("report");
  const { database } = await context.openBuild();
  try {
    const facts = await factsOf(context, database, pages);
    const paths = await writeReports({
      ws: await context.workspace(),
      facts,
      pages,
      formats: textFormats(formats),
      templates: join(context.packageFolder, "templates"),
      random: context.effects.random,
      clock: workspaceClock(own, context.effects.clock),
    });
    const folder = dirname(paths[0] ?? "");
    const rich = await writeRich(context, formats, { models: pages.map((page) => page.build(facts)), folder });
    step.done(`${pages.map((page) => page.id).join(", ")} as of ${facts.context.asOf}`);
    return [...paths, ...rich];
  } catch (thrown) {
    step.failed();
    throw thrown;
  } finally {
    await database.close();
  }
}

interface Again {
  readonly args: CommandArgs;
  readonly from: string;
  readonly formats: readonly WantedFormat[];
}

/** Past reports are rendered from what they said then, not from what the data says now. */
async function renderedAgain(context: CommandContext, { args, from, formats }: Again): Promise<Outcome> {
  if (pageIds(args).length > 0 || flagOption(args, "all") || stringOption(args, "week") !== undefined)
    throw new GrowthosError({
      code: "USAGE",
      what: "--from names the report already",
      hint: "leave out --wbr, --page, --all and --week",
      exit: "usage",
    });
  const { files } = context.effects;
  const path = resolve(context.effects.cwd, from);
  if (files.stat(path)?.kind !== "file")
    throw new GrowthosError({
      code: "REPORT_MISSING",
      what: `there is no file ${from}`,
      hint: "give the JSON file of a report, for example workspaces/<name>/out/<as-of>/wbr.json",
      exit: "usage",
    });
  const [{ readFrozen }, { renderPage, replaceFiles, siteRenderer }, { textFormats, writeRich }] = await Promise.all([
    import("../../reports/schema.js"),
    import("../../reports/site.js"),
    import("../report-formats.js"),
  ]);
  const report = readFrozen(files.readText(path), basename(path));
  const [texts, folder] = [textFormats(formats), dirname(path)];
  const html = texts.includes("html") ? siteRenderer(files, join(context.packageFolder, "templates")) : null;
  const rendered = await renderPage(report, texts, html);
  const written = rendered.map(({ name }) => join(folder, name));
  if (!context.flags.dryRun) replaceFiles(files, folder, { rendered, random: context.effects.random });
  const rich = context.flags.dryRun ? [] : await writeRich(context, formats, { models: [report], folder });
  const paths = [...written, ...rich];
  return { exit: "ok", json: { as_of: report.context.asOf, pages: [report.id], files: paths }, text: paths.join("\n") };
}
