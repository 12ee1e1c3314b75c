/** Reads what the pages of tasks show of a build (D-64), over `tasks_now` of `task-changes.ts`. */
import type { Database } from "../warehouse/types.js";
import { hasAnyTask, hasTasks, readTasks, TASK_TYPES, type TaskList, type TaskType } from "./tasks.js";

/** A term by how often it was sought and how often nothing was found. A search that told both is one. */
export interface SearchTerm {
  readonly term: string;
  readonly searches: number;
  readonly failed: number;
  /** Different people; those without consent are not among them. */
  readonly people: number;
}

/** The open tasks of each type, the most urgent first, and the terms of the days before `asOf`. */
export interface TaskPages {
  readonly lists: Readonly<Record<TaskType, TaskList>>;
  readonly terms: readonly SearchTerm[];
  /** How many days the terms are of. */
  readonly termDays: number;
  /** The seed `task_limits`, and what the config says beside it. */
  readonly limits: Readonly<Record<string, number>>;
  readonly hasAny: boolean;
  /** GA4's events are a source of the shop. */
  readonly hasEvents: boolean;
  /** Contact data may be shown. */
  readonly hasContacts: boolean;
  /** What the events leave out, in a sentence; absent: nothing that is known. */
  readonly sample?: string;
}

const MOST_TASKS = 200;
const MOST_TERMS = 50;
const TERM_DAYS = 28;

/** Null for a build of a version without tasks. */
export async function readTaskPages(
  db: Database,
  {
    asOf,
    ...shop
  }: { readonly asOf: string; readonly hasEvents: boolean; readonly hasContacts: boolean; readonly sample?: string },
): Promise<TaskPages | null> {
  if (!(await hasTasks(db))) return null;
  const lists: Partial<Record<TaskType, TaskList>> = {};
  for (const type of TASK_TYPES)
    lists[type] = await readTasks(db, { types: [type], state: "open", sort: "priority", page: 1, limit: MOST_TASKS });
  return {
    lists: lists as TaskPages["lists"],
    terms: await readSearchTerms(db, asOf, { days: TERM_DAYS, most: MOST_TERMS }),
    termDays: TERM_DAYS,
    limits: await readLimits(db),
    hasAny: await hasAnyTask(db),
    ...shop,
  };
}

async function readLimits(db: Database): Promise<TaskPages["limits"]> {
  const rows = await db.all(
    "select limit_name, value from seeds.task_limits union all select name, cast(value as integer) from meta.settings where name in ('cart_quiet_hours', 'task_keep_days')",
  );
  return Object.fromEntries(rows.map((row) => [String(row["limit_name"]), Number(row["value"])]));
}

/** Terms in lower case, those sought most often first, of the `days` days before `asOf`. */
export async function readSearchTerms(
  db: Database,
  asOf: string,
  { days, most }: { readonly days: number; readonly most: number },
): Promise<readonly SearchTerm[]> {
  const rows = await db.all(
    `with searched as (
        select lower(trim(search_term)) as term, person_key, event_kind = 'no_search_results' as has_failed,
          (coalesce(session_key, event_key), date_trunc('second', event_at)) as search
        from fact_events
        where event_kind in ('view_search_results', 'no_search_results') and trim(search_term) <> ''
          and event_date < cast($1 as date) and event_date >= cast($1 as date) - cast($2 as integer)
      )
      select term, count(distinct search) as searches, count(distinct search) filter (where has_failed) as failed,
        count(distinct person_key) as people
      from searched group by term order by searches desc, term limit $3`,
    [asOf, days, most],
  );
  return rows.map((row) => ({
    term: String(row["term"]),
    searches: Number(row["searches"]),
    failed: Number(row["failed"]),
    people: Number(row["people"]),
  }));
}
