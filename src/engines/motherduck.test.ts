import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import type { GrowthosError } from "../base/errors.js";
import { silentLog } from "../base/log.js";
import { Secret } from "../base/secret.js";
import { type DuckDbWire, startDuckDbWire } from "../testing/doubles/duckdb-wire.js";
import { SETTINGS, SQL_FOLDER } from "../testing/evaluate.js";
import { countingRandom, landRows, temporaryWorkspace } from "../testing/landing.js";
import { type MemoryObjects, memoryObjects } from "../testing/objects.js";
import { planBuild, runBuild } from "../transform/build.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { currentBuild } from "../warehouse/publish.js";
import type { Row, Workspace } from "../warehouse/types.js";
import { objectDepot } from "./depots.js";
import { isTheirs, type MotherDuckOptions, motherDuck } from "./motherduck.js";

const TOKEN = "CANARY-motherduck-token";
let ws: Workspace;
let store: MemoryObjects;
let wire: DuckDbWire;

beforeAll(async () => {
  store = memoryObjects();
  wire = await startDuckDbWire({ password: TOKEN, store });
  ws = await temporaryWorkspace();
  await landRows(ws, ORDERS, SPEND);
});
afterAll(() => wire.close());

const money = (amount: string) => ({ shopMoney: { amount, currencyCode: "USD" } });
const ORDERS = {
  source: "shopify",
  stream: "orders",
  records: ["2026-01-10", "2026-01-20", "2026-01-31"].map((day, index) => ({
    key: `gid://shopify/Order/${index}`,
    payload: {
      id: `gid://shopify/Order/${index}`,
      name: `#${index}`,
      processedAt: `${day}T12:00:00Z`,
      email: index === 1 ? "berta" : "anna",
      currencyCode: "USD",
      displayFinancialStatus: "PAID",
      totalPriceSet: money("100.10"),
      lineItems: {
        nodes: [
          {
            id: `gid://shopify/LineItem/${index}`,
            title: "T",
            quantity: 1,
            originalUnitPriceSet: money("100.10"),
            originalTotalSet: money("100.10"),
          },
        ],
      },
    },
  })),
};
const SPEND = {
  source: "meta_ads",
  stream: "insights",
  records: [
    {
      key: "1|c|2026-01-10",
      slice: "2026-01-10",
      payload: {
        account_id: "1",
        account_currency: "USD",
        campaign_id: "c",
        campaign_name: "C",
        date_start: "2026-01-10",
        spend: "20.00",
      },
    },
  ],
};

const engine = (more: Partial<MotherDuckOptions> = {}) =>
  motherDuck({
    database: "growthos",
    host: "127.0.0.1",
    port: wire.port,
    token: new Secret(TOKEN),
    depot: objectDepot(store, { files: ws.files, place: store.place }),
    ...more,
  });

const random = countingRandom();
const build = (more: Partial<Parameters<typeof runBuild>[0]> = {}) =>
  runBuild({ ws, settings: SETTINGS, sqlFolder: SQL_FOLDER, clock: fixedClock(0), random, log: silentLog, ...more });

async function marts(): Promise<Readonly<Record<string, readonly Row[]>>> {
  const db = await openDatabase({ path: currentBuild(ws)?.path ?? "", readOnly: true });
  try {
    const relations = await db.all("select relation from meta.relations where rows is not null order by relation");
    const tables: (readonly [string, unknown])[] = [];
    for (const { relation } of relations) {
      const rows = await db.all(`select * from ${relation} order by all`);
      tables.push([String(relation), { columns: await db.all(`describe ${relation}`), rows }]);
    }
    return Object.fromEntries(tables) as Readonly<Record<string, readonly Row[]>>;
  } finally {
    await db.close();
  }
}

describe("a build on DuckDB behind PostgreSQL's protocol", () => {
  it("gives the marts that this machine gives, and shows them there", async () => {
    const here = await build();
    const own = await marts();
    const there = await build({ engine: engine() });
    expect(await marts()).toEqual(own);
    expect(there.build).toMatchObject({ engine: "motherduck", inputHash: here.build.inputHash });
    expect(there.checks).toEqual(here.checks);
    expect(wire.statements.filter((sql) => sql.startsWith('create or replace table "fact_orders" as')).length).toBe(1);
    // Others read views, which were all exchanged in one transaction; nothing of ours is left in the store.
    const views = wire.statements.filter((sql) => sql.startsWith('create or replace view "growthos".main.'));
    expect(views.length).toBe(Object.keys(own).filter((name) => /^(fact|dim|customer|cohort)/.test(name)).length);
    expect([...store.kept.keys()]).toEqual([]);
    expect(ws.files.list(ws.at("warehouse")).filter((name) => name.startsWith(".build-"))).toEqual([]);

    expect((await build({ engine: engine() })).upToDate).toBe(true);
    const plan = await planBuild({ ws, settings: SETTINGS, sqlFolder: SQL_FOLDER });
    expect(plan.steps.find(({ relation }) => relation === "fact_orders")?.because).toBe(
      `the build before was made by ${engine().place}`,
    );
    // What others read is where the engine was: another place has nothing yet.
    const moved = { ...engine(), place: "MotherDuck, another" };
    const elsewhere = await planBuild({ ws, settings: SETTINGS, sqlFolder: SQL_FOLDER, engine: moved });
    expect(elsewhere.upToDate).toBe(false);
    expect(elsewhere.steps.filter(({ action }) => action === "reuse")).toEqual([]);
  }, 120_000);

  it("keeps the build before when a statement fails there, and leaves no database behind", async () => {
    const before = currentBuild(ws);
    wire.fails.push({ wanted: /"fact_orders" as/, message: "Out of Memory Error: failed to pin block" });
    const failed = await build({ engine: engine(), force: true }).catch((thrown: unknown) => thrown);
    expect(failed).toMatchObject({
      parts: { code: "ENGINE_FAILED", exit: "source", why: "Out of Memory Error: failed to pin block" },
    });
    expect((failed as Error).message).toContain('create or replace table "fact_orders"');
    expect(currentBuild(ws)).toEqual(before);
    const made = wire.statements.filter((sql) => sql.startsWith('create database if not exists "growthos_')).at(-1);
    expect(wire.statements.at(-1)).toBe(made?.replace("create database if not exists", "drop database if exists"));
    expect([...store.kept.keys()]).toEqual([]);
  }, 60_000);

  it("leaves nothing in the store when the engine cannot read what it was given", async () => {
    wire.fails.push({ wanted: /read_parquet/, message: "HTTP Error: 403" });
    await expect(build({ engine: engine(), force: true })).rejects.toMatchObject({ parts: { why: "HTTP Error: 403" } });
    expect([...store.kept.keys()]).toEqual([]);
  }, 60_000);

  it.each([
    ["pg.us-east-1-aws.motherduck.com", true],
    ["127.0.0.1", false],
    ["duck.example.com", false],
    ["pg.motherduck.com.example.com", false],
    ["pg.notmotherduck.com", false],
  ])("goes to %s, and by the extension, which knows one place only: %s", (host, is) => expect(isTheirs(host)).toBe(is));

  it("gives a version as a sign of life", async () => {
    expect(await engine().check()).toMatch(/^DuckDB v\d+\.\d+/);
  });

  it.each([
    ["a wrong token", { token: new Secret("CANARY-wrong") }, "ENGINE_REFUSED", "auth"],
    ["a closed door", { port: 1 }, "ENGINE_UNREACHABLE", "source"],
    ["no store", { depot: null }, "ENGINE_STORE", "usage"],
  ])("says what is wrong with %s, and no secret", async (_, more, code, exit) => {
    const thrown = await engine(more)
      .check()
      .catch((cause: unknown) => cause);
    expect(thrown).toMatchObject({ parts: { code, exit } });
    expect(JSON.stringify((thrown as GrowthosError).parts)).not.toContain("CANARY");
  });
});
