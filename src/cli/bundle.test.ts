/** A bundle of a tiny world, unpacked and asked again by DuckDB alone. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../base/hash.js";
import { systemRandom } from "../base/ids.js";
import { readCoverage } from "../metrics/coverage.js";
import { runQuery } from "../metrics/run-query.js";
import { factsFrom } from "../reports/facts.js";
import { pageById } from "../reports/pages/index.js";
import { EMPTY_HEALTH } from "../reports/sample-facts.js";
import { TEMPLATES } from "../reports/sample-site.js";
import type { Facts } from "../reports/types.js";
import { freshFolder, freshWorkspace, removeFolders } from "../testing/workspace.js";
import { openWorld, readWorlds, worldContext } from "../testing/worlds.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { rerunScript } from "../warehouse/slice.js";
import type { Database, Workspace } from "../warehouse/types.js";
import { bundleOf, statementsOf } from "./bundle.js";

const world = readWorlds().find(([name]) => name === "shop.json")?.[1];
const pages = [pageById("wbr")];
let database: Database;
let ws: Workspace;
let facts: Facts;
let zip: Uint8Array;

const make = () =>
  bundleOf({ ws, database, facts, pages, templates: TEMPLATES, version: "0.1.0", random: systemRandom });

beforeAll(async () => {
  if (world === undefined) throw new Error("the world is gone");
  database = await openWorld(world);
  ws = await freshWorkspace();
  const context = worldContext(world);
  const coverage = await readCoverage(database);
  const results = new Map<string, Awaited<ReturnType<typeof runQuery>>>();
  for (const page of pages)
    for (const [name, query] of Object.entries(page.reads(context, { weekEndsOn: 7 })))
      results.set(name, await runQuery(database, query, context, { coverage }));
  const splits = Object.assign({}, ...pages.map((page) => page.splits ?? {}));
  facts = factsFrom({ context, results, splits, paidChannels: new Map(), health: EMPTY_HEALTH });
  zip = await make();
});
afterAll(async () => {
  await database?.close();
  removeFolders();
});

describe("a bundle", () => {
  it("holds a statement that answers several reads once", () => {
    const result = { ...facts.result("week"), sql: ["select 1"] };
    const [only, ...others] = statementsOf({ facts: { ...facts, result: () => result }, pages });
    expect([only?.sql, others]).toEqual(["select 1", []]);
  });

  it("holds report, data, SQL and hashes that are right", () => {
    const entries = unzipSync(zip);
    const names = Object.keys(entries);
    for (const name of [
      "report/wbr.html",
      "report/wbr.md",
      "report/wbr.json",
      "marts/fact_orders.parquet",
      "rerun.sql",
    ])
      expect(names).toContain(name);
    expect(names.filter((name) => name.startsWith("sql/"))).toHaveLength(statementsOf({ facts, pages }).length);
    const text = (name: string) => Buffer.from(entries[name] ?? []).toString("utf8");
    const listed = text("SHA256SUMS")
      .trimEnd()
      .split("\n")
      .map((line) => line.split("  "));
    expect(listed.map(([, name]) => name)).toEqual(
      names.filter((name) => name !== "SHA256SUMS" && name !== "manifest.json").sort(),
    );
    for (const [hash, name = ""] of listed) expect(sha256(entries[name] ?? new Uint8Array()), name).toBe(hash);
    expect(JSON.parse(text("manifest.json"))).toMatchObject({
      growthos: "0.1.0",
      pages: ["wbr"],
      context: { shop: "Tiny" },
    });
  });

  it("gives the same figures again when plain DuckDB runs its script, and tells when data was changed", async () => {
    const folder = freshFolder();
    for (const [name, data] of Object.entries(unzipSync(zip))) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), data);
    }
    // The shell runs it in the folder; here its paths are made absolute instead.
    const script = Buffer.from(unzipSync(zip)["rerun.sql"] ?? [])
      .toString("utf8")
      .replace(/'(marts|results)\//g, `'${folder}/$1/`);
    const differences = async () => {
      const plain = await openDatabase();
      try {
        for (const statement of statementsIn(script)) await plain.run(statement);
        return await plain.all("select statement, row_count, differing_rows from differences order by statement");
      } finally {
        await plain.close();
      }
    };
    const rows = await differences();
    expect(rows.map((row) => row["statement"])).toEqual(
      statementsOf({ facts, pages })
        .map(({ name }) => name)
        .sort(),
    );
    for (const row of rows) expect(row, String(row["statement"])).toMatchObject({ differing_rows: 0 });
    expect(rows.some((row) => Number(row["row_count"]) > 3)).toBe(true);
    const forger = await openDatabase();
    const orders = `${folder}/marts/fact_orders.parquet`;
    await forger.run(
      `create table t as select * replace (gross_cents + 1 as gross_cents) from read_parquet('${orders}')`,
    );
    await forger.run(`copy t to '${orders}' (format parquet)`);
    await forger.close();
    expect((await differences()).some((row) => Number(row["differing_rows"]) > 0)).toBe(true);
  });

  it("is the same bytes again, and leaves nothing behind", async () => {
    expect(sha256(await make())).toBe(sha256(zip));
    expect(ws.files.list(ws.at("out"))).toEqual([]);
  });

  it("quotes what stands in names", () => {
    expect(rerunScript(["a'b"], [{ name: 'x"y', sql: "select 1;" }])).toContain(`create table "x""y" as select 1;`);
  });
});

/** The script's statements; a semicolon ends one only at the end of a line. */
function statementsIn(script: string): readonly string[] {
  return script.split(/;\n/).filter((statement) => statement.replace(/--.*\n/g, "").trim() !== "");
}
