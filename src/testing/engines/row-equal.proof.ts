/**
 * Every mart that ClickHouse makes equals the one that DuckDB makes, row by row: of the demo, and of public data when it lies beside the
 * repository; and the pages of the demo are equal byte for byte. The adapter is the real one and the engine is ClickHouse itself.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runBuild } from "../../transform/build.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { currentBuild } from "../../warehouse/publish.js";
import { COMPLETE_JOURNEY, data, importShop, isThere } from "../real-shop.js";
import { root } from "../root.js";
import { expectSameMarts, openRig, type Rig } from "./rig.js";

let rig: Rig;
const folder = mkdtempSync(join(tmpdir(), "growthos-engine-demo-"));
beforeAll(async () => {
  rig = await openRig();
});
afterAll(async () => {
  await rig.close();
  rmSync(folder, { recursive: true, force: true });
});

function growthos(...args: readonly string[]): Promise<unknown> {
  return promisify(execFile)(process.execPath, [join(root, "bin", "growthos.js"), ...args, "--quiet"], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, CLICKHOUSE_PASSWORD: rig.server.password },
    maxBuffer: 1 << 26,
  });
}

function configure(use: string): void {
  const text = readFileSync(join(root, "growthos.config.ts"), "utf8");
  const { origin, user } = rig.server;
  const own = `engine: { use: "${use}", clickhouse: { url: "${origin}", user: "${user}", database: "shop" } },`;
  writeFileSync(join(folder, "growthos.config.ts"), text.replace("      calendar: {", `      ${own}\n$&`));
}

function published(): { readonly buildId: string; readonly path: string } {
  const build = currentBuild(openWorkspace({ projectRoot: folder, name: "demo", files: diskFiles }));
  return build ?? { buildId: "none", path: "" };
}

/** Every page, without the name of the build that stands at its end. */
function pages(): Readonly<Record<string, string>> {
  const out = join(folder, "workspaces", "demo", "out");
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(out.length), readFileSync(path, "utf8").replaceAll(published().buildId, "build")];
    }),
  );
}

describe("the demo", () => {
  it("has the same marts and the same pages, byte for byte", async () => {
    configure("duckdb");
    await growthos("run");
    await growthos("report", "--all");
    const [before, own] = [pages(), published()];
    cpSync(own.path, join(folder, "own.duckdb"));

    configure("clickhouse");
    await growthos("build");
    await growthos("report", "--all");
    expect(published()).toMatchObject({ engine: "clickhouse", inputHash: "inputHash" in own ? own.inputHash : "" });
    await expectSameMarts("demo", join(folder, "own.duckdb"), published().path);
    const after = pages();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(Object.keys(before).filter((name) => before[name] !== after[name])).toEqual([]);
    console.info(`demo: ${Object.keys(after).length} files of pages equal byte for byte`);
  });

  it("shows others there what is published here, of one build", async () => {
    const sql = "select count(), sum(net_cents) from fact_orders format TSV";
    const db = await openDatabase({ path: published().path, readOnly: true });
    const here = await db.one("select count(*) as orders, cast(sum(net_cents) as bigint) as cents from fact_orders");
    await db.close();
    expect((await rig.door.run({ sql, database: "shop__demo" })).trim()).toBe(`${here["orders"]}\t${here["cents"]}`);
    const names = "select name from system.databases where name like 'shop%' order by name format TSV";
    expect((await rig.door.run({ sql: names })).trim().split("\n")).toEqual([
      "shop__demo",
      `shop__demo_${published().buildId.replace("-", "_")}`,
    ]);
  });
});

const SHOPS = [
  { name: "completejourney", ...COMPLETE_JOURNEY },
  {
    name: "cdnow_sample",
    inbox: ["cdnow_sample/as_shopify_orders_export_sample.csv"],
    timeZone: "America/Los_Angeles",
    lastDay: "1998-06-30",
  },
];

if (!isThere) console.info(`skipped: public data, because there is no ${data}`);

describe.skipIf(!isThere)("public data", () => {
  it.each(SHOPS)("$name has the same marts", async ({ name, ...shop }) => {
    const options = await importShop(shop);
    const here = await runBuild(options);
    const there = await runBuild({ ...options, engine: rig.engine(name) });
    expect(there.checks).toEqual(here.checks);
    await expectSameMarts(name, here.build.path, there.build.path);
  });
});
