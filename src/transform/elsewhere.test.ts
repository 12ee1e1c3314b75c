import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quoteText } from "../base/ids.js";
import { temporaryWorkspace } from "../testing/landing.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Database, Workspace } from "../warehouse/types.js";
import { openElsewhere } from "./elsewhere.js";
import type { EngineColumn, EngineSession, EngineTable } from "./engine.js";
import type { Model } from "./types.js";

let ws: Workspace;
let db: Database;
beforeAll(async () => {
  ws = await temporaryWorkspace();
  db = await openDatabase({});
  await db.run(
    "create table stg_events as select * from (values (1, [{'name': 'it''s \"5\\6\", null}', 'cents': 9007199254740993}]), (2, []), (3, null)) as t(id, items)",
  );
});
afterAll(() => db.close());

const mart = {
  relation: "fact_events",
  layer: "marts",
  sql: "select id, items from stg_events",
  reads: ["stg_events"],
  grain: ["id"],
  computed: null,
} as unknown as Model;

/** An engine that gives back what it was given, backwards. */
function echo(lists: Pick<EngineSession, "lists">) {
  const loaded: EngineTable[] = [];
  const types: string[] = [];
  const ran: (readonly EngineColumn[])[] = [];
  const kept = "memory.main.kept";
  const session: EngineSession = {
    ...lists,
    refuses: () => null,
    load: async (table) => {
      loaded.push(table);
      await db.run(`create or replace table ${kept} as select * from read_parquet(${quoteText(table.path)})`);
      types.push(...(await db.all(`describe ${kept}`)).map((row) => String(row["column_type"])));
    },
    run: async (_, columns) => void ran.push(columns),
    unload: async ({ path }) =>
      db.run(`copy (select * from ${kept} order by id desc) to ${quoteText(path)} (format parquet)`),
    publish: async () => undefined,
    close: async () => undefined,
  };
  return { session, loaded, types, ran };
}

describe("a mart that an engine makes", () => {
  it.each([
    ["json", { lists: "json" }, "VARCHAR"],
    ["as they are", {}, 'STRUCT("name" VARCHAR, cents BIGINT)[]'],
  ] as const)(
    "comes back with its lists, none and empty ones apart, in the order of its key: %s",
    async (_, lists, type) => {
      const { session, loaded, types, ran } = echo(lists);
      const elsewhere = openElsewhere({ ws, db, session, folder: ws.at("staging", "engine") });
      await elsewhere.create(mart, () => expect.fail("it runs there"));
      expect(
        await db.all(
          "select id, items[1].name as name, cast(items[1].cents as varchar) as cents, len(items) as items from fact_events",
        ),
      ).toEqual([
        { id: 1, name: 'it\'s "5\\6", null}', cents: "9007199254740993", items: 1 },
        { id: 2, name: null, cents: null, items: 0 },
        { id: 3, name: null, cents: null, items: null },
      ]);
      expect(types[1]).toBe(type);
      // An engine knows the columns of what it makes before it makes it.
      expect(ran).toEqual([loaded[0]?.columns]);
      expect(elsewhere.ran).toEqual({ there: ["fact_events"], here: {} });
      await db.run("drop table fact_events");
    },
  );
});
