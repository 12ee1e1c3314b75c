import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Files } from "../../base/files.js";
import { systemRandom } from "../../base/ids.js";
import { backup, readManifest, restore } from "../../warehouse/backup.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { applyGc, planGc } from "../../warehouse/gc.js";
import { createWorkspace, openWorkspace, readSalt } from "../../warehouse/layout.js";
import { readState, recover } from "../../warehouse/log.js";
import type { Database } from "../../warehouse/types.js";
import { verifyWorkspace } from "../../warehouse/verify.js";
import { commitParts, envelope, landLines } from "../workspace.js";
import { everyFault, type FaultScenario } from "./every-fault.js";

// The usual run takes every so manieth call of the longer ones; `npm run test:faults` takes every call.
const stride = (usual: number) => Math.min(usual, inject("faultStride"));

let db: Database;
const folders: string[] = [];
const freshRoot = () => {
  const root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "growthos-upkeep-"));
  folders.push(root);
  return root;
};
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const place = (root: string, files: Files) => ({ projectRoot: root, name: "shop", files, random: systemRandom });
const open = (root: string, files: Files = diskFiles) => openWorkspace({ projectRoot: root, name: "shop", files });

async function soundWorkspace(root: string): Promise<void> {
  const ws = open(root);
  const { problems } = await verifyWorkspace(ws, { full: true, db });
  if (problems[0] !== undefined) throw problems[0];
}

async function twoFullLoads(root: string): Promise<void> {
  const ws = await createWorkspace(place(root, diskFiles));
  for (const key of ["1", "2"])
    commitParts(ws, [await landLines(ws, db, [envelope(key, {})], { supersession: "full" })]);
  recover(ws);
}

const keysOf = (root: string) => readState(open(root)).parts.map((part) => part.keys?.min);

describe("whatever call fails in whatever way", () => {
  it("init leaves no workspace or a whole one", async () => {
    const exists = (root: string) => existsSync(join(root, "workspaces", "shop"));
    const scenario: FaultScenario = {
      prepare: async () => {},
      run: async (files, root, acknowledge) => {
        await createWorkspace(place(root, files));
        acknowledge("workspace");
      },
      visible: async (root) => {
        if (!exists(root)) return [];
        await soundWorkspace(root);
        return ["workspace"];
      },
      inspect: async (root) => readSalt(open(root)).length,
    };
    expect((await everyFault({ scenario, root: freshRoot(), stride: stride(7) })).failures).toEqual([]);
  });

  it("gc never deletes what is in use, and ends its work the next time", async () => {
    const now = Date.parse("2026-02-20T00:00:00Z");
    const scenario: FaultScenario = {
      prepare: twoFullLoads,
      run: async (files, root, acknowledge) => {
        const ws = open(root, files);
        recover(ws);
        const options = { now, keepBuilds: 3, runsDays: 30, graceHours: 0 };
        const run = { runId: "gc", toolVersion: "0", configHash: "c", now };
        await applyGc(ws, planGc(ws, options), run);
        await applyGc(ws, planGc(ws, options), run);
        acknowledge("collected");
      },
      visible: async (root) => {
        await soundWorkspace(root);
        if (!keysOf(root).includes("2")) throw new Error("the newest load is gone");
        return diskFiles.list(open(root).at("landing", "shopify", "orders")).length === 1 ? ["collected"] : [];
      },
      inspect: async (root) => [keysOf(root), diskFiles.list(open(root).at("landing", "shopify", "orders")).length],
    };
    // A deletion that a power cut undoes is repeated by the next gc; it is nothing that a user could lose.
    const modes = ["before", "after", "torn", "eio", "enospc-once", "enospc-from-then-on"] as const;
    expect((await everyFault({ scenario, root: freshRoot(), modes })).failures).toEqual([]);
  });

  it("backup leaves no backup or a whole one, and never touches the workspace", async () => {
    const scenario: FaultScenario = {
      prepare: twoFullLoads,
      run: async (files, root, acknowledge) => {
        const destination = join(root, "backup");
        if (files.stat(destination) === undefined) backup(open(root, files), { destination, includeSalt: true });
        acknowledge("backup");
      },
      visible: async (root) => {
        await soundWorkspace(root);
        if (!existsSync(join(root, "backup"))) return [];
        const { files } = readManifest(diskFiles, join(root, "backup"));
        for (const file of files)
          if (diskFiles.digest(join(root, "backup", file.path)).sha256 !== file.sha256) throw new Error(file.path);
        return ["backup"];
      },
      inspect: async (root) => readManifest(diskFiles, join(root, "backup")).files.length,
    };
    expect((await everyFault({ scenario, root: freshRoot(), stride: stride(3) })).failures).toEqual([]);
  });

  it("restore into an empty place leaves nothing there or the whole workspace", async () => {
    const exists = (root: string) => existsSync(join(root, "workspaces", "shop"));
    const scenario: FaultScenario = {
      prepare: async (root) => {
        await twoFullLoads(root);
        backup(open(root), { destination: join(root, "backup"), includeSalt: true });
        diskFiles.remove(join(root, "workspaces"));
      },
      run: async (files, root, acknowledge) => {
        if (!exists(root)) await restore({ ...place(root, files), from: join(root, "backup"), replace: false });
        acknowledge("restored");
      },
      visible: async (root) => {
        if (!exists(root)) return [];
        await soundWorkspace(root);
        return ["restored"];
      },
      inspect: async (root) => [keysOf(root), readState(open(root)).version],
    };
    expect((await everyFault({ scenario, root: freshRoot(), stride: stride(11) })).failures).toEqual([]);
  });
});
