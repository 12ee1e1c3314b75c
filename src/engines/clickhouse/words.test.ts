import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { SETTINGS, SQL_FOLDER } from "../../testing/evaluate.js";
import { variablesOf } from "../../transform/inputs.js";
import { type Project, readProject } from "../../transform/project.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { readBodies } from "./bodies.js";
import { textOf, tokensOf } from "./tokens.js";
import { clickhouseText, clickhouseType, toClickHouse } from "./words.js";

const BODIES = readBodies(`
-- What stands before a statement is no part of it.
create function lower as (words) -> lowerUTF8(words);
create function half_of as (amount) -> amount / 2;
create function quarter_of as (amount) -> half_of(half_of(amount));
create function named as (e, amount) -> lower(e.amount) || e.name || amount;
create function day_of as (moment) -> toDate32(moment, getvariable('time_zone'));
create function to_scale as (amount, digits) -> round(cast(toString(amount) as Decimal(38, 18)), digits);
`);
const words = { bodies: BODIES, variables: variablesOf({ ...SETTINGS, timeZone: "Europe/Istanbul" }) };
const plain = (sql: string) =>
  sql
    .replace(/\s*([(),])\s*/g, "$1")
    .replace(/\s+/g, " ")
    .trim();

describe("a model for ClickHouse", () => {
  it.each([
    // Names: of a join each column has its own; in other places nothing is named.
    ["select a.x, a.y as z, sum(a.w) as w, from a", "select a.x as x, a.y as z, sum(a.w) as w from a"],
    ["select distinct a.x from a where a.y in (a.z, a.x)", "select distinct a.x as x from a where a.y in (a.z, a.x)"],
    [
      "select coalesce(a.x, a.y) as x from a group by a.x, a.y",
      "select coalesce(a.x, a.y) as x from a group by a.x, a.y",
    ],
    ["select b.x from (select a.x, from a) as b", "select b.x as x from (select a.x as x from a) as b"],
    ["select x from seeds.holidays as h, meta.sources", 'select x from "seeds.holidays" as h, "meta.sources"'],
    // The last order goes, those of windows stay.
    ["select sum(x) over (order by y) as x from a order by x", "select sum(x) over (order by y) as x from a"],
    // Types.
    ["select cast(x as date) as x from a", "select cast(x as Date32) as x from a"],
    ["select cast(null as timestamptz) as x from a", "select cast(null as DateTime64(6, 'UTC')) as x from a"],
    ["select cast(case when x then 1 end as hugeint) as x", "select cast(case when x then 1 end as Int128) as x"],
    [
      "select sum(cast(x as decimal(18, 6))) as x from a",
      "select sum(cast((round(cast(toString(x) as Decimal(38, 18)), 6)) as decimal(18, 6))) as x from a",
    ],
    // Counts, with or without a window.
    ["select count(*) - count(distinct x) as x", "select toInt64(count(*)) - toInt64(count(distinct x)) as x"],
    [
      "select row_number() over (partition by lower(a) order by b) = 1 as x, rank() over w as y from a",
      "select toInt64(row_number() over (partition by (lowerUTF8(a)) order by b)) = 1 as x, toInt64(rank() over w) as y from a",
    ],
    ["select lag(x, 1, 0) over (order by y) as x", "select lag(toNullable(x), 1, 0) over (order by y) as x"],
    ["select concat(a, ' ', b) as x", "select arrayStringConcat(array(a, ' ', b)) as x"],
    ["select date_part('isodow', day) as x", "select toInt64(toDayOfWeek( day)) as x"],
    // Variables.
    ["select getvariable('as_of') as x", "select toDate32('2026-02-09') as x"],
    ["select getvariable('currency') = a.currency as x", "select 'USD' = a.currency as x"],
    ["select x + getvariable('week_ends_on') as x", "select x + toInt64(7) as x"],
    ["select day_of(a.x) as x", "select (toDate32((a.x), 'Europe/Istanbul')) as x"],
    // Functions: an argument keeps together, a row is named, and a body means the engine's own functions.
    ["select half_of(a + b) as x", "select ((a + b) / 2) as x"],
    ["select quarter_of(a) as x", "select ((((a / 2)) / 2)) as x"],
    ["select named(e, 1 + half_of(2)) as x", "select (lower(e.amount) || e.name || (1 + (2 / 2))) as x"],
    ["select a.lower, lower from a", "select a.lower as lower, lower from a"],
    // Texts are texts, whatever they hold.
    ["select 'lower(x), -- it''s' as x -- lower(y)\nfrom a", "select 'lower(x), -- it''s' as x from a"],
    ["select '\\d' as x", "select '\\\\d' as x"],
  ])("%s", (sql, expected) => {
    expect(plain(toClickHouse(sql, words))).toBe(plain(expected));
  });

  it("names a type for each column, and takes lists as text", () => {
    const types = ["VARCHAR", "DECIMAL(9,6)", "TIMESTAMP WITH TIME ZONE", "STRUCT(a BIGINT)[]"].map(clickhouseType);
    expect(types).toEqual([
      "Nullable(String)",
      "Nullable(Decimal(9,6))",
      "Nullable(DateTime64(6, 'UTC'))",
      "Nullable(String)",
    ]);
    expect(clickhouseText("it's C:\\")).toBe("'it''s C:\\\\'");
  });

  it("refuses a file of bodies that holds something else", () => {
    expect(() => readBodies("select 1;")).toThrow(expect.objectContaining({ code: "ENGINE_BODIES" }));
  });
});

describe("all models", () => {
  let project: Project;
  beforeAll(async () => {
    const db = await openDatabase({});
    project = await readProject(db, diskFiles, SQL_FOLDER);
    await db.close();
  });
  const models = () => project.models.filter(({ layer }) => layer === "intermediate" || layer === "marts");

  it("are taken apart and put together again without losing anything", () => {
    const bare = (sql: string) => sql.replace(/--[^\n]*/g, "").replace(/\s+/g, "");
    for (const { sql } of models()) expect(bare(textOf(tokensOf(sql)))).toBe(bare(sql));
  });

  it("find a body for every macro that they call", () => {
    const bodies = readBodies(diskFiles.readText(join(SQL_FOLDER, "engines", "clickhouse.sql")));
    const macros = new Set(project.macros.map(({ name }) => name));
    const left = models().flatMap(({ path, sql }) => {
      const tokens = tokensOf(toClickHouse(sql, { bodies, variables: variablesOf(SETTINGS) }));
      const calls = tokens.filter(({ kind }, index) => kind === "word" && tokens[index + 1]?.text === "(");
      return calls
        .filter(({ text }) => macros.has(text) || text === "getvariable")
        .map(({ text }) => `${path}: ${text}`);
    });
    expect(left).toEqual([]);
  });
});
