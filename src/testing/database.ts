import { openDatabase } from "../warehouse/duckdb.js";
import type { Database } from "../warehouse/types.js";

let database: Promise<Database> | undefined;
let before: Promise<unknown> = Promise.resolve();

/**
 * Asks the one database in memory of this process, one question after the other: opening one costs 30 ms of CPU, more than most questions.
 * What is made in it must be replaced by the next who makes it.
 */
export function askDatabase<T>(ask: (db: Database) => Promise<T>): Promise<T> {
  database ??= openDatabase({});
  const open = database;
  const answer = before.then(async () => ask(await open));
  before = answer.catch(() => undefined);
  return answer;
}
