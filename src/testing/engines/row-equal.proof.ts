/**
 * Every mart that another engine makes equals the one that DuckDB makes on this machine, row by row: of the demo, and of public data when it
 * lies beside the repository; and the pages of the demo are equal byte for byte. The adapters are the real ones; the engines are ClickHouse
 * itself, and DuckDB behind PostgreSQL's wire protocol.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuildOptions, runBuild } from "../../transform/build.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { currentBuild } from "../../warehouse/publish.js";
import { COMPLETE_JOURNEY, data, importShop, isThere } from "../real-shop.js";
import { root } from "../root.js";
import { expectSameMarts, RIGS, type Rig } from "./rig.js";

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

/** What this machine makes; every engine is compared with it. */
interface Own {
  readonly options: BuildOptions;
  readonly checks: unknown;
  readonly path: string;
}
const own = new Map<string, Own>();
const folder = mkdtempSync(join(tmpdir(), "growthos-engine-demo-"));
let ownPages: ReturnType<typeof pages>;

beforeAll(async () => {
  configure("");
  await growthos({}, "run");
  await growthos({}, "report", "--all");
  ownPages = pages();
  cpSync(published().path, join(folder, "own.duckdb"));
  for (const { name, ...shop } of isThere ? SHOPS : []) {
    const options = await importShop(shop);
    const { build, checks } = await runBuild(options);
    const path = join(folder, `${name}.duckdb`);
    cpSync(build.path, path);
    own.set(name, { options, checks, path });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function growthos(env: Rig["env"], ...args: readonly string[]): Promise<unknown> {
  return promisify(execFile)(process.execPath, [join(root, "bin", "growthos.js"), ...args, "--quiet"], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...env },
    maxBuffer: 1 << 26,
  });
}

function configure(keys: string): void {
  const text = readFileSync(join(root, "growthos.config.ts"), "utf8");
  writeFileSync(join(folder, "growthos.config.ts"), text.replace("      calendar: {", `      ${keys}\n$&`));
}

function published() {
  const build = currentBuild(openWorkspace({ projectRoot: folder, name: "demo", files: diskFiles }));
  if (build === null) throw new Error("no build of the demo is published");
  return build;
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

describe.each(Object.keys(RIGS) as (keyof typeof RIGS)[])("on %s", (id) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await RIGS[id]();
  });
  afterAll(() => rig.close());

  it("the demo has the same marts and the same pages, byte for byte", async () => {
    configure("");
    await growthos({}, "build");
    const { inputHash } = published();
    configure(rig.config);
    for (const args of [...rig.first, ["build"], ["report", "--all"]]) await growthos(rig.env, ...args);
    expect(published()).toMatchObject({ engine: id, inputHash });
    await expectSameMarts(`demo on ${id}`, join(folder, "own.duckdb"), published().path);
    const [names, after] = [Object.keys(ownPages), pages()];
    expect(Object.keys(after)).toEqual(names);
    expect(names.filter((name) => ownPages[name] !== after[name])).toEqual([]);
    expect(names.length).toBeGreaterThan(50);
    console.info(`demo on ${id}: ${names.length} files of pages equal byte for byte`);
  });

  it("others see there what is published here, of one build", async () => {
    const figures = "cast(count(*) as varchar) || '|' || cast(sum(net_cents) as varchar)";
    const db = await openDatabase({ path: published().path, readOnly: true });
    const here = await db.one(`select ${figures} as orders from fact_orders`);
    await db.close();
    expect(await rig.ask(`select ${figures} from fact_orders`, "shop__demo")).toEqual([here["orders"]]);
    const names = await rig.ask(rig.databases, "shop__demo");
    expect(names.filter((name) => name.startsWith("shop"))).toEqual([
      "shop__demo",
      `shop__demo_${published().buildId.replace("-", "_")}`,
    ]);
  });

  it.skipIf(!isThere).each(SHOPS)("$name has the same marts", async ({ name }) => {
    const here = own.get(name);
    if (here === undefined) throw new Error(`${name} was not built here`);
    const there = await runBuild({ ...here.options, engine: rig.engine(name) });
    expect(there.build).toMatchObject({ engine: id });
    expect(there.checks).toEqual(here.checks);
    await expectSameMarts(`${name} on ${id}`, here.path, there.build.path);
  });
});
