/** What the commands about branches share: which days, which branch, and the nine figures. */
import { addDays, type DateRange, isISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import { NO_GROUP } from "../metrics/marts.js";
import type { AnswerContext, MetricId } from "../metrics/types.js";
import type { Branch } from "../transform/branches.js";
import type { Database } from "../warehouse/types.js";
import { type CommandArgs, type CommandContext, type Option, stringOption } from "./command.js";
import { olderBuild } from "./stamp.js";

/** The figures of the overview, in their order; those of the table of branches are the same. */
export const BRANCH_METRICS = [
  "web_revenue",
  "web_purchases",
  "web_visits",
  "web_visitors",
  "abandoned_carts",
  "searches",
  "failed_searches",
  "repeat_visitors",
  "web_conversion_rate",
] as const satisfies readonly MetricId[];

/** The branch of what tells none. */
export const UNASSIGNED = "unassigned";

/** Options that name the days. */
export const DAYS_OPTIONS: readonly Option[] = [
  { flags: "--days <number>", description: "so many days up to the last complete one (default: 30)" },
  { flags: "--from <day>", description: "the first day, YYYY-MM-DD" },
  { flags: "--to <day>", description: "the last day, YYYY-MM-DD (default: the last complete one)" },
];

const MOST_DAYS = 3660;
const DEFAULT_DAYS = 30;

/** The days that `--days`, `--from` and `--to` name. Throws `BAD_WINDOW`. */
export function daysOfArgs(args: CommandArgs, lastCompleteDay: DateRange["to"]): DateRange {
  const [days, from, to] = [stringOption(args, "days"), stringOption(args, "from"), stringOption(args, "to")];
  if (days !== undefined && from !== undefined) throw badDays("--days and --from both name the first day");
  for (const given of [from, to])
    if (given !== undefined && !isISODate(given)) throw badDays(`"${given.slice(0, 20)}" is no day such as 2026-01-31`);
  if (days !== undefined && !(/^\d{1,4}$/.test(days) && Number(days) >= 1 && Number(days) <= MOST_DAYS))
    throw badDays(`--days takes a whole number from 1 to ${MOST_DAYS}, not "${days.slice(0, 20)}"`);
  const last = to !== undefined && isISODate(to) ? to : lastCompleteDay;
  if (last > lastCompleteDay) throw badDays(`${last} is not over: the last complete day is ${lastCompleteDay}`);
  const first = from !== undefined && isISODate(from) ? from : addDays(last, 1 - Number(days ?? DEFAULT_DAYS));
  if (first > last) throw badDays(`the days end on ${last}, before they begin on ${first}`);
  return { from: first, to: last };
}

function badDays(why: string): GrowthosError {
  return new GrowthosError({
    code: "BAD_WINDOW",
    what: "these are no days that can be asked for",
    why,
    hint: "write --days 30, or --from 2026-01-01 --to 2026-01-31",
    exit: "usage",
  });
}

/** A build that is open for questions about branches. */
export interface OpenBranches {
  readonly database: Database;
  readonly stamped: AnswerContext;
  readonly branches: readonly Branch[];
}

/** Opens the current build for a while. Throws `STALE_BUILD` for one of an older version. */
export async function withBranches<T>(context: CommandContext, ask: (open: OpenBranches) => Promise<T>): Promise<T> {
  const [{ readContext }, { hasBranches, readBranches }, { stampFor }, own] = await Promise.all([
    import("../metrics/context.js"),
    import("../transform/branches.js"),
    import("./stamp.js"),
    context.workspaceConfig(),
  ]);
  const { database } = await context.openBuild();
  try {
    if (!(await hasBranches(database))) throw olderBuild();
    const stamped = await stampFor(await readContext(database, own.shop.name, own.calendar.holidays), context);
    return await ask({ database, stamped, branches: await readBranches(database) });
  } finally {
    await database.close();
  }
}

/**
 * The branch that a text names: its code, id or name, in any case, or `unassigned`. Throws `BRANCH_UNKNOWN`, with the nearest code, and
 * `BRANCH_AMBIGUOUS` where several bear the name.
 */
export function branchNamed(text: string, branches: readonly Branch[]): Branch {
  const wanted = text.trim().toLowerCase();
  if (wanted === UNASSIGNED) return NO_BRANCH;
  for (const member of ["code", "id", "name"] as const) {
    const found = branches.filter((branch) => branch[member].toLowerCase() === wanted);
    if (found.length > 1) throw ambiguous(text, found);
    if (found[0] !== undefined) return found[0];
  }
  const near = nearest(text, [...branches.flatMap(({ code, name }) => [code, name]), UNASSIGNED]);
  throw new GrowthosError({
    code: "BRANCH_UNKNOWN",
    what: `there is no branch "${text.slice(0, 80)}"`,
    why:
      branches.length === 0
        ? "no list of locations has landed, and no session told a branch"
        : `${branches.length} are known`,
    hint: near === undefined ? "`growthos branches list` shows them" : `did you mean ${near}?`,
    exit: "usage",
  });
}

/** What no branch is known of. */
export const NO_BRANCH: Branch = {
  id: NO_GROUP,
  code: UNASSIGNED,
  name: "Unassigned",
  ...{ city: null, state: null, country: null },
  isActive: true,
  isListed: false,
};

function ambiguous(text: string, found: readonly Branch[]): GrowthosError {
  return new GrowthosError({
    code: "BRANCH_AMBIGUOUS",
    what: `${found.length} branches are called "${text.slice(0, 80)}"`,
    hint: `name one by its id: ${found
      .slice(0, 5)
      .map(({ id }) => id)
      .join(", ")}`,
    exit: "usage",
  });
}
