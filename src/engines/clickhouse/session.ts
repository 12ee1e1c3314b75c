/**
 * A build on ClickHouse: staged rows go as Parquet behind an `insert`, models run in its own words, marts come back as Parquet. Each build has
 * a database of its own; what others see are views in the database of the config.
 */
import { join } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import type { ClickHouse } from "../../http/clickhouse.js";
import type { Engine, EngineColumn, EngineJob, EngineSession, EngineTable } from "../../transform/engine.js";
import { readBodies } from "./bodies.js";
import { CLICKHOUSE_SETTINGS, clickhouseText, clickhouseType, toClickHouse, type Words } from "./words.js";

/** How a ClickHouse is used. */
export interface ClickHouseEngineOptions {
  readonly server: ClickHouse;
  /** The database in which others read. */
  readonly database: string;
  /** One shard with replicas, on which everything is made; null: a server, or a cloud that looks like one. */
  readonly cluster: string | null;
}

/** The engine. */
export function clickhouseEngine(options: ClickHouseEngineOptions): Engine {
  const { server, database } = options;
  return {
    id: "clickhouse",
    place: `ClickHouse at ${server.host}, ${database}`,
    check: async () => `ClickHouse ${(await server.run({ sql: "select version() format TSV" })).trim()}`,
    open: (job) => openSession(options, job),
  };
}

async function openSession(options: ClickHouseEngineOptions, job: EngineJob): Promise<EngineSession> {
  const { server, database } = options;
  const on = onCluster(options);
  const own = `${database}_${job.buildId.replaceAll("-", "_")}`;
  const words: Words = {
    bodies: readBodies(job.files.readText(join(job.sqlFolder, "engines", "clickhouse.sql"))),
    variables: job.variables,
  };
  const drop = async (name: string) =>
    void (await server.run({ sql: `drop database if exists ${quoted(name)}${on} sync` }));
  for (const name of [database, own]) await server.run({ sql: `create database if not exists ${quoted(name)}${on}` });
  let isPublished = false;
  return {
    lists: "json",
    refuses: () => null,
    load: ({ relation, columns, path }) =>
      filled(options, { own, relation, columns, key: [] }, () =>
        server.insert({ sql: `insert into ${quoted(relation)} format Parquet`, database: own }, () =>
          job.files.chunks(path),
        ),
      ),
    run: ({ relation, sql, path, layer, grain }, columns) => {
      const statement = { sql: `insert into ${quoted(relation)} ${toClickHouse(sql, words)}`, database: own };
      const settings = { ...CLICKHOUSE_SETTINGS, ...replicated(options) };
      const table = { own, relation, columns, key: layer === "marts" ? grain : [] };
      return filled(options, table, () => server.insert({ ...statement, settings })).catch((cause: unknown) => {
        throw modelError(path, cause);
      });
    },
    unload: ({ relation, columns, path }: EngineTable) =>
      server.download(
        {
          sql: `select ${columns.map(exported).join(", ")} from ${quoted(relation)} format Parquet`,
          database: own,
          settings: { output_format_parquet_string_as_string: "1", ...replicated(options) },
        },
        () => {
          job.files.write(path, "");
          return (chunk) => job.files.append(path, chunk);
        },
      ),
    publish: async (relations) => {
      // One after the other: a view changes at once, several do not.
      for (const relation of relations)
        await server.run({
          sql: `create or replace view ${quoted(database)}.${quoted(relation)}${on} as select * from ${quoted(own)}.${quoted(relation)}`,
        });
      isPublished = true;
      const seen = await seenBuilds(options, relations);
      // All that nobody sees: a build of before may hold whom this one has erased.
      for (const name of await otherBuilds(options, own)) if (!seen.has(name)) await drop(name);
    },
    close: async () => {
      if (!isPublished) await drop(own);
    },
  };
}

interface Made {
  readonly own: string;
  readonly relation: string;
  readonly columns: readonly EngineColumn[];
  /** What its rows are sorted by; empty: by nothing. */
  readonly key: readonly string[];
}

/** Makes a table and its rows; once more from the beginning when the answer to the rows was lost, because some of them may be there. */
async function filled(options: ClickHouseEngineOptions, made: Made, fill: () => Promise<void>): Promise<void> {
  const create = { sql: createTable(options, made), database: made.own };
  await options.server.run(create);
  try {
    await fill();
  } catch (cause) {
    if (!(cause instanceof GrowthosError) || cause.code !== "ENGINE_UNREACHABLE") throw cause;
    await options.server.run(create);
    await fill();
  }
}

function createTable(options: ClickHouseEngineOptions, { relation, columns, key }: Made): string {
  const list = columns.map(({ name, type }) => `${quoted(name)} ${clickhouseType(type)}`).join(", ");
  const engine = options.cluster === null ? "MergeTree" : "ReplicatedMergeTree";
  const order = key.length === 0 ? "tuple()" : `(${key.map(quoted).join(", ")})`;
  // That keys are never null is for the checks to say.
  return `create or replace table ${quoted(relation)}${onCluster(options)} (${list}) engine = ${engine} order by ${order} settings allow_nullable_key = 1`;
}

function onCluster({ cluster }: ClickHouseEngineOptions): string {
  return cluster === null ? "" : ` on cluster ${quoted(cluster)}`;
}

/** Whoever answers the next statement has what was written before. */
function replicated({ cluster }: ClickHouseEngineOptions): Readonly<Record<string, string>> {
  if (cluster === null) return {};
  return { insert_quorum: "auto", insert_quorum_parallel: "0", select_sequential_consistency: "1" };
}

/**
 * The builds that views of these relations show: another machine may have put its own before ours in the meantime. Views of relations that are
 * no more are removed, with which their builds would stay.
 */
async function seenBuilds(
  options: ClickHouseEngineOptions,
  relations: readonly string[],
): Promise<ReadonlySet<string>> {
  const { server, database } = options;
  const build = `extract(as_select, ${clickhouseText(`${database}_\\d{6,}_[0-9a-f]+`)})`;
  const answer = await server.run({
    sql: `select name, ${build} from system.tables where database = ${clickhouseText(database)} and engine = 'View' and ${build} <> '' format TSV`,
  });
  const seen = new Set<string>();
  for (const line of answer.split("\n").filter((text) => text !== "")) {
    const [relation = "", name = ""] = line.split("\t");
    if (relations.includes(relation)) seen.add(name);
    else
      await server.run({
        sql: `drop view if exists ${quoted(database)}.${quoted(relation)}${onCluster(options)} sync`,
      });
  }
  return seen;
}

/** Databases of other builds under the same name. */
async function otherBuilds({ server, database }: ClickHouseEngineOptions, own: string): Promise<readonly string[]> {
  const pattern = clickhouseText(`^${database}_\\d{6,}_[0-9a-f]+$`);
  const answer = await server.run({
    sql: `select name from system.databases where match(name, ${pattern}) and name <> ${clickhouseText(own)} format TSV`,
  });
  return answer.split("\n").filter((name) => name !== "");
}

/** Parquet has no whole number of 128 bits. */
function exported({ name, type }: EngineColumn): string {
  return type === "HUGEINT" ? `toString(${quoted(name)}) as ${quoted(name)}` : quoted(name);
}

function quoted(name: string): string {
  return `"${name.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function modelError(path: string, cause: unknown): unknown {
  if (!(cause instanceof GrowthosError) || cause.code !== "ENGINE_FAILED") return cause;
  return new GrowthosError({ ...cause.parts, what: `sql/${path} cannot be run on ClickHouse` });
}
