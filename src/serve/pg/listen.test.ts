/** The server on loopback, asked by `pg` and by bytes that no client would send. */
import { connect } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../base/clock.js";
import { systemRandom } from "../../base/ids.js";
import { Secret } from "../../base/secret.js";
import { freshFolder, removeFolders } from "../../testing/workspace.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { openReaders, type ReaderPool } from "../../warehouse/sql-reader.js";
import { type PgServing, servePg } from "./listen.js";

const PASSWORD = "a password for tests";
const stop = new AbortController();
let serving: PgServing;
let current: ReaderPool;
const pools: ReaderPool[] = [];
const all: PgServing[] = [];

/** A build with one relation, the numbers of which begin at `first`. */
async function build(first: number): Promise<ReaderPool> {
  const path = join(freshFolder(), "build.duckdb");
  const db = await openDatabase({ path });
  await db.run("create table fact_orders (order_id varchar, net_cents bigint, order_date date, is_new boolean)");
  await db.run(`insert into fact_orders values ('a', ${first}, date '2026-02-08', true), ('b', null, null, false)`);
  await db.close();
  const pool = await openReaders({ path, name: "demo" });
  pools.push(pool);
  return pool;
}

beforeAll(async () => {
  current = await build(100);
  serving = await started();
});

async function started(mostMs = 60_000): Promise<PgServing> {
  const outside = { clock: systemClock, random: systemRandom, signal: stop.signal };
  const open = async () => current.reader();
  const made = await servePg({
    ...{ port: 0, database: "demo", password: new Secret(PASSWORD), version: "1.2.3", open, mostMs },
    ...outside,
  });
  all.push(made);
  return made;
}

afterAll(async () => {
  stop.abort();
  for (const { ended } of all) await ended;
  for (const pool of pools) pool.close();
  removeFolders();
});

type Options = ConstructorParameters<typeof pg.Client>[0] & object;

async function client(options: Options = {}): Promise<pg.Client> {
  const made = new pg.Client({
    ...{ host: "127.0.0.1", port: serving.port, user: "bi", password: PASSWORD, database: "demo", ssl: false },
    ...options,
  });
  // A connection that the server ends says so here, too.
  made.on("error", () => made.end());
  await made.connect();
  return made;
}

async function within<T>(action: (db: pg.Client) => Promise<T>, options?: Options): Promise<T> {
  const db = await client(options);
  try {
    return await action(db);
  } finally {
    await db.end();
  }
}

/** What the server answers to bytes, until it closes or is silent. */
function answerTo(...bytes: readonly Buffer[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(serving.port, "127.0.0.1", () => {
      for (const part of bytes) socket.write(part);
    });
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

describe("who connects", () => {
  it("reads with the password", async () => {
    const rows = await within((db) => db.query("select order_id, net_cents from fact_orders order by 1"));
    expect(rows.rows).toEqual([
      { order_id: "a", net_cents: "100" },
      { order_id: "b", net_cents: null },
    ]);
  });

  it("is refused with another, or without one", async () => {
    await expect(client({ password: "another password" })).rejects.toMatchObject({ code: "28P01" });
    await expect(client({ password: "" })).rejects.toThrow();
    const skipped = Buffer.concat([startup(), typed("Q", "select 1\0")]);
    expect(await answerTo(skipped)).toContain("C28000");
  });

  it("is refused for another workspace's name, and told this one's", async () => {
    await expect(client({ database: "other" })).rejects.toMatchObject({
      code: "3D000",
      hint: expect.stringMatching(/"demo"/),
    });
  });

  it("of a newer build connects anew; who is there keeps the old one", async () => {
    const before = current;
    const first = await client();
    current = await build(200);
    const sum = "select sum(net_cents) as sum from fact_orders";
    expect((await first.query(sum)).rows).toEqual([{ sum: "100" }]);
    expect((await within((db) => db.query(sum))).rows).toEqual([{ sum: "200" }]);
    await first.end();
    current = before;
  });
});

function typed(type: string, body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

function startup(body: Buffer = Buffer.from("user\0bi\0database\0demo\0\0")): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}

describe("bytes of no client", () => {
  it.each([
    ["a request of HTTP", Buffer.from("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")],
    ["a first message beyond its bound", Buffer.concat([Buffer.from([0, 0, 0x27, 0x11]), Buffer.alloc(64)])],
    ["a length below itself", Buffer.from([0, 0, 0, 3, 0])],
    ["another protocol", Buffer.from([0, 0, 0, 8, 0, 2, 0, 0])],
    ["a sign-in message beyond its bound", Buffer.concat([startup(), Buffer.from([0x70, 0, 1, 0, 0])])],
    ["zeros", Buffer.alloc(8)],
  ])("are answered with an error and the end: %s", async (_what, bytes) => {
    expect(await answerTo(bytes)).toMatch(/E.{4}SFATAL\0VFATAL\0C08P01\0/s);
  });

  it("of a message beyond its bound end a session; others go on", async () => {
    const other = await client();
    const db = await client();
    await expect(db.query(`select '${"x".repeat(1_100_000)}'`)).rejects.toMatchObject({ code: "08P01" });
    expect((await other.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await other.end();
  });
});

describe("types", () => {
  const sql = `select 12345678901234567890.12::decimal(30, 2) as n, 9007199254740993::bigint as i, date '2026-02-08' as d,
    timestamptz '2026-02-08 12:00:00.5+00' as t, null::integer as nothing, [1, 2]::bigint[] as list, {'a': 'x'} as struct,
    true as yes, 0.5::double as f, 'é' as s, '\\xff'::blob as b, 7::integer as four`;

  it("arrive as text as PostgreSQL's do", async () => {
    const { rows, fields } = await within((db) => db.query({ text: sql, types: { getTypeParser: () => String } }));
    expect(rows).toEqual([
      {
        ...{ n: "12345678901234567890.12", i: "9007199254740993", d: "2026-02-08", t: "2026-02-08 12:00:00.5+00" },
        ...{ nothing: null, list: "[1,2]", struct: '{"a":"x"}', yes: "t", f: "0.5", s: "é", b: "\\xff", four: "7" },
      },
    ]);
    expect(fields.map(({ dataTypeID }) => dataTypeID)).toEqual([
      ...[1700, 20, 1082, 1184, 23, 114, 114, 16, 701, 25, 17, 23],
    ]);
  });

  it("arrive in binary where that is asked for", async () => {
    const query = {
      text: `${sql}, $1::integer as five`,
      values: [5],
      binary: true,
      types: { getTypeParser: () => (bytes: unknown) => bytes },
    };
    const { rows } = await within((db) => db.query(query as pg.QueryConfig));
    const hex = Object.entries(rows[0] as Record<string, Buffer | null>).map(([name, value]) => [
      name,
      Buffer.from(value ?? "").toString("hex"),
    ]);
    expect(Object.fromEntries(hex)).toMatchObject({
      ...{ i: "0020000000000001", d: "0000253f", yes: "01", four: "00000007", five: "00000005", nothing: "" },
    });
  });

  it("of parameters follow the place that they stand in", async () => {
    const text = "select order_id from fact_orders where order_date >= $1 and net_cents > $2 and is_new = $3 limit $4";
    await within(async (db) => {
      const values = ["2026-01-01", 99, true, 5];
      expect((await db.query({ name: "kept", text, values })).rows).toEqual([{ order_id: "a" }]);
      expect((await db.query({ name: "kept", text, values: ["2026-01-01", "100", true, 5] })).rows).toEqual([]);
      expect((await db.query("select $1::bigint + 1 as more, $2 as text", [41, "x'; --"])).rows).toEqual([
        { more: "42", text: "x'; --" },
      ]);
    });
  });

  it("of every kind that the engine has can be told", async () => {
    const { rows } = await within((db) => db.query("select * from test_all_types()"));
    expect(rows).toHaveLength(3);
  });
});

describe("statements", () => {
  it.each([
    ["insert into fact_orders values ('c', 1, null, true)", "25006"],
    ["create temp table mine as select 1", "25006"],
    ["attach ':memory:' as other", "25006"],
    ["install httpfs", "25006"],
    ["load httpfs", "25006"],
    ["call pragma_version()", "25006"],
    ["pragma threads=4", "25006"],
    ["copy (select 1) to '/tmp/x.csv'", "0A000"],
    ["select * from read_csv('/etc/hosts')", "42501"],
    ["select * from '/etc/hosts.parquet'", "42501"],
    ["set threads = 4", "42704"],
    ["select 1; set enable_external_access = true", "42704"],
    ["set variable x = 1", "25006"],
    ["use memory", "25006"],
    ["select nothing", "42703"],
    ["select * from nothing", "42P01"],
    ["selec", "42601"],
    ["select 'x'::integer", "22P02"],
  ])("are refused: %s", async (sql, code) => {
    await within(async (db) => {
      await expect(db.query(sql)).rejects.toMatchObject({ code });
      expect((await db.query("select count(*) as rows from fact_orders")).rows).toEqual([{ rows: "2" }]);
    });
  });

  it("of one text give one result each, up to the first failure", async () => {
    await within(async (db) => {
      const results = (await db.query(
        "select 1 as a; ; select ';' as b; show timezone",
      )) as unknown as pg.QueryResult[];
      expect(results.map(({ rows }) => rows)).toEqual([[{ a: 1 }], [{ b: ";" }], [{ timezone: "UTC" }]]);
      await expect(db.query("select 1; select broken; select 2")).rejects.toMatchObject({ code: "42703" });
    });
  });

  it("that failed make the transaction one that has failed", async () => {
    await within(async (db) => {
      await db.query("begin");
      await expect(db.query("select broken")).rejects.toMatchObject({ code: "42703" });
      await expect(db.query("select 1")).rejects.toMatchObject({ code: "25P02" });
      expect((await db.query("commit")).command).toBe("ROLLBACK");
      expect((await db.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    });
  });

  it("that failed after their description leave the connection of use", async () => {
    await within(async (db) => {
      await expect(db.query("select ('x' || $1::text)::integer", ["y"])).rejects.toMatchObject({ code: "22P02" });
      expect((await db.query("select $1::integer as one", [1])).rows).toEqual([{ one: 1 }]);
    });
  });

  it("stream: many rows arrive, and in portions", async () => {
    await within(async (db) => {
      const { rows } = await db.query("select range as n from range(20000)");
      expect([rows.length, rows[0], rows[19_999]]).toEqual([20_000, { n: "0" }, { n: "19999" }]);
      const portions: number[] = [];
      const query = new pg.Query({
        text: "select range as n from range(5000)",
        values: [],
        rows: 2_000,
      } as pg.QueryConfig);
      query.on("row", () => portions.push(1));
      await new Promise((resolve, reject) => db.query(query).on("end", resolve).on("error", reject));
      expect(portions).toHaveLength(5_000);
    });
  });

  it("of several clients run side by side", async () => {
    const sums = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        within(async (db) => (await db.query(`select sum(range)::bigint + ${index} as sum from range(1000)`)).rows),
      ),
    );
    expect(sums).toEqual(Array.from({ length: 12 }, (_, index) => [{ sum: String(499_500 + index) }]));
  });
});

const ENDLESS = "select count(*) from range(100000000) a, range(100000) b";

describe("P14 a statement without end", () => {
  it("is stopped by a cancellation with the right key, and by no other", async () => {
    const db = await client();
    const { processID, secretKey } = db as unknown as { readonly processID: number; readonly secretKey: number };
    const running = db.query(ENDLESS);
    const cancel = (secret: number) => {
      const bytes = Buffer.alloc(16);
      for (const [index, part] of [16, 80_877_102, processID, secret].entries()) bytes.writeInt32BE(part, 4 * index);
      return answerTo(bytes);
    };
    expect(await cancel(secretKey ^ 1)).toBe("");
    const settled = await Promise.race([running.then(String, String), systemClock.sleep(200).then(() => "runs on")]);
    expect(settled).toBe("runs on");
    await cancel(secretKey);
    await expect(running).rejects.toMatchObject({ code: "57014" });
    expect((await db.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await db.end();
  });

  it("is stopped by the client's own limit, and by the server's", async () => {
    await within(async (db) => {
      await db.query("set statement_timeout = 100");
      await expect(db.query(ENDLESS)).rejects.toMatchObject({
        code: "57014",
        message: expect.stringMatching(/0\.1 s/),
      });
      expect((await db.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    });
    const { port } = await started(150);
    const asked = within((db) => db.query(ENDLESS), { port });
    await expect(asked).rejects.toMatchObject({ code: "57014", message: expect.stringMatching(/longer than 0\.15 s/) });
  });

  it("is stopped when its client goes", async () => {
    const db = await client();
    const running = db.query(ENDLESS).catch(() => "gone");
    await systemClock.sleep(50);
    (db as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    expect(await running).toBe("gone");
    // Another one has the engine for itself again.
    expect((await within((other) => other.query("select 1 as one"))).rows).toEqual([{ one: 1 }]);
  });
});

describe("questions about the catalog", () => {
  it.each([
    [
      "relations with their owner",
      `select n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner) as owner from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'v') and pg_catalog.pg_table_is_visible(c.oid)
        and c.relname operator(pg_catalog.~) '^(fact_orders)$' collate pg_catalog.default`,
      [{ nspname: "main", relname: "fact_orders", owner: "growthos" }],
    ],
    [
      "columns with types that are PostgreSQL's",
      `select a.attname, t.typname, pg_catalog.format_type(t.oid, a.atttypmod) as told, a.attnum from pg_catalog.pg_attribute a
        join pg_catalog.pg_type t on t.oid = a.atttypid join pg_catalog.pg_class c on c.oid = a.attrelid
        where c.relname = 'fact_orders' order by a.attnum limit 3`,
      [
        { attname: "order_id", typname: "text", told: "text", attnum: 1 },
        { attname: "net_cents", typname: "int8", told: "bigint", attnum: 2 },
        { attname: "order_date", typname: "date", told: "date", attnum: 3 },
      ],
    ],
    [
      "keys, of which there are none",
      `select a.attname from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = i.indrelid
        and a.attnum = any(i.indkey) where i.indrelid = 'fact_orders'::regclass and i.indisprimary`,
      [],
    ],
    [
      "the information schema",
      `select table_name, column_name, udt_name, data_type from information_schema.columns
        where table_schema = 'main' and column_name = 'is_new'`,
      [{ table_name: "fact_orders", column_name: "is_new", udt_name: "bool", data_type: "boolean" }],
    ],
    [
      "who answers",
      "select version() like 'PostgreSQL 15%' as is_known, current_database() as db, current_schema() as schema",
      [{ is_known: true, db: "demo", schema: "main" }],
    ],
    [
      "the version as a number",
      "select current_setting('server_version_num')::int / 10000 >= 15 as is_new",
      [{ is_new: true }],
    ],
  ])("find %s", async (_what, sql, rows) => {
    expect((await within((db) => db.query(sql))).rows).toEqual(rows);
  });
});
