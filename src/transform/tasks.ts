/** Asks a build for its tasks (D-64): filtered, sorted, paged and counted by the database, over `tasks_now` of `task-changes.ts`. */
import type { Cell, Database, Row } from "../warehouse/types.js";

/** What tasks are about, in the order in which they are shown. */
export const TASK_TYPES = ["purchase", "cart", "search", "visit", "performance"] as const;
/** One of them. */
export type TaskType = (typeof TASK_TYPES)[number];
/** From the most urgent on. */
export const PRIORITIES = ["high", "medium", "low"] as const;
/** How a task stands; `all` of a filter is each of them. */
export const TASK_STATES = ["open", "snoozed", "done"] as const;
/** What tasks can be sorted by. */
export const TASK_SORTS = ["priority", "value", "age", "date"] as const;

/** Which tasks. Texts are compared exactly but for `search`, whose words must all be in company, contact, subject, items or branch. */
export interface TaskFilter {
  readonly types?: readonly string[];
  readonly priorities?: readonly string[];
  /** Ids or names of branches, in any case; `none` is no branch. */
  readonly branches?: readonly string[];
  /** `nobody` is unassigned. */
  readonly assignee?: string;
  readonly state: (typeof TASK_STATES)[number] | "all";
  /** First and last day. */
  readonly from?: string;
  readonly to?: string;
  readonly search?: string;
}

/** Which of them, and in which order. */
export interface TaskQuery extends TaskFilter {
  readonly sort: (typeof TASK_SORTS)[number];
  /** Default: high, large, old and new first. */
  readonly order?: "asc" | "desc";
  /** From 1 on. */
  readonly page: number;
  readonly limit: number;
}

/** One task. Counts are null where its kind has none; money in minor units of `currency`, a null value is unknown. */
export interface Task {
  readonly key: string;
  readonly type: TaskType;
  readonly kind: string;
  /** The day in the property's zone, and the instant, ISO 8601 UTC. */
  readonly day: string;
  readonly at: string;
  /** Whole hours up to the build's last complete moment. */
  readonly ageHours: number;
  readonly priority: (typeof PRIORITIES)[number];
  readonly state: (typeof TASK_STATES)[number];
  readonly until: string | null;
  readonly assignee: string | null;
  readonly person: string | null;
  readonly userId: string | null;
  readonly session: string | null;
  readonly event: string | null;
  readonly branchId: string | null;
  readonly branch: string | null;
  readonly company: string | null;
  /** Null unless the shop keeps them; what is printed of them is the commands' choice. */
  readonly contact: Readonly<Record<"name" | "email" | "cellPhone" | "officePhone", string | null>>;
  readonly contactState: "kept" | "hidden" | "unknown";
  readonly value: number | null;
  readonly refund: number | null;
  readonly currency: string | null;
  readonly subject: string | null;
  readonly items: string | null;
  readonly counts: Readonly<Record<TaskCount, number | null>>;
}

const COUNTS = ["item", "piece", "unpriced_item", "search", "session", "page", "viewed_item", "bounce"] as const;
/** What is counted of a task. */
export type TaskCount = (typeof COUNTS)[number];

/** A page of tasks, and what the whole filtered set holds. */
export interface TaskList {
  readonly tasks: readonly Task[];
  readonly total: number;
  readonly pages: number;
  /** Facet -> value -> tasks; the largest 50 values of each, `none` for nulls. */
  readonly facets: Readonly<Record<TaskFacet, Readonly<Record<string, number>>>>;
  readonly totals: readonly TaskTotal[];
}

const FACETS = {
  type: "task_type",
  kind: "task_kind",
  priority: "priority",
  state: "state",
  branch: "branch",
  assignee: "assignee",
} as const;
/** What tasks are counted by. */
export type TaskFacet = keyof typeof FACETS;
const MOST_VALUES = 50;

/** The money of a set in one currency; tasks whose value is unknown are counted beside it. */
export interface TaskTotal {
  readonly currency: string;
  readonly tasks: number;
  readonly value: number;
}

/** False for a build of a version without tasks. */
export async function hasTasks(db: Database): Promise<boolean> {
  const found = await db.all("select 1 as one from duckdb_tables() where table_name = 'fact_tasks'");
  return found.length > 0;
}

/** False when the build holds no task at all. */
export async function hasAnyTask(db: Database): Promise<boolean> {
  return (await db.all("select 1 as one from fact_tasks limit 1")).length > 0;
}

/** A page of tasks. An empty page has the total, the facets and the sums all the same. */
export async function readTasks(db: Database, query: TaskQuery): Promise<TaskList> {
  const { where, params } = conditions(query);
  const rows = await db.all(
    `select * from tasks_now where ${where} order by ${orderOf(query)} limit ${bound(params, query.limit)} offset ${bound(params, (query.page - 1) * query.limit)}`,
    params,
  );
  const { total, facets } = await readFacets(db, query);
  return {
    tasks: rows.map(taskOf),
    total,
    pages: Math.ceil(total / query.limit),
    facets,
    totals: await readTotals(db, query),
  };
}

/** The open tasks of one branch. */
export interface BranchTasks {
  /** Key of the branch; null: none is known. */
  readonly branch: string | null;
  readonly total: number;
  readonly high: number;
  /** How many there are of each type that there is. */
  readonly types: Readonly<Partial<Record<TaskType, number>>>;
  /** The most urgent of each type, in the order of the types. */
  readonly tasks: readonly Task[];
}

/** The open tasks by branch, at most `most` of each branch and type. */
export async function readBranchTasks(db: Database, most: number): Promise<readonly BranchTasks[]> {
  const rows = await db.all(
    `with chosen as (
        select *, row_number() over (partition by branch_id, task_type order by ${URGENT_FIRST}) as place,
          count(*) over (partition by branch_id, task_type) as of_type, count(*) over (partition by branch_id) as of_branch,
          count(*) filter (where priority = 'high') over (partition by branch_id) as of_high
        from tasks_now where state = 'open'
      )
      select * from chosen where place <= $1 order by branch_id nulls last, place, task_key`,
    [most],
  );
  const keys = [...new Set(rows.map((row) => text(row, "branch_id")))];
  return keys.map((branch) => {
    const own = rows.filter((row) => text(row, "branch_id") === branch);
    const of = (type: TaskType) => own.filter((row) => row["task_type"] === type);
    return {
      branch,
      total: Number(own[0]?.["of_branch"]),
      high: Number(own[0]?.["of_high"]),
      types: Object.fromEntries(
        TASK_TYPES.flatMap((type) =>
          of(type)
            .slice(0, 1)
            .map((row) => [type, Number(row["of_type"])]),
        ),
      ),
      tasks: TASK_TYPES.flatMap((type) => of(type).map(taskOf)),
    };
  });
}

async function readFacets(db: Database, filter: TaskFilter): Promise<Pick<TaskList, "total" | "facets">> {
  const { where, params } = conditions(filter);
  const columns = Object.values(FACETS);
  const rows = await db.all(
    `with chosen as (select *, coalesce(branch_name, branch_id) as branch from tasks_now where ${where}),
      counted as (
        select ${columns.join(", ")}, grouping_id(${columns.join(", ")}) as id, count(*) as tasks
        from chosen group by grouping sets ((), ${columns.map((column) => `(${column})`).join(", ")})
      )
      select * from counted qualify row_number() over (partition by id order by tasks desc, ${columns.join(", ")}) <= ${MOST_VALUES}
      order by id, tasks desc, ${columns.join(", ")}`,
    params,
  );
  const everything = 2 ** columns.length - 1;
  const facet = (column: string, index: number) => {
    const id = everything - 2 ** (columns.length - 1 - index);
    return Object.fromEntries(
      rows.filter((row) => Number(row["id"]) === id).map((row) => [text(row, column) ?? "none", Number(row["tasks"])]),
    );
  };
  const facets = Object.fromEntries(
    Object.entries(FACETS).map(([name, column], index) => [name, facet(column, index)]),
  );
  const all = rows.find((row) => Number(row["id"]) === everything);
  return { total: Number(all?.["tasks"] ?? 0), facets: facets as TaskList["facets"] };
}

async function readTotals(db: Database, filter: TaskFilter): Promise<readonly TaskTotal[]> {
  const { where, params } = conditions(filter);
  const rows = await db.all(
    `select currency, count(*) as tasks, cast(sum(value_cents) as bigint) as value from tasks_now
      where ${where} and value_cents is not null and currency is not null group by currency order by tasks desc, currency`,
    params,
  );
  return rows.map((row) => ({
    currency: String(row["currency"]),
    tasks: Number(row["tasks"]),
    value: Number(row["value"]),
  }));
}

function bound(params: Cell[], value: Cell): string {
  params.push(value);
  return `$${params.length}`;
}

/** The filter as conditions with bound values. */
function conditions(filter: TaskFilter): { readonly where: string; readonly params: Cell[] } {
  const params: Cell[] = [];
  const parts = ["true"];
  const oneOf = (expression: string, values: readonly string[] | undefined) => {
    if (values === undefined || values.length === 0) return;
    parts.push(`${expression} in (${values.map((value) => bound(params, value)).join(", ")})`);
  };
  oneOf("task_type", filter.types);
  oneOf("priority", filter.priorities);
  if (filter.branches !== undefined && filter.branches.length > 0) {
    const branches = filter.branches.map((branch) => bound(params, branch.toLowerCase())).join(", ");
    parts.push(`(lower(coalesce(branch_id, 'none')) in (${branches}) or lower(branch_name) in (${branches}))`);
  }
  if (filter.assignee === "nobody") parts.push("assignee is null");
  else if (filter.assignee !== undefined)
    parts.push(`lower(assignee) = ${bound(params, filter.assignee.toLowerCase())}`);
  if (filter.state !== "all") parts.push(`state = ${bound(params, filter.state)}`);
  if (filter.from !== undefined) parts.push(`task_date >= cast(${bound(params, filter.from)} as date)`);
  if (filter.to !== undefined) parts.push(`task_date <= cast(${bound(params, filter.to)} as date)`);
  for (const word of (filter.search ?? "").toLowerCase().split(/\s+/).filter(Boolean))
    parts.push(`contains(search_text, ${bound(params, word)})`);
  return { where: parts.join(" and "), params };
}

const RANK = "case priority when 'high' then 3 when 'medium' then 2 else 1 end";
const URGENT_FIRST = `${RANK} desc, value_cents desc nulls last, age_hours, task_key`;
const SORTS = { priority: RANK, value: "value_cents", age: "age_hours", date: "task_date" } as const;

function orderOf({ sort, order = "desc" }: TaskQuery): string {
  // Amounts of several currencies have no common order: each for itself.
  const first = sort === "value" ? "is_reporting_currency desc, currency nulls last, " : "";
  return `${first}${SORTS[sort]} ${order === "asc" ? "asc" : "desc"} nulls last, ${URGENT_FIRST}`;
}

/** The tasks whose key is, or begins with, what was typed, with or without its kind; a key that is meant wholly is the only one. */
export async function findTasks(db: Database, typed: string, most: number): Promise<readonly string[]> {
  const rows = await db.all(
    `select task_key from (select task_key from fact_tasks union select task_key from task_states)
      where starts_with(task_key, $1) or starts_with(split_part(task_key, '-', 2), $1)
      order by task_key = $1 desc, task_key limit $2`,
    [typed, most],
  );
  const keys = rows.map((row) => String(row["task_key"]));
  return keys.includes(typed) ? [typed] : keys;
}

/** Up to three keys that look like what was typed. */
export async function tasksLike(db: Database, typed: string): Promise<readonly string[]> {
  const rows = await db.all(
    `select task_key, greatest(jaro_winkler_similarity(task_key, $1), jaro_winkler_similarity(split_part(task_key, '-', 2), $1)) as likeness
      from tasks_now where likeness >= 0.8 order by likeness desc, task_key limit 3`,
    [typed],
  );
  return rows.map((row) => String(row["task_key"]));
}

/** One task; null when the build does not have it any more. */
export async function readTask(db: Database, key: string): Promise<Task | null> {
  const [row] = await db.all("select * from tasks_now where task_key = $1", [key]);
  return row === undefined ? null : taskOf(row);
}

/** An item of a task; `price` is for one piece, in minor units of `currency`; null: not told. */
export interface TaskItem {
  readonly id: string | null;
  readonly name: string | null;
  readonly quantity: number;
  readonly price: number | null;
  readonly currency: string | null;
}

/** What is left in a cart, or what a purchase holds; at most 500. */
export async function readTaskItems(db: Database, task: Task): Promise<readonly TaskItem[]> {
  const rows =
    task.type === "cart"
      ? await db.all("select * from fact_cart_items where cart_key = $1 order by added_at, item_key limit 500", [
          task.key,
        ])
      : await db.all(
          `select *, coalesce(quantity, 1) as quantity from fact_event_items
            where event_key = $1 and event_kind = 'purchase' and event_date = cast($2 as date) order by item_index limit 500`,
          [task.event, task.day],
        );
  return rows.map((row) => ({
    id: text(row, "item_id"),
    name: text(row, "item_name"),
    quantity: Number(row["quantity"]),
    price: number(row, "price_cents"),
    currency: text(row, "currency"),
  }));
}

function taskOf(row: Row): Task {
  return {
    key: String(row["task_key"]),
    type: String(row["task_type"]) as TaskType,
    kind: String(row["task_kind"]),
    day: String(row["task_date"]),
    at: String(row["happened_at"]),
    ageHours: Number(row["age_hours"]),
    priority: String(row["priority"]) as Task["priority"],
    state: String(row["state"]) as Task["state"],
    until: text(row, "until_date"),
    assignee: text(row, "assignee"),
    person: text(row, "person_key"),
    userId: text(row, "user_id"),
    session: text(row, "session_key"),
    event: text(row, "event_key"),
    branchId: text(row, "branch_id"),
    branch: text(row, "branch_name") ?? text(row, "branch_id"),
    company: text(row, "company_name"),
    contact: {
      name: text(row, "contact_name"),
      email: text(row, "email"),
      cellPhone: text(row, "cell_phone"),
      officePhone: text(row, "office_phone"),
    },
    contactState: String(row["contact_state"]) as Task["contactState"],
    value: number(row, "value_cents"),
    refund: number(row, "refund_cents"),
    currency: text(row, "currency"),
    subject: text(row, "subject"),
    items: text(row, "items"),
    counts: Object.fromEntries(COUNTS.map((name) => [name, number(row, `${name}_count`)])) as Task["counts"],
  };
}

function text(row: Row, column: string): string | null {
  const cell = row[column] ?? null;
  return cell === null ? null : String(cell);
}

function number(row: Row, column: string): number | null {
  const cell = row[column] ?? null;
  return cell === null ? null : Number(cell);
}
