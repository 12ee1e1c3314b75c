import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { landRows } from "../testing/landing.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Database, Workspace } from "../warehouse/types.js";
import { createTasksNow, keysOfTask, readTaskChanges, taskBegins } from "./task-changes.js";

let db: Database;
let ws: Workspace;
beforeEach(async () => {
  ws = await freshWorkspace();
  db = await openDatabase({ threads: 1 });
  for (const table of [
    "fact_tasks (task_key varchar, task_kind varchar, happened_at timestamptz, event_key varchar, session_key varchar)",
    "fact_cart_items (cart_key varchar, begun_at timestamptz)",
    "fact_events (event_key varchar, event_at timestamptz)",
    "fact_session_streaks (session_key varchar, streak_key varchar)",
    "fact_sessions (session_key varchar, started_at timestamptz)",
  ])
    await db.run(`create table ${table}`);
});
afterEach(() => db.close());
afterAll(removeFolders);

const at = (minute: number) => `2026-02-05 10:${String(minute).padStart(2, "0")}:00.000001+00`;

/** Two visits of a browser that end in a task, in a build in which the browser has this name. */
async function visits(browser: string): Promise<string> {
  await db.run(`insert into fact_sessions values ($1, $2), ($3, $4)`, [`${browser}.1`, at(1), `${browser}.2`, at(5)]);
  await db.run(`insert into fact_session_streaks values ($1, $1), ($2, $1)`, [`${browser}.1`, `${browser}.2`]);
  await db.run(`insert into fact_tasks values ($1, 'repeat_visits', $2, null, $3)`, [
    `visit-${browser}`,
    at(9),
    `${browser}.2`,
  ]);
  return `visit-${browser}`;
}

const said = (change: string, task_key: string, began?: string) => ({
  key: `${task_key}|${change}`,
  payload: {
    task_key,
    change,
    by: "ada",
    note: null,
    until: null,
    assignee: null,
    decided_at: "2026-02-06T10:00:00Z",
    began,
  },
});
const say = (...records: readonly ReturnType<typeof said>[]) =>
  landRows(ws, { source: "growthos", stream: "task_changes", records });
const states = async () => {
  await createTasksNow(db, ws, "2026-02-09");
  const rows = await db.all("select task_key, state from tasks_now order by task_key");
  return Object.fromEntries(rows.map((row) => [String(row["task_key"]), String(row["state"])]));
};

it("keeps done what was done, when the browser that the key is made of has another name", async () => {
  const key = await visits("before");
  const began = (await taskBegins(db, [key])).get(key);
  expect(began).toBe("repeat_visits 1770285660000001");
  await say(said("done", key, began));
  expect(await states()).toEqual({ "visit-before": "done" });
  for (const table of ["fact_tasks", "fact_sessions", "fact_session_streaks"]) await db.run(`delete from ${table}`);
  const now = await visits("after");
  expect(await states()).toEqual({ "visit-after": "done" });
  const keys = await keysOfTask(db, now);
  expect((await readTaskChanges(ws, keys)).map(({ change }) => change)).toEqual(["done"]);
  // What is said under the new key is newer than what was said under the old one.
  await say(said("reopened", now, began));
  expect(await states()).toEqual({ "visit-after": "open" });
});

it("gives what was said to nobody when two tasks began at that instant, or no begin was kept", async () => {
  await visits("a");
  const began = (await taskBegins(db, ["visit-a"])).get("visit-a");
  await say(said("done", "visit-gone", began), said("done", "visit-old"));
  expect(await states()).toEqual({ "visit-a": "done" });
  await visits("b");
  expect(await states()).toEqual({ "visit-a": "open", "visit-b": "open" });
});

it.each([
  ["purchase", `${Date.parse("2026-02-05T10:09:00Z")}001`],
  ["bounced_session", `${Date.parse("2026-02-05T10:09:00Z")}001`],
  ["cart", `${Date.parse("2026-02-05T10:02:00Z")}001`],
  ["no_results", `${Date.parse("2026-02-05T10:03:00Z")}001`],
  ["no_conversion", `${Date.parse("2026-02-05T10:01:00Z")}001`],
  ["bounce_page", null],
])("a task of kind %s began at %s", async (kind, micros) => {
  await visits("a");
  await db.run("insert into fact_cart_items values ('t', $1), ('t', $2)", [at(4), at(2)]);
  await db.run("insert into fact_events values ('e', $1)", [at(3)]);
  await db.run("insert into fact_tasks values ('t', $1, $2, 'e', 'a.2')", [kind, at(9)]);
  expect((await taskBegins(db, ["t"])).get("t")).toBe(micros === null ? undefined : `${kind} ${micros}`);
});
