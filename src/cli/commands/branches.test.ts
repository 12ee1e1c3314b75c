/** Branches of a small shop of files, whose figures are worked out in `testing/branch-shop.ts`. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { writeBranchShop } from "../../testing/branch-shop.js";
import { runProgram } from "../../testing/program.js";
import type { Branch } from "../../transform/branches.js";
import { branchNamed } from "../branches.js";

let folder = "";
const growthos = (...argv: readonly string[]) =>
  runProgram(argv, {
    cwd: folder,
    env: { HOME: join(folder, "home") },
    clock: fixedClock(Date.parse("2026-02-09T12:00:00Z")),
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "growthos-branches-"));
  writeBranchShop(folder, { reports: { pages: ["executive"] } });
  for (const step of ["sync", "build"]) {
    const { exit, stderr } = await growthos(step, "--quiet");
    expect(exit, stderr).toBe(0);
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Values = Readonly<Record<string, { readonly value: { readonly status: string; readonly value?: number } }>>;
const numbers = (values: Values) =>
  Object.fromEntries(Object.entries(values).map(([id, { value }]) => [id, value.value ?? value.status]));

describe("growthos branches", { timeout: 60_000 }, () => {
  it("lists branches that add up to the whole, with what no branch is known of", async () => {
    const { stdout } = await growthos("branches", "list", "--days", "1", "--json");
    const { totals, rows, availability } = JSON.parse(stdout);
    expect(numbers(totals)).toEqual({
      ...{ web_revenue: 8000, web_purchases: 2, web_visits: 4, web_visitors: 4, abandoned_carts: 1 },
      ...{ searches: 2, failed_searches: 1, repeat_visitors: 1, web_conversion_rate: 0.5 },
    });
    const visits = rows.map(({ key, values }: { key: string; values: Values }) => [key, numbers(values)["web_visits"]]);
    expect(visits.sort()).toEqual([
      ["(none)", 1],
      ["1", 2],
      ["2", 1],
    ]);
    const page = { kind: "page_view", count: 6, first: "2026-02-06", last: "2026-02-08" };
    expect(availability).toContainEqual(page);
    const { stdout: text } = await growthos("branches", "list", "--days", "1");
    expect(text).toContain("nothing happened in these days: 003");
    expect(text).toMatch(/^001 +North +Oslo +\$80\.00 +2 +2 /m);
    expect(text).toMatch(/^unassigned +Unassigned /m);
    expect(text).toMatch(/^all +\$80\.00 +2 +4 +4 +1 +2 +1 +1 +50\.0%/m);
    // The largest revenue stands first.
    expect(rows[0].key).toBe("1");
    expect(text).toMatch(/^nothing happened in these days: 003$/m);
  });

  it("shows one branch by code or name against the days before", async () => {
    const { stdout } = await growthos("branches", "show", "NORTH", "--days", "1", "--json");
    const { branch, totals } = JSON.parse(stdout);
    expect([branch.code, branch.is_active]).toEqual(["001", true]);
    expect(totals.web_revenue).toMatchObject({
      value: { value: 8000 },
      previous: { value: 1000 },
      change: { value: 7 },
    });
    const { stdout: none } = await growthos("branches", "show", "unassigned", "--days", "1", "--json");
    expect(numbers(JSON.parse(none).totals)["web_visits"]).toBe(1);
  });

  it("fills points without rows, and calls those unknown whose days have not landed", async () => {
    const chart = async (...argv: readonly string[]) => {
      const { series } = JSON.parse((await growthos("branches", "chart", ...argv, "--json")).stdout);
      return series.map((point: { key: string; values: Values }) => [point.key, numbers(point.values)["web_visits"]]);
    };
    expect(await chart("001", "--days", "4")).toEqual([
      ["2026-02-05", "unknown"],
      ["2026-02-06", 1],
      ["2026-02-07", 1],
      ["2026-02-08", 2],
    ]);
    expect(await chart("--granularity", "12hours", "--days", "1")).toEqual([
      ["2026-02-08T00:00+00:00", 1],
      ["2026-02-08T12:00+00:00", 3],
    ]);
    expect(await chart("--granularity", "4hours", "--days", "1", "002")).toEqual(
      ["00", "04", "08", "12", "16", "20"].map((hour) => [`2026-02-08T${hour}:00+00:00`, hour === "12" ? 1 : 0]),
    );
    expect(await chart("--granularity", "hourly", "--days", "1")).toHaveLength(24);
  });

  it("are a page of the report, with the reps and the tasks of the moment", async () => {
    await growthos("branches", "map", "002", "eve@example.com", "--name", "Eve");
    const { exit, stderr } = await growthos("report", "--page", "branches", "--format", "md");
    expect(exit, stderr).toBe(0);
    const page = readFileSync(join(folder, "workspaces/main/out/2026-02-09/branches.md"), "utf8");
    expect(page).toMatch(/^## South$/m);
    expect(page).toContain("Branch 002, Rome. Its daily report goes to Eve. 2 tasks are open, none of high priority.");
    expect(page).toMatch(/\| cart-[0-9a-f]{8} \| low \| 33 h \| 18\.00 USD \| left in the cart: 1 x Axe/);
    expect(page).toContain("Branch 001, Oslo. Nobody gets its daily report. 3 tasks are open");
  });

  it("asks back when several branches bear a name, and takes the code before the name", () => {
    const called = (id: string, code: string, name: string): Branch => ({
      ...{ id, code, name, city: null, state: null, country: null, isActive: true, isListed: true },
    });
    const known = [called("1", "north", "Twin"), called("2", "002", "Twin"), called("3", "003", "North")];
    expect(() => branchNamed("TWIN", known)).toThrow('2 branches are called "TWIN"');
    expect(branchNamed(" North ", known).id).toBe("1");
    expect(branchNamed("3", known).id).toBe("3");
    expect(branchNamed("Unassigned", known).code).toBe("unassigned");
  });

  it("refuses what it cannot answer", async () => {
    for (const [argv, said] of [
      [["show", "Noth"], "did you mean North?"],
      [["list", "--days", "0"], "error[BAD_WINDOW]"],
      [["list", "--from", "2026-02-30"], '"2026-02-30" is no day'],
      [["list", "--to", "2026-02-09"], "the last complete day is 2026-02-08"],
      [["chart", "--from", "2026-02-08", "--to", "2026-02-07"], "before they begin"],
    ] as const) {
      const { exit, stderr } = await growthos("branches", ...argv);
      expect([exit, stderr], argv.join(" ")).toEqual([2, expect.stringContaining(said)]);
    }
  });
});
