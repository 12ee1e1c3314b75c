import { join } from "node:path";
import { snakeCased } from "../../metrics/present.js";
import type { RollUpFacts } from "../../reports/roll-up.js";
import type { Format } from "../../reports/site.js";
import { showToPerson } from "../browser.js";
import { type Command, type CommandContext, flagOption, stringOption } from "../command.js";
import { formatsOf } from "./report.js";

const FORMATS = ["html", "md", "json"] as const;

export const command: Command = {
  name: "workspaces report",
  summary: "write one page over all workspaces: figures, alerts, freshness, last error",
  description:
    "One row per workspace, one table per currency; each figure is what that workspace's own published build says. No row of a customer is read, nobody is matched across workspaces, and currencies are not added. Nothing is built: `growthos workspaces run --all` does that. The page goes to agency/<as-of>/.",
  arguments: [{ usage: "[workspace...]", description: "which (default: all)" }],
  options: [
    { flags: "--last <window>", description: "complete days: 7d, last week, mtd …", default: "7d" },
    { flags: "--format <formats>", description: "html, md, json, separated by commas", default: "html,md,json" },
    { flags: "--open", description: "show the page in the browser; not in CI or without a terminal" },
  ],
  examples: [
    "growthos workspaces report",
    'growthos workspaces report --last "last month" --json',
    "growthos workspaces report acme beta",
  ],
  async run(context, args) {
    const formats = formatsOf(stringOption(args, "format") ?? "html,md,json", FORMATS);
    const config = await context.config();
    const [{ noWorkspace, unknownWorkspace, workspaceNames }, { readRollUp }] = await Promise.all([
      import("../../config/workspaces.js"),
      import("../roll-up.js"),
    ]);
    const known = workspaceNames(config);
    if (known.length === 0) throw noWorkspace(config);
    const names = args.positionals.length === 0 ? known : args.positionals;
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) throw unknownWorkspace(config, unknown);
    const facts = await readRollUp(context, config, { window: stringOption(args, "last") ?? "7d", names });
    const folder = join(config.projectRoot, "agency", facts.asOf);
    const { textFormats } = await import("../report-formats.js");
    const files = await writePage(context, { facts, folder, formats: textFormats(formats) });
    if (flagOption(args, "open") && files[0] !== undefined && !context.flags.dryRun)
      await showToPerson(context, files[0]);
    return {
      exit: "ok",
      json: { as_of: facts.asOf, dry_run: context.flags.dryRun, files, workspaces: facts.rows.map(snakeCased) },
      text: files.join("\n"),
    };
  },
};

interface Page {
  readonly facts: RollUpFacts;
  readonly folder: string;
  readonly formats: readonly Format[];
}

async function writePage(context: CommandContext, { facts, folder, formats }: Page): Promise<readonly string[]> {
  const [{ rollUpModel }, { renderPage, replaceFiles, siteRenderer }, { plainModel }] = await Promise.all([
    import("../../reports/roll-up.js"),
    import("../../reports/site.js"),
    import("../../reports/text.js"),
  ]);
  const { files, random } = context.effects;
  const html = formats.includes("html") ? siteRenderer(files, join(context.packageFolder, "templates")) : null;
  const model = plainModel(rollUpModel(facts));
  const rendered = await renderPage({ ...model, navigation: [] }, formats, html);
  const paths = rendered.map(({ name }) => join(folder, name));
  if (context.flags.dryRun) return paths;
  files.makeFolder(folder);
  // Figures of customers: like the workspaces themselves, nothing for a repository.
  files.write(join(folder, "..", ".gitignore"), "*\n");
  replaceFiles(files, folder, { rendered, random });
  return paths;
}
