import { join } from "node:path";
import type { CheckResult } from "../../transform/types.js";
import { buildSettings } from "../build-options.js";
import { checksExit, checksJson, checksText } from "../checks-text.js";
import { type Command, type CommandContext, flagOption } from "../command.js";
import { ownChecks } from "../own-checks.js";

export const command: Command = {
  name: "check",
  summary: "run the data checks on the current build",
  description: [
    "The same checks that every build must pass before it is published, and those of your own: every .sql file in sql/checks beside the",
    "config (or in `checks.folder`) is a query that returns the rows that should not be there; `-- severity: critical | error | warning`",
    "in its first comment. A failed critical check keeps the old marts when building; here a failed critical or error check gives exit",
    "code 4, a check that cannot be run exit code 2. A check that has nothing to look at is counted as SKIP, not as passed.",
  ].join(" "),
  options: [{ flags: "--all", description: "list every check, also those that passed or could not tell" }],
  examples: ["growthos check", "growthos check --all", "growthos check --json"],
  async run(context, args) {
    const { buildId, asOf, checks } = await checkCurrent(context);
    return {
      exit: checksExit(checks),
      json: { build: buildId, as_of: asOf, checks: checksJson(checks) },
      text: checksText(context, checks, { all: flagOption(args, "all") }),
    };
  },
};

/** Every check on the current build; those of the user's own need a connection of their own, after the other is closed. */
async function checkCurrent(context: CommandContext) {
  const own = await context.workspaceConfig();
  const userChecks = await ownChecks(context);
  const { checkBuild, checkUsersOwn } = await import("../../transform/recheck.js");
  const { database, build } = await context.openBuild();
  const options = {
    files: context.effects.files,
    sqlFolder: join(context.packageFolder, "sql"),
    settings: buildSettings(own, build.asOf),
    userChecks,
  };
  const checks: CheckResult[] = [];
  try {
    checks.push(...(await checkBuild(database, options)));
  } finally {
    await database.close();
  }
  checks.push(...(await checkUsersOwn(build, options)));
  return { ...build, checks };
}
