import { dirname } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { systemRandom } from "../base/ids.js";
import type { Config } from "../config/types.js";
import { freshWorkspace, publishNumber, removeFolders } from "../testing/workspace.js";
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

describe("a build that is opened to be read", () => {
  it("has half of the memory, spills what does not fit, and leaves nothing behind", async () => {
    const ws = await freshWorkspace();
    const { path } = await publishNumber(ws, 1);
    const projectRoot = dirname(dirname(ws.root));
    const own = { name: ws.name };
    const context = createContext({
      effects: { files: ws.files, random: systemRandom, memoryMb: 6144 } as unknown as Effects,
      flags: {} as GlobalFlags,
      output: {} as Output,
      packageFolder: "",
      version: "0",
      config: async () => ({ projectRoot, workspaces: [own] }) as unknown as Config,
    });
    const [first, second] = [await context.openBuild(), await context.openBuild()];
    expect(first.build.path).toBe(path);
    expect(await first.database.one("select current_setting('memory_limit') as most")).toEqual({ most: "2.8 GiB" });
    await first.database.run("set memory_limit = '40MB'");
    const large = "select count(distinct i::varchar || ' of many') as n from range(1500000) as t(i)";
    expect(await second.database.one(large)).toEqual({ n: 1_500_000 });
    await Promise.all([first.database.close(), second.database.close()]);
    expect(ws.files.list(ws.at("staging"))).toEqual([]);
  });
});
