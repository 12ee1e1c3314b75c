/**
 * Snowflake: Parquet is put into a bucket, from which an external stage of the user reads it (the SQL API has no PUT). Each mart is loaded into a
 * table beside its place; when all are there and counted, one transaction replaces the rows of all marts. Until its end readers see the old rows,
 * afterwards the new ones, and tables stay the same objects with their grants, policies and streams. Only a mart that is new, or whose columns
 * have changed, is put in its place by itself.
 */
import { GrowthosError, messageOf } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { Objects } from "../base/objects.js";
import { SNOWFLAKE } from "./parties.js";
import {
  type Execute,
  type SnowflakeOptions,
  type SnowflakeRow,
  type SnowflakeSession,
  snowflakeApi,
} from "./snowflake-api.js";
import * as sql from "./snowflake-sql.js";
import type { PublishTable, Target } from "./types.js";

/** What a target is made of. */
export interface SnowflakeTargetOptions extends Omit<SnowflakeOptions, "session"> {
  readonly place: SnowflakeSession & sql.SnowflakeNames;
  /** What the stage is over. */
  readonly objects: Objects;
  /** The same with a signal of its own, for what is taken away after an interruption. */
  readonly tidying: (signal: AbortSignal) => Promise<Objects>;
  readonly files: Pick<Files, "chunks" | "digest">;
  readonly signal: AbortSignal;
}

/** Objects and tables of a publish that died are somebody else's present ones until they are so old. */
const DEAD_AFTER_HOURS = 24;
const FOLDER = "growthos-publish";
/** Tidying up may take so long when the rest has failed or was interrupted, ms. */
const TIDY_MS = 20_000;
const UNCHANGED = "all tables there are as they were";
const ALL_OR_NONE =
  "either the rows of all tables have changed or those of none; growthos_build tells of which build they are";
const SOME_NEW =
  "tables that are new or have other columns than before may be in their place; all others are as they were";

/** Snowflake as a target. Throws `CREDENTIAL_INVALID` for a key that is none. */
export function snowflakeTarget(options: SnowflakeTargetOptions): Target {
  const execute = snowflakeApi({ ...options, session: options.place });
  const attempt = options.random.hex(6);
  const work: Work = { options, execute, attempt, waiting: (name) => sql.waitingName(options.place, name, attempt) };
  return {
    id: SNOWFLAKE.id,
    title: SNOWFLAKE.title,
    format: "flat",
    publish: async (tables, told) => {
      const there = await listed(work);
      requireOurs(work, tables, there);
      await removeDead(work, there);
      try {
        await load(work, tables);
        await putInPlace(work, tables, told);
      } finally {
        await tidy(work, tables);
      }
    },
  };
}

interface Work {
  readonly options: SnowflakeTargetOptions;
  readonly execute: Execute;
  readonly attempt: string;
  readonly waiting: (name: string) => string;
}

function run({ execute, options }: Work, name: string, statement: string, state = UNCHANGED) {
  return execute({ sql: statement, name, state }, options.signal);
}

interface Found {
  readonly name: string;
  readonly isTable: boolean;
  readonly comment: string;
  readonly ageHours: number;
  readonly columns: string;
}

async function listed(work: Work): Promise<ReadonlyMap<string, Found>> {
  const rows = await run(work, "list_tables", sql.listTables(work.options.place));
  return new Map(rows.map(foundOf).map((one) => [one.name, one]));
}

function foundOf([name, kind, comment, age, columns]: SnowflakeRow): Found {
  return {
    name: name ?? "",
    isTable: kind === "BASE TABLE",
    comment: comment ?? "",
    ageHours: Number(age),
    columns: columns ?? "",
  };
}

/** Nothing is touched that growthos did not make. */
function requireOurs({ options: { place } }: Work, tables: readonly PublishTable[], there: ReadonlyMap<string, Found>) {
  const found = tables.flatMap(({ name }) => there.get(sql.tableName(place, name)) ?? []);
  const strange = found.find(({ isTable, comment }) => !isTable || comment !== sql.MARK);
  if (strange === undefined) return;
  throw new GrowthosError({
    code: "PUBLISH_FAILED",
    what: `${place.database}.${place.schema}.${strange.name} is there already, and growthos did not make it`,
    why: "a table that is published is replaced whole, and this one may be somebody's",
    state: "nothing was changed",
    hint: "name another schema or a prefix under publish.snowflake, or remove the table",
    exit: "source",
  });
}

/** What a publish left that was killed. */
async function removeDead(work: Work, there: ReadonlyMap<string, Found>): Promise<void> {
  const { place, objects } = work.options;
  const dead = [...there.values()].filter(({ name, ageHours }) => sql.isWaiting(name) && ageHours >= DEAD_AFTER_HOURS);
  if (dead.length > 0) {
    await run(work, "remove_old", sql.block(dead.map(({ name }) => sql.dropTable(place, name))));
  }
  await stored(async () => {
    for (const { key, ageMs } of await objects.list(`${FOLDER}/`))
      if (ageMs >= DEAD_AFTER_HOURS * 3_600_000) await objects.remove(key);
  });
}

/** All rows into tables of their own, counted. */
async function load(work: Work, tables: readonly PublishTable[]): Promise<void> {
  const { place, objects, files, signal } = work.options;
  const arrivals = tables.map((table) => sql.createArrival(place, work.waiting(table.name), table));
  await run(work, "create_tables", sql.block(arrivals));
  for (const table of tables) {
    // A file without rows loads nothing, and there is no need to ask.
    if (table.rows === 0) continue;
    const path = pathOf(work, table);
    signal.throwIfAborted();
    await stored(() => objects.put(path, { ...files.digest(table.path), read: () => files.chunks(table.path) }));
    const waiting = work.waiting(table.name);
    await run(work, `load_${table.name}`, sql.copyInto(place, { waiting, table, path }));
  }
  const shapes = tables.flatMap((table) => sql.shape(place, work.waiting(table.name), table) ?? []);
  if (shapes.length > 0) await run(work, "shape_tables", sql.block(shapes));
  const names = tables.map(({ name }) => work.waiting(name));
  const counted = await run(work, "count_rows", sql.countRows(place, names));
  for (const [index, { name, rows }] of tables.entries()) requireRows(name, rows, counted[index]?.[1]);
}

function pathOf({ attempt }: Work, { name }: PublishTable): string {
  return `${FOLDER}/${attempt}/${name}.parquet`;
}

function requireRows(name: string, sent: number, counted: string | null | undefined): void {
  if (Number(counted) === sent) return;
  throw new GrowthosError({
    code: "PUBLISH_FAILED",
    what: `${name} has not arrived whole in Snowflake`,
    why: `${counted ?? "no"} rows are there of ${sent} that were sent`,
    state: UNCHANGED,
    hint: "run the same command again: it begins anew",
    exit: "source",
  });
}

/** The last table tells which build the others are of: it changes with them or after them. */
async function putInPlace(
  work: Work,
  tables: readonly PublishTable[],
  told: (table: PublishTable) => void,
): Promise<void> {
  const { place } = work.options;
  const there = await listed(work);
  // Somebody may have made one in the meantime.
  requireOurs(work, tables, there);
  const columnsOf = (name: string) => there.get(name)?.columns;
  const isSame = ({ name }: PublishTable) => {
    const columns = columnsOf(sql.tableName(place, name));
    return columns !== undefined && columns === columnsOf(work.waiting(name));
  };
  const stamp = tables.at(-1);
  const putOne = async (table: PublishTable, state: string) => {
    const { name } = table;
    const isThere = there.has(sql.tableName(place, name));
    await run(work, `put_${name}`, sql.block(sql.putNew(place, { name, waiting: work.waiting(name), isThere })), state);
    told(table);
  };
  const others = tables.filter((table) => !isSame(table));
  const same = tables.filter(isSame);
  for (const table of others) if (table !== stamp) await putOne(table, SOME_NEW);
  const last = same.at(-1);
  if (last !== undefined) {
    // First the lock of one table: two publishes change theirs one after the other, each whole.
    const statements = [
      sql.lockTable(place, last.name),
      ...same.map((table) => sql.replaceRows(place, work.waiting(table.name), table)),
    ];
    await inTransaction(work, statements, others.length > 0 ? SOME_NEW : UNCHANGED);
    for (const table of same) told(table);
  }
  if (stamp !== undefined && !isSame(stamp)) await putOne(stamp, "all tables but growthos_build are in their place");
}

/** When nobody knows how it ended, that is what is said. */
async function inTransaction(work: Work, statements: readonly string[], state: string): Promise<void> {
  try {
    await run(work, "replace_rows", sql.transaction(statements), state);
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || thrown.code !== "API_BROKEN") throw thrown;
    throw new GrowthosError({ ...thrown.parts, state: ALL_OR_NONE });
  }
}

/** Takes away what waited. What fails here is taken by a later publish, and must not hide how this one ended. */
async function tidy({ options, execute, attempt, waiting }: Work, tables: readonly PublishTable[]): Promise<void> {
  const { place } = options;
  const names = tables.flatMap((table) => {
    const name = waiting(table.name);
    return [...new Set([name, sql.arrivalName(name, table)])];
  });
  const drop = sql.block(names.map((name) => sql.dropTable(place, name)));
  const quietly = async (action: () => Promise<unknown>) => {
    try {
      await action();
    } catch (thrown) {
      options.log.warn("publish.left", { why: messageOf(thrown) });
    }
  };
  // With signals of their own: the other may be why this one ends.
  await quietly(async () => {
    const objects = await options.tidying(AbortSignal.timeout(TIDY_MS));
    for (const { name } of tables) await objects.remove(`${FOLDER}/${attempt}/${name}.parquet`);
  });
  const signal = AbortSignal.timeout(TIDY_MS);
  await quietly(() => execute({ sql: drop, name: "remove_tables", state: UNCHANGED }, signal));
}

/** Errors of the store speak of `store` in the config; this one is another. */
async function stored<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || !thrown.code.startsWith("STORE_")) throw thrown;
    throw new GrowthosError({
      ...thrown.parts,
      state: UNCHANGED,
      hint: "check publish.snowflake.files (url, region, endpoint) and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which need s3:ListBucket, s3:PutObject and s3:DeleteObject there",
    });
  }
}
