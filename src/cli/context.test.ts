import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import type { Config } from "../config/types.js";
import { codeOf, freshWorkspace, publishNumber, removeFolders } from "../testing/workspace.js";
import type { Effects, GlobalFlags, Output } from "./command.js";
import { createContext } from "./context.js";

afterAll(removeFolders);

function contextAt(clock: ReturnType<typeof fixedClock>, timeZone: string) {
  const shop = { name: "main", shop: { name: "S", currency: "USD", timeZone }, asOf: null };
  return createContext({
    effects: { clock } as unknown as Effects,
    flags: {} as GlobalFlags,
    output: {} as Output,
    packageFolder: "",
    version: "0",
    config: async () => ({ projectRoot: "", workspaces: [shop] }) as unknown as Config,
  });
}

describe("the day that an answer is for", () => {
  it("is today in the shop's time zone, not the machine's", async () => {
    const clock = fixedClock(Date.parse("2026-02-09T03:00:00Z"));
    expect(await contextAt(clock, "America/New_York").asOf()).toBe("2026-02-08");
    expect(await contextAt(clock, "Asia/Tokyo").asOf()).toBe("2026-02-09");
  });

  it("C04 stays what it was when the run began, also over midnight", async () => {
    const clock = fixedClock(Date.parse("2026-02-08T23:59:59Z"));
    const context = contextAt(clock, "UTC");
    expect(await context.asOf()).toBe("2026-02-08");
    clock.advance(60_000);
    expect(await context.asOf()).toBe("2026-02-08");
    expect(await contextAt(clock, "UTC").asOf()).toBe("2026-02-09");
  });
});

async function builtContext() {
  const ws = await freshWorkspace();
  const { path } = await publishNumber(ws, 1);
  const projectRoot = dirname(dirname(ws.root));
  const own = { name: ws.name };
  const context = createContext({
    effects: { files: ws.files, random: systemRandom, memoryMb: 6144, processes: 1 } as unknown as Effects,
    flags: {} as GlobalFlags,
    output: {} as Output,
    packageFolder: "",
    version: "0",
    config: async () => ({ projectRoot, workspaces: [own] }) as unknown as Config,
  });
  return { context, ws, path };
}

describe("a workspace that is not there", () => {
  it("is made by a command, and not by a dry run, which finds nothing in it", async () => {
    const there = await freshWorkspace();
    const [projectRoot, files] = [dirname(dirname(there.root)), there.files];
    const contextOf = (dryRun: boolean) =>
      createContext({
        effects: { files, random: systemRandom, log: silentLog, keepLog: () => {} } as unknown as Effects,
        flags: { dryRun } as GlobalFlags,
        output: {} as Output,
        packageFolder: "",
        version: "0",
        config: async () => ({ projectRoot, workspaces: [{ name: "new" }] }) as unknown as Config,
      });
    const planned = await contextOf(true).workspace();
    expect(planned).toMatchObject({ name: "new", root: join(projectRoot, "workspaces", "new") });
    expect([files.list(planned.at("log")), files.stat(planned.root)]).toEqual([[], undefined]);
    const made = await contextOf(false).workspace();
    expect([made.root, files.stat(made.root)?.kind]).toEqual([planned.root, "folder"]);
    expect((await contextOf(true).workspace()).id).toBe(made.id);
  });
});

describe("a build that is opened to be read", () => {
  it("has half of the memory, spills what does not fit, and leaves nothing behind", async () => {
    const { context, ws, path } = await builtContext();
    const [first, second] = [await context.openBuild(), await context.openBuild()];
    expect(first.build.path).toBe(path);
    expect(await first.database.one("select current_setting('memory_limit') as most")).toEqual({ most: "2.8 GiB" });
    await first.database.run("set memory_limit = '40MB'");
    const large = "select count(distinct i::varchar || ' of many') as n from range(1500000) as t(i)";
    expect(await second.database.one(large)).toEqual({ n: 1_500_000 });
    await Promise.all([first.database.close(), second.database.close()]);
    expect(ws.files.list(ws.at("staging"))).toEqual([]);
  });

  it("says that it is too old for a relation or column that it lacks, and nothing else of a statement that fails", async () => {
    const { context } = await builtContext();
    const { database } = await context.openBuild();
    const fails = (sql: string) => codeOf(() => database.all(sql));
    const codes = await Promise.all(
      [
        "select sum(purchases) from numbers",
        "select n.purchases from numbers as n",
        "select value from fact_orders",
        "select * from meta.build",
        "selec",
        "select 'x'::integer",
        "select no_such_function(value) from numbers",
      ].map(fails),
    );
    expect(codes).toEqual([...Array(4).fill("STALE_BUILD"), "SQL_FAILED", "SQL_FAILED", "SQL_FAILED"]);
    await expect(database.one("select sum(purchases) from numbers")).rejects.toMatchObject({
      parts: { why: expect.stringContaining('"purchases"'), hint: "run `growthos build`" },
    });
    expect(await database.one("select value from numbers")).toEqual({ value: 1 });
    await database.close();
  });
});
