import { join } from "node:path";
import type { ISODate } from "../base/dates.js";
import { freshnessOf } from "../config/sources.js";
import type { WorkspaceConfig } from "../config/types.js";
import type { BuildOptions } from "../transform/build.js";
import type { BuildSettings } from "../transform/types.js";
import type { CommandContext } from "./command.js";
import { databaseMemory } from "./database-memory.js";
import { chosenEngine } from "./engine.js";
import { ownChecks } from "./own-checks.js";
import { workspaceClock } from "./world.js";

/** What models read of a workspace's config. */
export function buildSettings(own: WorkspaceConfig, asOf: ISODate): BuildSettings {
  return {
    asOf,
    timeZone: own.shop.timeZone,
    currency: own.shop.currency,
    weekEndsOn: own.calendar.weekEndsOn,
    fiscalYearEndMonth: own.calendar.fiscalYearEndMonth,
    fiscalPeriods: own.calendar.periods,
    fiscalLastWeek: own.calendar.lastWeek,
    fiscalYearNamedBy: own.calendar.yearNamedBy,
    ...(own.calendar.datesUntil === null ? {} : { datesUntil: own.calendar.datesUntil }),
    ...(own.attribution === undefined ? {} : { attributionWindowDays: own.attribution.windowDays }),
    ...(own.tasks === undefined ? {} : { tasks: own.tasks }),
    costs: own.costs,
    sources: own.sources.map(({ id }) => id),
    freshness: freshnessOf(own.sources),
  };
}

/** Everything `planBuild` and `runBuild` need, from config and effects. */
export async function buildOptions(
  context: CommandContext,
  { engineName, ...request }: Pick<BuildOptions, "force" | "waitMs"> & { readonly engineName?: string | undefined },
): Promise<BuildOptions> {
  const own = await context.workspaceConfig();
  const engine = await chosenEngine(context, own, engineName);
  const { clock, random, log } = context.effects;
  return {
    ws: await context.workspace(),
    settings: buildSettings(own, await context.asOf()),
    sqlFolder: join(context.packageFolder, "sql"),
    userChecks: await ownChecks(context),
    clock: workspaceClock(own, clock),
    random,
    log,
    toolVersion: context.version,
    memoryLimitMb: databaseMemory(context.effects, own).mb,
    ...(engine === undefined ? {} : { engine }),
    ...request,
  };
}
