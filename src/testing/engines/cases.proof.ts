/**
 * What ClickHouse makes of the cases of all models, and of functions at their edges, equals what DuckDB makes of them: a shop shows what is
 * usual, these show what is not.
 */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quoteName } from "../../base/ids.js";
import { createComputed } from "../../transform/computed.js";
import { openElsewhere } from "../../transform/elsewhere.js";
import type { EngineSession } from "../../transform/engine.js";
import { withAncestors } from "../../transform/graph.js";
import { variablesOf } from "../../transform/inputs.js";
import { setVariables } from "../../transform/meta.js";
import type { BuildSettings, Model } from "../../transform/types.js";
import { diskFiles } from "../../warehouse/disk.js";
import { createWorkspace } from "../../warehouse/layout.js";
import type { Row, Workspace } from "../../warehouse/types.js";
import { type Bench, type Given, openBench, SETTINGS, SQL_FOLDER } from "../evaluate.js";
import { countingRandom } from "../landing.js";
import { root } from "../root.js";
import { openRig, type Rig } from "./rig.js";

const FOLDER = join(root, "fixtures", "models");
let rig: Rig;
let bench: Bench;
let ws: Workspace;
beforeAll(async () => {
  rig = await openRig();
  bench = await openBench();
  const projectRoot = mkdtempSync(join(tmpdir(), "growthos-cases-"));
  ws = await createWorkspace({ projectRoot, name: "cases", files: diskFiles, random: countingRandom() });
});
afterAll(async () => {
  await bench.close();
  await rig.close();
});

let builds = 0;
async function session(settings: BuildSettings): Promise<EngineSession> {
  builds += 1;
  const { macros } = bench.project;
  const buildId = `${String(builds).padStart(6, "0")}-ca5e`;
  const job = { buildId, files: diskFiles, sqlFolder: SQL_FOLDER, macros, variables: variablesOf(settings) };
  return rig.engine("cases").open(job);
}

const isElsewhere = ({ layer }: Model) => layer === "intermediate" || layer === "marts";

describe("model cases", () => {
  const files = readdirSync(FOLDER).filter((name) => /^(int|fact|dim|cohort)/.test(name));

  it.each(files)("%s", async (file) => {
    const { db, project } = bench;
    const target = file.split(".")[0] ?? "";
    const read = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as {
      readonly settings?: Partial<BuildSettings>;
      readonly given: Given;
    };
    const expected = await bench.rowsOf(target, read.given, read.settings);
    const known = new Set(Object.keys(read.given));
    const models = withAncestors(project.models, [target], known)
      .filter(isElsewhere)
      .filter(({ relation }) => !known.has(relation));
    for (const { relation } of models) await db.run(`drop table ${quoteName(relation)}`);
    const there = await session({ ...SETTINGS, ...read.settings });
    const elsewhere = openElsewhere({ ws, db, session: there, folder: ws.at("staging", "engine") });
    try {
      // As marts, so that each comes back.
      for (const model of models)
        await elsewhere.create({ ...model, layer: model.computed === null ? "marts" : "intermediate" }, () =>
          createComputed(db, model),
        );
      const grain = models.at(-1)?.grain.map(quoteName) ?? [];
      const rows = await db.all(`select * from ${quoteName(target)} order by ${grain.join(", ") || "all"}`);
      expect(rows).toEqual(expected);
    } finally {
      await there.close();
      for (const { relation } of models) await db.run(`drop table if exists ${quoteName(relation)}`);
    }
  });
});

describe("what others see", () => {
  it("is the last build, without relations that are no more; no other build stays", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "growthos-shown-")), "rows.parquet");
    const columns = [{ name: "n", type: "BIGINT" }];
    for (const [index, relations] of [["fact_it", "fact_gone"], ["fact_it"]].entries()) {
      await bench.db.run(`copy (select ${index + 1}::bigint as n) to '${path}' (format parquet)`);
      const job = { files: diskFiles, sqlFolder: SQL_FOLDER, macros: [], variables: {} };
      const there = await rig.engine("shown").open({ ...job, buildId: `00000${index + 1}-ca5e` });
      for (const relation of relations) await there.load({ relation, columns, path });
      await there.publish(relations);
      await there.close();
    }
    expect(await rig.ask("select n from fact_it", "shown")).toEqual(["2"]);
    expect(await rig.ask("select name from system.tables where database = 'shown'", "shown")).toEqual(["fact_it"]);
    const databases = await rig.ask(rig.databases, "shown");
    expect(databases.filter((name) => name.startsWith("shown"))).toEqual(["shown", "shown_000002_ca5e"]);
  });
});

/** Expressions by the type of what they give; each is asked of both engines, in a shop of Lord Howe, whose clocks move by half an hour. */
const EXPRESSIONS: Readonly<Record<string, readonly string[]>> = {
  TIMESTAMPTZ: [
    // Left out, twice there, none: in New York, on Lord Howe and in São Paulo, where midnight was left out.
    ...["2025-03-09", "2025-11-02", "2025-06-01"].flatMap((day) =>
      [0, 1, 2, 3].map((hour) => `start_of_hour('America/New_York', cast('${day}' as date), ${hour})`),
    ),
    ...["2025-04-06", "2025-10-05"].flatMap((day) =>
      [1, 2, 3].map((hour) => `start_of_hour(getvariable('time_zone'), cast('${day}' as date), ${hour})`),
    ),
    "start_of_hour('America/Sao_Paulo', cast('2018-11-04' as date), 0)",
    "start_of_hour(cast(null as varchar), cast('2025-01-01' as date), 0)",
    "last_second('Asia/Kathmandu', cast('2025-01-01' as date))",
    "middle_quarter(instant_before(start_of_hour('UTC', cast('2025-01-01' as date), 7), 0), hours_after(start_of_hour('UTC', cast('2025-01-01' as date), 7), 1))",
    "instant_before(start_of_hour('America/New_York', cast('2025-03-09' as date), 3), 1)",
  ],
  DATE: [
    "day_in('Asia/Tokyo', start_of_hour('UTC', cast('2024-02-28' as date), 15))",
    "day_in_zone(start_of_hour('UTC', cast('1969-12-31' as date), 23))",
    "days_after(cast('1969-12-31' as date), -366)",
    "month_of(cast('1969-12-31' as date))",
    "months_after(cast('2024-01-01' as date), -13)",
    "cast(date_trunc('quarter', cast('1969-12-31' as date)) as date)",
  ],
  BIGINT: [
    ...["isodow", "week", "isoyear", "year", "month", "day"].flatMap((part) =>
      ["1965-01-01", "2024-12-30", "2027-01-03"].map((day) => `date_part('${part}', cast('${day}' as date))`),
    ),
    "days_between(cast('1960-02-28' as date), cast('2024-03-01' as date))",
    "months_apart(cast('2023-11-01' as date), cast('2025-02-01' as date))",
    "hours_between(start_of_hour('UTC', cast('2025-01-02' as date), 0), start_of_hour('UTC', cast('2025-01-01' as date), 23))",
    "minutes_between(start_of_hour('UTC', cast('2025-01-01' as date), 1), start_of_hour('UTC', cast('2025-01-01' as date), 3))",
    // Halves, signs, nothing.
    ...[-5, 5, 15, 25, 0].map((amount) => `share_of(${amount}, 0.1)`),
    ...[-5, 5, 7, 0].flatMap((amount) => [`prorate(${amount}, 1, 2)`, `prorate(${amount}, 1, 0)`]),
    "prorate(cast(null as bigint), 1, 2)",
    "prorate(900719925, 900719, 900719)",
    ...[-3, 3, 5].map((amount) => `converted(${amount}, 1, 2)`),
    "converted(12345, 9007199254740993, 9007199254740991)",
    "converted(5, 1, cast(null as bigint))",
    ...["1061083620", "5000", "4999", "-5000"].map((micros) => `micros_to_minor(cast('${micros}' as bigint), 'USD')`),
    "micros_to_minor(cast('1500000' as bigint), 'JPY')",
    "micros_to_minor(cast('1234500' as bigint), 'KWD')",
    "minor_unit_factor(cast(null as varchar))",
    "millionths(1, 3)",
    "weight_units(0.0000000005)",
    "value_class(12345)",
    "length('Ärger 😀')",
    "name_likeness('Summer Sale 2025', 'sumer-sale 2025')",
    "name_likeness('Summer Sale 2025', 'summer sale 2026')",
    "name_likeness('Größe', 'grösse')",
  ],
  DOUBLE: [
    "round(2.5e0)",
    "round(-2.5e0)",
    "round(1.0000005e0, 6)",
    "count_spread(3, 7)",
    "cast(cast(0.29e0 as decimal(9, 2)) as double)",
  ],
  BOOLEAN: ["path_includes('meta>google', 'google')", "path_includes('meta>google', 'goo')", "1 in (2, 3)"],
  VARCHAR: [
    "time_in_zone(start_of_hour('UTC', cast('2025-01-01' as date), 23))",
    "lower('ÄÖÜ İIı ΣΑΣ ẞ')",
    "trim(' \u00a0x\t ')",
    "clean_text('  ')",
    "concat('a', cast(null as varchar), 'b')",
    "cast(-1 as varchar) || '|' || cast(cast('2025-01-02' as date) as varchar)",
    ...["https://a.example/x?y#z", "/x#y?z", "", "?q", " https://a.example "].map((url) => `page_of('${url}')`),
    ...["www.google.co.uk", "a.b.c.example.com", "localhost", "co.uk", "x.com.au", ""].flatMap((host) => [
      `registrable_host('${host}')`,
      `host_family('${host}')`,
    ]),
    ...["/?a=1&Utm_Campaign=S%C3%BC%20b+c#utm_campaign=no", "/?utm_campaign=", "/?utm_campaign=100%25", "/"].map(
      (url) => `url_parameter('${url}', 'utm_campaign')`,
    ),
    "order_number('shopify:1001')",
    "order_number('#1001')",
    "key_tail('a|b|c')",
    "key_tail('')",
    "ad_status('ENABLED')",
    "ad_status('Learning')",
    "ad_status(cast(null as varchar))",
    "campaign_key_of('meta_ads', cast(null as varchar), cast(null as varchar), 'A ''b'' \\ c')",
    "task_key_of('cart', 'ä')",
  ],
};

describe("functions", () => {
  it.each(Object.entries(EXPRESSIONS))("%s", async (type, expressions) => {
    const settings = { ...SETTINGS, timeZone: "Australia/Lord_Howe" };
    const { db } = bench;
    await setVariables(db, settings);
    const ask = `select ${expressions.map((one, place) => `cast(${one} as ${type.toLowerCase()}) as v${place}`).join(", ")} from (values (1)) as t(one)`;
    const expected = (await db.all(ask))[0];
    const there = await session(settings);
    try {
      const path = ws.at("staging", "functions.parquet");
      const columns = expressions.map((_, place) => ({ name: `v${place}`, type }));
      const model = { relation: "functions", sql: ask, path: "functions.sql", layer: "marts", grain: [] };
      await there.run(model as unknown as Model, columns);
      await there.unload({ relation: "functions", columns, path });
      const list = columns.map(({ name }) => `cast(${name} as ${type}) as ${name}`).join(", ");
      const got = (await db.all(`select ${list} from read_parquet('${path}')`))[0];
      const named = (row: Row | undefined) => expressions.map((one, place) => `${one} = ${row?.[`v${place}`]}`);
      expect(named(got)).toEqual(named(expected));
    } finally {
      await there.close();
    }
  });
});
