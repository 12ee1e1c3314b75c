/** What every command that shows reports begins with: a build as of the day that was asked for, and what the pages read of it. */
import { join } from "node:path";
import { GrowthosError } from "../base/errors.js";
import type { WorkspaceConfig } from "../config/types.js";
import type { FactOptions } from "../reports/facts.js";
import type { Facts, ReportPage } from "../reports/types.js";
import type { Database } from "../warehouse/types.js";
import { buildOptions } from "./build-options.js";
import type { CommandArgs, CommandContext } from "./command.js";
import { waitMs } from "./locks.js";

/** Shows numbers of no other day, config or SQL than asked for. Throws `STALE_BUILD` with `--no-build`. */
export async function bringUpToDate(context: CommandContext, args: CommandArgs): Promise<void> {
  const options = await buildOptions(context, { waitMs: waitMs(args) });
  const { planBuild, runBuild } = await import("../transform/build.js");
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

/** Only a demo knows where its orders truly came from. */
function answerKeyOf(demo: NonNullable<WorkspaceConfig["demo"]>): NonNullable<FactOptions["truth"]> {
  return async (days) => {
    const { trueChannels } = await import("../demo/answer-key.js");
    return trueChannels(demo, days);
  };
}

/** Pages for which the SQL is read. */
const SHOWS_SQL = ["metrics", "lineage"];

/** The source that tasks are made of. */
const EVENTS = "ga4_events";

/** What the demo's export leaves out; README says the same. */
const DEMO_SAMPLE =
  "The demo's events are a sample of thirty days: everything that business customers did, and one in thirty of all other visitors. Counts and money are therefore less than the shop's own, which stand on the other pages.";

/** Tasks as they stand now: what was said about them is not in the build. */
async function tasksOf(context: CommandContext, database: Database): Promise<Facts["tasks"]> {
  const [own, asOf] = [await context.workspaceConfig(), await context.asOf()];
  const [{ hasTasks }, { createTasksNow }, { readTaskPages }] = await Promise.all([
    import("../transform/tasks.js"),
    import("../transform/task-changes.js"),
    import("../transform/task-pages.js"),
  ]);
  if (!(await hasTasks(database))) return null;
  await createTasksNow(database, await context.workspace({ mustExist: true }), asOf);
  return readTaskPages(database, {
    asOf,
    hasEvents: own.sources.some(({ id }) => id === EVENTS),
    hasContacts: own.pii === "keep",
    ...(own.demo === undefined ? {} : { sample: DEMO_SAMPLE }),
  });
}

/** Branches with who their reps are as of now; after `tasksOf`, which makes the view that is asked. */
async function branchesOf(context: CommandContext, database: Database): Promise<Facts["branches"]> {
  const [{ standingReps }, { readBranchPages }] = await Promise.all([
    import("./branch-reps.js"),
    import("../transform/branch-pages.js"),
  ]);
  return readBranchPages(database, standingReps(await context.workspace({ mustExist: true })));
}

/** What the pages read of a build that is open. */
export async function factsOf(
  context: CommandContext,
  database: Database,
  pages: readonly ReportPage[],
): Promise<Facts> {
  const own = await context.workspaceConfig();
  const [{ loadFacts }, { readContext }, { readCatalog }, { workspaceCatalog }, { readOperations }, { readDeck }] =
    await Promise.all([
      import("../reports/facts.js"),
      import("../metrics/context.js"),
      import("../metrics/declared.js"),
      import("./catalog.js"),
      import("./operations.js"),
      import("./deck.js"),
    ]);
  const { DEFAULT_SETTINGS, WATCHED, dailyRulesOf, rulesOf, weeklyRulesOf } = await import("../alerts/settings.js");
  const { isWeekly } = await import("../alerts/rules/index.js");
  const { NO_LINEAGE, readLineage } = await import("../transform/lineage.js");
  const catalog = await readCatalog(database, await workspaceCatalog(context));
  const stamped = await readContext(database, own.shop.name, own.calendar.holidays);
  const settings = own.alerts === undefined ? DEFAULT_SETTINGS : { ...own.alerts, watch: own.alerts.watch ?? WATCHED };
  const tasks = pages.some(({ needs }) => needs === EVENTS) ? await tasksOf(context, database) : null;
  const showsBranches = tasks !== null && pages.some(({ id }) => id === "branches");
  return loadFacts(database, pages, stamped, {
    catalog,
    ...(own.demo === undefined ? {} : { truth: answerKeyOf(own.demo) }),
    rules: weeklyRulesOf(settings),
    dailyRules: dailyRulesOf(settings),
    guardrails: rulesOf(settings).filter(isWeekly),
    operations: await readOperations(context, stamped.lastCompleteDay),
    lineage: pages.some(({ id }) => SHOWS_SQL.includes(id))
      ? await readLineage(database, context.effects.files, join(context.packageFolder, "sql"))
      : NO_LINEAGE,
    deck: await readDeck(context, stamped, catalog),
    tasks,
    branches: showsBranches ? await branchesOf(context, database) : null,
  });
}
