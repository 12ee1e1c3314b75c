import { join, resolve } from "node:path";
import { sha256 } from "../../base/hash.js";
import { type Command, stringOption } from "../command.js";
import { WAIT_OPTION } from "../locks.js";
import { bringUpToDate, factsOf } from "../report-facts.js";
import { contextOfWeek } from "../report-week.js";
import { pagesAsked } from "./report.js";

export const command: Command = {
  name: "bundle",
  summary: "write a zip of reports with their data, SQL and hashes, which plain DuckDB can re-run",
  description:
    "Holds the pages as HTML, Markdown and JSON, the marts that they read as Parquet, every statement with its result, SHA256SUMS, and rerun.sql: " +
    "unpack it and run `duckdb < rerun.sql` there to ask every figure again. The same build gives the same bytes.",
  options: [
    { flags: "--wbr", description: "only the weekly business review" },
    { flags: "--page <id>", description: "only this page; repeatable", repeat: true },
    { flags: "--week <week>", description: "as of the day after this week: 2026-W06, or the shop's fiscal FY2026-W01" },
    { flags: "--out <file>", description: "where to write (default: bundle.zip beside the reports of that day)" },
    { flags: "--no-build", description: "do not rebuild; stop when the current build is stale" },
    WAIT_OPTION,
  ],
  examples: ["growthos bundle", "growthos bundle --wbr --week 2026-W06 --out review.zip"],
  async run(given, args) {
    const context = await contextOfWeek(given, args);
    const { pages: configured, sources } = await context.workspaceConfig();
    const [pages, ws, asOf] = [
      await pagesAsked(args, configured, sources),
      await context.workspace(),
      await context.asOf(),
    ];
    const out = stringOption(args, "out");
    const path = out === undefined ? ws.at("out", asOf, "bundle.zip") : resolve(context.effects.cwd, out);
    if (context.flags.dryRun) return { exit: "ok", json: { dry_run: true, file: path }, text: path };
    await bringUpToDate(context, args);
    const { bundleOf } = await import("../bundle.js");
    const { database } = await context.openBuild();
    try {
      const facts = await factsOf(context, database, pages);
      const templates = join(context.packageFolder, "templates");
      const { random, files } = context.effects;
      const zip = await bundleOf({ ws, database, facts, pages, templates, version: context.version, random });
      files.makeFolder(resolve(path, ".."));
      files.write(`${path}.tmp`, zip);
      files.sync(`${path}.tmp`);
      files.rename(`${path}.tmp`, path);
      return { exit: "ok", json: { file: path, bytes: zip.length, sha256: sha256(zip) }, text: path };
    } finally {
      await database.close();
    }
  },
};
