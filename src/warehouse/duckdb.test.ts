import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeOf, freshFolder, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "./disk.js";
import { openDatabase } from "./duckdb.js";
import type { Cell, Database } from "./types.js";

afterAll(removeFolders);

let shared: Database;
beforeAll(async () => {
  shared = await openDatabase({ threads: 1 });
});
afterAll(() => shared.close());

const cell = async (sql: string, params?: readonly Cell[]): Promise<Cell | undefined> =>
  (await shared.one(`select ${sql} as value`, params))["value"];

describe("values as they come out", () => {
  it.each<[string, Cell]>([
    ["1", 1],
    ["9007199254740991::BIGINT", 9007199254740991],
    ["(select sum(x) from (values (1), (2)) as t(x))", 3],
    ["1.5::DOUBLE", 1.5],
    ["19.99::DECIMAL(18,2)", 19.99],
    ["12345678901234567.89::DECIMAL(19,2)", "12345678901234567.89"],
    ["-0.05::DECIMAL(4,2)", -0.05],
    ["true", true],
    ["null", null],
    ["DATE '2026-02-09'", "2026-02-09"],
    ["TIMESTAMPTZ '2026-02-09T06:00:00+01:00'", "2026-02-09T05:00:00.000Z"],
    ["TIMESTAMPTZ '2026-02-09T06:00:00.123456Z'", "2026-02-09T06:00:00.123456Z"],
    ["TIMESTAMPTZ '1969-12-31T23:59:59.999999Z'", "1969-12-31T23:59:59.999999Z"],
    ["TIMESTAMP '2026-02-09 06:00:00'", "2026-02-09T06:00:00.000"],
    ["[1, 2, null]", [1, 2, null]],
    ["{a: 1, b: [DATE '2026-01-01']}", { a: 1, b: ["2026-01-01"] }],
    ["map {'x': 1}", { x: 1 }],
    ["'\\xAA'::BLOB", "aa"],
    ["'a'::ENUM('a', 'b')", "a"],
    ["'6c9d1d1e-0000-4000-8000-000000000000'::UUID", "6c9d1d1e-0000-4000-8000-000000000000"],
    ["DATE 'infinity'", "infinity"],
    ["TIMESTAMPTZ '-infinity'", "-infinity"],
  ])("%s", async (sql, expected) => {
    expect(await cell(sql)).toEqual(expected);
  });

  it("refuses an integer that a number cannot hold", async () => {
    expect(await codeOf(() => cell("9007199254740993::BIGINT"))).toBe("UNSAFE_INTEGER");
  });

  it("keeps a column named __proto__ as a column", async () => {
    const row = await shared.one('select 1 as "__proto__", 2 as constructor');
    expect(Object.keys(row)).toEqual(["__proto__", "constructor"]);
  });
});

describe("values as they go in", () => {
  it.each<[Cell, string, Cell]>([
    ["o'clock; --", "VARCHAR", "o'clock; --"],
    [9007199254740991, "BIGINT", 9007199254740991],
    [0.1, "DOUBLE", 0.1],
    [true, "BOOLEAN", true],
    [["a", "b"], "VARCHAR[]", ["a", "b"]],
    [{ a: 1 }, "STRUCT(a HUGEINT)", { a: 1 }],
  ])("%j as %s", async (value, type, expected) => {
    expect(await shared.one("select $1 as value, typeof($1) as type", [value])).toEqual({ value: expected, type });
  });

  it("null", async () => {
    expect(await cell("$1::DATE", [null])).toBeNull();
  });
});

describe("openDatabase", () => {
  it("B-47 shares a file among readers, and gives it to one writer only", async () => {
    const path = join(freshFolder(), "x.duckdb");
    const writer = await openDatabase({ path });
    await writer.run("create table t as select 1 as a");
    expect(await codeOf(() => openDatabase({ path }))).toBe("DATABASE_LOCKED");
    expect(await codeOf(() => openDatabase({ path, readOnly: true }))).toBe("DATABASE_LOCKED");
    await writer.close();
    await writer.close();
    const readers = [await openDatabase({ path, readOnly: true }), await openDatabase({ path, readOnly: true })];
    expect(await codeOf(() => openDatabase({ path }))).toBe("DATABASE_LOCKED");
    await readers[0]?.close();
    expect(await readers[1]?.one("select a from t")).toEqual({ a: 1 });
    await readers[1]?.close();
    const again = await openDatabase({ path });
    await again.close();
  });

  it("refuses the same file under another name while it is open", async () => {
    const folder = freshFolder();
    const path = join(folder, "x.duckdb");
    const writer = await openDatabase({ path });
    diskFiles.link(path, join(folder, "y.duckdb"));
    expect(await codeOf(() => openDatabase({ path: join(folder, "y.duckdb") }))).toBe("DATABASE_IS_OPEN");
    await writer.close();
  });

  it("names a file that is no database, and one that is not there", async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, "junk.duckdb"), "junk");
    expect(await codeOf(() => openDatabase({ path: join(folder, "junk.duckdb"), readOnly: true }))).toBe(
      "DATABASE_UNREADABLE",
    );
    expect(await codeOf(() => openDatabase({ path: join(folder, "none.duckdb"), readOnly: true }))).toBe(
      "DATABASE_UNREADABLE",
    );
  });

  it("closes during a running query instead of hanging", async () => {
    const db = await openDatabase({ threads: 1 });
    const endless = codeOf(() => db.all("select count(*) from range(100000000000) a, range(1000) b"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await db.close();
    expect(await endless).toBe("INTERRUPTED");
    expect(await codeOf(() => db.all("select 1"))).toBe("SQL_FAILED");
  });

  it("B-38 answers many questions that are asked of one database at once, each with its own", async () => {
    const db = await openDatabase({ threads: 1 });
    const asked = Array.from({ length: 200 }, (_, number) => db.one("select $1::integer as number", [number]));
    expect((await Promise.all(asked)).map(({ number }) => number)).toEqual(asked.map((_, number) => number));
    await db.close();
  });

  it("stops a query when told, and goes on", async () => {
    const db = await openDatabase({ threads: 1 });
    const endless = codeOf(() => db.all("select count(*) from range(100000000000) a, range(1000) b"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    db.interrupt();
    expect(await endless).toBe("INTERRUPTED");
    expect(await db.one("select 1 as one")).toEqual({ one: 1 });
    await db.close();
  });

  it("tells no row, memory and syntax apart", async () => {
    const db = await openDatabase({ memoryLimitMb: 20, threads: 1 });
    expect(await codeOf(() => db.one("select 1 where false"))).toBe("NO_ROW");
    expect(await codeOf(() => db.all("selec"))).toBe("SQL_FAILED");
    expect(
      await codeOf(() => db.run("create table t as select repeat('x', 1000) || range as s from range(1000000)")),
    ).toBe("OUT_OF_MEMORY");
    expect(await db.one("select 1 as one")).toEqual({ one: 1 });
    await db.close();
  });

  it("runs in UTC whatever the machine thinks", async () => {
    expect(await cell("current_setting('TimeZone')")).toBe("UTC");
    expect(await cell("current_setting('allocator_background_threads')")).toBe(true);
    expect(await cell("current_setting('allocator_flush_threshold')")).toBe("15.2 MiB");
    expect(await cell("current_setting('allocator_bulk_deallocation_flush_threshold')")).toBe("30.5 MiB");
  });
});

describe("lock-down", () => {
  it("B-40 B-41 reads the given folders only and takes no further settings", async () => {
    const folder = freshFolder();
    const inside = join(folder, "landing");
    mkdirSync(inside);
    writeFileSync(join(inside, "a.csv"), "x\n1\n");
    writeFileSync(join(folder, "secret.csv"), "x\n2\n");
    symlinkSync(join(folder, "secret.csv"), join(inside, "link.csv"));
    const db = await openDatabase({ lockDown: true, readFolders: [inside] });
    expect(await db.one("select current_setting('TimeZone') as zone")).toEqual({ zone: "UTC" });
    expect(await db.one(`select x from read_csv('${inside}/a.csv')`)).toEqual({ x: 1 });
    const refused = [
      `select * from read_csv('${folder}/secret.csv')`,
      `select * from read_csv('${inside}/../secret.csv')`,
      `select * from read_csv('${inside}/link.csv')`,
      `select * from read_text('${folder}/secret.csv')`,
      `select * from sniff_csv('${folder}/secret.csv')`,
      `copy (select 1) to '${folder}/out.csv'`,
      `attach '${folder}/x.duckdb'`,
      "set home_directory='/tmp'",
      "set enable_external_access=true",
      "install httpfs",
      "load httpfs",
      "set memory_limit='100GB'",
      "reset lock_configuration",
    ];
    for (const sql of refused) expect(await codeOf(() => db.run(sql)), sql).not.toBe("none");
    await db.close();
  });
});
