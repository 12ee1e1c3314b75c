/**
 * A build on another DuckDB: models and macros are sent as they are. Each build has a database of its own; what others see are views in the
 * database of the config, so that a reader never meets half a build.
 */
import { quoteName, quoteText } from "../base/ids.js";
import {
  type EngineJob,
  type EngineSession,
  type EngineTable,
  quoteRelation,
  withVariables,
} from "../transform/engine.js";

/** One connection that runs statements. */
export interface Speaker {
  run(sql: string): Promise<void>;
  /** The first column of every row. */
  column(sql: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Where an engine that cannot read this machine's disk finds files, and leaves them. */
export interface Depot {
  /** Puts a file where the engine reads it; gives the place in the engine's words. */
  put(name: string, path: string): Promise<string>;
  /** A place for the engine to write to. */
  target(name: string, path: string): string;
  /** Brings what the engine has written there. */
  take(name: string, path: string): Promise<void>;
  /** Removes what was put or taken under this name. */
  clear(name: string): Promise<void>;
}

/** How a DuckDB elsewhere is reached. */
export interface DuckDbReach {
  /** The database in which others read. */
  readonly database: string;
  /** A connection whose unqualified names are of this database, or of none in particular. */
  connect(database: string | null): Promise<Speaker>;
  /** The statements that make a database, unless it is there, and remove it. */
  create(name: string): string;
  drop(name: string): string;
  readonly depot: Depot;
}

const SCHEMAS = ["seeds", "meta"];

/** Opens a place for one build. */
export async function openDuckDbSession(reach: DuckDbReach, job: EngineJob): Promise<EngineSession> {
  const { depot } = reach;
  const own = `${reach.database}_${job.buildId.replaceAll("-", "_")}`;
  const outside = await reach.connect(null);
  let inside: Speaker;
  try {
    for (const name of [reach.database, own]) await outside.run(reach.create(name));
    inside = await reach.connect(own);
  } catch (cause) {
    await outside.close();
    throw cause;
  }
  let isPublished = false;
  const close = async (): Promise<void> => {
    await inside.close();
    try {
      if (!isPublished) await outside.run(reach.drop(own));
    } finally {
      await outside.close();
    }
  };
  try {
    for (const schema of SCHEMAS) await inside.run(`create schema if not exists ${schema}`);
    // Not temporary: a connection may be served by another session of the same database.
    for (const { sql } of job.macros)
      await inside.run(
        withVariables(sql, job.variables).replace(/^create or replace temp macro/, "create or replace macro"),
      );
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    refuses: () => null,
    load: async ({ relation, path }) => {
      const name = fileName(job, relation);
      try {
        const place = await depot.put(name, path);
        await inside.run(
          `create or replace table ${quoteRelation(relation)} as select * from read_parquet(${quoteText(place)})`,
        );
      } finally {
        await depot.clear(name);
      }
    },
    run: ({ relation, sql }) =>
      inside.run(`create or replace table ${quoteRelation(relation)} as ${withVariables(sql, job.variables)}`),
    unload: async ({ relation, columns, path }: EngineTable) => {
      const name = fileName(job, relation);
      const list = columns.map((column) => quoteName(column.name)).join(", ");
      const to = quoteText(depot.target(name, path));
      try {
        await inside.run(
          `copy (select ${list} from ${quoteRelation(relation)}) to ${to} (format parquet, compression zstd)`,
        );
        await depot.take(name, path);
      } finally {
        await depot.clear(name);
      }
    },
    publish: async (relations) => {
      const view = (relation: string) =>
        `create or replace view ${quoteName(reach.database)}.main.${quoteName(relation)} as select * from ${quoteName(own)}.main.${quoteName(relation)}`;
      await outside.run("begin");
      try {
        for (const relation of relations) await outside.run(view(relation));
        await outside.run("commit");
      } catch (cause) {
        // Otherwise the connection hears nothing more, and this build's database would stay.
        await outside.run("rollback").catch(() => undefined);
        throw cause;
      }
      isPublished = true;
      await sweep(reach, outside, { own, relations });
    },
    close,
  };
}

/**
 * Removes builds that nobody sees any more, and views of relations that are no more. All of them: a build of before may hold whom this one has
 * erased. One that another machine has put before our views in the meantime is seen, and stays.
 */
async function sweep(
  { database, drop }: DuckDbReach,
  speaker: Speaker,
  { own, relations }: { readonly own: string; readonly relations: readonly string[] },
): Promise<void> {
  const shown = await speaker.column(
    `select view_name || ' ' || regexp_extract(sql, '${database}_\\d{6,}_[0-9a-f]+') from duckdb_views() where database_name = ${quoteText(database)} and sql similar to '(?s).*${database}_\\d{6,}_[0-9a-f]+.*'`,
  );
  const seen = new Set<string>();
  for (const line of shown) {
    const [relation = "", build = ""] = line.split(" ");
    if (relations.includes(relation)) seen.add(build);
    else await speaker.run(`drop view ${quoteName(database)}.main.${quoteName(relation)}`);
  }
  for (const name of await otherBuilds(speaker, database, own)) if (!seen.has(name)) await speaker.run(drop(name));
}

/** Databases of other builds under the same name. */
async function otherBuilds(speaker: Speaker, database: string, own: string): Promise<readonly string[]> {
  const names = await speaker.column("select database_name from duckdb_databases() where not internal");
  const builds = names.filter((name) => name.startsWith(`${database}_`) && isBuild(name.slice(database.length + 1)));
  return builds.filter((name) => name !== own);
}

function isBuild(text: string): boolean {
  return /^\d{6,}_[0-9a-f]+$/.test(text);
}

function fileName({ buildId }: EngineJob, relation: string): string {
  return `${buildId}/${relation}.parquet`;
}
