/** Files of a build of a few rows, read again by readers that did not write them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSheet } from "read-excel-file/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemRandom } from "../../base/ids.js";
import { freshFolder, removeFolders } from "../../testing/workspace.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import type { Database } from "../../warehouse/types.js";
import type { CommandArgs, CommandContext, Outcome } from "../command.js";
import { createOutput } from "../output.js";
import { SHEET_ROWS } from "../workbook.js";
import { command } from "./export.js";

// Written in another order than they come out. KWD has three decimals, JPY none; what has no currency has no amount in whole units.
const ROWS = `
  ('b', '=1+1', date '2026-02-02', timestamptz '2026-02-02 10:00:00.250+00', 5990, 'USD', 1500, 'KWD', true, null),
  ('a', 'Ünal, "Ltd"', date '2026-02-01', timestamptz '2026-02-01 00:00:00+00', -5, 'USD', 700, 'JPY', false, [{id: '@x', n: 1}]),
  ('c', e'tab\\there', null, null, 100, null, null, 'USD', null, []),
  ('d', '-12.5', date '2026-02-03', timestamptz '2026-02-03 23:59:59.999999+00', 0, 'USD', 1, 'USD', true, null),
  ('e', '', date '1899-12-31', null, null, 'USD', null, null, null, null)`;

let folder: string;
let db: Database;
let talk: string[];

beforeAll(async () => {
  folder = freshFolder();
  mkdirSync(join(folder, "staging"));
  db = await openDatabase({ threads: 1 });
  await db.run("create schema meta");
  await db.run("create schema seeds");
  await db.run("create table meta.relations as select 'fact_sales' as relation, 'marts' as layer");
  await db.run("create table seeds.rules as select 1 as priority, 0.250000::decimal(9, 6) as share");
  await db.run("create table stg_orders as select 1 as id");
  await db.run(`create table fact_sales as select * from (values ${ROWS})
    t(sale_id, title, sale_date, sold_at, net_cents, currency, original_cents, original_currency, is_new, items)`);
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

async function run(relation: string | null, options: CommandArgs["options"], flags = {}) {
  talk = [];
  const passed: Uint8Array[] = [];
  const context = {
    flags: { json: false, dryRun: false, ...flags },
    output: createOutput({
      talk: (line) => void talk.push(line),
      quiet: false,
      color: { answer: false, talk: false },
    }),
    openBuild: async () => ({
      database: { ...db, close: async () => {} },
      build: { buildId: "000001-ab", asOf: "2026-02-09" },
    }),
    workspace: async () => ({ at: (...path: readonly string[]) => join(folder, ...path) }),
    effects: {
      cwd: folder,
      files: diskFiles,
      random: systemRandom,
      signal: new AbortController().signal,
      pass: async (piece: Uint8Array) => void passed.push(piece),
    },
  };
  const outcome: Outcome = await command.run(context as unknown as CommandContext, {
    positionals: relation === null ? [] : [relation],
    options,
  });
  return { ...outcome, stdout: Buffer.concat(passed).toString("utf8") };
}

describe("growthos export", () => {
  it("lists marts and seeds, and nothing that is only staged", async () => {
    const { json } = await run(null, {});
    expect(json).toMatchObject({
      relations: [
        { relation: "fact_sales", kind: "mart", rows: 5 },
        { relation: "rules", kind: "seed", rows: 1 },
      ],
    });
    await expect(run("fact_sale", {})).rejects.toMatchObject({
      code: "RELATION_UNKNOWN",
      message: expect.stringContaining("the nearest is fact_sales"),
    });
    await expect(run("stg_orders", {})).rejects.toMatchObject({ code: "RELATION_UNKNOWN" });
  });

  it("writes CSV in one order, amounts twice, and no formula", async () => {
    const { stdout } = await run("fact_sales", {});
    expect(stdout.trimEnd().split("\n")).toEqual([
      "sale_id,title,sale_date,sold_at,net_cents,net,currency,original_cents,original,original_currency,is_new,items",
      `a,"Ünal, ""Ltd""",2026-02-01,2026-02-01T00:00:00.000Z,-5,-0.05,USD,700,700,JPY,false,"[{""id"":""@x"",""n"":1}]"`,
      "b,'=1+1,2026-02-02,2026-02-02T10:00:00.250Z,5990,59.90,USD,1500,1.500,KWD,true,",
      "c,tab here,,,100,,,,,USD,,[]",
      "d,-12.5,2026-02-03,2026-02-03T23:59:59.999999Z,0,0.00,USD,1,0.01,USD,true,",
      'e,"",1899-12-31,,,,USD,,,,,',
    ]);
    expect((await run("rules", { out: "-" })).stdout).toBe("priority,share\n1,0.250000\n");
  });

  it("writes JSON lines and Parquet as the rows are", async () => {
    const lines = (await run("fact_sales", { format: "jsonl" })).stdout.trimEnd().split("\n");
    expect(JSON.parse(lines[1] ?? "")).toEqual({
      ...{ sale_id: "b", title: "=1+1", sale_date: "2026-02-02", sold_at: "2026-02-02T10:00:00.250Z" },
      ...{
        net_cents: 5990,
        currency: "USD",
        original_cents: 1500,
        original_currency: "KWD",
        is_new: true,
        items: null,
      },
    });
    await run("fact_sales", { out: "sales.parquet" });
    const read = `select * from read_parquet('${join(folder, "sales.parquet")}')`;
    expect(await db.all(read)).toEqual(await db.all("select * from fact_sales order by sale_id"));
  });

  it("writes workbooks with numbers, days and instants as such", async () => {
    const { text } = await run("fact_sales", { out: "sales.xlsx" });
    expect(text).toBe(`${join(folder, "sales.xlsx")}: fact_sales: 5 rows`);
    const [head, first, second, , , last] = await readSheet(join(folder, "sales.xlsx"));
    expect(head?.slice(0, 6)).toEqual(["sale_id", "title", "sale_date", "sold_at", "net_cents", "net"]);
    expect(first?.slice(2, 6)).toEqual([new Date("2026-02-01"), new Date("2026-02-01"), -5, -0.05]);
    const [id, title, day, instant, ...amounts] = second?.slice(0, 6) ?? [];
    expect([id, title, day, ...amounts]).toEqual(["b", "=1+1", new Date("2026-02-02"), 5990, 59.9]);
    // A fraction of a day as a double: to the millisecond, not to the microsecond.
    expect(Math.abs(Number(instant) - Date.parse("2026-02-02T10:00:00.250Z"))).toBeLessThanOrEqual(1);
    expect(last?.[2]).toBe("1899-12-31");
  });

  it("writes the same bytes again", async () => {
    for (const format of ["csv", "xlsx", "parquet", "jsonl"]) {
      await run("fact_sales", { out: `one.${format}` });
      await run("fact_sales", { out: `two.${format}` });
      expect(readFileSync(join(folder, `one.${format}`)).equals(readFileSync(join(folder, `two.${format}`)))).toBe(
        true,
      );
    }
  });

  it("keeps the rows that meet all conditions", async () => {
    const ids = async (...where: readonly string[]) =>
      (await run("fact_sales", { where })).stdout
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => line[0]);
    expect(await ids("sale_date>=2026-02-01", "is_new = true")).toEqual(["b", "d"]);
    expect(await ids("title~LTD")).toEqual(["a"]);
    expect(await ids("net_cents!=0", "currency=USD")).toEqual(["a", "b"]);
    expect(await ids("title=x' or 1=1 --")).toEqual([]);
    expect(talk).toEqual(["fact_sales has no such rows"]);
  });

  it("replaces a file only when told to, and leaves nothing beside it", async () => {
    writeFileSync(join(folder, "there.csv"), "mine");
    await expect(run("rules", { out: "there.csv" })).rejects.toMatchObject({
      parts: { hint: "add --force to replace it" },
    });
    expect(readFileSync(join(folder, "there.csv"), "utf8")).toBe("mine");
    await run("rules", { out: "there.csv", force: true }, { dryRun: true });
    expect(readFileSync(join(folder, "there.csv"), "utf8")).toBe("mine");
    await run("rules", { out: "there.csv", force: true });
    expect(readFileSync(join(folder, "there.csv"), "utf8")).toBe("priority,share\n1,0.250000\n");
    expect(
      [...readdirSync(folder), ...readdirSync(join(folder, "staging"))].filter((name) => name.startsWith(".")),
    ).toEqual([]);
  });

  it.each([
    ["a workbook without a place", "rules", { format: "xlsx" }, "xlsx goes into a file"],
    ["a folder that is not there", "rules", { out: "no/where.csv" }, "there is no folder"],
    ["a folder in the file's place", "rules", { out: "staging" }, "is there, and no file"],
    ["a column that is not there", "rules", { where: ["shar=1"] }, 'rules has no column "shar"'],
    ["a value of another type", "rules", { where: ["priority>many"] }, 'priority is INTEGER, and "many" is not'],
    ["what is no condition", "rules", { where: ["priority"] }, "is no condition"],
  ])("refuses %s", async (_, relation, options, message) => {
    await expect(run(relation, options)).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(message),
    });
  });

  it("refuses more rows than a sheet has", async () => {
    await db.run(`create or replace table seeds.many as select 1 as n from range(${SHEET_ROWS})`);
    await expect(run("many", { out: "many.xlsx" })).rejects.toMatchObject({
      code: "USAGE",
      message: "many has 1048576 rows, and a sheet of Excel takes 1048575 below its head",
    });
    await db.run("drop table seeds.many");
  });
});
