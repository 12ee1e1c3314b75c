/** `growthos publish postgres` into a real PostgreSQL: every value arrives as it was, readers see whole tables, and what fails leaves no trace. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PublishConfig } from "../../../config/types.js";
import { readRuns } from "../../../sync/runs.js";
import { openDatabase } from "../../../warehouse/duckdb.js";
import type { Database, Workspace } from "../../../warehouse/types.js";
import { testCertificate } from "../../certificate.js";
import { publishedSales, runPublish } from "../../publish-rig.js";
import { freshFolder, freshWorkspace, removeFolders } from "../../workspace.js";
import { type PostgresServer, startPostgres } from "./server.js";

const DAY = 86_400_000;
const certificate = testCertificate({
  name: "127.0.0.1",
  from: new Date(Date.now() - DAY),
  to: new Date(Date.now() + DAY),
});

let server: PostgresServer;
let admin: pg.Client;
let db: Database;
let ws: Workspace;
let schema = "";
let tests = 0;
const projectRoot = freshFolder();

beforeAll(async () => {
  server = await startPostgres(certificate);
  admin = await server.connect();
  await admin.query(`create role shop login password '${server.password}'; grant create on database postgres to shop`);
  db = await publishedSales();
  writeFileSync(join(projectRoot, "ca.pem"), certificate.cert);
}, 240_000);
beforeEach(async () => {
  ws = await freshWorkspace();
  schema = `shop_${tests++}`;
});
afterAll(async () => {
  await admin?.end();
  await server?.close();
  await db?.close();
  removeFolders();
});

type Place = NonNullable<PublishConfig["postgres"]>;

function publish(
  more: Partial<Place> & { readonly db?: Database; readonly password?: string; readonly signal?: AbortSignal } = {},
) {
  const { db: other, password, signal, ...place } = more;
  const config: PublishConfig = {
    relations: null,
    people: false,
    bigquery: null,
    snowflake: null,
    postgres: {
      host: "127.0.0.1",
      port: server.port,
      database: "postgres",
      user: "shop",
      ...{ schema, prefix: "", tls: "verify", caFile: "ca.pem", ...place },
    },
  };
  const env = { POSTGRES_PASSWORD: password ?? server.password };
  const stop = signal === undefined ? {} : { signal };
  return runPublish({ db: other ?? db, ws, config, env, projectRoot, ...stop }, "postgres");
}

async function rowsOf(table: string, client: pg.Client = admin) {
  return (await client.query(`select * from ${schema}.${table} order by 1`)).rows;
}

/** A build with one mart, made by a statement. */
async function buildOf(select: string): Promise<Database> {
  const one = await openDatabase({ threads: 1 });
  await one.run("create schema meta; create schema seeds");
  await one.run("create table meta.relations as select 'fact_sales' as relation, 'marts' as layer");
  await one.run("create table meta.build as select '000002-cd' as build_id, date '2026-02-10' as as_of");
  await one.run(`create table fact_sales as ${select}`);
  return one;
}

describe("growthos publish postgres", () => {
  it("makes the schema and its tables, without what names people", async () => {
    const { text } = await publish();
    expect(await rowsOf("fact_sales")).toEqual([
      { sale_id: "a", sale_date: expect.any(Date), net_cents: -5, currency: "USD" },
      { sale_id: "b", sale_date: expect.any(Date), net_cents: 5990, currency: "USD" },
    ]);
    expect(await rowsOf("rules")).toEqual([{ priority: 1 }]);
    expect((await rowsOf("growthos_build"))[0]).toMatchObject({ build_id: "000001-ab" });
    expect(text).toBe(
      `3 tables with 4 rows of build 000001-ab as of 2026-02-09 are in PostgreSQL, postgres.${schema}.\n` +
        "Not sent, because their rows are people (--people sends them): dim_buyer.",
    );
    const { rows } = await admin.query("select relname from pg_class where relnamespace = $1::regnamespace", [schema]);
    expect(rows.map(({ relname }) => relname).sort()).toEqual(["fact_sales", "growthos_build", "rules"]);
    expect(readRuns(ws, ["publish"]).runs).toMatchObject([{ state: "completed", sources: [{ tasksDone: 3 }] }]);
  });

  it("brings every type and every difficult value over as it is", async () => {
    const all = await buildOf(`select * from (values
      (1, '', true, 9007199254740993, 12.340000::decimal(9,6), 0.1::double, date '2026-02-28', timestamptz '2026-02-28 23:59:59.123456+00', ['a', null, '"'], {'k': 1, 'v': 'ü'}),
      (2, 'a "quoted", cell' || chr(10) || chr(13) || 'and 日本 🧦' || chr(92), false, -1, -0.000001::decimal(9,6), 1e300, date '1999-12-31', timestamptz '1970-01-01 00:00:00+00', [], {'k': null, 'v': chr(92) || 'u0000'}),
      (3, '\\.', null, 0, 0::decimal(9,6), 'nan', null, null, ['x' || chr(0) || chr(0) || 'y'], null),
      (4, null, null, null, null, 'infinity', null, null, null, null),
      (5, 'NULL', null, null, null, null, null, null, null, null),
      (6, 'a' || chr(0) || 'b', null, null, null, null, null, null, null, null)
      ) t(id, "Title", is_new, net_cents, rate, share, day, happened, tags, item)`);
    await publish({ db: all });
    const { rows: types } = await admin.query(
      "select attname, format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = $1::regclass and attnum > 0 order by attnum",
      [`${schema}.fact_sales`],
    );
    expect(Object.fromEntries(types.map(({ attname, type }) => [attname, type]))).toEqual({
      id: "integer",
      Title: "text",
      is_new: "boolean",
      net_cents: "bigint",
      rate: "numeric(9,6)",
      share: "double precision",
      day: "date",
      happened: "timestamp with time zone",
      tags: "jsonb",
      item: "jsonb",
    });
    await admin.query("set timezone = 'UTC'");
    const { rows } = await admin.query(
      `select id, "Title" as title, is_new, net_cents::text, rate::text, share::text, day::text, happened::text as at, tags, item from ${schema}.fact_sales order by id`,
    );
    const none = {
      is_new: null,
      net_cents: null,
      rate: null,
      share: null,
      day: null,
      at: null,
      tags: null,
      item: null,
    };
    expect(rows).toEqual([
      {
        ...{ id: 1, title: "", is_new: true, net_cents: "9007199254740993", rate: "12.340000", share: "0.1" },
        ...{ day: "2026-02-28", at: "2026-02-28 23:59:59.123456+00", tags: ["a", null, '"'], item: { k: 1, v: "ü" } },
      },
      {
        ...{ id: 2, title: 'a "quoted", cell\n\rand 日本 🧦\\', is_new: false, net_cents: "-1", rate: "-0.000001" },
        ...{
          share: "1e+300",
          day: "1999-12-31",
          at: "1970-01-01 00:00:00+00",
          tags: [],
          item: { k: null, v: "\\u0000" },
        },
      },
      { ...none, id: 3, title: "\\.", net_cents: "0", rate: "0.000000", share: "NaN", tags: ["xy"] },
      { ...none, id: 4, title: null, share: "Infinity" },
      { ...none, id: 5, title: "NULL" },
      { ...none, id: 6, title: "ab" },
    ]);
    await all.close();
  });

  it("shows readers the old tables or the new ones, all of one build, and lets nobody wait", async () => {
    const builds = await Promise.all(
      [1, 2].map((build) => buildOf(`select ${build} as build, i from range(30000) t(i)`)),
    );
    const [first, second] = builds as [Database, Database];
    await publish({ db: first });
    const early = await server.connect();
    await early.query("begin isolation level repeatable read");
    await early.query("select 1 from pg_class limit 1");
    const seen = new Set<string>();
    let isDone = false;
    const reader = (async () => {
      const client = await server.connect();
      while (!isDone) {
        const { rows } = await client.query(
          `select count(*) as n, min(build) as low, max(build) as high from ${schema}.fact_sales`,
        );
        seen.add(JSON.stringify(rows[0]));
      }
      await client.end();
    })();
    await publish({ db: second });
    await publish({ db: first });
    await publish({ db: second });
    isDone = true;
    await reader;
    const whole = [1, 2].map((build) => JSON.stringify({ n: "30000", low: build, high: build }));
    expect([...seen].filter((one) => !whole.includes(one))).toEqual([]);
    expect(seen.size).toBe(2);
    // Who began before still reads what was there then.
    expect((await early.query(`select distinct build from ${schema}.fact_sales`)).rows).toEqual([{ build: 1 }]);
    await early.end();
    for (const build of builds) await build.close();
  });

  it("keeps views, grants and indexes, also when a column is added", async () => {
    await publish();
    await admin.query(`create role analyst_${schema}; grant usage on schema ${schema} to analyst_${schema};
      grant select on ${schema}.fact_sales to analyst_${schema};
      create index on ${schema}.fact_sales (sale_date);
      create view ${schema}.per_day as select sale_date, sum(net_cents) as net from ${schema}.fact_sales group by 1`);
    const more = await buildOf(
      "select 'a' as sale_id, date '2026-02-01' as sale_date, 7::integer as net_cents, 'USD' as currency, 2 as units",
    );
    await publish({ db: more });
    expect(await rowsOf("fact_sales")).toMatchObject([{ sale_id: "a", net_cents: 7, units: 2 }]);
    expect(await rowsOf("per_day")).toMatchObject([{ net: "7" }]);
    const { rows } = await admin.query("select has_table_privilege($1, $2, 'select') as may", [
      `analyst_${schema}`,
      `${schema}.fact_sales`,
    ]);
    expect(rows).toEqual([{ may: true }]);
    // A column that a view needs cannot become another one.
    const other = await buildOf(
      "select 'a' as sale_id, date '2026-02-01' as sale_date, 8::bigint as net_cents, 'USD' as currency",
    );
    await expect(publish({ db: other })).rejects.toMatchObject({
      code: "PUBLISH_FAILED",
      message: expect.stringContaining("cannot drop column net_cents"),
      parts: {
        hint: expect.stringContaining("something of yours needs a column"),
        state: "all tables there are as they were",
      },
    });
    expect(await rowsOf("fact_sales")).toMatchObject([{ sale_id: "a", net_cents: 7, units: 2 }]);
    await admin.query(`drop view ${schema}.per_day`);
    await publish({ db: other });
    expect(await rowsOf("fact_sales")).toEqual([
      { sale_id: "a", sale_date: expect.any(Date), net_cents: "8", currency: "USD" },
    ]);
    await Promise.all([more.close(), other.close()]);
  });

  it("leaves alone what it did not make", async () => {
    await admin.query(`create schema ${schema} authorization shop`);
    for (const kind of ["create table fact_sales (mine text)", "create view fact_sales as select 1 as mine"]) {
      await admin.query(`set search_path = ${schema}; ${kind}`);
      await expect(publish()).rejects.toMatchObject({
        code: "PUBLISH_FAILED",
        message: expect.stringContaining("growthos did not make it"),
      });
      await admin.query(`drop ${kind.split(" ")[1]} ${schema}.fact_sales; reset search_path`);
    }
    await publish();
    await publish({ prefix: "g_" });
    expect(await rowsOf("g_rules")).toEqual([{ priority: 1 }]);
  });

  it("refuses a second one at the same time, and gives up when it is stopped", async () => {
    await publish();
    const holder = await server.connect();
    await holder.query("begin");
    await holder.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`growthos publish ${schema}.`]);
    await expect(publish()).rejects.toMatchObject({ code: "PUBLISH_FAILED", exitCode: 6 });
    await holder.query("rollback");
    await holder.query(`begin; lock table ${schema}.rules in access exclusive mode`);
    const stopped = new AbortController();
    const waiting = publish({ signal: stopped.signal });
    waiting.catch(() => {});
    await waitsForLock();
    stopped.abort(new Error("stopped by hand"));
    await expect(waiting).rejects.toThrow("stopped by hand");
    await holder.end();
  });

  it("changes nothing when its connection is ended half way", async () => {
    await publish();
    const before = await rowsOf("fact_sales");
    const holder = await server.connect();
    await holder.query(`begin; lock table ${schema}.rules in access exclusive mode`);
    const next = await buildOf("select 'z' as sale_id");
    await next.run("create table seeds.rules as select 2 as priority");
    const waiting = publish({ db: next });
    waiting.catch(() => {});
    await waitsForLock();
    await holder.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'growthos publish'",
    );
    await expect(waiting).rejects.toMatchObject({
      code: "PUBLISH_FAILED",
      parts: { state: "all tables there are as they were" },
    });
    await holder.end();
    expect(await rowsOf("fact_sales")).toEqual(before);
    await publish({ db: next });
    expect(await rowsOf("fact_sales")).toEqual([{ sale_id: "z" }]);
    await next.close();
  });

  async function waitsForLock(): Promise<void> {
    const waits =
      "select 1 from pg_stat_activity where application_name = 'growthos publish' and wait_event_type = 'Lock'";
    await expect.poll(async () => (await admin.query(waits)).rowCount, { timeout: 20_000 }).toBe(1);
  }

  it.each([
    ["a wrong password", { password: "wrong" }, "PUBLISH_AUTH", 7, "check publish.postgres.user and the password"],
    ["a database that there is not", { database: "nowhere" }, "PUBLISH_FAILED", 3, "check publish.postgres.database"],
    ["a certificate that nobody vouches for", { caFile: null }, "PUBLISH_FAILED", 3, "caFile"],
    ["a port at which nobody answers", { port: 1 }, "PUBLISH_FAILED", 3, "check publish.postgres.host and port"],
    ["a name that is too long", { prefix: "p".repeat(54) }, "PUBLISH_FAILED", 2, "shorten publish.postgres.prefix"],
  ])("says what to do about %s", async (_what, more, code, exitCode, hint) => {
    await expect(publish(more)).rejects.toMatchObject({
      code,
      exitCode,
      parts: { hint: expect.stringContaining(hint) },
    });
  });

  it("says what to do about a right that is missing", async () => {
    await admin.query(`create schema ${schema}`);
    await expect(publish()).rejects.toMatchObject({
      code: "PUBLISH_AUTH",
      parts: { why: expect.stringContaining("permission denied"), hint: expect.stringContaining("USAGE and CREATE") },
    });
  });
});
