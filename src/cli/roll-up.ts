/** What the agency's page reads: of each workspace in turn its published build, its alerts, its state. One is closed before the next is opened. */

import type { AlertEvent } from "../alerts/lifecycle.js";
import { addDays, dayInZone, type ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { canonicalJson, sha256 } from "../base/hash.js";
import type { Config, WorkspaceConfig } from "../config/types.js";
import type { Compared, MetricId } from "../metrics/types.js";
import type { RollUpFacts, RollUpRow } from "../reports/roll-up.js";
import type { CommandContext } from "./command.js";
import { createContext } from "./context.js";
import type { StateWord, WorkspaceState } from "./workspace-state.js";

/** States that are somebody's business. */
const WRONG: readonly StateWord[] = ["config wrong", "damaged", "run failed", "late", "no build"];

/** Reads all of them, or those that are named, over a window (`7d`, `last month` …) of their own complete days. */
export async function readRollUp(
  context: CommandContext,
  config: Config,
  { window, names }: { readonly window: string; readonly names: readonly string[] },
): Promise<RollUpFacts> {
  const [{ workspaceStates }, { CATALOG }] = await Promise.all([
    import("./workspace-state.js"),
    import("../metrics/catalog/index.js"),
  ]);
  const { clock, files } = context.effects;
  const states = workspaceStates({ config, files, clock, asOf: context.flags.asOf });
  const chosen = states.filter(({ name, state }) => state !== "not in the config" && names.includes(name));
  const rows: RollUpRow[] = [];
  const days: ISODate[] = [];
  for (const state of chosen) {
    context.effects.signal.throwIfAborted();
    const own = config.workspaces.find(({ name }) => name === state.name);
    const day = context.flags.asOf ?? own?.asOf ?? dayInZone(clock.now(), own?.shop.timeZone ?? "UTC");
    days.push(day);
    rows.push(await rowOf(context, { config, own, state, day, window }));
  }
  const builds = rows.map(({ workspace, figures }) => [
    workspace,
    figures?.buildId ?? null,
    figures?.inputHash ?? null,
  ]);
  const asOf = days.sort().at(-1) ?? context.flags.asOf ?? dayInZone(clock.now(), "UTC");
  return { asOf, rows, catalog: CATALOG, inputHash: sha256(canonicalJson(builds)) };
}

interface RowOptions {
  readonly config: Config;
  readonly own: WorkspaceConfig | undefined;
  readonly state: WorkspaceState;
  readonly day: ISODate;
  readonly window: string;
}

async function rowOf(context: CommandContext, options: RowOptions): Promise<RollUpRow> {
  const { own, state, config } = options;
  const row = {
    workspace: state.name,
    shop: state.shop,
    newestDay: state.newestDay,
    state: state.state,
    isWrong: WRONG.includes(state.state),
    problem: state.problem,
  };
  const nothing = { ...row, figures: null, alerts: null };
  if (own === undefined || state.buildAsOf === null) return nothing;
  // As if the command had been given this workspace alone.
  const flags = { ...context.flags, workspace: own.name };
  const inside = createContext({ ...context, flags, config: async () => config });
  try {
    return { ...row, figures: await figuresOf(inside, options), alerts: await alertsOf(inside, own, options.day) };
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || thrown.code === "BAD_WINDOW") throw thrown;
    const problem = `${thrown.code}: ${thrown.parts.what}`;
    return { ...nothing, state: "damaged", isWrong: true, problem };
  }
}

async function figuresOf(inside: CommandContext, { own, day, window }: RowOptions): Promise<RollUpRow["figures"]> {
  const [{ runQuery }, { readContext }, { windowFor }, { ROLLED }] = await Promise.all([
    import("../metrics/run-query.js"),
    import("../metrics/context.js"),
    import("../metrics/windows.js"),
    import("../metrics/roll-up.js"),
  ]);
  const { database } = await inside.openBuild();
  try {
    const stamped = await readContext(database, own?.shop.name ?? "");
    const range = windowFor(window, addDays(day, -1), stamped.calendar ?? 7);
    const { currency, buildId, inputHash, asOf, lastCompleteDay } = stamped;
    const found = { currency, window: range, buildId, inputHash, asOf };
    if (range.to > lastCompleteDay) return { ...found, values: behind(ROLLED, lastCompleteDay) };
    const query = { metrics: ROLLED, window: range, compare: { kind: "previous" } } as const;
    return { ...found, values: (await runQuery(database, query, stamped)).totals };
  } finally {
    await database.close();
  }
}

/** Days that a build does not have are unknown, not empty. */
function behind(ids: readonly MetricId[], last: ISODate): Readonly<Record<MetricId, Compared>> {
  const detail = `its build ends with ${last}`;
  const value = { status: "unknown", because: "days_missing", detail } as const;
  return Object.fromEntries(ids.map((id) => [id, { value }]));
}

async function alertsOf(inside: CommandContext, own: WorkspaceConfig, day: ISODate): Promise<RollUpRow["alerts"]> {
  const [{ openJournal }, { alertLog }] = await Promise.all([
    import("../alerts/journal.js"),
    import("../alerts/alert-log.js"),
  ]);
  const events = openJournal<AlertEvent>(await inside.workspace({ mustExist: true }))
    .events()
    .map(({ event }) => event);
  const log = alertLog(events, day, own.calendar.weekEndsOn);
  if (log.lastDay === null) return null;
  const heard = log.open.filter(({ muted }) => muted === null);
  const count = (severity: "critical" | "warning" | "info") =>
    heard.filter(({ alert }) => alert.severity === severity).length;
  return { critical: count("critical"), warning: count("warning"), info: count("info") };
}
