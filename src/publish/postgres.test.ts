/** `growthos publish postgres` to a server on loopback that keeps what it hears; `npm run test:postgres` does it to a real one. */
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { publishSchema } from "../config/publish.js";
import type { PublishConfig } from "../config/types.js";
import { readRuns } from "../sync/runs.js";
import { type PostgresDouble, postgresDouble } from "../testing/doubles/postgres.js";
import { publishedSales, runPublish } from "../testing/publish-rig.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import type { Database, Workspace } from "../warehouse/types.js";
import { copyFrom } from "./postgres-copy.js";
import { alterTable, MARK, pgType } from "./postgres-sql.js";

let db: Database;
let ws: Workspace;
let double: PostgresDouble;

beforeAll(async () => {
  db = await publishedSales();
});
beforeEach(async () => {
  ws = await freshWorkspace();
  double = await postgresDouble("geheim");
});
afterEach(() => double.close());
afterAll(async () => {
  await db.close();
  removeFolders();
});

function publish(more: Partial<NonNullable<PublishConfig["postgres"]>> & { readonly dryRun?: boolean } = {}) {
  const { dryRun = false, ...place } = more;
  const postgres = {
    ...{ host: "127.0.0.1", port: double.port, database: "analytics", user: "shop" },
    ...{ schema: "growthos", prefix: "g_", tls: "off" as const, caFile: null, ...place },
  };
  const config: PublishConfig = { relations: null, people: false, bigquery: null, postgres, snowflake: null };
  return runPublish({ db, ws, config, env: { POSTGRES_PASSWORD: "geheim" }, dryRun }, "postgres");
}

const UNCHANGED = "all tables there are as they were";

describe("growthos publish postgres", () => {
  it("loads every table, then changes all of them in one transaction", async () => {
    const { text } = await publish();
    expect(text).toContain(
      "3 tables with 4 rows of build 000001-ab as of 2026-02-09 are in PostgreSQL, analytics.growthos",
    );
    const said = double.statements;
    expect([said[0], said.at(-1)]).toEqual(["begin", "commit"]);
    const verbs = said.map((one) => one.replace(/^(copy|create t\w+|comment|delete|insert)\b.*$/s, "$1"));
    expect(verbs.slice(4, -1)).toEqual([
      ...[1, 2, 3].flatMap(() => ["create temporary", "copy"]),
      ...[1, 2, 3].flatMap(() => [expect.stringContaining("pg_class"), "create table", "comment", "delete", "insert"]),
    ]);
    expect(said).toContain(
      'create table "growthos"."g_fact_sales" ("sale_id" text, "sale_date" date, "net_cents" integer, "currency" text)',
    );
    expect(said).toContain(`comment on table "growthos"."g_rules" is '${MARK}'`);
    expect([...double.copied.values()]).toEqual([
      '"a",2026-02-01,-5,"USD"\n"b",2026-02-02,5990,"USD"\n',
      "1\n",
      '"000001-ab",2026-02-09\n',
    ]);
  });

  it("says what would go where, and connects to nobody", async () => {
    const { json } = await publish({ dryRun: true });
    expect(json).toMatchObject({
      target: "postgres",
      tables: [{ table: "analytics.growthos.g_fact_sales", rows: 2 }, { table: "analytics.growthos.g_rules" }],
      not_sent: ["dim_buyer"],
    });
    expect(double.statements).toEqual([]);
  });

  it.each([
    ["a refusal in the middle", { on: /^copy/, sqlState: "53100", message: "disk full" }, UNCHANGED, "disk full"],
    [
      "one that quotes a person",
      { on: /^copy/, sqlState: "22P02", message: 'invalid: "a@b.example"' },
      UNCHANGED,
      'invalid: "[e-mail address]"',
    ],
    ["a refusal of the commit", { on: /^commit/, sqlState: "40001", message: "not now" }, UNCHANGED, "not now"],
    ["a cut in the middle of the rows", { on: /^copy/, cutAfter: 10 }, UNCHANGED, "terminated"],
    [
      "a cut of the last answer",
      { on: /^commit/, cutAfter: 0 },
      "either all tables have changed or none; growthos_build tells of which build they are",
      "terminated",
    ],
  ])("tells in which state %s leaves the tables", async (_what, fault, state, why) => {
    double.fail(fault);
    await expect(publish()).rejects.toMatchObject({
      code: "PUBLISH_FAILED",
      exitCode: 3,
      parts: { state, why: expect.stringContaining(why) },
    });
    expect(double.statements.filter((one) => one === "commit")).toHaveLength(/^\^commit/.test(fault.on.source) ? 1 : 0);
    expect(readRuns(ws, ["publish"]).runs).toMatchObject([{ state: "failed", rows: 0, sources: [{ tasksDone: 0 }] }]);
    await publish();
    expect(readRuns(ws, ["publish"]).runs).toMatchObject([{ state: "completed", rows: 4 }, { state: "failed" }]);
  });

  it("speaks to nobody in the clear unless it is told to", async () => {
    await expect(publish({ tls: "verify" })).rejects.toMatchObject({
      code: "PUBLISH_FAILED",
      parts: { hint: expect.stringContaining("turn encryption on in the server") },
    });
    expect(double.statements).toEqual([]);
  });

  it("takes back what it began to send when the file cannot be read to its end", async () => {
    const { port } = double;
    const client = new pg.Client({
      host: "127.0.0.1",
      port,
      user: "shop",
      password: "geheim",
      database: "d",
      ssl: false,
    });
    await client.connect();
    function* pieces() {
      yield Buffer.from("1\n");
      throw new Error("EIO: i/o error, read");
    }
    await expect(copyFrom(client, "copy t from stdin", pieces)).rejects.toThrow("EIO");
    expect(double.copied.size).toBe(0);
    // The connection is as good as before.
    expect(await copyFrom(client, "copy t from stdin", () => [Buffer.from("1\n2\n")])).toBe(2);
    await client.end();
  });

  it.each([
    [{ schema: "Public" }, "expected a schema such as growthos, in lower case"],
    [{ schema: "pg_catalog" }, "expected a schema such as growthos, in lower case"],
    [{ host: "postgres://db" }, "expected a host such as db.example.com, without a port"],
    [{ prefix: "G_" }, "expected lower case letters, digits and _, such as growthos_"],
    [{ database: "" }, "expected the name of a database"],
    [{ password: "secret" }, "Unrecognized key"],
  ])("refuses %j in a config", (more, expected) => {
    const read = publishSchema.safeParse({ postgres: { host: "db", database: "d", user: "u", ...more } });
    expect(read.error?.issues.map(({ message }) => message).join()).toContain(expected);
  });
});

describe("a table that is there", () => {
  it.each([
    ["BIGINT", "bigint"],
    ["DECIMAL(18,4)", "numeric(18,4)"],
    ["STRUCT(a BIGINT)[]", "jsonb"],
    ["VARCHAR[]", "jsonb"],
    ["TIMESTAMP WITH TIME ZONE", "timestamp with time zone"],
    ["ENUM('a', 'b')", "text"],
  ])("has for %s the type %s", (type, expected) => {
    expect(pgType(type)).toBe(expected);
  });

  it("is given the columns that are wanted and keeps the others as they are", () => {
    const there = [
      { name: "id", type: "text" },
      { name: "old", type: "date" },
      { name: "n", type: "integer" },
    ];
    const wanted = [
      { name: "id", type: "text" },
      { name: "n", type: "bigint" },
      { name: 'a"b', type: "text" },
    ];
    expect(alterTable("t", { there, wanted })).toEqual([
      'alter table t drop column "old", drop column "n", add column "n" bigint, add column "a""b" text',
    ]);
    expect(alterTable("t", { there, wanted: there })).toEqual([]);
  });
});
