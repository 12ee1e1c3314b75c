/**
 * MotherDuck, in two ways with the same SQL: DuckDB's own protocol where its extension is installed on this machine, and PostgreSQL's wire
 * protocol otherwise. Over the wire it reads no disk of ours, so rows go through the workspace's object store.
 * Source: motherduck.com/docs, "Postgres endpoint" ("You're writing DuckDB SQL") and "Authenticating to MotherDuck".
 */
import { GrowthosError, messageOf } from "../base/errors.js";
import { quoteName, quoteText } from "../base/ids.js";
import { redact, type Secret } from "../base/secret.js";
import type { Engine } from "../transform/engine.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Database } from "../warehouse/types.js";
import { diskDepot } from "./depots.js";
import { type Depot, type DuckDbReach, openDuckDbSession, type Speaker } from "./duckdb-session.js";
import { openWire, type WirePlace } from "./wire.js";

/** How MotherDuck is reached. */
export interface MotherDuckOptions {
  readonly database: string;
  /** Of the wire. */
  readonly host: string;
  readonly port: number;
  readonly token: Secret;
  /** How rows go over the wire; null: the config names no store. */
  readonly depot: Depot | null;
  readonly memoryLimitMb?: number | undefined;
}

/** The engine. Which of both ways it goes is decided when it is first used. */
export function motherDuck(options: MotherDuckOptions): Engine {
  const place = `MotherDuck${isTheirs(options.host) ? "" : ` at ${options.host}:${options.port}`}, ${options.database}`;
  let found: Promise<DuckDbReach> | undefined;
  const reach = (): Promise<DuckDbReach> => {
    found ??= nativeReach(options).then((native) => native ?? wireReach(options));
    return found;
  };
  return {
    id: "motherduck",
    place,
    check: async () => {
      const speaker = await (await reach()).connect(null);
      try {
        const [version = "unknown"] = await speaker.column("select version()");
        return `DuckDB ${version}`;
      } finally {
        await speaker.close();
      }
    },
    open: async (job) => openDuckDbSession(await reach(), job),
  };
}

const DATABASES = {
  create: (name: string) => `create database if not exists ${quoteName(name)}`,
  drop: (name: string) => `drop database if exists ${quoteName(name)}`,
} as const;

/** Over the wire. Throws `ENGINE_STORE` when rows have no way there. */
export function wireReach({ database, host, port, token, depot }: MotherDuckOptions): DuckDbReach {
  if (depot === null) {
    throw new GrowthosError({
      code: "ENGINE_STORE",
      what: "rows have no way to MotherDuck",
      why: "over its Postgres endpoint it reads object stores only, and this workspace has none",
      state: "the previous build stays",
      hint: 'name an S3 bucket under `store` in the config and tell MotherDuck its credentials (create secret in motherduck), or install the extension: duckdb -c "install motherduck"',
      exit: "usage",
    });
  }
  const at: WirePlace = { host, port, user: "postgres", password: token };
  return {
    database,
    connect: (name) => openWire({ ...at, database: name ?? "md:" }),
    ...DATABASES,
    depot,
  };
}

/** Whether the extension would reach the server that the config names: it knows MotherDuck's own only, and would take rows and token there. */
export function isTheirs(host: string): boolean {
  return host.endsWith(".motherduck.com");
}

/** By the extension; null where it is not installed. It is never fetched: that is for the people of the machine to decide. */
async function nativeReach(options: MotherDuckOptions): Promise<DuckDbReach | null> {
  if (!isTheirs(options.host)) return null;
  const probe = await withExtension(options);
  if (probe === null) return null;
  await probe.close();
  return {
    database: options.database,
    connect: async (name) => {
      const db = await withExtension(options);
      if (db === null)
        throw new GrowthosError({
          code: "ENGINE_FAILED",
          what: "MotherDuck's extension was there and is not any more",
          exit: "source",
        });
      try {
        await signIn(db, options);
        if (name !== null) await db.run(`use ${quoteName(name)}`);
        return speakerOf(db);
      } catch (cause) {
        await db.close();
        throw cause;
      }
    },
    ...DATABASES,
    depot: diskDepot,
  };
}

async function withExtension({ memoryLimitMb }: MotherDuckOptions): Promise<Database | null> {
  const db = await openDatabase(memoryLimitMb === undefined ? {} : { memoryLimitMb });
  try {
    await db.run("load motherduck");
    return db;
  } catch {
    await db.close();
    return null;
  }
}

async function signIn(db: Database, { token, database }: MotherDuckOptions): Promise<void> {
  try {
    await db.run(`set motherduck_token = ${quoteText(token.reveal())}`);
    await db.run("attach 'md:'");
  } catch (cause) {
    // Neither the statement nor its error is passed on: both may hold the token.
    throw new GrowthosError({
      code: "ENGINE_REFUSED",
      what: `MotherDuck does not let us in to ${database}`,
      why: redact(messageOf(cause), [token]).split("\n")[0] ?? "",
      state: "the previous build stays",
      hint: "look at MOTHERDUCK_TOKEN: it wants read and write, and has a last day",
      exit: "auth",
    });
  }
}

/** A connection of this process as one of an engine. */
export function speakerOf(db: Database): Speaker {
  return {
    run: (sql) => db.run(sql),
    column: async (sql) => (await db.all(sql)).map((row) => String(Object.values(row)[0])),
    close: () => db.close(),
  };
}
