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

const TYPES = `{"task_key": "VARCHAR", "change": "VARCHAR", "until": "VARCHAR", "assignee": "VARCHAR", "by": "VARCHAR", "note": "VARCHAR", "decided_at": "VARCHAR"}`;

/** Every change of every task, oldest first, or those of one task. Order is that of the commits, never a clock. */
export async function readTaskChanges(ws: Workspace, taskKey: string | null): Promise<readonly TaskChange[]> {
  const rows = await withChanges(ws, (db) =>
    db.all("select * from changes where $1::varchar is null or task_key = $1 order by _load, _key", [taskKey]),
  );
  return rows.map(changeOf);
}

/**
 * Gives `db`, an open build, the temporary view `tasks_now`: the tasks of the build and how each stands on the day `today`.
 * The newest of done, snoozed and reopened says its state, the newest of assigned whose it is.
 */
export async function createTasksNow(db: Database, ws: Workspace, today: string): Promise<void> {
  const states = await withChanges(ws, (changes) =>
    changes.all(`select task_key,
        arg_max(change, (_load, _key)) filter (where change <> 'assigned') as state_change,
        arg_max(until, (_load, _key)) filter (where change = 'snoozed') as until,
        -- arg_max leaves nulls out, and a task may be given back.
        nullif(arg_max(coalesce(assignee, ''), (_load, _key)) filter (where change = 'assigned'), '') as assignee
      from changes group by task_key`),
  );
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
