import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemRandom } from "../base/ids.js";
import {
  codeOf,
  commitParts,
  envelope,
  freshFolder,
  freshWorkspace,
  landLines,
  publishNumber,
  removeFolders,
} from "../testing/workspace.js";
import { backup, readManifest, restore } from "./backup.js";
import { openDatabase } from "./duckdb.js";
import { readReceipts } from "./erase/receipt.js";
import { keepTombstones, readTombstones } from "./erase/tombstones.js";
import { appendJournal, readJournal } from "./journal.js";
import { raiseLayout, readIdentity, readSalt } from "./layout.js";
import { readState, recover } from "./log.js";
import { currentBuild } from "./publish.js";
import { keepQuarantine, quarantinePath } from "./quarantine.js";
import { seal } from "./sealed.js";
import type { Database, Workspace } from "./types.js";
import { verifyWorkspace } from "./verify.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

async function loaded(): Promise<Workspace> {
  const ws = await freshWorkspace();
  const rejected = quarantinePath(ws, { source: "files", stream: "orders", loadId: "1", extension: "csv" });
  ws.files.write(rejected, "7,bad");
  commitParts(ws, [await landLines(ws, db, [envelope("1", {})], { origin: keepQuarantine(ws, rejected, 1) })], {
    "shopify.orders": { at: "a" },
  });
  commitParts(ws, [await landLines(ws, db, [envelope("2", {})])], { "shopify.orders": { at: "b" } });
  await publishNumber(ws, 1);
  return ws;
}

const into = (ws: Workspace, projectRoot = freshFolder()) => ({
  projectRoot,
  name: ws.name,
  files: ws.files,
  random: systemRandom,
});
const destinationFor = () => join(freshFolder(), "backup");

describe("backup and restore", () => {
  it("keep what was told and sent, to whom, and the letters on their way", async () => {
    const ws = await loaded();
    const journals = ["alerts", "branch-reps", "outbox", "outbox/branches/2026-02-08"];
    for (const journal of journals)
      await appendJournal(ws, journal, { at: "2026-02-09T00:00:00Z", events: [{ of: journal }], after: undefined });
    ws.files.write(ws.at("outbox", "branches", "2026-02-08", "a.eml"), "Subject: a");
    const from = destinationFor();
    backup(ws, { destination: from, includeSalt: true });
    const { workspace } = await restore({ ...into(ws), from, replace: false });
    for (const journal of journals)
      expect(readJournal(workspace, journal).map(({ events }) => events)).toEqual([[{ of: journal }]]);
    expect(ws.files.readText(workspace.at("outbox", "branches", "2026-02-08", "a.eml"))).toBe("Subject: a");
  });

  it("bring back log, data, cursors and quarantine, under new locks", async () => {
    const ws = await loaded();
    const from = destinationFor();
    const manifest = backup(ws, { destination: from, includeSalt: true });
    expect(manifest).toMatchObject({ name: "shop", id: ws.id, version: 2, includesSalt: true });
    const { workspace, aside } = await restore({ ...into(ws), from, replace: false });
    expect(aside).toBeNull();
    expect(readState(workspace)).toEqual(readState(ws));
    expect(readSalt(workspace)).toBe(readSalt(ws));
    expect(workspace.id).toBe(ws.id);
    expect(currentBuild(workspace)).toBeNull();
    expect((await verifyWorkspace(workspace, { full: true, db })).problems).toEqual([]);
    recover(workspace);
    commitParts(workspace, [await landLines(workspace, db, [envelope("3", {})])]);
    expect(readState(workspace).version).toBe(3);
  });

  it("B-52 leave credentials out, and keep those that are in place", async () => {
    const ws = await loaded();
    const from = destinationFor();
    ws.files.makeFolder(ws.at("credentials"));
    ws.files.write(ws.at("credentials", "shopify.json"), "sealed");
    ws.files.write(ws.at("credentials", "lock.duckdb"), "lock");
    const manifest = backup(ws, { destination: from, includeSalt: true });
    expect(manifest.files.filter(({ path }) => path.includes("credentials"))).toEqual([]);
    const elsewhere = await restore({ ...into(ws), from, replace: false });
    expect(elsewhere.workspace.files.list(elsewhere.workspace.at("credentials"))).toEqual([]);
    const { workspace } = await restore({ ...into(ws, dirname(dirname(ws.root))), from, replace: true });
    expect(workspace.files.list(workspace.at("credentials"))).toEqual(["shopify.json"]);
    expect(workspace.files.readText(workspace.at("credentials", "shopify.json"))).toBe("sealed");
  });

  it("leave the salt out unless told, and then need it from elsewhere", async () => {
    const ws = await loaded();
    const from = destinationFor();
    backup(ws, { destination: from, includeSalt: false });
    expect(ws.files.list(from)).not.toContain("salt");
    expect(await codeOf(() => restore({ ...into(ws), from, replace: false }))).toBe("SALT_MISSING");
    expect(await codeOf(() => restore({ ...into(ws), from, replace: false, salt: "0".repeat(64) }))).toBe(
      "SALT_MISSING",
    );
    const { workspace } = await restore({ ...into(ws), from, replace: false, salt: readSalt(ws) });
    expect(readSalt(workspace)).toBe(readSalt(ws));
    const over = await restore({ ...into(ws, dirname(dirname(ws.root))), from, replace: true });
    expect(over.workspace.id).toBe(ws.id);
  });

  it("never writes over an existing backup", async () => {
    const ws = await loaded();
    const destination = destinationFor();
    backup(ws, { destination, includeSalt: false });
    expect(await codeOf(() => backup(ws, { destination, includeSalt: false }))).toBe("BACKUP_EXISTS");
  });

  it("F17 a backup taken while a sync commits is one version, whole", async () => {
    const ws = await loaded();
    const destination = destinationFor();
    const late = await landLines(ws, db, [envelope("3", {})]);
    let copies = 0;
    const busy = {
      ...ws,
      files: {
        ...ws.files,
        copy: (from: string, to: string) => {
          if (copies++ === 1) commitParts(ws, [late]);
          ws.files.copy(from, to);
        },
      },
    };
    expect(backup(busy, { destination, includeSalt: true }).version).toBe(2);
    const { workspace } = await restore({ ...into(ws), from: destination, replace: false });
    expect(readState(workspace).version).toBe(2);
    expect((await verifyWorkspace(workspace, { full: true, db })).problems).toEqual([]);
    expect(readState(ws).version).toBe(3);
  });

  it("F18 refuses another workspace, an existing one without --replace, and damage; the old one stays", async () => {
    const ws = await loaded();
    const from = destinationFor();
    const manifest = backup(ws, { destination: from, includeSalt: true });
    const other = await freshWorkspace();
    const place = (owner: Workspace) => into(owner, dirname(dirname(owner.root)));
    expect(await codeOf(() => restore({ ...place(other), from, replace: true }))).toBe("RESTORE_OTHER");
    expect(await codeOf(() => restore({ ...into(ws), name: "else", from, replace: false }))).toBe("RESTORE_OTHER");
    expect(await codeOf(() => restore({ ...place(ws), from, replace: false }))).toBe("RESTORE_EXISTS");
    for (const { path } of [...manifest.files, { path: "backup.json" }]) {
      const file = join(from, path);
      const original = readFileSync(file);
      truncateSync(file, original.length >> 1);
      expect(await codeOf(() => restore({ ...place(ws), from, replace: true })), path).toMatch(
        /BACKUP_DAMAGED|SALT_MISSING/,
      );
      writeFileSync(file, original);
    }
    expect(readState(ws).version).toBe(2);
    expect((await verifyWorkspace(ws, { full: true, db })).problems).toEqual([]);
  });

  it("keeps the replaced workspace aside", async () => {
    const ws = await loaded();
    const from = destinationFor();
    backup(ws, { destination: from, includeSalt: true });
    commitParts(ws, [await landLines(ws, db, [envelope("3", {})])]);
    const { workspace, aside } = await restore({ ...into(ws, dirname(dirname(ws.root))), from, replace: true });
    expect(readState(workspace).version).toBe(2);
    expect(ws.files.list(join(aside ?? "", "log"))).toContain("000000000003.json");
  });

  it("keeps the list of who was erased since, and says that the backup holds them", async () => {
    const ws = await loaded();
    keepTombstones(ws, new Map([["a", "2026-02-08T00:00:00.000Z"]]));
    const from = destinationFor();
    expect(backup(ws, { destination: from, includeSalt: true }).files.map(({ path }) => path)).toContain(
      "erased/names.json",
    );
    keepTombstones(ws, new Map([["b", "2026-02-09T00:00:00.000Z"]]));
    ws.files.write(ws.at("erased", "erase-1.json"), seal({ id: "erase-1", at: "2026-02-09" }).text);
    const restored = await restore({ ...into(ws, dirname(dirname(ws.root))), from, replace: true });
    expect([...readTombstones(restored.workspace).keys()]).toEqual(["a", "b"]);
    expect(restored.erasedSince).toEqual(["erase-1"]);
    expect(readReceipts(restored.workspace).map(({ id }) => id)).toEqual(["erase-1"]);
    expect(readIdentity(ws.files, restored.workspace.root).layout).toBe(2);
  });

  it("says in its name what release 0.1.0 cannot restore, and keeps it when it is restored", async () => {
    const ws = await loaded();
    const [old, newer] = [destinationFor(), destinationFor()];
    backup(ws, { destination: old, includeSalt: true });
    raiseLayout(ws, 2);
    backup(ws, { destination: newer, includeSalt: true });
    const nameIn = (folder: string) => JSON.parse(readFileSync(join(folder, "backup.json"), "utf8")).name;
    expect([nameIn(old), nameIn(newer)]).toEqual([ws.name, `${ws.name} (needs growthos 0.2 or later)`]);
    expect(readManifest(ws.files, newer)).toMatchObject({ name: ws.name, layout: 2 });
    const options = { ...into(ws, dirname(dirname(ws.root))), replace: true };
    const { self: _, ...manifest } = JSON.parse(readFileSync(join(newer, "backup.json"), "utf8"));
    writeFileSync(join(newer, "backup.json"), seal({ ...manifest, layout: 3 }).text);
    await expect(restore({ ...options, from: newer })).rejects.toMatchObject({ code: "WORKSPACE_NEWER" });
    expect(readIdentity(ws.files, (await restore({ ...options, from: old })).workspace.root).layout).toBe(1);
  });

  it("restores over a workspace that is too damaged to open", async () => {
    const ws = await loaded();
    const from = destinationFor();
    backup(ws, { destination: from, includeSalt: false });
    writeFileSync(ws.at("workspace.json"), "{}");
    const { workspace } = await restore({ ...into(ws, dirname(dirname(ws.root))), from, replace: true });
    expect((await verifyWorkspace(workspace, { full: true, db })).problems).toEqual([]);
  });

  it("does not copy damage", async () => {
    const ws = await loaded();
    const [part, second] = readState(ws).parts;
    const path = ws.at(...(second?.path ?? "").split("/"));
    const bytes = readFileSync(path);
    writeFileSync(
      path,
      bytes.map((byte, index) => (index === 50 ? byte ^ 1 : byte)),
    );
    expect(await codeOf(() => backup(ws, { destination: destinationFor(), includeSalt: true }))).toBe("BACKUP_DAMAGED");
    writeFileSync(path, bytes);
    ws.files.remove(ws.at(...(part?.path ?? "").split("/")));
    expect(await codeOf(() => backup(ws, { destination: destinationFor(), includeSalt: true }))).toBe("PART_DAMAGED");
  });
});
