import { existsSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { codeOf, freshWorkspace, publishNumber, removeFolders } from "../testing/workspace.js";
import { openDatabase } from "./duckdb.js";
import { currentBuild, listBuilds, publishBuild, startBuild } from "./publish.js";

afterAll(removeFolders);

describe("publishing", () => {
  it("moves the pointer, and readers keep the file that they opened", async () => {
    const ws = await freshWorkspace();
    expect(currentBuild(ws)).toBeNull();
    const first = await publishNumber(ws, 1);
    expect(currentBuild(ws)).toEqual(first);
    const reader = await openDatabase({ path: first.path, readOnly: true });
    const second = await publishNumber(ws, 2);
    expect(await reader.one("select value from numbers")).toEqual({ value: 1 });
    await reader.close();
    expect(currentBuild(ws)?.buildId).toBe(second.buildId);
    expect(listBuilds(ws)).toEqual([first.buildId, second.buildId]);
    expect(second.buildId > first.buildId).toBe(true);
  });

  it("wipes unfinished builds and never uses a name twice", async () => {
    const ws = await freshWorkspace();
    const abandoned = startBuild(ws, systemRandom);
    writeFileSync(abandoned.path, "half");
    writeFileSync(`${abandoned.path}.wal`, "half");
    const next = startBuild(ws, systemRandom);
    expect(next.path).not.toBe(abandoned.path);
    expect(existsSync(abandoned.path) || existsSync(`${abandoned.path}.wal`)).toBe(false);
  });

  it("B-34 B-35 B-36 refuses a build that was not closed", async () => {
    const ws = await freshWorkspace();
    const started = startBuild(ws, systemRandom);
    const db = await openDatabase({ path: started.path });
    await db.run("create table t as select 1");
    const build = { ...started, logVersion: 0, inputHash: "h", asOf: isoDate("2026-02-09") };
    expect(await codeOf(() => publishBuild(ws, build))).toBe("DATABASE_LEFT_WAL");
    await db.close();
    publishBuild(ws, build);
  });

  it("F16 names the pointer or the build that was changed by hand", async () => {
    const ws = await freshWorkspace();
    const build = await publishNumber(ws, 1);
    const text = ws.files.readText(ws.at("warehouse", "CURRENT"));
    writeFileSync(ws.at("warehouse", "CURRENT"), text.replace("000001-", "000002-"));
    expect(await codeOf(() => currentBuild(ws))).toBe("BUILD_DAMAGED");
    writeFileSync(ws.at("warehouse", "CURRENT"), text);
    ws.files.append(build.path, "x");
    expect(await codeOf(() => currentBuild(ws))).toBe("BUILD_DAMAGED");
    ws.files.remove(build.path);
    expect(await codeOf(() => currentBuild(ws))).toBe("BUILD_DAMAGED");
  });
});
