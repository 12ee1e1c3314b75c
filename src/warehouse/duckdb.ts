import { resolve } from "node:path";
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  type DuckDBPreparedStatement,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import { GrowthosError, messageOf } from "../base/errors.js";
import { quoteText } from "../base/ids.js";
import { decodeDate, decodeDecimal, decodeInstant, decodeInteger } from "./decode.js";
import { diskFiles } from "./disk.js";
import { holdDatabaseFile, refuseOpenDatabase } from "./open-databases.js";
import type { Cell, Database, Row } from "./types.js";

/** How a database is opened. */
export interface OpenOptions {
  /** Absent: in memory. */
  readonly path?: string;
  readonly readOnly?: boolean;
  /** Default 1024. The process needs about 150 MB more. */
  readonly memoryLimitMb?: number;
  /** Default: one per core. */
  readonly threads?: number;
  /** Where large operations spill; absent: they do not, and end with `OUT_OF_MEMORY` instead. */
  readonly tempFolder?: string;
  /** With `lockDown`: the only folders whose files SQL may read. */
  readonly readFolders?: readonly string[];
  /** Refuses every file outside `readFolders` and every later change of settings. */
  readonly lockDown?: boolean;
  /** Statements that are run before it. */
  readonly beforeLockDown?: readonly string[];
}

interface OpenInstance {
  readonly instance: DuckDBInstance;
  readonly settings: string;
  readonly release: () => void;
  users: number;
}

// The library itself lets one process open a file twice, unsafely; this registry does not.
const instances = new Map<string, OpenInstance>();

/**
 * Opens a database with one connection, in UTC, without extensions from outside.
 * Several read-only openings of one file share an instance; a second writable one is `DATABASE_LOCKED` (exit locked), like one in another process.
 * Other errors: `DATABASE_UNREADABLE` (damaged), `DATABASE_LEFT_WAL` (a stale `.wal` stands beside a read-only file).
 */
export async function openDatabase(options: OpenOptions = {}): Promise<Database> {
  const { instance, release } = await openInstance(options);
  try {
    return connected(await instance.connect(), release);
  } catch (cause) {
    release();
    throw sqlError("connect", cause);
  }
}

/** What several connections of one opening stand on; for `sql-reader.ts`. Errors: as of `openDatabase`. */
export async function openInstance(
  options: OpenOptions,
): Promise<{ readonly instance: DuckDBInstance; release(): void }> {
  const path = options.path === undefined ? undefined : resolve(options.path);
  const held = path === undefined ? await createInstance(options) : await sharedInstance(path, options);
  held.users += 1;
  return { instance: held.instance, release: () => closeInstance(held, path, options) };
}

async function sharedInstance(path: string, options: OpenOptions): Promise<OpenInstance> {
  const settings = JSON.stringify([
    options.memoryLimitMb,
    options.threads,
    options.tempFolder,
    options.readFolders,
    options.lockDown,
  ]);
  const held = instances.get(path);
  if (held !== undefined) {
    if (options.readOnly === true && held.settings === settings) return held;
    throw lockedError(path, "this process has it open");
  }
  const stat = diskFiles.stat(path);
  refuseOpenDatabase(path, stat);
  // A log beside a file that is only read, or that is new, belongs to something else: DuckDB would replay it without a word.
  if (options.readOnly === true || stat === undefined) refuseWal(path, "a database must be complete without it");
  const created = await createInstance(options, settings);
  instances.set(path, created);
  return created;
}

async function createInstance(options: OpenOptions, settings = ""): Promise<OpenInstance> {
  const path = options.path ?? ":memory:";
  const instance = await DuckDBInstance.create(path, configOf(options)).catch((cause: unknown) => {
    throw openError(path, cause);
  });
  const stat = options.path === undefined ? undefined : diskFiles.stat(options.path);
  const release = stat === undefined ? () => {} : holdDatabaseFile(stat);
  const opened = { instance, settings: options.readOnly === true ? settings : "writable", release, users: 0 };
  try {
    await configure(instance, options);
  } catch (cause) {
    instance.closeSync();
    release();
    throw sqlError("configure", cause);
  }
  return opened;
}

function configOf(options: OpenOptions): Record<string, string> {
  return {
    access_mode: options.readOnly === true ? "READ_ONLY" : "AUTOMATIC",
    memory_limit: `${options.memoryLimitMb ?? 1024}MB`,
    temp_directory: options.tempFolder ?? "",
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    // Otherwise memory that was freed stays with the process until it is wanted again: hundreds of megabytes beyond the limit.
    allocator_background_threads: "true",
    allocator_flush_threshold: "16MB",
    allocator_bulk_deallocation_flush_threshold: "32MB",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
    allow_unsigned_extensions: "false",
    allow_persistent_secrets: "false",
  };
}

async function configure(instance: DuckDBInstance, options: OpenOptions): Promise<void> {
  const connection = await instance.connect();
  // The session's zone would come from the machine. Global, so that every connection has it, also after the lock-down.
  await connection.run("SET GLOBAL TimeZone='UTC'");
  for (const sql of options.beforeLockDown ?? []) await connection.run(sql);
  if (options.lockDown === true) {
    // The order matters: folders, then no other access, then no way back.
    const folders = (options.readFolders ?? []).map((folder) =>
      quoteText(folder.endsWith("/") ? folder : `${folder}/`),
    );
    await connection.run(`SET allowed_directories=[${folders.join(", ")}]`);
    await connection.run("SET enable_external_access=false");
    await connection.run("SET lock_configuration=true");
  }
  connection.disconnectSync();
}

function closeInstance(held: OpenInstance, path: string | undefined, options: OpenOptions): void {
  held.users -= 1;
  if (held.users > 0) return;
  if (path !== undefined) instances.delete(path);
  held.instance.closeSync();
  held.release();
  if (path !== undefined && options.readOnly !== true) refuseWal(path, "the database was not closed completely");
}

/** Throws `DATABASE_LEFT_WAL` (damaged) when a write-ahead log stands beside a database file: the next opening would replay it. */
export function refuseWal(path: string, why: string): void {
  if (diskFiles.stat(`${path}.wal`) === undefined) return;
  throw new GrowthosError({
    code: "DATABASE_LEFT_WAL",
    what: `there is a write-ahead log beside ${path}`,
    why,
    hint: `remove ${path}.wal, then run \`growthos verify --full\``,
    exit: "damaged",
  });
}

function connected(connection: DuckDBConnection, release: () => void): Database {
  let running: Promise<unknown> | undefined;
  let closed = false;
  const track = async <T>(sql: string, action: () => Promise<T>): Promise<T> => {
    if (closed) throw sqlError(sql, new Error("the database is closed"));
    const current = action();
    running = current.catch(() => undefined);
    return current.catch((cause: unknown) => {
      throw sqlError(sql, cause);
    });
  };
  const all = (sql: string, params?: readonly Cell[]) => track(sql, () => query(connection, sql, params));
  return {
    run: (sql, params) => track(sql, () => execute(connection, sql, params)),
    all,
    one: async (sql, params) => {
      const [row] = await all(sql, params);
      if (row === undefined)
        throw new GrowthosError({ code: "NO_ROW", what: "a query gave no row", why: sql.slice(0, 200), exit: "bug" });
      return row;
    },
    interrupt: () => connection.interrupt(),
    close: async () => {
      if (closed) return;
      closed = true;
      // Closing under a running statement hangs the process: stop it first and wait for it.
      connection.interrupt();
      await running;
      connection.disconnectSync();
      release();
    },
  };
}

async function execute(connection: DuckDBConnection, sql: string, params?: readonly Cell[]): Promise<void> {
  if (params === undefined || params.length === 0) await connection.run(sql);
  else await withPrepared(connection, sql, params, (statement) => statement.run());
}

async function query(connection: DuckDBConnection, sql: string, params: readonly Cell[] = []): Promise<readonly Row[]> {
  const reader =
    params.length === 0
      ? await connection.runAndReadAll(sql)
      : await withPrepared(connection, sql, params, (statement) => statement.runAndReadAll());
  const names = reader.columnNames();
  // fromEntries defines members, so a column named __proto__ is a column.
  return reader
    .getRows()
    .map((row) => Object.fromEntries(names.map((name, index) => [name, toCell(row[index] ?? null)])));
}

async function withPrepared<T>(
  connection: DuckDBConnection,
  sql: string,
  params: readonly Cell[],
  action: (statement: DuckDBPreparedStatement) => Promise<T>,
): Promise<T> {
  const statement = await connection.prepare(sql);
  try {
    params.forEach((value, index) => {
      bind(statement, index + 1, value);
    });
    return await action(statement);
  } finally {
    statement.destroySync();
  }
}

function bind(statement: DuckDBPreparedStatement, index: number, value: Cell): void {
  if (value === null) statement.bindNull(index);
  else if (typeof value === "string") statement.bindVarchar(index, value);
  else if (typeof value === "boolean") statement.bindBoolean(index, value);
  else if (typeof value === "number" && Number.isSafeInteger(value)) statement.bindBigInt(index, BigInt(value));
  else if (typeof value === "number") statement.bindDouble(index, value);
  else statement.bindValue(index, toDuckValue(value));
}

function toDuckValue(value: Cell): DuckDBValue {
  if (Array.isArray(value)) return new DuckDBListValue(value.map((item) => toDuckValue(item as Cell)));
  if (value !== null && typeof value === "object") {
    return new DuckDBStructValue(
      Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toDuckValue(item)])),
    );
  }
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : (value as DuckDBValue);
}

function toCell(value: DuckDBValue): Cell {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (typeof value === "bigint") return decodeInteger(value);
  if (value instanceof DuckDBDateValue) return decodeDate(value.days);
  if (value instanceof DuckDBTimestampTZValue) return decodeInstant(value.micros, "Z");
  if (value instanceof DuckDBDecimalValue) return decodeDecimal(value.value, value.scale);
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(toCell);
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, toCell(item)]));
  }
  if (value instanceof DuckDBMapValue) {
    return Object.fromEntries(value.entries.map(({ key, value: item }) => [String(toCell(key)), toCell(item)]));
  }
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString("hex");
  return localInstant(value) ?? value.toString();
}

function localInstant(value: DuckDBValue): string | undefined {
  if (value instanceof DuckDBTimestampValue) return decodeInstant(value.micros, "");
  if (value instanceof DuckDBTimestampSecondsValue) return decodeInstant(value.seconds * 1_000_000n, "");
  if (value instanceof DuckDBTimestampMillisecondsValue) return decodeInstant(value.millis * 1000n, "");
  if (value instanceof DuckDBTimestampNanosecondsValue) return decodeInstant(value.nanos / 1000n, "");
  return undefined;
}

function lockedError(path: string, why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({
    code: "DATABASE_LOCKED",
    what: `${path} is in use`,
    why,
    hint: "wait until the other command has ended",
    exit: "locked",
    cause,
  });
}

function openError(path: string, cause: unknown): GrowthosError {
  const message = messageOf(cause);
  if (/could not set lock|conflicting lock/i.test(message)) {
    const pid = /\(PID (\d+)\)/.exec(message)?.[1];
    return lockedError(path, pid === undefined ? "another process has it open" : `process ${pid} has it open`, cause);
  }
  return new GrowthosError({
    code: "DATABASE_UNREADABLE",
    what: `cannot open ${path}`,
    why: message,
    hint: "run `growthos verify`; a build can be made again with `growthos build --force`",
    exit: /permission denied/i.test(message) ? "auth" : /cannot open file/i.test(message) ? "io" : "damaged",
    cause,
  });
}

/** What DuckDB said, with a code and an exit. */
export function sqlError(sql: string, cause: unknown): GrowthosError {
  if (cause instanceof GrowthosError) return cause;
  const message = messageOf(cause);
  const kind = SQL_ERRORS.find(({ pattern }) => pattern.test(message)) ?? { code: "SQL_FAILED", exit: "bug" as const };
  return new GrowthosError({
    code: kind.code,
    what: `a statement failed: ${sql.trim().slice(0, 120)}`,
    why: message,
    exit: kind.exit,
    cause,
  });
}

const SQL_ERRORS = [
  { pattern: /^INTERRUPT/i, code: "INTERRUPTED", exit: "interrupted" },
  { pattern: /^Out of Memory/i, code: "OUT_OF_MEMORY", exit: "io" },
  { pattern: /^(IO Error|FATAL Error)/i, code: "DATABASE_IO", exit: "io" },
] as const;
