import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Database } from "../warehouse/types.js";
import { orderModels, withAncestors } from "./graph.js";
import { readModel } from "./model.js";
import type { Model } from "./types.js";

describe("model", () => {
  let db: Database;
  beforeAll(async () => {
    db = await openDatabase({});
  });
  afterAll(() => db.close());
  const read = (path: string, text: string): Promise<Model> => readModel(db, { path, text });

  it("reads the header and what the statement depends on", async () => {
    const model = await read(
      "marts/fact_things.sql",
      `-- Things, one row per thing (D-01).
-- grain: thing_id, day
-- version: 3
-- check: reference owner_id -> dim_owner
-- check: reference day -> dim_date.date_day (warning)
with picked as (select * from stg_things where seen_at < getvariable('as_of'))
select thing_id, day_in_zone(seen_at) as day, (select max(x) from dim_owner) as x from picked inner join seeds.kinds using (kind);
`,
    );
    expect(model).toMatchObject({
      relation: "fact_things",
      layer: "marts",
      title: "Things, one row per thing (D-01).",
      grain: ["thing_id", "day"],
      version: 3,
      references: [
        { columns: ["owner_id"], relation: "dim_owner", targets: ["owner_id"], severity: "critical" },
        { columns: ["day"], relation: "dim_date", targets: ["date_day"], severity: "warning" },
      ],
      reads: ["dim_owner", "seeds.kinds", "stg_things"],
      ctes: ["picked"],
      variables: ["as_of"],
    });
    expect(model.functions).toContain("day_in_zone");
    expect(model.sql).not.toContain(";");
  });

  it.each([
    "create table x as select 1",
    "copy (select 1) to '/tmp/x'",
    "attach '/tmp/x.duckdb'",
    "pragma database_list",
    "call pragma_version()",
    "select 1; select 2",
    "describe select 1",
    "insert into x select 1",
    "selec 1",
    "select * from read_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from duckdb_settings()",
    "select * from read_parquet('x')",
  ])("G04 refuses %s", async (statement) => {
    await expect(read("marts/fact_x.sql", `-- A row.\n${statement}`)).rejects.toMatchObject({
      code: "MODEL_SQL",
      parts: { what: expect.stringContaining("marts/fact_x.sql") },
    });
  });

  it.each([
    ["marts/things.sql", "-- A row.\nselect 1"],
    ["staging/shopify/stg_meta__x.sql", "-- A row.\nselect 1"],
    ["somewhere/x.sql", "-- A row.\nselect 1"],
    ["marts/fact_x.sql", "select 1"],
    ["marts/fact_x.sql", "-- grain: a\nselect 1"],
    ["marts/fact_x.sql", "-- A row.\n-- check: reference a\nselect 1"],
    ["checks/x__y.sql", "-- A row.\n-- severity: bad\nselect 1"],
    ["intermediate/int_a__b.sql", "-- A row.\n-- computed: nothing\nselect 1"],
    ["marts/fact_x.sql", "-- A row.\n-- computed: path_shares\nselect 1"],
  ])("refuses the header or place of %s", async (path, text) => {
    await expect(read(path, text)).rejects.toMatchObject({ code: "MODEL_HEADER" });
  });

  const model = (path: string, ...reads: readonly string[]) =>
    read(path, `-- A row.\nselect 1 as one ${reads.length === 0 ? "" : `from ${reads.join(", ")}`}`);

  it("puts each model after what it reads", async () => {
    const models = [
      await model("marts/fact_a.sql", "int_b__made"),
      await model("intermediate/int_b__made.sql", "stg_c"),
      await model("staging/stg_c.sql", "stg_x__c"),
      await model("staging/x/stg_x__c.sql", "raw.x__c"),
      await model("marts/dim_z.sql"),
    ];
    const order = orderModels(models, []).map(({ relation }) => relation);
    expect(order).toEqual(["dim_z", "stg_x__c", "stg_c", "int_b__made", "fact_a"]);
    const needed = withAncestors(orderModels(models, []), ["fact_a"], new Set(["stg_c"]));
    expect(needed.map(({ relation }) => relation)).toEqual(["stg_c", "int_b__made", "fact_a"]);
  });

  it.each([
    ["MODEL_LAYER", ["marts/fact_a.sql", "raw.x__c"]],
    ["MODEL_LAYER", ["intermediate/int_a__b.sql", "raw.x__c"]],
    ["MODEL_LAYER", ["staging/stg_a.sql", "raw.x__c"]],
    ["MODEL_LAYER", ["staging/x/stg_x__a.sql", "raw.y__c"]],
    ["MODEL_LAYER", ["staging/x/stg_x__a.sql", "raw.x__c", "raw.x__d"]],
    ["MODEL_LAYER", ["staging/x/stg_x__a.sql", "seeds.kinds"]],
    ["MODEL_LAYER", ["checks/a__b.sql", "raw.x__c"]],
    ["MODEL_UNKNOWN", ["marts/fact_a.sql", "stg_nothing"]],
    ["MODEL_UNKNOWN", ["marts/fact_a.sql", "meta.nothing"]],
  ])("%s: %s", async (code, [path = "", ...reads]) => {
    const models = [await model(path, ...reads)];
    expect(() => orderModels(models, ["seeds.kinds"])).toThrow(expect.objectContaining({ code }));
  });

  it("refuses marts in intermediate, names twice, shadows, and names the cycle", async () => {
    const [a, b] = [await model("marts/fact_a.sql", "fact_b"), await model("marts/fact_b.sql", "fact_a")];
    expect(() => orderModels([a, b], [])).toThrow("fact_a -> fact_b -> fact_a");
    expect(() => orderModels([a, a], [])).toThrow(expect.objectContaining({ code: "MODEL_TWICE" }));
    const early = await model("intermediate/int_a__b.sql", "dim_z");
    const late = await model("marts/dim_z.sql");
    expect(() => orderModels([early, late], [])).toThrow("may not read dim_z");
    const shadow = await read("marts/fact_c.sql", "-- A row.\nwith dim_z as (select 1) select * from dim_z");
    expect(() => orderModels([shadow, late], [])).toThrow(expect.objectContaining({ code: "MODEL_SHADOW" }));
    const typo = await model("marts/fact_d.sql", "dim_zz");
    expect(() => orderModels([typo, late], [])).toThrow("did you mean dim_z?");
  });
});
