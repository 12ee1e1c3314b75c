import { GrowthosError } from "../../base/errors.js";
import type { Command, CommandArgs, CommandContext, Outcome } from "../command.js";
import { tellFailure } from "../failed-step.js";
import { WAIT_OPTION } from "../locks.js";
import { command as alerts, judgeAlerts } from "./alerts.js";
import { command as build } from "./build.js";
import { command as check } from "./check.js";
import { command as report } from "./report.js";
import { command as sync } from "./sync.js";

const STEPS = [sync, build, check] as const;

export const command: Command = {
  name: "run",
  summary: "do everything: sync, build, check, alerts, report",
  description:
    "What cron calls. A source that fails does not stop the rest: the others are committed, built and reported, and the exit code is 3. A failed critical check keeps yesterday's marts and reports (exit code 4). A step that ends the run is told where alerts are told, at once and every third day while it lasts. Alerts are judged before the reports, which show them: what cannot be delivered stays in the outbox, is told, and gives exit code 3 (7 for a missing credential); which severity is a failure is asked of `growthos alerts --fail-on`.",
  options: [
    { flags: "--no-sync", description: "only build, check and report what has landed, and judge its alerts" },
    {
      flags: "--today",
      description: "read nothing but a snapshot of today's ad figures; no alerts: they judge complete days",
    },
    WAIT_OPTION,
  ],
  examples: ["growthos run", "growthos run --quiet --wait 300", "growthos run --today", "growthos run --dry-run"],
  async run(context, args) {
    const steps = stepsFor(args.options);
    context.output.note(`plan: ${steps.map((step) => `${step.name} (${step.summary})`).join(" → ")}`);
    if (context.flags.dryRun) return planOnly(context, args, steps);
    return runSteps(context, args, steps.map(tellingFailure));
  },
};

/** What a run does: nothing is read with `--no-sync`, and with `--today` no alert is judged, because no day has become complete. */
export function stepsFor(options: CommandArgs["options"]): readonly Command[] {
  const isWhole = options["sync"] !== false;
  const steps = isWhole ? STEPS : STEPS.filter((step) => step !== sync);
  if (options["today"] === true) return [...steps, report];
  return [...steps, tellAlerts, report, ...(isWhole ? [endFailures] : [])];
}

/** Alerts as a step, before the reports that show them: when they cannot be judged or sent, the reports are written all the same. */
const tellAlerts: Command = {
  ...alerts,
  run: (context, args) => withoutEnding(() => judgeAlerts(context, args, false)),
};

/** A run that came to its end ends what was told of earlier ones. Nothing to end: nothing is judged again. */
const endFailures: Command = {
  ...alerts,
  name: "failures",
  summary: "end what was told of failed runs",
  run: (context, args) =>
    withoutEnding(async () => {
      const [{ openJournal, historyOf }, { judgeFailures }] = await Promise.all([
        import("../../alerts/journal.js"),
        import("../../alerts/failed-step.js"),
      ]);
      const open = judgeFailures(historyOf(openJournal(await context.workspace({ mustExist: true }))));
      if (open.length === 0) return { exit: "ok", json: { ended: [] } };
      const { exit, errors } = await judgeAlerts(context, args, true);
      return { exit, ...(errors === undefined ? {} : { errors }), json: { ended: open.map(({ key }) => key) } };
    }),
};

/** The answer of a step whose failure does not end the run. */
async function withoutEnding(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    return { exit: thrown.parts.exit, errors: [thrown] };
  }
}

/** A step whose error ends the run is told at once. */
function tellingFailure(step: Command): Command {
  return {
    ...step,
    run: async (context, args) => {
      try {
        return await step.run(context, args);
      } catch (thrown) {
        await tellFailure(context, step.name, thrown);
        throw thrown;
      }
    },
  };
}

/** Carries the steps out in order; the first thing that went wrong decides the exit code, a thrown error ends the run. */
export async function runSteps(
  context: CommandContext,
  args: CommandArgs,
  steps: readonly Command[],
): Promise<Outcome> {
  const outcomes: { readonly name: string; readonly outcome: Outcome }[] = [];
  for (const step of steps) {
    context.effects.signal.throwIfAborted();
    const outcome = await step.run(context, argsFor(step, args));
    outcomes.push({ name: step.name, outcome });
  }
  // Two steps that meet the same trouble tell it once.
  const told = outcomes.flatMap(({ outcome }) => outcome.errors ?? []).map((error) => [error.message, error] as const);
  const errors = [...new Map(told).values()];
  return {
    exit: outcomes.find(({ outcome }) => outcome.exit !== "ok")?.outcome.exit ?? "ok",
    json: Object.fromEntries(outcomes.map(({ name, outcome }) => [name, outcome.json ?? {}])),
    text: outcomes.flatMap(({ outcome }) => (outcome.text === undefined ? [] : [outcome.text])).join("\n\n"),
    ...(errors.length === 0 ? {} : { errors }),
  };
}

async function planOnly(context: CommandContext, args: CommandArgs, steps: readonly Command[]): Promise<Outcome> {
  const planned = steps.filter((step) => step === sync || step === build);
  return runSteps(context, args, planned);
}

/** A step gets the options that it knows; the rest are its defaults. */
function argsFor(step: Command, args: CommandArgs): CommandArgs {
  const known = {
    ...(step.options.some((option) => option === WAIT_OPTION) ? { wait: args.options["wait"] } : {}),
    ...(step.name === sync.name ? { today: args.options["today"] } : {}),
  };
  const defaults = Object.fromEntries(
    step.options
      .filter((option) => option.default !== undefined)
      .map((option) => [longName(option.flags), option.default] as const),
  );
  return { positionals: [], options: { ...defaults, ...known } };
}

function longName(flags: string): string {
  const name = /--([a-z-]+)/.exec(flags)?.[1] ?? "";
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
