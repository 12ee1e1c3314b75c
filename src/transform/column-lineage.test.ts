import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Database } from "../warehouse/types.js";
import { lineageOf, type TreeNode } from "./column-lineage.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase();
});
afterAll(() => db.close());

/** The fields behind a column of the last of some models. */
async function fieldsOf(models: Readonly<Record<string, string>>, column: string): Promise<readonly string[]> {
  const trees = new Map<string, TreeNode>();
  for (const [name, sql] of Object.entries(models)) {
    const row = await db.one("select json_serialize_sql($1::varchar) as tree", [sql]);
    trees.set(
      name,
      (JSON.parse(String(row["tree"])) as { statements: { node: TreeNode }[] }).statements[0]?.node ?? {},
    );
  }
  const last = Object.keys(models).at(-1) ?? "";
  return lineageOf(trees)(last, column).map(({ relation, path }) => `${relation} ${path}`);
}

const STAGED = `with parsed as (select _key, from_json(payload, '{}') as o from raw.shopify__orders)
  select o.id as order_id, o.total.amount as amount, o.test as is_test,
    list_transform(o.lines, lambda l, i: {'cents': l.price * places[i], 'name': l.title}) as lines from parsed`;

describe("the fields behind a column", () => {
  it("are found through renaming, joins, unions and casts, down to the payload", async () => {
    const models = {
      stg: STAGED,
      files:
        "select cast(payload ->> '$.Total' as decimal) as amount, payload ->> '$.Name' as order_id from raw.files__orders",
      united: "select order_id, amount from stg union all select order_id, amount from files",
      mart: "select b.order_id, coalesce(b.amount, 0) * r.share as fee from united as b cross join meta.cost_rates as r where b.amount > 0",
    };
    expect(await fieldsOf(models, "order_id")).toEqual(["files.orders Name", "shopify.orders id"]);
    expect(await fieldsOf(models, "fee")).toEqual([
      "config.cost_rates share",
      "files.orders Total",
      "shopify.orders total.amount",
    ]);
  });

  it("are followed into lists of structs, by the member that is asked for", async () => {
    const lines = {
      stg: STAGED,
      lines: "select line.cents as cents, line.name as name from (select unnest(lines) as line from stg)",
    };
    expect(await fieldsOf(lines, "cents")).toEqual(["shopify.orders lines.price"]);
    expect(await fieldsOf(lines, "name")).toEqual(["shopify.orders lines.title"]);
    const lateral = { stg: STAGED, lines: "select l.line.name as name from stg as s, unnest(s.lines) as l(line)" };
    expect(await fieldsOf(lateral, "name")).toEqual(["shopify.orders lines.title"]);
  });

  it("are those of the value; a condition counts where there is nothing else", async () => {
    const models = {
      stg: STAGED,
      mart: "select case when is_test then amount else 0 end as paid, case when is_test then 1 else 0 end as tests from stg",
    };
    expect(await fieldsOf(models, "paid")).toEqual(["shopify.orders total.amount"]);
    expect(await fieldsOf(models, "tests")).toEqual(["shopify.orders test"]);
  });

  it("are met by name where a union says so, and through a star", async () => {
    const models = {
      stg: STAGED,
      mart: "with a as (select * exclude (lines) from stg), b as (select 1 as other, order_id as amount from stg) select * from a union all by name select * from b",
    };
    expect(await fieldsOf(models, "amount")).toEqual(["shopify.orders id", "shopify.orders total.amount"]);
    expect(await fieldsOf(models, "lines")).toEqual([]);
  });

  it("are none for what is not there", async () => {
    expect(await fieldsOf({ stg: STAGED }, "nothing")).toEqual([]);
    expect(await fieldsOf({ mart: "select 1 as one, getvariable('as_of') as day" }, "day")).toEqual([]);
  });
});
