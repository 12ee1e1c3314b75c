/** What the commands about tasks share: which tasks are meant, who speaks, and how it is kept. */
import { isISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { TaskChangeKind } from "../transform/task-changes.js";
import { PRIORITIES, TASK_SORTS, TASK_STATES, TASK_TYPES, type Task, type TaskFilter } from "../transform/tasks.js";
import type { Database } from "../warehouse/types.js";
import { type CommandArgs, type CommandContext, listOption, type Option, stringOption } from "./command.js";
import { workspaceClock } from "./world.js";

const LONGEST = 120;
const MOST_AT_ONCE = 500;
/** How many candidates an ambiguous id is answered with. */
const SHOWN = 5;

/** Which tasks; the same for `list` and `export`. */
export const FILTER_OPTIONS: readonly Option[] = [
  { flags: "--type <type>", description: `one of ${TASK_TYPES.join(", ")}; may be repeated`, repeat: true },
  { flags: "--priority <level>", description: `${PRIORITIES.join(", ")}; may be repeated`, repeat: true },
  { flags: "--branch <branch>", description: "id or name of a branch, or none; may be repeated", repeat: true },
  { flags: "--assignee <name>", description: "whose they are, or nobody" },
  { flags: "--state <state>", description: "how they stand", choices: [...TASK_STATES, "all"], default: "open" },
  { flags: "--from <day>", description: "first day, YYYY-MM-DD" },
  { flags: "--to <day>", description: "last day" },
  { flags: "--search <words>", description: "words that are all in company, contact, items, terms, page or branch" },
  { flags: "--sort <what>", description: "what comes first", choices: TASK_SORTS, default: "priority" },
  { flags: "--order <order>", description: "largest or smallest first", choices: ["desc", "asc"], default: "desc" },
];

/** For every command that says something about a task. */
export const BY_OPTION: Option = {
  flags: "--by <name>",
  description: "who says so (default: the user of this machine)",
};

/** A build with the view `tasks_now`; close its database. Throws `NO_TASKS` for a build of a version without tasks. */
export async function openTasks(context: CommandContext): Promise<Database> {
  const { database } = await context.openBuild();
  try {
    const [{ hasTasks }, { createTasksNow }] = await Promise.all([
      import("../transform/tasks.js"),
      import("../transform/task-changes.js"),
    ]);
    if (!(await hasTasks(database))) throw olderBuild();
    await createTasksNow(database, await context.workspace({ mustExist: true }), await context.asOf());
    return database;
  } catch (thrown) {
    await database.close();
    throw thrown;
  }
}

function olderBuild(): GrowthosError {
  return new GrowthosError({
    code: "NO_TASKS",
    what: "the current build knows no tasks",
    why: "an older version of growthos made it",
    hint: "run `growthos build`",
    exit: "usage",
  });
}

/** True when GA4's events are a source of the workspace. */
export async function hasEvents(context: CommandContext): Promise<boolean> {
  return (await context.workspaceConfig()).sources.some(({ id }) => id === "ga4_events");
}

/** The filter that was typed. Throws USAGE for a value that does not exist. */
export function filterOf(args: CommandArgs): TaskFilter {
  const [from, to] = [dayOption(args, "from"), dayOption(args, "to")];
  if (from !== undefined && to !== undefined && to < from) throw usage(`--to ${to} is before --from ${from}`);
  const search = stringOption(args, "search");
  if (search !== undefined && search.length > 200) throw usage("--search takes up to 200 characters");
  const assignee = stringOption(args, "assignee");
  return {
    types: known(args, "type", TASK_TYPES),
    priorities: known(args, "priority", PRIORITIES),
    branches: listOption(args, "branch"),
    state: (stringOption(args, "state") ?? "open") as TaskFilter["state"],
    ...(assignee === undefined ? {} : { assignee }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(search === undefined ? {} : { search }),
  };
}

function known(args: CommandArgs, name: string, values: readonly string[]): readonly string[] {
  const given = listOption(args, name).flatMap((text) => text.split(","));
  const wrong = given.find((value) => !values.includes(value));
  if (wrong !== undefined) throw usage(`--${name} is one of ${values.join(", ")}, not "${wrong.slice(0, 40)}"`);
  return given;
}

/** An option that is a day. Throws USAGE for anything else. */
export function dayOption(args: CommandArgs, name: string): string | undefined {
  const given = stringOption(args, name);
  if (given === undefined || isISODate(given)) return given;
  throw usage(`--${name} takes a day such as 2026-02-09, not "${given.slice(0, 20)}"`);
}

/** An option that is a whole number from 1 on. Throws USAGE for anything else. */
export function countOption(
  args: CommandArgs,
  name: string,
  { most, otherwise }: { most: number; otherwise: number },
): number {
  const given = stringOption(args, name);
  if (given === undefined) return otherwise;
  if (/^[1-9]\d{0,8}$/.test(given) && Number(given) <= most) return Number(given);
  throw usage(`--${name} takes a whole number from 1 to ${most}, not "${given.slice(0, 20)}"`);
}

/** The key of the task that is meant: whole, or any beginning of it, its kind left out or not, that no other task has. */
export async function taskKeyOf(database: Database, typed: string): Promise<string> {
  const { findTasks, readTask, tasksLike } = await import("../transform/tasks.js");
  const wanted = typed.trim().toLowerCase();
  const found = wanted === "" ? [] : await findTasks(database, wanted, SHOWN + 1);
  const [first] = found;
  if (found.length === 1 && first !== undefined) return first;
  if (found.length === 0) {
    const near = await tasksLike(database, wanted);
    throw new GrowthosError({
      code: "TASK_UNKNOWN",
      what: `there is no task "${typed.slice(0, 60)}"`,
      hint: near.length === 0 ? "`growthos tasks list --state all` shows them" : `did you mean ${near.join(" or ")}?`,
      exit: "usage",
    });
  }
  const tasks = await Promise.all(found.slice(0, SHOWN).map((key) => readTask(database, key)));
  const names = tasks.map((task, index) => `${found[index]}${task === null ? "" : ` (${task.kind}, ${task.day})`}`);
  throw new GrowthosError({
    code: "TASK_AMBIGUOUS",
    what: `several tasks begin with "${typed.slice(0, 60)}"`,
    why: `${names.join(", ")}${found.length > SHOWN ? ", and more" : ""}`,
    hint: "type more of the one that is meant",
    exit: "usage",
  });
}

/** What is said about a task. */
export interface TaskWord {
  readonly change: TaskChangeKind;
  readonly until?: string;
  readonly assignee?: string | null;
}

/** Says the same about each of the tasks that were typed, in one commit. All of them are known first, so that either all of it holds or nothing. */
export async function changeTasks(
  context: CommandContext,
  args: CommandArgs,
  word: TaskWord & { readonly waitMs: number },
): Promise<readonly string[]> {
  const typed = [...new Set(args.positionals)];
  if (typed.length > MOST_AT_ONCE) throw usage(`at most ${MOST_AT_ONCE} tasks at once`);
  const by = await speaker(context, args);
  const note = plainOption(args, "note") ?? null;
  const database = await openTasks(context);
  const keys: string[] = [];
  const { TASK_CHANGES_STREAM, taskBegins } = await import("../transform/task-changes.js");
  let begins: ReadonlyMap<string, string>;
  try {
    for (const one of typed) keys.push(await taskKeyOf(database, one));
    begins = await taskBegins(database, keys);
  } finally {
    await database.close();
  }
  const { waitMs, change, until = null, assignee = null } = word;
  if (!context.flags.dryRun) {
    const [{ landDecisions }, own] = await Promise.all([import("../sync/own-decisions.js"), context.workspaceConfig()]);
    const { random, clock } = context.effects;
    await landDecisions(
      {
        ws: await context.workspace({ mustExist: true }),
        clock: workspaceClock(own, clock),
        random,
        toolVersion: context.version,
        configHash: own.hash,
        waitMs,
      },
      TASK_CHANGES_STREAM,
      // Every word keeps a key of its own: a newer one adds to the history and replaces nothing.
      [...new Set(keys)].map((key) => ({
        key: `${key}|${random.hex(8)}`,
        event: { task_key: key, change, until, assignee, by, note, began: begins.get(key) ?? null },
      })),
    );
  }
  return [...new Set(keys)];
}

async function speaker(context: CommandContext, args: CommandArgs): Promise<string> {
  const env = await context.env();
  const { user } = context.effects.machine;
  const given = plainOption(args, "by") ?? env["USER"] ?? env["LOGNAME"] ?? env["USERNAME"];
  return (given ?? (user === null ? "somebody" : `user ${user}`)).slice(0, LONGEST);
}

/** A short text of one line. Throws USAGE for an empty or a long one. */
export function plainOption(args: CommandArgs, name: string): string | undefined {
  const given = stringOption(args, name)?.trim();
  if (given === undefined) return undefined;
  if (given === "" || given.length > LONGEST || /\p{Cc}/u.test(given))
    throw usage(`--${name} takes one line of 1 to ${LONGEST} characters`);
  return given;
}

/** As much of a key as a table shows; typed back, it is long enough to be one task's. */
export function shortKey(key: string): string {
  const [kind = "", hash = ""] = key.split("-");
  return `${kind}-${hash.slice(0, 8)}`;
}

/** A task as JSON, snake_case, without contact data. */
export function taskJson(task: Task): Readonly<Record<string, unknown>> {
  const {
    key,
    type,
    kind,
    day,
    at,
    ageHours,
    priority,
    state,
    until,
    assignee,
    value,
    refund,
    currency,
    subject,
    items,
  } = task;
  return {
    ...{ id: key, type, kind, date: day, happened_at: at, age_hours: ageHours, priority, state, until, assignee },
    ...{
      company: task.company,
      branch_id: task.branchId,
      branch: task.branch,
      user_id: task.userId,
      person: task.person,
    },
    ...{ session: task.session, value_minor: value, refund_minor: refund, currency, subject, items },
    ...Object.fromEntries(Object.entries(task.counts).map(([name, count]) => [`${name}_count`, count])),
    contact_state: task.contactState,
  };
}

/** Refusal of what was typed. */
export function usage(what: string, hint?: string): GrowthosError {
  return new GrowthosError({ code: "USAGE", what, ...(hint === undefined ? {} : { hint }), exit: "usage" });
}
