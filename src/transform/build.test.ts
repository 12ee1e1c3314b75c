import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { silentLog } from "../base/log.js";
import { SETTINGS, SQL_FOLDER } from "../testing/evaluate.js";
import { countingRandom, landRows, type Rows, temporaryWorkspace } from "../testing/landing.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { currentBuild, listBuilds } from "../warehouse/publish.js";
import type { Database, Row, Workspace } from "../warehouse/types.js";
import { type BuildOptions, planBuild, runBuild } from "./build.js";

const JANUARY = { from: isoDate("2026-01-01"), to: isoDate("2026-01-31") };
const money = (amount: string) => ({ shopMoney: { amount, currencyCode: "USD" } });

function orders(...list: readonly (readonly [id: string, day: string, total: string])[]): Rows {
  const payload = (id: string, day: string, total: string) => ({
    id: `gid://shopify/Order/${id}`,
    name: `#${id}`,
    processedAt: `${day}T12:00:00Z`,
    email: "anna",
    currencyCode: "USD",
    displayFinancialStatus: "PAID",
    totalPriceSet: money(total),
    lineItems: {
      nodes: [
        {
          id: `gid://shopify/LineItem/${id}`,
          title: "T",
          quantity: 1,
          originalUnitPriceSet: money(total),
          originalTotalSet: money(total),
        },
      ],
    },
  });
  return {
    source: "shopify",
    stream: "orders",
    records: list.map(([id, day, total]) => ({ key: `gid://shopify/Order/${id}`, payload: payload(id, day, total) })),
  };
}

function spend(days: typeof JANUARY, ...list: readonly (readonly [day: string, amount: string])[]): Rows {
  return {
    source: "meta_ads",
    stream: "insights",
    supersession: "window",
    days,
    records: list.map(([day, amount]) => ({
      key: `1|c|${day}`,
      slice: day,
      payload: {
        account_id: "1",
        account_currency: "USD",
        campaign_id: "c",
        campaign_name: "C",
        date_start: day,
        spend: amount,
      },
    })),
  };
}

/** A copy of the SQL that a test may change. */
function sqlCopy(): string {
  const folder = join(mkdtempSync(join(tmpdir(), "growthos-sql-")), "sql");
  cpSync(SQL_FOLDER, folder, { recursive: true });
  return folder;
}

function edit(folder: string, path: string, change: (text: string) => string): void {
  writeFileSync(join(folder, path), change(readFileSync(join(folder, path), "utf8")));
}

const random = countingRandom();
const optionsFor = (ws: Workspace, extra: Partial<BuildOptions> = {}): BuildOptions => ({
  ws,
  settings: SETTINGS,
  sqlFolder: SQL_FOLDER,
  clock: fixedClock(0),
  random,
  log: silentLog,
  ...extra,
});

const query = (ws: Workspace, sql: string): Promise<readonly Row[]> => inBuild(ws, (db) => db.all(sql));

async function inBuild<T>(ws: Workspace, read: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ path: currentBuild(ws)?.path, readOnly: true });
  try {
    return await read(db);
  } finally {
    await db.close();
  }
}

/** Every row of every public relation. */
function content(ws: Workspace): Promise<Readonly<Record<string, readonly Row[]>>> {
  return inBuild(ws, async (db) => {
    const relations = await db.all("select relation from meta.relations where rows is not null order by relation");
    const tables: (readonly [string, readonly Row[]])[] = [];
    for (const { relation } of relations)
      tables.push([String(relation), await db.all(`select * from ${relation} order by all`)]);
    return Object.fromEntries(tables);
  });
}

describe("build", () => {
  let ws: Workspace;
  beforeAll(async () => {
    ws = await temporaryWorkspace();
    await landRows(
      ws,
      orders(["1", "2026-01-10", "100.00"], ["2", "2026-01-20", "50.00"]),
      spend(JANUARY, ["2026-01-10", "20.00"], ["2026-01-11", "7.00"]),
    );
  });

  it("plans, builds, and then has nothing to do", async () => {
    const plan = await planBuild(optionsFor(ws));
    expect(plan.upToDate).toBe(false);
    expect(plan.steps.find((step) => step.relation === "stg_shopify__orders")).toMatchObject({ action: "stage" });
    expect(plan.steps.find((step) => step.relation === "fact_orders")).toEqual({
      relation: "fact_orders",
      action: "build",
      because: "first build",
    });
    const first = await runBuild(optionsFor(ws, { toolVersion: "1.2.3" }));
    expect(first).toMatchObject({ upToDate: false, rows: { fact_orders: 2, fact_spend: 2, dim_customer: 1 } });
    expect(first.checks.filter((check) => check.status === "failed")).toEqual([]);
    expect(
      await query(ws, "select log_version, as_of, time_zone, currency, week_ends_on, tool_version from meta.build"),
    ).toEqual([
      {
        log_version: 1,
        as_of: "2026-02-09",
        time_zone: "UTC",
        currency: "USD",
        week_ends_on: 7,
        tool_version: "1.2.3",
      },
    ]);
    expect(await query(ws, "select * from meta.sources")).toEqual([
      {
        source: "meta_ads",
        stream: "insights",
        rows: 2,
        first_day: "2026-01-01",
        last_day: "2026-01-31",
        last_loaded_at: "2026-02-09T06:00:00.000Z",
      },
      {
        source: "shopify",
        stream: "orders",
        rows: 2,
        first_day: null,
        last_day: null,
        last_loaded_at: "2026-02-09T06:00:00.000Z",
      },
    ]);
    expect(await query(ws, "select count(*) as days from meta.coverage")).toEqual([{ days: 31 }]);
    const tables = await query(ws, "select distinct table_schema from information_schema.tables order by all");
    expect(tables.map((row) => row["table_schema"])).toEqual(["main", "meta", "seeds"]);

    const again = await runBuild(optionsFor(ws));
    expect(again).toMatchObject({ upToDate: true, build: first.build, rows: { fact_orders: 2 } });
    expect(again.checks).toHaveLength(first.checks.length);
    expect(listBuilds(ws)).toHaveLength(1);
    expect(await planBuild(optionsFor(ws))).toEqual({ upToDate: true, steps: [] });
  });

  it("after new data rebuilds what reads it and copies the rest; the content is that of a full build", async () => {
    const february = { from: isoDate("2026-01-11"), to: isoDate("2026-02-08") };
    // The 11th is restated to nothing: the newer load answers for the day.
    await landRows(ws, spend(february, ["2026-02-01", "9.00"]));
    const { steps } = await planBuild(optionsFor(ws));
    const step = (relation: string) => steps.find((one) => one.relation === relation);
    expect(step("stg_meta_ads__insights")).toMatchObject({
      action: "stage",
      because: "1 landed part is not staged yet",
    });
    expect(step("stg_spend")).toEqual({
      relation: "stg_spend",
      action: "build",
      because: "stg_meta_ads__insights changed",
    });
    expect(step("stg_orders")).toMatchObject({ action: "reuse" });
    expect(step("dim_product")).toMatchObject({ action: "reuse" });
    expect(step("stg_shopify__orders")).toBeUndefined();
    await runBuild(optionsFor(ws));
    expect(await query(ws, "select spend_date, spend_cents from fact_spend")).toEqual([
      { spend_date: "2026-01-10", spend_cents: 2000 },
      { spend_date: "2026-02-01", spend_cents: 900 },
    ]);
    const incremental = await content(ws);
    rmSync(ws.at("staged"), { recursive: true });
    await runBuild(optionsFor(ws, { force: true }));
    expect(await content(ws)).toEqual(incremental);
  });

  it("lets the newer row of a key win", async () => {
    await landRows(ws, orders(["2", "2026-01-21", "55.00"], ["3", "2026-02-01", "10.00"]));
    await runBuild(optionsFor(ws));
    expect(await query(ws, "select order_id, order_date, gross_cents from fact_orders")).toEqual([
      { order_id: "shopify:1", order_date: "2026-01-10", gross_cents: 10000 },
      { order_id: "shopify:2", order_date: "2026-01-21", gross_cents: 5500 },
      { order_id: "shopify:3", order_date: "2026-02-01", gross_cents: 1000 },
    ]);
  });

  it("stages a damaged cache file again", async () => {
    const before = await content(ws);
    const folder = ws.at("staged", "stg_shopify__orders");
    const [name = ""] = ws.files.list(folder);
    const bytes = readFileSync(join(folder, name));
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    writeFileSync(join(folder, name), bytes);
    await runBuild(optionsFor(ws, { force: true }));
    expect(readFileSync(join(folder, name))).not.toEqual(bytes);
    expect(await content(ws)).toEqual(before);
  });

  it("refuses a damaged landed file, keeps the old build, and names the way back", async () => {
    const before = currentBuild(ws)?.buildId;
    const landed = ws.at("landing", "shopify", "orders");
    const path = join(landed, ws.files.list(landed)[0] ?? "", "part-0000.parquet");
    const original = readFileSync(path);
    const flipped = Buffer.from(original);
    flipped[100] = (flipped[100] ?? 0) ^ 1;
    rmSync(ws.at("staged"), { recursive: true });
    ws.files.makeFolder(ws.at("staged"));
    for (const damage of [flipped, original.subarray(0, -1)]) {
      writeFileSync(path, damage);
      await expect(runBuild(optionsFor(ws, { force: true }))).rejects.toMatchObject({
        code: "PART_DAMAGED",
        exitCode: 8,
      });
      expect(currentBuild(ws)?.buildId).toBe(before);
    }
    writeFileSync(path, original);
    await runBuild(optionsFor(ws, { force: true }));
  });

  it("rebuilds what reads a changed setting, and only that", async () => {
    await runBuild(optionsFor(ws));
    const settings = { ...SETTINGS, asOf: isoDate("2026-02-10") };
    const { steps } = await planBuild(optionsFor(ws, { settings }));
    const built = steps.filter((step) => step.action === "build").map((step) => step.relation);
    expect(new Set(built)).toEqual(
      new Set([
        ..."dim_date cohort_months cohort_customers cohorts cohorts_weekly dim_customer".split(" "),
        ..."dim_customer_segment fact_lifetime_models fact_repeat_holdout fact_gaps fact_availability fact_claims".split(
          " ",
        ),
        ..."fact_claim_causes fact_costs fact_freshness fact_pixel_health fact_reconciliation fact_spend_hour_days fact_volumes".split(
          " ",
        ),
        ..."fact_session_streaks fact_cart_moves fact_cart_items fact_abandoned_carts fact_purchase_tasks fact_cart_tasks fact_search_tasks fact_visit_tasks".split(
          " ",
        ),
        ..."fact_performance_tasks fact_tasks fact_web_activity".split(" "),
      ]),
    );
    const costs = { ...SETTINGS, costs: { ...SETTINGS.costs, opsShare: 0.1 } };
    const after = (await planBuild(optionsFor(ws, { settings: costs }))).steps;
    expect(after.find((step) => step.relation === "fact_orders")).toMatchObject({
      action: "build",
      because: "int_orders__costed changed",
    });
    expect(after.find((step) => step.relation === "fact_spend")).toMatchObject({ action: "reuse" });
  });

  it("rebuilds an edited model and what reads it; an edited staging model is staged again", async () => {
    const sqlFolder = sqlCopy();
    edit(sqlFolder, "marts/fact_spend.sql", (text) => text.replace("total(s.clicks)", "total(s.clicks + 0)"));
    edit(sqlFolder, "staging/shopify/stg_shopify__orders.sql", (text) => text.replace("'{", "' {"));
    const { steps } = await planBuild(optionsFor(ws, { sqlFolder }));
    const step = (relation: string) => steps.find((one) => one.relation === relation);
    expect(step("fact_spend")).toMatchObject({ action: "build", because: "its SQL changed" });
    expect(step("cohorts")?.action).toBe("build");
    expect(step("stg_spend")?.action).toBe("reuse");
    expect(step("stg_shopify__orders")).toMatchObject({
      action: "stage",
      because: "2 landed parts are not staged yet",
    });
    expect(step("stg_meta_ads__insights")).toBeUndefined();
  });

  it("keeps yesterday's marts when a critical check fails", async () => {
    const before = currentBuild(ws);
    const sqlFolder = sqlCopy();
    writeFileSync(
      join(sqlFolder, "checks", "fact_orders__cheap.sql"),
      "-- No order is dear.\n-- severity: critical\nselect order_id, gross_cents from fact_orders where gross_cents > 9000\n",
    );
    await expect(runBuild(optionsFor(ws, { sqlFolder }))).rejects.toMatchObject({
      code: "CHECK_FAILED",
      exitCode: 4,
      message: expect.stringContaining(
        'fact_orders__cheap (1 rows): broken: No order is dear; for example {"order_id":"shopify:1","gross_cents":10000}',
      ),
      parts: { state: `the previous build ${before?.buildId} stays` },
    });
    expect(currentBuild(ws)).toEqual(before);
    expect(ws.files.list(ws.at("warehouse")).filter((name) => name.startsWith("."))).toEqual([]);
    edit(sqlFolder, "checks/fact_orders__cheap.sql", (text) => text.replace("critical", "warning"));
    const { checks } = await runBuild(optionsFor(ws, { sqlFolder }));
    expect(checks.find((check) => check.id === "fact_orders__cheap")).toMatchObject({
      passed: false,
      severity: "warning",
      offendingRows: 1,
    });
    expect(await query(ws, "select passed, offending_rows from meta.checks where id = 'fact_orders__cheap'")).toEqual([
      { passed: false, offending_rows: 1 },
    ]);
  });

  it("runs the checks of the user's own on every build, and keeps yesterday's marts when a critical one fails", async () => {
    const before = currentBuild(ws);
    const dear = (severity: string) => [
      {
        path: "own/dear.sql",
        text: `-- No order is dear.\n-- severity: ${severity}\nselect order_id from fact_orders where gross_cents > 9000`,
      },
      { path: "own/typo.sql", text: "-- severity: critical\nselect order_id from fact_oders" },
    ];
    await expect(runBuild(optionsFor(ws, { userChecks: dear("critical") }))).rejects.toMatchObject({
      code: "CHECK_FAILED",
      exitCode: 4,
      message: expect.stringContaining(
        'own/dear (1 rows): broken: No order is dear; 1 row, for example {"order_id":"shopify:1"}',
      ),
      parts: { state: `the previous build ${before?.buildId} stays` },
    });
    expect(currentBuild(ws)).toEqual(before);
    expect(ws.files.list(ws.at("warehouse")).filter((name) => name.startsWith("."))).toEqual([]);
    const built = await runBuild(optionsFor(ws, { userChecks: dear("error") }));
    const stored =
      "select id, severity, status, passed, broken, offending_rows from meta.checks where id like 'own/%' order by id";
    expect(await query(ws, stored)).toEqual([
      { id: "own/dear", severity: "error", status: "failed", passed: false, broken: false, offending_rows: 1 },
      { id: "own/typo", severity: "critical", status: "unknown", passed: false, broken: true, offending_rows: 0 },
    ]);
    const again = await runBuild(optionsFor(ws, { userChecks: dear("error") }));
    expect(again).toMatchObject({ upToDate: true, build: { buildId: built.build.buildId } });
    expect(again.checks.find(({ id }) => id === "own/typo")).toMatchObject({
      broken: true,
      message: expect.stringMatching(/^cannot be run: .*fact_oders does not exist! Did you mean "fact_orders/),
    });
    expect((await runBuild(optionsFor(ws, { userChecks: dear("warning") }))).upToDate).toBe(false);
  });

  it("B-19 refuses a relation that lost all its rows, unless forced", async () => {
    const sqlFolder = sqlCopy();
    edit(sqlFolder, "staging/meta_ads/stg_meta_ads__insights.sql", (text) =>
      text.replace("from chosen", "from chosen\nwhere false"),
    );
    await expect(runBuild(optionsFor(ws, { sqlFolder }))).rejects.toMatchObject({ code: "STAGING_LOST_ROWS" });
    const emptied = sqlCopy();
    edit(emptied, "intermediate/int_campaigns__named.sql", (text) =>
      text.replace("where c.newest_first = 1", "where c.newest_first = 0"),
    );
    edit(emptied, "checks/stg_spend__every_source_present.sql", (text) =>
      text.replace("severity: critical", "severity: warning"),
    );
    await expect(runBuild(optionsFor(ws, { sqlFolder: emptied }))).rejects.toMatchObject({
      code: "CHECK_FAILED",
      message: expect.stringMatching(/fact_spend had 2 rows and now has none/),
    });
    const forced = await runBuild(optionsFor(ws, { sqlFolder: emptied, force: true }));
    expect(forced.rows["fact_spend"]).toBe(0);
  });

  it.each([
    ["a newer row of its key", (total: string) => orders(["1", "2026-01-05", total], ["2", "2026-01-06", "20.00"])],
    ["a newer load of its day", (total: string) => spend(JANUARY, ["2026-01-05", total], ["2026-01-06", "20.00"])],
  ])("D02 a value that is no amount stops builds until %s corrects it", async (_, rows) => {
    const own = await temporaryWorkspace();
    await landRows(own, rows("10.00"));
    const before = await runBuild(optionsFor(own));
    await landRows(own, rows("1,234.56"));
    await expect(runBuild(optionsFor(own))).rejects.toMatchObject({
      code: "MODEL_FAILED",
      parts: {
        exit: "badData",
        why: expect.stringContaining('"1,234.56"'),
        hint: expect.stringMatching(/sync --source \w+ --stream \w+ /),
      },
    });
    expect(currentBuild(own)?.buildId).toBe(before.build.buildId);
    await landRows(own, rows("30.00"));
    await runBuild(optionsFor(own));
    const relation =
      rows("").source === "shopify"
        ? "sum(gross_cents) as cents from fact_orders"
        : "sum(spend_cents) as cents from fact_spend";
    expect(await query(own, `select ${relation}`)).toEqual([{ cents: 5_000 }]);
  });

  it("names the model that cannot be built, and the seed that cannot be read", async () => {
    const sqlFolder = sqlCopy();
    edit(sqlFolder, "marts/fact_orders.sql", (text) => text.replace("o.order_name", "o.no_such_column"));
    await expect(runBuild(optionsFor(ws, { sqlFolder }))).rejects.toMatchObject({
      code: "MODEL_FAILED",
      exitCode: 2,
      parts: { what: "sql/marts/fact_orders.sql cannot be built", why: expect.not.stringContaining("\n") },
    });
    const seeds = sqlCopy();
    edit(seeds, "seeds/channel_rules.csv", (text) => `${text}soon,utm,x,,meta\n`);
    await expect(runBuild(optionsFor(ws, { sqlFolder: seeds }))).rejects.toMatchObject({ code: "SEED_BAD" });
    expect(existsSync(join(seeds, "seeds"))).toBe(true);
  });

  it("builds an empty workspace into empty, typed relations", async () => {
    const empty = await temporaryWorkspace();
    const { rows, checks } = await runBuild(optionsFor(empty));
    expect(rows).toMatchObject({ fact_orders: 0, cohorts: 0, dim_channel: 13, dim_date: 365 });
    expect(checks.filter((check) => check.status === "failed")).toEqual([]);
  });

  it("rebuilds what is said about days when days land", async () => {
    const steps = async () => {
      const plan = await planBuild(optionsFor(ws));
      return plan.steps.filter(({ action }) => action === "build").map(({ relation }) => relation);
    };
    await landRows(ws, spend({ from: isoDate("2026-01-11"), to: isoDate("2026-02-08") }, ["2026-02-01", "9.00"]));
    await runBuild(optionsFor(ws));
    expect(await steps()).toEqual([]);
    await landRows(ws, spend({ from: isoDate("2026-02-10"), to: isoDate("2026-02-10") }, ["2026-02-10", "3.00"]));
    expect(await steps()).toEqual(
      expect.arrayContaining(["fact_gaps", "fact_availability", "fact_freshness", "fact_volumes"]),
    );
    await runBuild(optionsFor(ws, { settings: { ...SETTINGS, asOf: isoDate("2026-02-20") } }));
    const gaps =
      "select * exclude (relation) from fact_gaps where relation = 'fact_spend' and gap_kind = 'missing' order by first_date";
    // Everything up to the 8th and the 10th have landed; the 20th is today.
    expect(await query(ws, gaps)).toEqual([
      { source: "meta_ads", first_date: "2026-02-09", last_date: "2026-02-09", gap_kind: "missing", day_count: 1 },
      { source: "meta_ads", first_date: "2026-02-11", last_date: "2026-02-19", gap_kind: "missing", day_count: 9 },
    ]);
  });
});
