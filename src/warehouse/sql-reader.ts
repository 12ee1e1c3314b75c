/**
 * Statements of programs outside, on a build that is only read: no files, no network, no settings, and nothing but SELECT and EXPLAIN.
 * Each result streams on a connection of its own, because DuckDB ends a stream, without a word, when its connection does anything else.
 */
import {
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  type DuckDBType,
  StatementType,
} from "@duckdb/node-api";
import { GrowthosError, messageOf } from "../base/errors.js";
import { quoteName, quoteText } from "../base/ids.js";
import { diskFiles } from "./disk.js";
import { openInstance, refuseWal, sqlError } from "./duckdb.js";
import { holdDatabaseFile } from "./open-databases.js";
import { CATALOG_SCHEMA, catalogStatements } from "./pg-catalog.js";
import { type ColumnKind, kindOf, type PlainValue, plainValue } from "./sql-values.js";

/** A column of a result. */
export interface ReadColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** What a statement will give and what it asks for, without running it. */
export interface ReadShape {
  readonly columns: readonly ReadColumn[];
  /** By position; null where the statement does not say. */
  readonly parameters: readonly (ColumnKind | null)[];
}

/** The value of a parameter; text is read as whatever the place wants. */
export type ReadParameter = string | bigint | number | boolean | Uint8Array | null;

/** Rows as they come. */
export interface RowStream {
  readonly columns: readonly ReadColumn[];
  /** The next at most 2048 rows; null after the last. Throws `INTERRUPTED`, `OUT_OF_MEMORY`, `SQL_FAILED`. */
  next(): Promise<readonly (readonly PlainValue[])[] | null>;
  close(): Promise<void>;
}

/** A build that others ask. */
export interface SqlReader {
  /** Throws `STATEMENT_REFUSED` for what would not only read, and `SQL_FAILED`. */
  describe(sql: string): Promise<ReadShape>;
  /** Starts a statement; an abort of the signal ends it with `INTERRUPTED`, also while rows are fetched. */
  stream(sql: string, parameters: readonly ReadParameter[], signal: AbortSignal): Promise<RowStream>;
  close(): Promise<void>;
}

/** An interruption between two steps of a statement is lost, so it is repeated until the statement has ended. */
const INTERRUPT_EVERY_MS = 20;
const READS: readonly StatementType[] = [StatementType.SELECT, StatementType.EXPLAIN];

/** A build that is held open for many readers. */
export interface ReaderPool {
  /** A reader with connections of its own. */
  reader(): Promise<SqlReader>;
  /** After the last reader was closed. */
  close(): void;
}

/**
 * Opens a published build for statements from outside, under the name that clients know. Throws `DATABASE_LEFT_WAL`, and `SQL_FAILED` or
 * `DATABASE_IO` for a file that is none.
 */
export async function openReaders(options: {
  readonly path: string;
  /** Of the database, and so of what clients connect to. */
  readonly name: string;
  /** Of all readers together. Default 1024. */
  readonly memoryLimitMb?: number;
}): Promise<ReaderPool> {
  const { path, name, memoryLimitMb } = options;
  refuseWal(path, "a published build never has one");
  const stat = diskFiles.stat(path);
  const letGo = stat === undefined ? () => {} : holdDatabaseFile(stat);
  const beforeLockDown = [`attach ${quoteText(path)} as ${quoteName(name)} (read_only)`, ...catalogStatements(name)];
  const { instance, release } = await openInstance({ memoryLimitMb, lockDown: true, beforeLockDown }).catch(
    (cause: unknown) => {
      letGo();
      throw cause;
    },
  );
  const connect = async () => {
    const connection = await instance.connect();
    await connection.run(`set search_path = ${quoteText(`${quoteName(name)}.main,${CATALOG_SCHEMA}`)}`);
    return connection;
  };
  return {
    reader: () => openReader(connect),
    close: () => {
      release();
      letGo();
    },
  };
}

async function openReader(connect: () => Promise<DuckDBConnection>): Promise<SqlReader> {
  const asking = await connect();
  const open = new Set<RowStream>();
  let closed = false;
  return {
    describe: async (sql) => {
      const statement = await prepared(asking, sql);
      try {
        return shapeOf(statement);
      } finally {
        statement.destroySync();
      }
    },
    stream: async (sql, parameters, signal) => {
      const stream = await startStream(await connect(), { sql, parameters, signal }, (one) => open.delete(one));
      open.add(stream);
      return stream;
    },
    close: async () => {
      if (closed) return;
      closed = true;
      for (const stream of [...open]) await stream.close();
      asking.disconnectSync();
    },
  };
}

async function prepared(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const { count } = await connection.extractStatements(sql).catch((cause: unknown) => {
    throw sqlError(sql, new Error(messageOf(cause).replace("Failed to extract statements: ", ""), { cause }));
  });
  if (count !== 1) throw refused(`${count} statements where one is asked for`);
  const statement = await connection.prepare(sql).catch((cause: unknown) => {
    throw sqlError(sql, cause);
  });
  if (READS.includes(statement.statementType)) return statement;
  const kind = StatementType[statement.statementType] ?? "this statement";
  statement.destroySync();
  throw refused(`${kind} is no SELECT`);
}

function refused(why: string): GrowthosError {
  return new GrowthosError({
    code: "STATEMENT_REFUSED",
    what: "only SELECT and EXPLAIN are answered",
    why,
    state: "nothing was run",
    hint: "a build is only read; copy what you want to change into a database of your own",
    exit: "usage",
  });
}

function shapeOf(statement: DuckDBPreparedStatement): ReadShape {
  return {
    columns: Array.from({ length: statement.columnCount }, (_, index) => ({
      name: statement.columnName(index),
      kind: typeSaid(() => statement.columnType(index)) ?? "text",
    })),
    parameters: Array.from({ length: statement.parameterCount }, (_, index) =>
      typeSaid(() => statement.parameterType(index + 1)),
    ),
  };
}

/** The library throws where a statement leaves a type open. */
function typeSaid(ask: () => DuckDBType): ColumnKind | null {
  try {
    return kindOf(ask());
  } catch (thrown) {
    if (/param logical type|unexpected type id/i.test(messageOf(thrown))) return null;
    throw thrown;
  }
}

interface Asked {
  readonly sql: string;
  readonly parameters: readonly ReadParameter[];
  readonly signal: AbortSignal;
}

async function startStream(
  connection: DuckDBConnection,
  { sql, parameters, signal }: Asked,
  onClose: (stream: RowStream) => void,
): Promise<RowStream> {
  let running: Promise<unknown> = Promise.resolve();
  let closed = false;
  const step = async <T>(action: () => Promise<T>): Promise<T> => {
    const current = interruptible(connection, signal, action);
    running = current.catch(() => undefined);
    return current.catch((cause: unknown) => {
      throw signal.aborted ? interrupted(cause) : sqlError(sql, cause);
    });
  };
  const end = async (stream?: RowStream) => {
    if (closed) return;
    closed = true;
    if (stream !== undefined) onClose(stream);
    connection.interrupt();
    // Closing under a running statement hangs the process.
    await running;
    connection.disconnectSync();
  };
  try {
    const statement = await prepared(connection, sql);
    bindAll(statement, parameters);
    const result = await step(() => statement.stream());
    const stream = rowsOf(result, { step, end });
    return stream;
  } catch (thrown) {
    await end();
    throw thrown;
  }
}

interface Steps {
  step<T>(action: () => Promise<T>): Promise<T>;
  end(stream: RowStream): Promise<void>;
}

function rowsOf(result: DuckDBResult, { step, end }: Steps): RowStream {
  const columns = result
    .columnTypes()
    .map((type, index) => ({ name: result.columnName(index), kind: kindOf(type) }) as const);
  const stream: RowStream = {
    columns,
    next: async () => {
      const chunk = await step(() => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return null;
      return chunk.getRows().map((row) => columns.map(({ kind }, index) => plainValue(kind, row[index] ?? null)));
    },
    close: () => end(stream),
  };
  return stream;
}

async function interruptible<T>(
  connection: DuckDBConnection,
  signal: AbortSignal,
  action: () => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw interrupted(signal.reason);
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await action();
  } finally {
    signal.removeEventListener("abort", stop);
    clearInterval(timer);
  }
}

function interrupted(cause: unknown): GrowthosError {
  return new GrowthosError({ code: "INTERRUPTED", what: "the statement was stopped", exit: "interrupted", cause });
}

function bindAll(statement: DuckDBPreparedStatement, parameters: readonly ReadParameter[]): void {
  if (statement.parameterCount !== parameters.length)
    throw refused(`${statement.parameterCount} parameters are asked for, ${parameters.length} given`);
  for (const [index, value] of parameters.entries()) {
    const at = index + 1;
    if (value === null) statement.bindNull(at);
    else if (typeof value === "boolean") statement.bindBoolean(at, value);
    else if (typeof value === "bigint") statement.bindBigInt(at, value);
    else if (typeof value === "number") statement.bindDouble(at, value);
    else if (typeof value === "string") statement.bindVarchar(at, value);
    else statement.bindBlob(at, value);
  }
}
