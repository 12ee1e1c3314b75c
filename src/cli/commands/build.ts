import type { BuildOutcome, BuildPlan } from "../../transform/types.js";
import { buildOptions } from "../build-options.js";
import { checksJson, checksText } from "../checks-text.js";
import { type Command, type CommandContext, flagOption, type Outcome, stringOption } from "../command.js";
import { ENGINE_OPTION } from "../engine.js";
import { duration, plural } from "../format.js";
import { WAIT_OPTION, waitMs } from "../locks.js";

export const command: Command = {
  name: "build",
  summary: "rebuild the marts from what has landed, check them, publish them",
  description:
    "Builds into a new file, runs the checks there, and only then makes it the current build. When a critical check fails the previous build stays (exit code 4). An unchanged warehouse builds nothing.",
  options: [
    { flags: "--plan", description: "print what would be rebuilt and why, and stop" },
    { flags: "--force", description: "rebuild everything, and accept relations that lost all their rows" },
    ENGINE_OPTION,
    WAIT_OPTION,
  ],
  examples: ["growthos build", "growthos build --plan", "growthos build --force"],
  async run(context, args) {
    const options = await buildOptions(context, {
      force: flagOption(args, "force"),
      waitMs: waitMs(args),
      engineName: stringOption(args, "engine"),
    });
    const { planBuild, runBuild } = await import("../../transform/build.js");
    if (flagOption(args, "plan") || context.flags.dryRun) return planOutcome(context, await planBuild(options));
    const step = context.output.step("build");
    const start = context.effects.clock.elapsed();
    try {
      const outcome = await runBuild(options);
      step.done(outcome.upToDate ? "nothing changed" : duration(context.effects.clock.elapsed() - start));
      return builtOutcome(context, outcome);
    } catch (thrown) {
      step.failed();
      throw thrown;
    }
  },
};

function planOutcome({ output }: CommandContext, plan: BuildPlan): Outcome {
  const columns = [{ title: "relation" }, { title: "action" }, { title: "because" }];
  const shown = plan.steps.filter((step) => step.action !== "reuse");
  const reused = plan.steps.length - shown.length;
  return {
    exit: "ok",
    json: { dry_run: true, up_to_date: plan.upToDate, steps: plan.steps },
    text: plan.upToDate
      ? "nothing changed: the current build stays"
      : [
          output.table(
            columns,
            shown.map(({ relation, action, because }) => [relation, action, because]),
          ),
          ...(reused === 0 ? [] : [`${plural(reused, "relation")} reused`]),
        ].join("\n"),
  };
}

function builtOutcome(context: CommandContext, { build, upToDate, plan, checks, rows }: BuildOutcome): Outcome {
  const did = plan.steps.filter((step) => step.action !== "reuse").length;
  const by = build.engine === undefined ? "" : `, models by ${build.engine}`;
  const what = upToDate ? "nothing changed" : `${plural(did, "relation")} built${by}`;
  return {
    exit: "ok",
    json: {
      build: { id: build.buildId, as_of: build.asOf, log_version: build.logVersion, input_hash: build.inputHash },
      up_to_date: upToDate,
      steps: plan.steps,
      rows,
      checks: checksJson(checks),
    },
    text: [`build ${build.buildId} as of ${build.asOf}: ${what}`, checksText(context, checks)].join("\n"),
  };
}
