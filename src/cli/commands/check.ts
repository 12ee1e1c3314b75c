import { join } from "node:path";
import { buildSettings } from "../build-options.js";
import { checksJson, checksText } from "../checks-text.js";
import type { Command } from "../command.js";

export const command: Command = {
  name: "check",
  summary: "run the data checks on the current build",
  description:
    "The same checks that every build must pass before it is published; warnings are listed here at leisure.",
  options: [],
  examples: ["growthos check", "growthos check --json"],
  async run(context) {
    const own = await context.workspaceConfig();
    const { database, build } = await context.openBuild();
    try {
      const { checkBuild } = await import("../../transform/recheck.js");
      const checks = await checkBuild(database, {
        files: context.effects.files,
        sqlFolder: join(context.packageFolder, "sql"),
        settings: buildSettings(own, build.asOf),
      });
      const isBroken = checks.some((check) => !check.passed && check.severity === "critical");
      return {
        exit: isBroken ? "badData" : "ok",
        json: { build: build.buildId, as_of: build.asOf, checks: checksJson(checks) },
        text: checksText(context, checks),
      };
    } finally {
      await database.close();
    }
  },
};
