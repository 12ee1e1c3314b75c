import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { GrowthosError } from "../../base/errors.js";
import type { ClickHouse, Statement } from "../../http/clickhouse.js";
import { SETTINGS, SQL_FOLDER } from "../../testing/evaluate.js";
import { freshFolder, removeFolders } from "../../testing/workspace.js";
import type { EngineColumn, EngineJob } from "../../transform/engine.js";
import { variablesOf } from "../../transform/inputs.js";
import type { Model } from "../../transform/types.js";
import { diskFiles } from "../../warehouse/disk.js";
import { clickhouseEngine } from "./session.js";

afterAll(removeFolders);

const JOB: EngineJob = {
  buildId: "000007-ab12",
  files: diskFiles,
  sqlFolder: SQL_FOLDER,
  macros: [],
  variables: variablesOf(SETTINGS),
};
const COLUMNS: readonly EngineColumn[] = [
  { name: "order_id", type: "VARCHAR" },
  { name: "rate", type: "HUGEINT" },
  { name: "items", type: "STRUCT(name VARCHAR)[]" },
];

/** A server that keeps what it is told. `fails`: the next statements like these fail with that code. */
function recording() {
  const told: (Statement & { readonly bytes?: string })[] = [];
  const fails: { readonly like: RegExp; readonly code: string }[] = [];
  const hear = (statement: Statement, more: { readonly bytes?: string } = {}) => {
    told.push({ ...statement, ...more });
    const index = fails.findIndex(({ like }) => like.test(statement.sql));
    const [fail] = index < 0 ? [] : fails.splice(index, 1);
    if (fail !== undefined) throw new GrowthosError({ code: fail.code, what: "w", why: "said", exit: "source" });
    if (statement.sql.includes("system.tables"))
      return "fact_orders\tgrowthos_000007_ab12\ndim_date\tgrowthos_000005_aa\nfact_gone\tgrowthos_000006_ff\n";
    return statement.sql.includes("system.databases") ? "growthos_000006_ff\ngrowthos_000005_aa\n" : "26.7.2.1\n";
  };
  const server: ClickHouse = {
    host: "ch.example:8443",
    run: async (statement) => hear(statement),
    insert: async (statement, upload) =>
      void hear(statement, upload === undefined ? {} : { bytes: Buffer.concat([...upload()]).toString() }),
    download: async (statement, open) => {
      hear(statement);
      open()(Buffer.from("half of it"));
      open()(Buffer.from("PAR1"));
    },
  };
  return { server, told, fails, sql: () => told.map(({ sql }) => sql) };
}

const BUILD = "extract(as_select, 'growthos_\\\\d{6,}_[0-9a-f]+')";

const model = (more: Partial<Model>) =>
  ({ relation: "fact_orders", path: "marts/fact_orders.sql", layer: "marts", grain: ["order_id"], ...more }) as Model;

async function opened(cluster: string | null = null) {
  const heard = recording();
  const engine = clickhouseEngine({ server: heard.server, database: "growthos", cluster });
  const session = await engine.open(JOB);
  heard.told.length = 0;
  return { ...heard, engine, session };
}

describe("a build on ClickHouse", () => {
  it("says where it is, and its version", async () => {
    const { engine } = await opened();
    expect(engine.place).toBe("ClickHouse at ch.example:8443, growthos");
    expect(await engine.check()).toBe("ClickHouse 26.7.2.1");
  });

  it("has a database of its own, which goes when it is not published", async () => {
    const { server, sql, told } = recording();
    const session = await clickhouseEngine({ server, database: "growthos", cluster: null }).open(JOB);
    await session.close();
    expect(sql()).toEqual([
      'create database if not exists "growthos"',
      'create database if not exists "growthos_000007_ab12"',
      'drop database if exists "growthos_000007_ab12" sync',
    ]);
    expect(told.every(({ database }) => database === undefined)).toBe(true);
  });

  it("takes a file as it is, lists as text", async () => {
    const { session, told } = await opened();
    const path = join(freshFolder(), "seeds.parquet");
    diskFiles.write(path, "PAR1 rows PAR1");
    await session.load({ relation: "seeds.holidays", columns: COLUMNS, path });
    expect(told).toEqual([
      {
        sql: 'create or replace table "seeds.holidays" ("order_id" Nullable(String), "rate" Nullable(Int128), "items" Nullable(String)) engine = MergeTree order by tuple() settings allow_nullable_key = 1',
        database: "growthos_000007_ab12",
      },
      { sql: 'insert into "seeds.holidays" format Parquet', database: "growthos_000007_ab12", bytes: "PAR1 rows PAR1" },
    ]);
  });

  it("runs a model in its own words, a mart in the order of its key", async () => {
    const { session, told } = await opened();
    await session.run(model({ sql: "select o.order_id, total(o.x) as x, from o order by 1" }), COLUMNS);
    expect(told[0]?.sql).toMatch(/engine = MergeTree order by \("order_id"\)/);
    expect(told[1]).toMatchObject({
      sql: 'insert into "fact_orders" select o.order_id as order_id, (sum(toInt64((o.x)))) as x from o',
      settings: { join_use_nulls: "1", aggregate_functions_null_for_empty: "1" },
    });
    await session.run(model({ layer: "intermediate", sql: "select 1 as one" }), COLUMNS);
    expect(told[2]?.sql).toMatch(/order by tuple\(\)/);
  });

  it("makes a table anew when nobody knows which of its rows have arrived", async () => {
    const { session, sql, fails } = await opened();
    fails.push({ like: /^insert/, code: "ENGINE_UNREACHABLE" });
    await session.run(model({ sql: "select 1 as one" }), COLUMNS);
    expect(sql().map((one) => one.split(" ")[0])).toEqual(["create", "insert", "create", "insert"]);
  });

  it("names the model that cannot be run", async () => {
    const { session, fails } = await opened();
    fails.push({ like: /^insert/, code: "ENGINE_FAILED" });
    await expect(session.run(model({ sql: "select 1 as one" }), COLUMNS)).rejects.toMatchObject({
      parts: { code: "ENGINE_FAILED", what: "sql/marts/fact_orders.sql cannot be run on ClickHouse", why: "said" },
    });
  });

  it("gives a file whole, also after a first try that was cut", async () => {
    const { session, told } = await opened();
    const path = join(freshFolder(), "out.parquet");
    await session.unload({ relation: "fact_orders", columns: COLUMNS, path });
    expect(diskFiles.readText(path)).toBe("PAR1");
    expect(told[0]?.sql).toBe(
      'select "order_id", toString("rate") as "rate", "items" from "fact_orders" format Parquet',
    );
  });

  it("publishes views, and then no build is left that no view shows, and no view of what is no more", async () => {
    const { session, sql } = await opened();
    await session.publish(["fact_orders", "dim_date"]);
    await session.close();
    expect(sql()).toEqual([
      'create or replace view "growthos"."fact_orders" as select * from "growthos_000007_ab12"."fact_orders"',
      'create or replace view "growthos"."dim_date" as select * from "growthos_000007_ab12"."dim_date"',
      `select name, ${BUILD} from system.tables where database = 'growthos' and engine = 'View' and ${BUILD} <> '' format TSV`,
      'drop view if exists "growthos"."fact_gone" sync',
      "select name from system.databases where match(name, '^growthos_\\\\d{6,}_[0-9a-f]+$') and name <> 'growthos_000007_ab12' format TSV",
      'drop database if exists "growthos_000006_ff" sync',
    ]);
  });

  it("makes everything on all replicas of a cluster, and waits for them", async () => {
    const { session, told, sql } = await opened("replicas");
    await session.run(model({ sql: "select 1 as one" }), COLUMNS);
    await session.publish(["fact_orders"]);
    expect(sql()[0]).toMatch(
      /^create or replace table "fact_orders" on cluster "replicas" .* engine = ReplicatedMergeTree/,
    );
    expect(told[1]?.settings).toMatchObject({ insert_quorum: "auto", select_sequential_consistency: "1" });
    expect(sql()[2]).toMatch(/^create or replace view "growthos"."fact_orders" on cluster "replicas" as select/);
    expect(sql().at(-1)).toBe('drop database if exists "growthos_000005_aa" on cluster "replicas" sync');
  });
});
