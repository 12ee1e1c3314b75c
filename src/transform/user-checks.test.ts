import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Clock } from "../base/clock.js";
import { systemClock } from "../base/clock.js";
import { SETTINGS } from "../testing/evaluate.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { readMacros } from "./macros.js";
import { runUserChecks } from "./user-checks.js";

const HELD =
  "-- Every order has an amount.\n-- severity: critical\nselect order_id from fact_orders where net_cents is null";

describe("checks of the user's own", () => {
  const folder = mkdtempSync(join(tmpdir(), "growthos-"));
  const path = join(folder, "build.duckdb");

  beforeAll(async () => {
    const db = await openDatabase({ path });
    await db.run("create table fact_orders as select 'o' || i as order_id, i as net_cents from range(2000) as r(i)");
    await db.run("create schema meta");
    await db.run("create table meta.sources as select 'shopify' as source");
    await db.close();
  });

  /** What the checks found, by name. */
  async function run(checks: Readonly<Record<string, string>>, clock?: Clock) {
    const parser = await openDatabase();
    const macros = await readMacros(parser, "create or replace temp macro doubled(n) as 2 * n;");
    await parser.close();
    const files = Object.entries(checks).map(([name, text]) => ({ path: `own/${name}.sql`, text }));
    const results = await runUserChecks({
      path,
      files,
      settings: SETTINGS,
      macros,
      ...(clock === undefined ? {} : { clock }),
    });
    return Object.fromEntries(results.map((result) => [result.id.slice("own/".length), result]));
  }

  it("pass without rows and fail with them, at the severity of the header, with a sample", async () => {
    const found = await run({
      held: HELD,
      big: "-- severity: error\n-- No order is above 19.97.\nselect order_id, net_cents from fact_orders where net_cents > 1997;",
      mild: "select order_id from fact_orders where doubled(net_cents) = 4 and getvariable('currency') = 'USD' -- one",
    });
    expect(found["held"]).toMatchObject({ severity: "critical", status: "passed", passed: true, offendingRows: 0 });
    expect(found["held"]?.message).toBe("Every order has an amount");
    expect(found["big"]).toMatchObject({ severity: "error", status: "failed", offendingRows: 2 });
    expect(found["big"]?.message).toBe(
      'broken: No order is above 19.97; 2 rows, for example {"order_id":"o1998","net_cents":1998} {"order_id":"o1999","net_cents":1999}',
    );
    expect(found["mild"]).toMatchObject({ severity: "warning", status: "failed", passed: false, offendingRows: 1 });
    expect(found["mild"]?.message).toBe('broken: own/mild.sql; 1 row, for example {"order_id":"o2"}');
  });

  it("name the one that cannot be run, and run the others", async () => {
    const found = await run({
      a: "select order_id from fact_order",
      b: "-- severity: fatal\nselect order_id from fact_orders",
      c: "selekt 1",
      d: "select 1; select 2",
      z: HELD,
    });
    expect(found["a"]).toMatchObject({ status: "unknown", passed: false, broken: true, severity: "warning" });
    expect(found["a"]?.message).toMatch(/^cannot be run: .*fact_order does not exist/);
    expect(found["b"]?.message).toContain('severity is critical, error or warning, not "fatal"');
    expect(found["c"]?.message).toMatch(/^cannot be run: .*syntax error/i);
    expect(found["d"]?.message).toBe("cannot be run: it holds 2 statements");
    expect(found["z"]).toMatchObject({ status: "passed" });
  });

  it.each([
    ["a file", `select * from read_csv('${join(folder, "x.csv")}')`],
    ["a file by its name", `select * from '${join(folder, "build.duckdb")}'`],
    ["another table function", "select * from duckdb_settings()"],
    ["writing", "insert into fact_orders values ('x', 1)"],
    ["copying out", `copy fact_orders to '${join(folder, "out.csv")}'`],
    ["another database", `attach '${join(folder, "other.duckdb")}'`],
    ["a setting", "set memory_limit = '8GB'"],
    ["an extension", "install httpfs"],
    ["a setting behind a query", "select 1 where 1 = 0; set enable_external_access = true"],
  ])("refuse %s", async (_what, sql) => {
    expect((await run({ x: sql }))["x"]).toMatchObject({ status: "unknown", broken: true });
  });

  it("hand out no more rows than a thousand, and no long ones", async () => {
    const { many, long } = await run({
      many: "select order_id from fact_orders",
      long: "select repeat('x', 100000) as text",
    });
    expect(many).toMatchObject({ status: "failed", offendingRows: 1000 });
    expect(many?.message).toContain("; more than 1000 rows, for example ");
    expect(long?.message.length).toBeLessThan(400);
  });

  it("are stopped when their time is over or their memory is used up", async () => {
    // The time limit comes at once; the query would take years.
    const hurried: Clock = { ...systemClock, sleep: () => new Promise((done) => setImmediate(done)) };
    const endless =
      "select sum(a.range * b.range) as total from range(10000000) as a, range(10000000) as b having total < 0";
    expect((await run({ endless }, hurried))["endless"]).toMatchObject({
      status: "unknown",
      broken: true,
      message: "cannot be run: it took longer than 30 seconds",
    });
    const greedy = "select list(range) as numbers from range(200000000) having len(numbers) < 0";
    expect((await run({ greedy }))["greedy"]?.message).toMatch(/^cannot be run: Out of Memory/i);
  });
});
