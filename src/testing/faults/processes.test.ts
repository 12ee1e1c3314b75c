import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../base/clock.js";
import { systemRandom } from "../../base/ids.js";
import { Secret } from "../../base/secret.js";
import { parseKey } from "../../vault/keys.js";
import { readRecord, writeRecord } from "../../vault/records.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { createWorkspace, openWorkspace } from "../../warehouse/layout.js";
import { withCredentialsLock } from "../../warehouse/lock.js";
import type { Database } from "../../warehouse/types.js";
import { startServer } from "../doubles/server.js";
import { bundleEntry, startChild } from "./bundle.js";
import { contend, contendForPidFile, count, doubleOwners } from "./contention.js";
import { differenceOf, killedAfter, undisturbed } from "./kill-walk.js";
import { warehouseScenario } from "./warehouse-scenario.js";

const ROUNDS = 12;
let db: Database;
const bundles: Record<string, string> = {};
const folders: string[] = [];

beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
  for (const name of ["kill-entry", "contend-entry", "renew-entry"]) bundles[name] = await bundleEntry(name);
});
afterAll(async () => {
  await db.close();
  for (const folder of [...folders, ...Object.values(bundles).map(dirname)]) rmSync(folder, { recursive: true });
});

async function freshWorkspace(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "growthos-processes-"));
  folders.push(root);
  await createWorkspace({ projectRoot: root, name: "shop", files: diskFiles, random: systemRandom });
  return root;
}

describe("a process that is killed", () => {
  it("P01 loses nothing that it acknowledged, and the next one ends the work without help", async () => {
    const scenario = warehouseScenario({ db, rounds: ROUNDS, publish: false });
    const root = await freshWorkspace();
    const walk = {
      bundle: bundles["kill-entry"] ?? "",
      root,
      rounds: ROUNDS,
      scenario,
      acknowledged: new Set<string>(),
    };
    // A walk over the run: each process is killed a little later than the one before, counted from its start of work.
    for (let kill = 0; kill < 6; kill++)
      expect(await killedAfter(walk, 5 + 12 * kill)).toMatchObject({ lost: [], torn: null });
    expect(await killedAfter(walk, null)).toEqual({ isDone: true, wasKilled: false, lost: [], torn: null });
    expect(await differenceOf(walk, await undisturbed(scenario, await freshWorkspace()))).toBeNull();
  });
});

// Both count events, not seconds: a busy machine only takes longer.
describe("processes that want one lock", () => {
  it("P06 four of them, some of which die with it, never hold the kernel's lock together", async () => {
    const root = await freshWorkspace();
    const isOver = (journal: string) => count(journal, "enter") >= 20 && count(journal, "die") >= 3;
    const journal = await contend({ bundle: bundles["contend-entry"] ?? "", root, dieEvery: 9, isOver });
    expect(doubleOwners(journal)).toBe(0);
  });

  it("do hold a pid file together: the test can tell the difference", async () => {
    const root = await freshWorkspace();
    const journal = await contendForPidFile({ bundle: bundles["contend-entry"] ?? "", root, rounds: 20 });
    expect(doubleOwners(journal)).toBeGreaterThan(0);
  });

  it("P06 a second run is told who holds the lock", async () => {
    const root = await freshWorkspace();
    const { withLock } = await import("../../warehouse/lock.js");
    const { systemClock } = await import("../../base/clock.js");
    const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
    await withLock(ws, "ingest", { waitMs: 0, clock: systemClock, owner: "sync of shop" }, async () => {
      const child = startChild(bundles["kill-entry"] ?? "", [root, "1"]);
      const { code } = await child.ended;
      expect(code).toBe(1);
      expect(child.lines.join("\n")).toContain(`process ${process.pid} has it open; held by "sync of shop" for 0 min`);
    });
  });
});

describe("a token that has run out", () => {
  it("K06 is renewed once by several processes that want it at once", async () => {
    const root = await freshWorkspace();
    const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
    const key = "0f".repeat(32);
    const current = parseKey(key, "a test");
    const vault = {
      files: diskFiles,
      folder: ws.at("credentials"),
      workspaceId: ws.id,
      keys: { current, next: null, previous: null, place: null },
      random: systemRandom,
      now: () => "2026-02-09T12:00:00Z",
    };
    const options = { waitMs: 0, clock: systemClock, owner: "a test", random: systemRandom };
    await withCredentialsLock(ws, options, async () =>
      writeRecord(vault, "shopify", {
        method: "refresh_token",
        connectedAt: "2026-02-09T12:00:00Z",
        members: {},
        token: {
          accessToken: new Secret("access-0"),
          expiresAt: 0,
          refreshToken: new Secret("refresh-0"),
          previousRefreshToken: null,
        },
      }),
    );
    const used: string[] = [];
    let refreshes = 0;
    // Strict: a refresh token works once, and the one before is dead.
    const server = await startServer(({ url, headers, body }) => {
      if (url.pathname === "/data") {
        used.push(headers["authorization"] ?? "");
        return { json: {} };
      }
      if (new URLSearchParams(body).get("refresh_token") !== `refresh-${refreshes}`)
        return { status: 400, json: { error: "invalid_grant" } };
      refreshes += 1;
      const refresh_token = `refresh-${refreshes}`;
      return { json: { access_token: `access-${refreshes}`, refresh_token, expires_in: 3600 } };
    });
    const children = [1, 2, 3, 4].map(() => startChild(bundles["renew-entry"] ?? "", [root, server.origin, key]));
    for (const child of children) {
      const { code } = await child.ended;
      expect({ code, lines: child.lines }).toEqual({ code: 0, lines: ["done"] });
    }
    await server.close();
    expect(refreshes).toBe(1);
    expect(used).toEqual(Array.from({ length: 4 }, () => "Bearer access-1"));
    expect(readRecord(vault, "shopify")?.token?.refreshToken?.reveal()).toBe("refresh-1");
  });
});
