/** What people did about tasks (D-64), as it stands in raw: it holds at once, without a build. */
import { quoteText } from "../base/ids.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { readState } from "../warehouse/log.js";
import { createRawRelation, rawRelation } from "../warehouse/raw-views.js";
import type { Database, Row, Workspace } from "../warehouse/types.js";

/** The stream of `growthos` in which they land. */
export const TASK_CHANGES_STREAM = "task_changes";

/** What can be done about a task. */
export type TaskChangeKind = "done" | "snoozed" | "assigned" | "reopened";

/** One of them, by whom and when; `until` is the day on which a snoozed task returns, `assignee` null gives it back. */
export interface TaskChange {
  readonly taskKey: string;
  readonly change: TaskChangeKind;
  readonly until: string | null;
  readonly assignee: string | null;
  readonly by: string;
  readonly note: string | null;
  /** ISO 8601 UTC. */
  readonly at: string;
}

const TYPES = `{"task_key": "VARCHAR", "change": "VARCHAR", "until": "VARCHAR", "assignee": "VARCHAR", "by": "VARCHAR", "note": "VARCHAR", "decided_at": "VARCHAR", "began": "VARCHAR"}`;

/**
 * When each task began, as `<kind> <microseconds>`: what a key is made of names a browser, and another one after somebody in it was erased;
 * the instant stays. Null for what no person began.
 */
const BEGINS = `select t.task_key, t.task_kind || ' ' || cast(epoch_us(case t.task_kind
    when 'cart' then c.begun_at
    when 'no_results' then e.event_at
    when 'no_conversion' then s.started_at
    when 'repeat_visits' then s.started_at
    when 'bounce_page' then null
    else t.happened_at end) as varchar) as began
  from fact_tasks as t
  left join (select cart_key, min(begun_at) as begun_at from fact_cart_items group by cart_key) as c on c.cart_key = t.task_key
  left join (
    select event_key, min(event_at) as event_at from fact_events
    where event_key in (select event_key from fact_tasks where task_kind = 'no_results') group by event_key
  ) as e on e.event_key = t.event_key
  left join fact_session_streaks as k on k.session_key = t.session_key
  left join fact_sessions as s on s.session_key = k.streak_key`;

/** Every change of the tasks of these keys, oldest first; null: of all tasks. Order is that of the commits, never a clock. */
export async function readTaskChanges(ws: Workspace, keys: readonly string[] | null): Promise<readonly TaskChange[]> {
  const rows = await withChanges(ws, (db) =>
    db.all(
      `select * from changes where $1::varchar is null or list_contains(from_json($1::varchar, '["VARCHAR"]'), task_key)
        order by _load, _key`,
      [keys === null ? null : JSON.stringify(keys)],
    ),
  );
  return rows.map(changeOf);
}

/** When the tasks of these keys began (see `BEGINS`), to be kept beside what is said of them. `db` is an open build. */
export async function taskBegins(db: Database, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await db.all(
    `select * from (${BEGINS}) where began is not null and list_contains(from_json($1::varchar, '["VARCHAR"]'), task_key)`,
    [JSON.stringify(keys)],
  );
  return new Map(rows.map((row) => [String(row["task_key"]), String(row["began"])]));
}

/** The keys that a task had before somebody was erased, and the one that it has. Needs `createTasksNow`. */
export async function keysOfTask(db: Database, key: string): Promise<readonly string[]> {
  const rows = await db.all("select was from task_keys where task_key = $1 order by was", [key]);
  return [...rows.map((row) => String(row["was"])), key];
}

/**
 * Gives `db`, an open build, the temporary view `tasks_now`: the tasks of the build and how each stands on the day `today`.
 * The newest of done, snoozed and reopened says its state, the newest of assigned whose it is.
 */
export async function createTasksNow(db: Database, ws: Workspace, today: string): Promise<void> {
  const states = await withChanges(ws, async (changes) => {
    const renamed = await renamedKeys(db, changes);
    await db.run(
      `create or replace temp table task_keys as
        select row ->> '$.was' as was, row ->> '$.key' as task_key
        from (select unnest(from_json($1::varchar, '["JSON"]')) as row)`,
      [JSON.stringify(renamed)],
    );
    return changes.all(
      `select coalesce(map_extract_value($1::json::map(varchar, varchar), task_key), task_key) as task_key,
        arg_max(change, (_load, _key)) filter (where change <> 'assigned') as state_change,
        arg_max(until, (_load, _key)) filter (where change = 'snoozed') as until,
        -- arg_max leaves nulls out, and a task may be given back.
        nullif(arg_max(coalesce(assignee, ''), (_load, _key)) filter (where change = 'assigned'), '') as assignee
      from changes group by all`,
      [JSON.stringify(Object.fromEntries(renamed.map(({ was, key }) => [was, key])))],
    );
  });
  await db.run(
    `create or replace temp table task_states as
      select row ->> '$.task_key' as task_key, row ->> '$.state_change' as state_change, cast(row ->> '$.until' as date) as until_date,
        row ->> '$.assignee' as assignee
      from (select unnest(from_json($1::varchar, '["JSON"]')) as row)`,
    [JSON.stringify(states)],
  );
  await db.run(`create or replace temp view tasks_now as
    select t.*, s.assignee, case when s.state_change = 'snoozed' then s.until_date end as until_date,
      case
        when s.state_change = 'done' then 'done'
        when s.state_change = 'snoozed' and s.until_date > date ${quoteText(today)} then 'snoozed'
        else 'open'
      end as state
    from fact_tasks as t left join task_states as s on s.task_key = t.task_key`);
}

/**
 * Keys under which something was said and that no task has any more, with the task that began when theirs did; none where several did. What
 * was said by a version that kept no begin stays with its key.
 */
async function renamedKeys(
  db: Database,
  changes: Database,
): Promise<readonly { readonly was: string; readonly key: string }[]> {
  const said = await changes.all(
    "select task_key, max(began) as began from changes group by task_key having began is not null",
  );
  const known = new Set((await db.all("select task_key from fact_tasks")).map((row) => String(row["task_key"])));
  const lost = said.filter((row) => !known.has(String(row["task_key"])));
  if (lost.length === 0) return [];
  const begun = new Map<string, string | null>();
  for (const row of await db.all(`select * from (${BEGINS}) where began is not null`)) {
    const began = String(row["began"]);
    begun.set(began, begun.has(began) ? null : String(row["task_key"]));
  }
  return lost.flatMap((row) => {
    const key = begun.get(String(row["began"])) ?? null;
    return key === null ? [] : [{ was: String(row["task_key"]), key }];
  });
}

async function withChanges<T>(ws: Workspace, read: (db: Database) => Promise<T>): Promise<T> {
  const parts = readState(ws).parts.filter(
    ({ source, stream }) => source === "growthos" && stream === TASK_CHANGES_STREAM,
  );
  const db = await openDatabase({ memoryLimitMb: 128, threads: 1 });
  try {
    await createRawRelation(db, { ws, source: "growthos", stream: TASK_CHANGES_STREAM, parts });
    await db.run(`create view changes as select _load, _key, c.* from (
      select _load, _key, from_json(payload, '${TYPES}') as c from ${rawRelation("growthos", TASK_CHANGES_STREAM)})`);
    return await read(db);
  } finally {
    await db.close();
  }
}

function changeOf(row: Row): TaskChange {
  const text = (name: string) => (row[name] === null || row[name] === undefined ? null : String(row[name]));
  return {
    taskKey: String(row["task_key"]),
    change: String(row["change"]) as TaskChangeKind,
    until: text("until"),
    assignee: text("assignee"),
    by: String(row["by"]),
    note: text("note"),
    at: String(row["decided_at"]),
  };
}
