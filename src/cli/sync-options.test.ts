import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runProgram } from "../testing/program.js";
import { freshFolder, removeFolders } from "../testing/workspace.js";

afterAll(removeFolders);

describe("sync of files", () => {
  it("is left out by --today and --backfill, which read certain days and nothing else", async () => {
    const cwd = freshFolder();
    mkdirSync(join(cwd, "inbox"));
    writeFileSync(join(cwd, "inbox", "orders.csv"), "id,day,total\n1,2026-02-01,5\n");
    const imports = [
      { path: "inbox/orders.csv", as: "orders", columns: { order_id: "id", ordered_at: "day", total: "total" } },
    ];
    const shop = { name: "Tiny", currency: "USD", timeZone: "UTC" };
    writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify({ shop, sources: { files: { imports } } }));
    const rows = async (...argv: readonly string[]) => {
      const { exit, stdout, stderr } = await runProgram(["sync", "--json", ...argv], { cwd });
      expect({ exit, stderr }).toMatchObject({ exit: 0 });
      const { run } = JSON.parse(stdout) as { run: { sources: readonly { readonly rows: number }[] } };
      return run.sources.reduce((sum, source) => sum + source.rows, 0);
    };
    for (const only of [["--today"], ["--backfill", "2026-01-01..2026-01-31"]]) {
      expect(await rows(...only)).toBe(0);
      expect(await runProgram(["sync", "--dry-run", ...only], { cwd })).toMatchObject({ stdout: "nothing to read" });
    }
    expect(await rows()).toBe(1);
  });

  it("is told of by a dry run of a demo, which writes not even the demo's own lists", async () => {
    const cwd = freshFolder();
    const shop = { name: "Tiny", currency: "USD", timeZone: "UTC" };
    const sources = { demo: { seed: 7, days: 30, asOf: "2026-02-09" } };
    writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify({ shop, sources }));
    await runProgram(["init", "--quiet"], { cwd });
    const everything = () => readdirSync(cwd, { recursive: true, encoding: "utf8" }).sort();
    const before = everything();
    const { exit, stdout, stderr } = await runProgram(["sync", "--dry-run", "--source", "files"], { cwd });
    expect({ exit, stdout, stderr }).toMatchObject({ exit: 0, stdout: "nothing to read" });
    expect(everything()).toEqual(before);
    await runProgram(["sync", "--source", "files"], { cwd });
    expect(everything()).toContain("workspaces/main/lists/users.csv");
  });
});
