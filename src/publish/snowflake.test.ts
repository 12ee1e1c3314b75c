/** `growthos publish snowflake` into a double of the SQL API, whose stage is over a double of S3: whole tables or the old ones, whatever happens on the way. */
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PublishConfig } from "../config/types.js";
import { undiciTransport } from "../http/undici.js";
import { readRuns } from "../sync/runs.js";
import { type S3Double, startS3 } from "../testing/doubles/s3.js";
import { rerouted } from "../testing/doubles/server.js";
import { type SnowflakeDouble, snowflakeDouble } from "../testing/doubles/snowflake.js";
import { SnowflakeError } from "../testing/doubles/snowflake-words.js";
import { publishedSales, runPublish } from "../testing/publish-rig.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import type { Database, Workspace } from "../warehouse/types.js";
import { MARK } from "./snowflake-sql.js";

const network = undiciTransport({ allowLoopback: true });
const WAITING = "G_RULES__GROWTHOS_0123456789AB";
const FACTS = [
  { SALE_ID: "a", SALE_DATE: "2026-02-01", NET_CENTS: -5, CURRENCY: "USD" },
  { SALE_ID: "b", SALE_DATE: "2026-02-02", NET_CENTS: 5990, CURRENCY: "USD" },
];

let db: Database;
let ws: Workspace;
let s3: S3Double;
let double: SnowflakeDouble;
let hours = 0;

beforeAll(async () => {
  db = await publishedSales();
});
beforeEach(async () => {
  hours = 0;
  const clock = { now: () => Date.now() + hours * 3_600_000 };
  ws = await freshWorkspace();
  s3 = await startS3();
  double = await snowflakeDouble({ objects: s3.objects, stagePrefix: "exchange/", clock });
});
afterEach(async () => {
  await double.close();
  await s3.close();
});
afterAll(async () => {
  await network.close();
  await db.close();
  removeFolders();
});

type Place = NonNullable<PublishConfig["snowflake"]>;
interface More extends Partial<Place> {
  readonly db?: Database;
  readonly key?: string;
  readonly passphrase?: string;
  readonly secret?: string;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly relation?: readonly string[];
}

function publish({
  db: other = db,
  key = double.keyFile.reveal(),
  passphrase = "",
  secret,
  dryRun = false,
  signal,
  relation,
  ...place
}: More = {}) {
  const { origin } = s3.server;
  const files = { bucket: s3.bucket, prefix: "exchange", region: s3.region, endpoint: origin, isPathStyle: true };
  const snowflake: Place = {
    ...{ account: "myorg-shop", user: "growthos", role: null, warehouse: "loading", database: "analytics" },
    ...{ schema: "growthos", stage: "growthos", prefix: "g_", files, ...place },
  };
  const config: PublishConfig = { relations: null, people: false, bigquery: null, postgres: null, snowflake };
  const { accessKeyId, secretAccessKey } = s3.credentials;
  const env = {
    SNOWFLAKE_KEY_FILE: key,
    SNOWFLAKE_PASSPHRASE: passphrase,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secret ?? secretAccessKey.reveal(),
  };
  const transport = rerouted(network, double.routes);
  const stop = signal === undefined ? {} : { signal };
  const options = relation === undefined ? {} : { relation };
  return runPublish({ db: other, ws, config, env, transport, dryRun, ...stop }, "snowflake", options);
}

/** What a reader finds: names of tables, and the rows of one. */
const tables = () => [...double.world.tables.keys()].sort();
const facts = () => double.world.rows("G_FACT_SALES");
const ALL = ["G_FACT_SALES", "G_GROWTHOS_BUILD", "G_RULES"];

/** Statements by what they do. */
function verbs(): readonly string[] {
  return double.statements.map(
    (one) =>
      /BEGIN TRANSACTION|CREATE OR REPLACE TABLE(?=.* CLONE)|CREATE OR|COPY INTO|DROP|COUNT|LISTAGG/.exec(one)?.[0] ??
      one,
  );
}

/** A build with other rows and another id. */
async function otherSales(): Promise<Database> {
  const other = await publishedSales();
  await other.run("create or replace table meta.build as select '000002-cd' as build_id, date '2026-02-10' as as_of");
  await other.run("update fact_sales set net_cents = net_cents + 1");
  await other.run("update seeds.rules set priority = 2");
  return other;
}

describe("growthos publish snowflake", () => {
  it("loads every mart beside its place, puts it there whole, and leaves nothing behind", async () => {
    const { text } = await publish();
    expect(text).toContain(
      "3 tables with 4 rows of build 000001-ab as of 2026-02-09 are in Snowflake, analytics.growthos",
    );
    expect(tables()).toEqual(ALL);
    expect(await facts()).toEqual(FACTS);
    expect(await double.world.rows("G_GROWTHOS_BUILD")).toEqual([{ BUILD_ID: "000001-ab", AS_OF: "2026-02-09" }]);
    expect([...double.world.tables.values()].map(({ comment }) => comment)).toEqual([MARK, MARK, MARK]);
    expect([...s3.objects.keys()]).toEqual([]);
    const loading = ["LISTAGG", "CREATE OR", "COPY INTO", "COPY INTO", "COPY INTO", "COUNT", "LISTAGG"];
    const clone = "CREATE OR REPLACE TABLE";
    expect(verbs()).toEqual([...loading, clone, clone, clone, "DROP"]);
    expect(readRuns(ws, ["publish"]).runs).toMatchObject([
      { state: "completed", rows: 4, sources: [{ tasksDone: 3 }] },
    ]);
  });

  it("changes all tables in one transaction from then on, which stay what they are", async () => {
    await publish();
    const granted = double.world.tables.get("G_RULES");
    if (granted !== undefined) double.world.tables.set("G_RULES", { ...granted, grants: ["ANALYST"], createdMs: 1 });
    const before = double.statements.length;
    const other = await otherSales();
    await publish({ db: other });
    await other.close();
    expect(verbs().slice(before)).toEqual([
      ...["LISTAGG", "CREATE OR", "COPY INTO", "COPY INTO", "COPY INTO", "COUNT", "LISTAGG"],
      ...["BEGIN TRANSACTION", "DROP"],
    ]);
    expect((await facts()).map((row) => row["NET_CENTS"])).toEqual([-4, 5991]);
    expect(double.world.tables.get("G_RULES")).toMatchObject({ grants: ["ANALYST"], createdMs: 1 });
  });

  it("puts a mart with other columns in place of the old one, whose readers keep their rights", async () => {
    await publish();
    const old = double.world.tables.get("G_RULES");
    if (old !== undefined) double.world.tables.set("G_RULES", { ...old, grants: ["ANALYST"] });
    const other = await publishedSales();
    await other.run("create or replace table seeds.rules as select 1::bigint as priority, 'x' as word");
    await publish({ db: other });
    await other.close();
    expect(await double.world.rows("G_RULES")).toEqual([{ PRIORITY: 1, WORD: "x" }]);
    expect(double.world.tables.get("G_RULES")).toMatchObject({ grants: ["ANALYST"], comment: MARK });
  });

  it("says what would go where, and asks nobody", async () => {
    const { json } = await publish({ dryRun: true });
    expect(json).toMatchObject({
      target: "snowflake",
      tables: [{ table: "analytics.growthos.g_fact_sales", rows: 2 }, { table: "analytics.growthos.g_rules" }],
      not_sent: ["dim_buyer"],
    });
    expect([double.server.arrived, s3.server.arrived]).toEqual([[], []]);
  });

  it("brings every type of a mart as it is", async () => {
    const values = `select true as a, 9223372036854775807::bigint as b, (-7)::integer as c, 0.1::double as d, date '2026-02-28' as e,
      timestamptz '2026-02-28 23:59:59.123456+00' as f, 'Ünïcode ''quoted'' \\ back' as g, 123456.7891::decimal(18, 4) as h,
      170141183460469231731687303715884105727::hugeint / 10 as i, [{'n': 1::bigint, 't': 'x"y'}] as j, timestamp '2026-01-01 00:00:01' as k`;
    const other = await publishedSales();
    await other.run(
      `create or replace table seeds.rules as ${values.replace("/ 10", "// 10")} union all by name select null as a`,
    );
    await publish({ db: other, relation: ["rules"] });
    const rows = await double.world.rows("G_RULES");
    const told = { A: true, B: "9223372036854775807", C: -7, D: 0.1, E: "2026-02-28", G: "Ünïcode 'quoted' \\ back" };
    expect(rows[0]).toMatchObject(told);
    expect(rows[0]).toMatchObject({ J: '[{"n":1,"t":"x\\"y"}]' });
    expect([String(rows[0]?.["H"]), String(rows[0]?.["I"])]).toEqual([
      "123456.7891",
      "17014118346046923173168730371588410572",
    ]);
    expect([rows[0]?.["F"], rows[0]?.["K"]]).toEqual(["2026-02-28T23:59:59.123456Z", "2026-01-01T00:00:01.000"]);
    expect(Object.values(rows[1] ?? {}).every((value) => value === null)).toBe(true);
    expect(double.world.tables.get("G_RULES")?.columns.map(([, type]) => type)).toEqual(
      "BOOLEAN NUMBER(19,0) NUMBER(10,0) FLOAT DATE TIMESTAMP_LTZ(6) VARCHAR NUMBER(18,4) NUMBER(38,0) VARIANT TIMESTAMP_NTZ(6)".split(
        " ",
      ),
    );
    await other.close();
  });
});

describe("a publish that fails", () => {
  it.each([
    ["the tables", /COMMENT = .*;\nRETURN/s, "create_tables"],
    ["a load", /^COPY INTO "ANALYTICS"."GROWTHOS"."G_RULES/, "load_rules"],
    ["the count", /COUNT/, "count_rows"],
    ["the end", /BEGIN TRANSACTION/, "replace_rows"],
  ])("at %s leaves every table as it was, and nothing behind", async (_what, on, name) => {
    await publish();
    const other = await otherSales();
    double.refuse(on, new SnowflakeError("000603", "XX000", "SQL execution internal error, ask a@b.example"));
    await expect(publish({ db: other })).rejects.toMatchObject({
      code: "PUBLISH_FAILED",
      exitCode: 3,
      parts: {
        what: `Snowflake did not carry out ${name}`,
        why: "SQL execution internal error, ask [e-mail address] (000603)",
        state: "all tables there are as they were",
      },
    });
    expect([tables(), await facts(), [...s3.objects.keys()]]).toEqual([ALL, FACTS, []]);
    expect(readRuns(ws, ["publish"]).runs[0]).toMatchObject({ state: "failed", rows: 0, sources: [{ tasksDone: 0 }] });
    await publish({ db: other });
    expect((await facts()).map((row) => row["NET_CENTS"])).toEqual([-4, 5991]);
    await other.close();
  });

  it("rolls a transaction back that breaks inside", async () => {
    await publish();
    const other = await otherSales();
    const { execute } = double.world;
    // The last INSERT of the transaction names a table that is gone.
    double.world.execute = (text) =>
      execute(
        text.replace(
          /FROM "ANALYTICS"."GROWTHOS"."G_GROWTHOS_BUILD__\w+";\nCOMMIT/,
          'FROM "ANALYTICS"."GROWTHOS"."GONE";\nCOMMIT',
        ),
      );
    await expect(publish({ db: other })).rejects.toMatchObject({ code: "PUBLISH_FAILED" });
    expect(await facts()).toEqual(FACTS);
    await other.close();
  });

  it("does not take rows for whole that have not all arrived", async () => {
    await publish();
    const { execute } = double.world;
    double.world.execute = async (text) => (/COUNT/.test(text) ? [["0", "1"]] : execute(text));
    await expect(publish()).rejects.toMatchObject({
      message: "fact_sales has not arrived whole in Snowflake: 1 rows are there of 2 that were sent",
    });
    expect([tables(), await facts()]).toEqual([ALL, FACTS]);
  });

  it.each([
    ["a warehouse that is not there", { warehouse: "other" }, "PUBLISH_FAILED", "check publish.snowflake.warehouse"],
    [
      "a schema that is not there",
      { schema: "other" },
      "PUBLISH_FAILED",
      "check publish.snowflake.database and schema",
    ],
    ["a wrong secret of the store", { secret: "wrong" }, "STORE_AUTH", "check publish.snowflake.files"],
  ])("names the remedy for %s", async (_what, more, code, hint) => {
    await expect(publish(more)).rejects.toMatchObject({ code, parts: { hint: expect.stringContaining(hint) } });
    expect(tables()).toEqual([]);
  });

  it.each([
    ["no stage", null, "create the external stage that publish.snowflake.stage names"],
    ["a stage over another place", "elsewhere/", "check that the URL of the stage is publish.snowflake.files.url"],
  ])("names the remedy for %s", async (_what, stagePrefix, hint) => {
    double.world.stagePrefix = stagePrefix;
    await expect(publish()).rejects.toMatchObject({
      code: "PUBLISH_FAILED",
      parts: { hint: expect.stringContaining(hint) },
    });
  });

  it.each([
    [
      "003001",
      "42501",
      "SQL access control error:\nInsufficient privileges to operate on schema 'GROWTHOS'",
      "give the role USAGE",
    ],
    [
      "390189",
      "08001",
      "Role 'LOADER' specified in the connect string does not exist or not authorized.",
      "check publish.snowflake.role",
    ],
  ])("ends as a question of rights after %s", async (code, sqlState, message, hint) => {
    double.refuse(/LISTAGG/, new SnowflakeError(code, sqlState, message));
    await expect(publish()).rejects.toMatchObject({
      code: "PUBLISH_AUTH",
      exitCode: 7,
      parts: { hint: expect.stringContaining(hint) },
    });
  });

  it("says who was refused, and when it is the clock", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const hint = (text: string) => ({ code: "API_AUTH", exitCode: 7, parts: { hint: expect.stringContaining(text) } });
    await expect(publish({ key })).rejects.toMatchObject(hint("DESCRIBE USER shows RSA_PUBLIC_KEY_FP"));
    await expect(publish({ key: "-----BEGIN PRIVATE KEY-----\nno\n" })).rejects.toMatchObject({
      code: "CREDENTIAL_INVALID",
    });
    hours = 2;
    await expect(publish()).rejects.toMatchObject(hint("the clock of this machine is 120 min wrong"));
    expect(double.statements).toEqual([]);
  });

  it("opens a key that has a passphrase, and says when it is not the right one", async () => {
    const locked = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "geheim" } as const;
    const key = createPrivateKey(double.keyFile.reveal()).export(locked).toString();
    await publish({ key, passphrase: "geheim" });
    expect(tables()).toEqual(ALL);
    for (const passphrase of ["", "falsch"])
      await expect(publish({ key, passphrase })).rejects.toMatchObject({ code: "CREDENTIAL_INVALID", exitCode: 7 });
  });

  it("leaves a table alone that is somebody's", async () => {
    const query = 'CREATE OR REPLACE TABLE "ANALYTICS"."GROWTHOS"."G_RULES" ("A" VARCHAR)';
    await double.world.execute(query);
    await expect(publish()).rejects.toMatchObject({
      message: expect.stringContaining("analytics.growthos.G_RULES is there already, and growthos did not make it"),
    });
    expect(double.world.tables.get("G_RULES")?.columns).toEqual([["A", "VARCHAR"]]);
    expect(tables()).toEqual(["G_RULES"]);
  });

  it("stops when it is told to, and the next takes away what is a day old", async () => {
    const stop = new AbortController();
    const stopped = (body: string) => {
      stop.abort(new Error("stopped"));
      return body;
    };
    s3.server.fail([{ kind: "edit", change: stopped }], ({ method }) => method === "PUT");
    await expect(publish({ signal: stop.signal })).rejects.toThrow("stopped");
    expect([tables(), [...s3.objects.keys()]]).toEqual([[], []]);
    const arrival = `CREATE OR REPLACE TABLE "ANALYTICS"."GROWTHOS"."${WAITING}" ("A" VARCHAR) COMMENT = '${MARK}'`;
    await double.world.execute(arrival);
    const bytes = new Uint8Array([1]);
    s3.objects.set("exchange/growthos-publish/0123456789ab/rules.parquet", {
      bytes,
      modifiedMs: Date.now() - 90_000_000,
    });
    s3.objects.set("exchange/growthos-publish/ba9876543210/rules.parquet", {
      bytes,
      modifiedMs: Date.now() - 80_000_000,
    });
    await publish();
    expect(tables()).toEqual([...ALL, WAITING].sort());
    const table = double.world.tables.get(WAITING);
    if (table !== undefined) double.world.tables.set(WAITING, { ...table, createdMs: Date.now() - 90_000_000 });
    await publish();
    expect(tables()).toEqual(ALL);
    expect([...s3.objects.keys()]).toEqual(["exchange/growthos-publish/ba9876543210/rules.parquet"]);
  });
});

describe("the SQL API", () => {
  it("carries no statement out twice when answers to it are lost", async () => {
    const isFirst = ({ method, url }: { readonly method: string; readonly url: URL }) =>
      method === "POST" && !url.searchParams.has("retry");
    double.server.fail(
      [1, 2, 3, 4].flatMap(() => [{ kind: "reset", when: "headers" } as const, { kind: "cut" } as const]),
      isFirst,
    );
    const busy = { status: 503, text: "busy" };
    const later = {
      status: 429,
      json: { code: "390420", message: "Too many requests" },
      headers: { "retry-after": "1" },
    };
    double.server.fail(
      [busy, later].map((answer) => ({ kind: "answer", answer }) as const),
      isFirst,
    );
    await publish();
    expect(new Set(double.statements).size).toBe(double.statements.filter((one) => !/LISTAGG/.test(one)).length + 1);
    expect(await facts()).toEqual(FACTS);
  });

  it("says that nobody knows when the end of the transaction is not told", async () => {
    await publish();
    const isLast = ({ body }: { readonly body: string }) => /BEGIN TRANSACTION/.test(body);
    double.server.fail(
      Array.from({ length: 6 }, () => ({ kind: "reset", when: "headers" }) as const),
      isLast,
    );
    await expect(publish()).rejects.toMatchObject({
      code: "API_BROKEN",
      parts: { state: expect.stringContaining("growthos_build tells of which build they are") },
    });
  });

  it("is asked until a statement is done, and for all partitions of an answer", async () => {
    await double.close();
    double = await snowflakeDouble({ objects: s3.objects, stagePrefix: "exchange/", partition: 1 });
    double.slow(/COPY INTO|BEGIN TRANSACTION/, 3);
    await publish();
    await publish();
    expect([tables(), await facts()]).toEqual([ALL, FACTS]);
    expect(verbs().filter((verb) => verb === "BEGIN TRANSACTION")).toHaveLength(1);
  });

  it("lets one of two builds win whole", async () => {
    await publish();
    const other = await otherSales();
    await Promise.all([publish(), publish({ db: other })]);
    await other.close();
    const [build] = await double.world.rows("G_GROWTHOS_BUILD");
    const isFirst = build?.["BUILD_ID"] === "000001-ab";
    expect((await facts()).map((row) => row["NET_CENTS"])).toEqual(isFirst ? [-5, 5990] : [-4, 5991]);
    expect(await double.world.rows("G_RULES")).toEqual([{ PRIORITY: isFirst ? 1 : 2 }]);
    expect([tables(), [...s3.objects.keys()]]).toEqual([ALL, []]);
  });
});
