import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { type Bench, openBench } from "../../testing/evaluate.js";
import { runProgram } from "../../testing/program.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "growthos-costs-"));
  mkdirSync(join(folder, "inbox"));
  const orders = Array.from({ length: 40 }, (_, index) => {
    const day = new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
    return `${index + 1},${day}T10:00:00Z,100.00`;
  });
  writeFileSync(join(folder, "inbox/orders.csv"), `No,At,Total\n${orders.join("\n")}\n`);
  const columns = { order_id: "No", ordered_at: "At", total: "Total" };
  const config = {
    shop: { name: "Tiny", currency: "USD", timeZone: "UTC" },
    sources: { files: { imports: [{ path: "inbox/orders.csv", as: "orders", columns }] } },
    reports: { pages: ["pnl"] },
  };
  writeFileSync(join(folder, "growthos.config.ts"), `export default ${JSON.stringify(config)};\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const growthos = (...argv: readonly string[]) =>
  runProgram(argv, {
    cwd: folder,
    env: { HOME: join(folder, "home") },
    clock: fixedClock(Date.parse("2026-02-09T12:00:00Z")),
  });
const listed = async () =>
  JSON.parse((await growthos("costs", "list", "--json")).stdout).costs as { id: string; amount: string }[];

describe("growthos costs", { timeout: 120_000 }, () => {
  it("enters, corrects, lists, counts, and takes back", async () => {
    expect((await growthos("costs", "list")).stdout).toContain("No costs were entered");
    const added = await growthos(
      "costs",
      "add",
      "Rent",
      "--amount",
      "3100",
      "--from",
      "2026-01-01",
      "--to",
      "2026-02-01",
    );
    expect([added.exit, added.stdout], added.stderr).toEqual([0, expect.stringContaining("the next build counts it")]);
    await growthos("costs", "add", "Rent", "--amount", "6200.00", "--from", "2026-01-01", "--to", "2026-02-01");
    await growthos("costs", "add", "Photos", "--amount", "299", "--from", "2026-01-15", "--category", "creative");
    expect((await listed()).map(({ amount }) => amount)).toEqual(["6200.00", "299"]);
    expect((await growthos("sync", "--quiet")).exit).toBe(0);
    expect((await growthos("build", "--quiet")).exit).toBe(0);
    const asked = async () => {
      const { stdout, stderr } = await growthos(
        "metrics",
        "entered_costs",
        "--window",
        "2026-01-15..2026-01-16",
        "--json",
      );
      return JSON.parse(stdout || stderr).totals?.entered_costs?.value?.value ?? stdout + stderr;
    };
    // Two days of rent at 200.00 and the photos.
    expect(await asked()).toBe(699_00);
    const [rent] = await listed();
    const removed = await growthos("costs", "remove", rent?.id ?? "");
    expect([removed.exit, removed.stdout]).toEqual([
      0,
      expect.stringContaining("taken back: Rent (other): 6200.00 USD"),
    ]);
    expect((await growthos("build", "--quiet")).exit).toBe(0);
    expect(await asked()).toBe(299_00);
  });

  it("takes a file whole or not at all, and never twice", async () => {
    const path = join(folder, "costs.csv");
    writeFileSync(path, 'Name,From,To,Amount\nTools,2026-01-01,2026-04-01,"1,200.50"\nLegal,2026-01-20,,80\n');
    for (const _ of [1, 2])
      expect((await growthos("costs", "import", "costs.csv")).stdout).toContain("2 costs entered");
    expect((await listed()).map(({ amount }) => amount).sort()).toEqual(["1200.50", "299", "80"]);
    writeFileSync(path, "name,from,amount\nA,2026-01-01,5\nB,yesterday,5\nC,2026-01-01,five\n");
    const refused = await growthos("costs", "import", "costs.csv");
    expect(refused.exit).toBe(2);
    expect(refused.stderr).toMatch(/2 of 3 rows .* are no costs/);
    expect(refused.stderr).toContain('row 2: "yesterday" is no day such as 2026-01-31; row 3: "five" is no amount');
    expect(await listed()).toHaveLength(3);
    writeFileSync(path, "name,when\nA,2026-01-01\n");
    expect((await growthos("costs", "import", "costs.csv")).stderr).toContain("it lacks the columns amount, from");
    expect((await growthos("costs", "import", "nothing.csv")).stderr).toContain("error[COSTS_FILE]");
  });

  it("refuses what is no cost, and does nothing in a dry run", async () => {
    const wrong = async (...argv: readonly string[]) => {
      const { exit, stderr } = await growthos("costs", "add", ...argv);
      expect([exit, stderr.includes("error[BAD_COST]")], stderr).toEqual([2, true]);
      return stderr;
    };
    expect(await wrong("X", "--from", "2026-01-01")).toContain('"" is no amount');
    expect(await wrong("X", "--amount", "1.005", "--from", "2026-01-01")).toContain("USD has 2 decimals, 1.005 has 3");
    expect(await wrong("X", "--amount", "1", "--from", "2026-02-30")).toContain("is no day");
    expect(await wrong("X", "--amount", "1", "--from", "2026-01-02", "--to", "2026-01-02")).toContain("is not after");
    expect(await wrong("X", "--amount", "1", "--from", "2026-01-02", "--currency", "euro")).toContain("ISO 4217");
    expect((await growthos("costs", "remove", "zzz")).stderr).toContain("error[COST_UNKNOWN]");
    const before = await listed();
    await growthos("costs", "add", "Dry", "--amount", "1", "--from", "2026-01-02", "--dry-run");
    expect(await listed()).toEqual(before);
  });
});

/** The predecessor's expected sums of a month (metricx, finance): name, month, whole currency units, in which cents. */
const GOLDENS = [
  ["a one-off inside", { amount: 299, from: "2025-10-15", to: null }, "2025-10", 299_00],
  ["a one-off outside", { amount: 299, from: "2025-09-15", to: null }, "2025-10", 0],
  ["a range wholly inside", { amount: 1000, from: "2025-10-05", to: "2025-10-15" }, "2025-10", 1000_00],
  [
    "20 September to 10 October: 9 of 20 days",
    { amount: 2000, from: "2025-09-20", to: "2025-10-10" },
    "2025-10",
    900_00,
  ],
  // 30 of 91 days are 3032.967. Days are whole cents that add up to the cost, so a part of them is right to the cent and not rounded by itself.
  ["October to December in November", { amount: 9200, from: "2025-10-01", to: "2025-12-31" }, "2025-11", 3032_96],
  ["a leap February", { amount: 2900, from: "2024-02-01", to: "2024-03-01" }, "2024-02", 2900_00],
] as const;

describe("a month's share of a cost", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it.each(GOLDENS)("%s", async (_, { amount, from, to }, month, expected) => {
    const cost = { cost_id: "c", cost_name: "c", category: "other", currency: "USD", amount_cents: amount * 100 };
    const rows = await bench.rowsOf("fact_costs", { stg_costs: [{ ...cost, from_date: from, to_date: to }] });
    const inMonth = rows.filter((row) => String(row["cost_date"]).startsWith(month));
    expect(inMonth.reduce((sum, row) => sum + Number(row["amount_cents"]), 0)).toBe(expected);
    expect(rows.reduce((sum, row) => sum + Number(row["amount_cents"]), 0)).toBe(amount * 100);
  });
});
