/** The whole pipeline through the real program, as a stranger would run it: child processes, exit codes, bytes on disk. */
import { execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import type { CommandContext, Effects } from "../cli/command.js";
import { command as build } from "../cli/commands/build.js";
import { command as run } from "../cli/commands/run.js";
import { command as sync } from "../cli/commands/sync.js";
import { createContext } from "../cli/context.js";
import { realEffects } from "../cli/effects.js";
import { createOutput } from "../cli/output.js";
import { OVERCLAIM } from "../demo/campaigns.js";
import { STRENGTHS } from "../demo/follow-ups.js";
import { moneyOf } from "../demo/orders.js";
import { makeWorld } from "../demo/world.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { openWorkspace } from "../warehouse/layout.js";
import { currentBuild } from "../warehouse/publish.js";
import { alertWeeks, falseAlarms, missedAnomalies } from "./demo-alerts.js";
import { branchFigures, expectedFollowUps, followedUp, strangePurchases } from "./demo-follow-ups.js";
import { ROOT } from "./source.js";

const BIN = join(ROOT, "bin", "growthos.js");
/** Nothing is inherited but the path to node and a home. */
const EMPTY = { PATH: process.env["PATH"] ?? "", HOME: tmpdir() };
const places: string[] = [];

function place(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `growthos-${name}-`));
  places.push(folder);
  return folder;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function growthos(cwd: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], { cwd, env: EMPTY, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

/** Every file under a folder with its content. */
function contents(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length), readFileSync(path, "utf8")];
    }),
  );
}

afterAll(() => {
  for (const folder of places) rmSync(folder, { recursive: true, force: true });
});

describe("growthos demo", { timeout: 900_000 }, () => {
  const folder = place("demo");
  let first: Ended;
  let pages: Readonly<Record<string, string>>;

  beforeAll(async () => {
    first = await growthos(folder, "demo");
    pages = contents(join(folder, "workspaces/demo/out"));
  }, 600_000);

  it("ends well in an empty environment and says where the report is", () => {
    expect(first.stderr).not.toContain("error[");
    expect(first.code).toBe(0);
    expect(first.stdout).toContain(join(folder, "workspaces/demo/out/2026-02-09/index.html"));
    expect(Object.keys(pages)).toContain("/2026-02-09/wbr.html");
    // Its pages show what its own alerts found.
    expect(pages["/2026-02-09/alerts.md"]).toContain("**11 alerts wait for somebody, 2 of them critical.**");
  });

  // One run shows both: it begins with what the first one left, and lies elsewhere. `.ci/run` compares runs in new folders.
  it("writes the same bytes when it is run again over its own workspace, in another folder", async () => {
    const elsewhere = place("demo-again");
    cpSync(folder, elsewhere, { recursive: true });
    const again = await growthos(elsewhere, "demo", "--json");
    expect(again.code === 0 ? "" : again.stderr).toBe("");
    expect(JSON.parse(again.stdout)).toMatchObject({ schema_version: 1, build: { up_to_date: false } });
    expect(again.stdout).toContain(elsewhere);
    expect(contents(join(elsewhere, "workspaces/demo/out"))).toEqual(pages);
  });

  it("finds everybody whom the answer key hides among the events, and which branch is strong or weak", async () => {
    const ws = openWorkspace({ projectRoot: folder, name: "demo", files: diskFiles });
    const db = await openDatabase({ path: currentBuild(ws)?.path ?? "", readOnly: true });
    const found = await followedUp(db);
    const branches = await branchFigures(db);
    const strangers = await strangePurchases(db);
    await db.close();
    const world = makeWorld({ seed: 42, days: 180, asOf: isoDate("2026-02-09") });
    expect(found).toEqual(expectedFollowUps(world));
    const [best, worst] = [branches[0], branches.at(-1)];
    expect([best?.branch, worst?.branch]).toEqual([STRENGTHS.strong.name, STRENGTHS.weak.name]);
    // Not for want of visitors.
    expect(worst?.visits).toBeGreaterThan(30);
    expect(branches).toHaveLength(4);
    // Every purchase is an order of the shop, on its day and at its value.
    expect(strangers).toEqual({ purchases: expect.any(Number), other: 0 });
    expect(strangers.purchases).toBeGreaterThan(40);
    // Typed in the demo's folder, without any config.
    const listed = await growthos(folder, "tasks", "list", "--json");
    expect(listed.stderr).toBe("");
    expect(JSON.parse(listed.stdout).tasks.length).toBeGreaterThan(20);
  });

  it("reports every injected anomaly in its week, and nothing in the quiet ones", async () => {
    const ws = openWorkspace({ projectRoot: folder, name: "demo", files: diskFiles });
    const db = await openDatabase({ path: currentBuild(ws)?.path ?? "", readOnly: true });
    const weeks = await alertWeeks(db, isoDate("2025-08-13"));
    await db.close();
    const quiet = weeks.filter(({ isQuiet }) => isQuiet);
    const alarms = falseAlarms(weeks);
    console.info(`alerts: ${alarms.length} false alarms in ${quiet.length} quiet weeks`);
    expect(missedAnomalies(weeks)).toEqual([]);
    expect(quiet.length).toBeGreaterThanOrEqual(5);
    expect(alarms.length).toBeLessThanOrEqual(quiet.length / 20);
  });

  it("exits with 5 for an alert at or above --fail-on", async () => {
    await growthos(folder, "init", "--demo");
    const seen = await growthos(folder, "alerts", "--fail-on", "critical", "--json");
    expect(seen.code, seen.stderr).toBe(5);
    const { day, alerts } = JSON.parse(seen.stdout) as { day: string; alerts: { key: string; status: string }[] };
    expect(day).toBe("2026-02-08");
    expect(alerts.map(({ key, status }) => `${status} ${key}`)).toContain("new roas_below_one:meta");
  });

  it("explains the shop to GA4 but for the orders that GA4 never saw, and counts a failed check of one's own", async () => {
    cpSync(join(ROOT, "growthos.config.ts"), join(folder, "growthos.config.ts"));
    mkdirSync(join(folder, "sql/checks"), { recursive: true });
    const dear =
      "-- No order is above 1.00.\n-- severity: error\nselect order_id from fact_orders where net_cents > 100";
    writeFileSync(join(folder, "sql/checks/dear.sql"), dear);
    const reconciled = await growthos(folder, "reconcile", "--window", "2025-08-13..2026-02-08", "--by-day", "--json");
    expect(reconciled.stderr).toBe("");
    const { reconciliations } = JSON.parse(reconciled.stdout);
    const [ga4, meta] = ["ga4", "meta"].map((id) =>
      reconciliations.find(({ system }: { system: string }) => system === id),
    );
    const { orders } = makeWorld({ seed: 42, days: 180, asOf: isoDate("2026-02-09") });
    const unseen = orders.filter((order) => order.entrance !== null && order.kind !== "test" && !order.tracked);
    const goods = unseen.reduce((sum, order) => sum + moneyOf(order).goods, 0);
    // The demo's GA4 sees 96 % of the web orders, fewer while a banner blocks the tag; its transactions tell which, and nothing is left unexplained.
    expect(ga4).toMatchObject({ compared_days: 180, missing: [], unexplained: { orders: 0, amount_minor: 0 } });
    expect(ga4.causes).toContainEqual({ cause: "not_seen", orders: -unseen.length, amount_minor: -goods });
    expect(ga4.days).toHaveLength(180);
    expect(meta.unexplained.orders_share).toBeCloseTo(OVERCLAIM.meta_ads - 1, 1);
    const checked = await growthos(folder, "check", "--json");
    expect(checked.code).toBe(4);
    const { checks } = JSON.parse(checked.stdout) as {
      checks: readonly { id: string; status: string; severity: string }[];
    };
    expect(checks.filter(({ status }) => status === "failed")).toMatchObject([{ id: "own/dear", severity: "error" }]);
    rmSync(join(folder, "sql"), { recursive: true });
  });

  it("leaves a workspace alone that it did not make", async () => {
    const taken = place("demo-taken");
    mkdirSync(join(taken, "workspaces/demo"), { recursive: true });
    const ended = await growthos(taken, "demo");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("error[DEMO_PLACE_TAKEN]");
    expect(readdirSync(join(taken, "workspaces/demo"))).toEqual([]);
  });
});

describe("exit codes of the real program", { timeout: 120_000 }, () => {
  it.each([
    [["--version"], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
    [["--help"], 0, /Commands:/, /^$/],
    [["buidl"], 2, /^$/, /^error\[USAGE\]: unknown command 'buidl'\nhint: did you mean `growthos build`\?\n$/],
    [["status"], 2, /^$/, /^error\[CONFIG_MISSING\]/],
    [["status", "--json"], 2, /"schema_version": 1,\n {2}"error": \{\n {4}"code": "CONFIG_MISSING"/, /CONFIG_MISSING/],
  ])("%j: %i", async (args, code, stdout, stderr) => {
    const ended = await growthos(place("exit"), ...args);
    expect(ended.stdout).toMatch(stdout);
    expect(ended.stderr).toMatch(stderr);
    expect(ended.code).toBe(code);
  });

  it("survives a reader that closes the pipe", async () => {
    const child = spawn(process.execPath, [BIN, "--help"], { env: EMPTY, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => {
      stderr += data.toString();
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("ends with 130 when interrupted", async () => {
    const folder = place("interrupt");
    const child = spawn(process.execPath, [BIN, "demo"], {
      cwd: folder,
      env: EMPTY,
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr.once("data", () => child.kill("SIGINT"));
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(130);
  });
});

const ORDERS = [
  "order id,date,email,total,currency",
  "1001,2026-01-05,a@example.com,100.00,EUR",
  "1002,2026-01-06,b@example.com,50.00,EUR",
];
const SPEND = ["date,campaign,spend,currency", "2026-01-05,brand,10.00,EUR"];

/** A shop with files and, when wanted, a Shopify account that answers with nothing but errors. */
function shop(folder: string, extra: string): void {
  mkdirSync(join(folder, "inbox"));
  writeFileSync(join(folder, "inbox/orders.csv"), `${ORDERS.join("\n")}\n`);
  writeFileSync(join(folder, "inbox/spend.csv"), `${SPEND.join("\n")}\n`);
  writeFileSync(
    join(folder, "growthos.config.ts"),
    `import { defineConfig } from "growthos";
export default defineConfig({
  shop: { name: "Test shop", currency: "EUR", timeZone: "Europe/Berlin" },
  asOf: "2026-02-01",
  sources: {
    files: { imports: [
      { path: "inbox/orders*.csv", as: "orders", columns: { order_id: "order id", ordered_at: "date", email: "email", total: "total", currency: "currency" } },
      { path: "inbox/spend*.csv", as: "spend", columns: { spend_date: "date", campaign_name: "campaign", spend: "spend", currency: "currency" } },
    ] },
    ${extra}
  },
  // Two pages stand for all sixteen: what the demo above writes is whole.
  reports: { pages: ["data-health", "products"] },
});
`,
  );
}

/** A context as the program makes it, with a network of the test's own. */
function contextIn(
  folder: string,
  send: Effects["transport"] = () => Promise.reject(new Error("no network")),
): CommandContext {
  const effects = {
    ...realEffects({ signal: new AbortController().signal, show: () => {}, secrets: [] }),
    cwd: folder,
    transport: send,
  };
  return createContext({
    effects: { ...effects, env: { SHOPIFY_TOKEN: "canary-token" } },
    flags: {
      workspace: undefined,
      config: undefined,
      asOf: undefined,
      json: false,
      quiet: true,
      verbose: false,
      dryRun: false,
      input: false,
      color: false,
    },
    output: createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } }),
    packageFolder: ROOT,
    version: "0.0.0-test",
  });
}

const NO_ARGS = { positionals: [], options: {} };

describe("a source that fails", { timeout: 300_000 }, () => {
  it("leaves the others committed, built and reported, and exits 3 without a secret in the output", async () => {
    const folder = place("failing");
    shop(folder, 'shopify: { shop: "broken", since: "2026-01-01" },');
    const context = contextIn(folder, async () => ({
      send: async () => ({ status: 404, headers: {}, body: '{"errors":"Not Found"}' }),
    }));
    const outcome = await run.run(context, NO_ARGS);
    expect(outcome.exit).toBe("source");
    expect(outcome.errors?.map((error) => error.code)).toEqual([expect.stringMatching(/^API_/)]);
    expect(JSON.stringify(outcome)).not.toContain("canary-token");
    expect(outcome.json).toMatchObject({
      sync: {
        run: {
          sources: expect.arrayContaining([expect.objectContaining({ source: "files", state: "completed", rows: 3 })]),
        },
      },
      build: { rows: { fact_orders: 2, fact_spend: 1 } },
    });
    expect(readdirSync(join(folder, "workspaces/main/out"))).toContain("2026-02-01");
  });

  it("is refused before anything is read when its credential is missing", async () => {
    const folder = place("secrets");
    shop(folder, 'meta_ads: { accounts: ["1"] },');
    await expect(sync.run(contextIn(folder), NO_ARGS)).rejects.toMatchObject({
      code: "SECRETS_MISSING",
      exitCode: 7,
      parts: { why: "META_ADS_TOKEN" },
    });
  });
});

describe("a critical check that fails", { timeout: 300_000 }, () => {
  it("keeps yesterday's marts and exits 4", async () => {
    const folder = place("checks");
    shop(folder, "");
    const context = contextIn(folder);
    expect((await run.run(context, NO_ARGS)).exit).toBe("ok");
    const before = currentBuild(await context.workspace());
    const reports = contents(join(folder, "workspaces/main/out"));
    writeFileSync(join(folder, "inbox/spend-2.csv"), "date,campaign,spend,currency\n2026-01-06,brand,-5.00,EUR\n");
    expect((await sync.run(contextIn(folder), NO_ARGS)).exit).toBe("ok");
    await expect(build.run(contextIn(folder), NO_ARGS)).rejects.toMatchObject({ code: "CHECK_FAILED", exitCode: 4 });
    expect(currentBuild(await context.workspace())).toEqual(before);
    expect(contents(join(folder, "workspaces/main/out"))).toEqual(reports);
  });
});
