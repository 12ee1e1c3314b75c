/**
 * PostgreSQL: one transaction. The rows of each table arrive by COPY in a temporary table, as bytes that DuckDB wrote; when all are there, each
 * mart's rows are replaced by them. Until the commit readers see the old rows of all tables, afterwards the new ones. They wait
 * only where a new version has changed a mart's columns: then its table is locked from that change to the commit. Tables stay the same objects,
 * with the grants, views and indexes that others gave them.
 */
import pg from "pg";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { quoteName } from "../base/ids.js";
import type { Secret } from "../base/secret.js";
import { POSTGRES } from "./parties.js";
import { copyFrom } from "./postgres-copy.js";
import { type PostgresPlace, publishFailure } from "./postgres-errors.js";
import {
  alterTable,
  createTable,
  definitionOf,
  FIND_TABLE,
  MARK,
  type PgColumn,
  pgType,
  replaceRows,
} from "./postgres-sql.js";
import type { PublishTable, Target } from "./types.js";

/** How long an unreachable server is waited for, and, inside the transaction, somebody who holds a table, ms. */
const CONNECT_MS = 20_000;
const LOCK_MS = 60_000;
/** Longer names would be cut short without an error, and two could become one. */
const MOST_NAME = 63;

/** What a target is made of. */
export interface PostgresOptions {
  readonly place: PostgresPlace;
  readonly password: Secret;
  /** PEM of an authority that is trusted in place of the usual ones. */
  readonly ca: string | null;
  readonly files: Pick<Files, "chunks">;
  readonly signal: AbortSignal;
}

/** PostgreSQL (12 or later) as a target. */
export function postgresTarget(options: PostgresOptions): Target {
  return {
    id: POSTGRES.id,
    title: POSTGRES.title,
    format: "copy",
    publish: async (tables, told) => {
      const names = tables.flatMap(({ name, columns }) => [
        `${options.place.prefix}${name}`,
        ...columns.map((column) => column.name),
      ]);
      const long = names.find((name) => Buffer.byteLength(name) > MOST_NAME);
      if (long !== undefined) throw nameTooLong(long);
      await inTransaction(options, async (client) => {
        await prepare(client, options.place);
        for (const [index, table] of tables.entries()) await load(client, table, { options, index });
        for (const [index, table] of tables.entries()) await replace(client, table, { options, index });
      });
      for (const table of tables) told(table);
    },
  };
}

function nameTooLong(name: string): GrowthosError {
  return new GrowthosError({
    code: "PUBLISH_FAILED",
    what: `PostgreSQL has no room for the name ${name.slice(0, 100)}`,
    why: `it has more than ${MOST_NAME} characters`,
    state: "nothing was sent",
    hint: "shorten publish.postgres.prefix",
    exit: "usage",
  });
}

/** Connects, begins, carries out, commits; whatever fails, nothing has happened. Throws `PUBLISH_FAILED`, `PUBLISH_AUTH`. */
async function inTransaction(options: PostgresOptions, action: (client: pg.Client) => Promise<void>): Promise<void> {
  const { place, password, ca, signal } = options;
  const client = new pg.Client({
    host: place.host,
    port: place.port,
    database: place.database,
    user: place.user,
    password: password.reveal(),
    ssl: place.tls === "off" ? false : { rejectUnauthorized: true, ...(ca === null ? {} : { ca }) },
    connectionTimeoutMillis: CONNECT_MS,
    // A server that is gone without a word is given up after minutes, not hours.
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    application_name: "growthos publish",
  });
  // Without a listener a lost connection would end the process; what waits for it gets the error too.
  let lost: unknown;
  const note = (error: unknown) => {
    lost ??= error;
  };
  client.on("error", note);
  const stop = () => void client.connection.stream.destroy();
  signal.addEventListener("abort", stop);
  let isCommitting = false;
  try {
    signal.throwIfAborted();
    await client.connect();
    await client.query("begin");
    await action(client);
    isCommitting = true;
    await client.query("commit");
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    throw publishFailure(lost ?? thrown, { place, isCommitting });
  } finally {
    signal.removeEventListener("abort", stop);
    // What is open is rolled back with the connection.
    await client.end().catch(note);
  }
}

/** Limits of a server that are meant for people at a keyboard, the lock against a second publish, and the schema. */
async function prepare(client: pg.Client, { schema, prefix }: PostgresPlace): Promise<void> {
  await client.query(
    `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local lock_timeout = ${LOCK_MS}; set local datestyle = 'ISO, YMD'; set local timezone = 'UTC'`,
  );
  const lock = await client.query("select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken", [
    `growthos publish ${schema}.${prefix}`,
  ]);
  if (lock.rows[0]?.taken !== true) throw busy(schema);
  // `if not exists` asks for the right to make schemas even where there is one.
  const found = await client.query("select to_regnamespace($1) is not null as there", [quoteName(schema)]);
  if (found.rows[0]?.there !== true) await client.query(`create schema ${quoteName(schema)}`);
}

function busy(schema: string): GrowthosError {
  return new GrowthosError({
    code: "PUBLISH_FAILED",
    what: `another growthos publishes into ${schema} at this moment`,
    state: "this one has changed nothing",
    hint: "run the same command again when the other is done",
    exit: "locked",
  });
}

interface Step {
  readonly options: PostgresOptions;
  readonly index: number;
}

function columnsOf({ columns }: PublishTable): readonly PgColumn[] {
  return columns.map(({ name, type }) => ({ name, type: pgType(type) }));
}

const beside = (index: number) => `pg_temp.growthos_${index}`;

/** All rows of a table into one that only this connection sees. */
async function load(client: pg.Client, table: PublishTable, { options, index }: Step): Promise<void> {
  await client.query(`create temporary table growthos_${index} ${definitionOf(columnsOf(table))} on commit drop`);
  const statement = `copy ${beside(index)} from stdin (format csv, encoding 'UTF8')`;
  const arrived = await copyFrom(client, statement, () => options.files.chunks(table.path));
  if (arrived !== table.rows)
    throw new Error(`${table.name}: ${arrived} rows have arrived of ${table.rows} that were sent`);
}

/** Its rows in place of those that are there. */
async function replace(client: pg.Client, table: PublishTable, { options, index }: Step): Promise<void> {
  const { schema, prefix } = options.place;
  const name = `${quoteName(schema)}.${quoteName(`${prefix}${table.name}`)}`;
  const wanted = columnsOf(table);
  const { rows } = await client.query(FIND_TABLE, [name]);
  const found = rows[0];
  if (found !== undefined && (found.kind !== "r" || found.comment !== MARK)) throw notOurs(name);
  const statements = [
    ...(found === undefined ? createTable(name, wanted) : alterTable(name, { there: found.columns, wanted })),
    ...replaceRows(name, beside(index), wanted),
  ];
  for (const statement of statements) await client.query(statement);
}

function notOurs(name: string): GrowthosError {
  return new GrowthosError({
    code: "PUBLISH_FAILED",
    what: `${name} is there already, and growthos did not make it`,
    why: "a table that is published is replaced whole, and this one may be somebody's",
    state: "nothing was changed",
    hint: "name another schema or a prefix under publish.postgres, or remove the table",
    exit: "source",
  });
}
