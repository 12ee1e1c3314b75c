import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EngineJob } from "../transform/engine.js";
import type { Model } from "../transform/types.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Database } from "../warehouse/types.js";
import { diskDepot } from "./depots.js";
import { type DuckDbReach, openDuckDbSession } from "./duckdb-session.js";
import { speakerOf } from "./motherduck.js";

const folder = mkdtempSync(join(tmpdir(), "growthos-session-"));
let db: Database;
beforeAll(async () => {
  db = await openDatabase({});
});
afterAll(() => db.close());

/** What the extension gives, with databases on this disk: several connections, one list of databases. */
const reach: DuckDbReach = {
  database: "growthos",
  connect: async (name) => {
    if (name !== null) await db.run(`use "${name}"`);
    return { ...speakerOf(db), close: async () => db.run("use memory") };
  },
  create: (name) => `attach if not exists '${join(folder, name)}.duckdb' as "${name}"`,
  drop: (name) => `detach database if exists "${name}"`,
  depot: diskDepot,
};
const job = (buildId: string): EngineJob => ({
  buildId,
  files: diskFiles,
  sqlFolder: "",
  macros: [
    {
      name: "doubled",
      sql: "create or replace temp macro doubled(n) as n * getvariable('factor')",
      functions: [],
      variables: [],
    },
  ],
  variables: { factor: 2, as_of: "2026-02-09", shop: "Anna's" },
});
const model = (sql: string) => ({ relation: "fact_it", sql, layer: "marts" }) as Model;

describe("a build on another DuckDB", () => {
  it("is loaded, run, fetched and shown; the one before goes", async () => {
    for (const [index, id] of ["000001-aa", "000002-bb"].entries()) {
      const session = await openDuckDbSession(reach, job(id));
      const given = join(folder, "given.parquet");
      await db.run(`copy (select ${index + 20} as n, 'x' as "a b") to '${given}' (format parquet)`);
      await session.load({ relation: "seeds.numbers", columns: [], path: given });
      await session.run(
        model(
          `select doubled(n) as n, "a b", getvariable('shop') as shop, getvariable('as_of') - 1 as day from seeds.numbers`,
        ),
        [],
      );
      const path = join(folder, "back.parquet");
      const columns = ["n", "a b", "shop", "day"].map((name) => ({ name, type: "VARCHAR" }));
      await session.unload({ relation: "fact_it", columns, path });
      const row = { n: 40 + 2 * index, "a b": "x", shop: "Anna's", day: "2026-02-08" };
      expect(await db.all(`select * from '${path}'`)).toEqual([row]);
      await session.publish(["fact_it"]);
      await session.close();
      expect(await db.all("select * from growthos.main.fact_it")).toEqual([row]);
    }
    const names = await db.all("select database_name as name from duckdb_databases() where not internal order by 1");
    expect(names.map(({ name }) => name)).toEqual(["growthos", "growthos_000002_bb", "memory"]);
  });

  it("keeps what another machine shows meanwhile, and no view of what is no more", async () => {
    await db.run(
      "create or replace view growthos.main.fact_gone as select 1 as x from growthos_000002_bb.main.fact_it",
    );
    await db.run("create or replace view growthos.main.own as select n from growthos.main.fact_it");
    await db.run("attach ':memory:' as growthos_000003_ee");
    await db.run("create table growthos_000003_ee.main.fact_it as select 7 as n");
    const meanwhile = async (name: string | null) => {
      const speaker = await reach.connect(name);
      const theirs = "create or replace view growthos.main.fact_it as select * from growthos_000003_ee.main.fact_it";
      return {
        ...speaker,
        column: async (sql: string) => {
          if (sql.includes("duckdb_views")) await db.run(theirs);
          return speaker.column(sql);
        },
      };
    };
    const session = await openDuckDbSession({ ...reach, connect: meanwhile }, job("000003-ab"));
    await session.run(model("select 42 as n"), []);
    await session.publish(["fact_it"]);
    await session.close();
    expect(await db.all("select n from growthos.main.own")).toEqual([{ n: 7 }]);
    const views =
      "select view_name as name from duckdb_views() where database_name = 'growthos' and not internal order by 1";
    expect((await db.all(views)).map(({ name }) => name)).toEqual(["fact_it", "own"]);
    expect(await db.all("select 1 from duckdb_databases() where database_name = 'growthos_000002_bb'")).toEqual([]);
    await db.run("create or replace view growthos.main.fact_it as select * from growthos_000003_ab.main.fact_it");
  });

  it("leaves nothing of a build that was not published", async () => {
    const session = await openDuckDbSession(reach, job("000003-cc"));
    await expect(session.run(model("select nothing from nowhere"), [])).rejects.toThrow("nowhere");
    await session.close();
    expect(await db.all("select 1 from duckdb_databases() where database_name = 'growthos_000003_cc'")).toEqual([]);
    expect(await db.all("select n from growthos.main.fact_it")).toEqual([{ n: 42 }]);
  });

  it("shows all of the build before when one view cannot be exchanged, says why, and leaves nothing of this one", async () => {
    const session = await openDuckDbSession(reach, job("000004-dd"));
    await session.run(model("select 1 as n"), []);
    await expect(session.publish(["fact_it", "fact_that"])).rejects.toThrow("fact_that");
    await session.close();
    expect(await db.all("select 1 from duckdb_databases() where database_name = 'growthos_000004_dd'")).toEqual([]);
    expect(await db.all("select n from growthos.main.fact_it")).toEqual([{ n: 42 }]);
  });
});
