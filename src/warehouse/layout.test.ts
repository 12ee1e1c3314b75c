import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.js";
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
import { diskFiles } from "./disk.js";
import { openDatabase } from "./duckdb.js";
import { createWorkspace, openWorkspace, readIdentity, readSalt } from "./layout.js";
import { withLock } from "./lock.js";
import { readState, recover } from "./log.js";
import { currentBuild } from "./publish.js";
import { createRawRelation, rawRelation } from "./raw-views.js";
import { seal } from "./sealed.js";
import type { Workspace } from "./types.js";

afterAll(removeFolders);

const place = (ws: Workspace) => ({ projectRoot: dirname(dirname(ws.root)), name: ws.name, files: ws.files });

describe("createWorkspace", () => {
  it("makes the whole folder, private to its owner", async () => {
    const ws = await freshWorkspace();
    expect(readdirSync(ws.root)).toEqual([
      ".gitignore",
      "landing",
      "locks",
      "log",
      "out",
      "quarantine",
      "runs",
      "salt",
      "staged",
      "staging",
      "warehouse",
      "workspace.json",
    ]);
    expect(ws.files.list(ws.at("locks"))).toEqual(["build.duckdb", "ingest.duckdb", "spool.duckdb"]);
    const visit = (path: string): void => {
      const stat = lstatSync(path);
      expect(stat.mode & 0o077, path).toBe(0);
      if (stat.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
    };
    visit(ws.root);
    expect(readSalt(ws)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("opens what is there already and wipes an interrupted attempt", async () => {
    const ws = await freshWorkspace();
    mkdirSync(join(dirname(ws.root), ".new-other-1234"));
    const again = await createWorkspace({ ...place(ws), random: systemRandom });
    expect(again.id).toBe(ws.id);
    const other = await createWorkspace({ ...place(ws), name: "other", random: systemRandom });
    expect(other.id).not.toBe(ws.id);
    expect(readdirSync(dirname(ws.root)).sort()).toEqual(["other", "shop"]);
  });

  it("registers the lock files of a folder that was copied by hand", async () => {
    const ws = await freshWorkspace();
    const aside = `${ws.root}-aside`;
    renameSync(ws.root, aside);
    cpSync(aside, ws.root, { recursive: true });
    const lock = () => withLock(ws, "ingest", { waitMs: 0, clock: systemClock, owner: "test" }, async () => "held");
    expect(await codeOf(lock)).toBe("LOCK_REPLACED");
    await createWorkspace({ ...place(ws), random: systemRandom });
    expect(await lock()).toBe("held");
  });
});

describe("openWorkspace", () => {
  it("tells a workspace that is not there", () => {
    expect(() => openWorkspace({ projectRoot: freshFolder(), name: "shop", files: diskFiles })).toThrow(
      "there is no workspace",
    );
  });

  it("G02 refuses names that could leave the folder", async () => {
    const names = [
      "../x",
      ".",
      "..",
      "CON",
      "con",
      "a/b",
      "a%2fb",
      "a\\b",
      "x".repeat(300),
      "shоp",
      "-a",
      "a-",
      "",
      "a b",
      "a\0",
      "lpt1",
    ];
    for (const name of names) {
      const open = () => openWorkspace({ projectRoot: freshFolder(), name, files: diskFiles });
      expect(await codeOf(open), JSON.stringify(name)).toBe("WORKSPACE_NAME");
    }
  });

  it("builds paths that stay inside", async () => {
    const ws = await freshWorkspace();
    expect(ws.at("log", "x.json")).toBe(join(ws.root, "log", "x.json"));
    for (const segment of ["..", ".", "", "a/b", "a\\b", "a\0b", "x".repeat(256)]) {
      expect(await codeOf(() => ws.at("log", segment)), segment).toBe("BAD_PATH");
    }
  });

  it("F12 refuses symbolic links in place of the workspace, of a folder in it, and of files that are written", async () => {
    for (const part of ["", "landing", "log", "out", "warehouse", "quarantine"]) {
      const ws = await freshWorkspace();
      const path = part === "" ? ws.root : ws.at(part);
      renameSync(path, `${path}-real`);
      symlinkSync(`${path}-real`, path);
      expect(await codeOf(() => openWorkspace(place(ws))), part).toBe("WORKSPACE_LINK");
    }
    const ws = await freshWorkspace();
    symlinkSync(ws.at("salt"), ws.at("log", "link"));
    expect(await codeOf(() => ws.files.write(ws.at("log", "link"), "through"))).toBe("FILE_ELOOP");
    expect(readSalt(ws)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("F12 refuses a link to another workspace further in", async () => {
    const [ws, other] = [await freshWorkspace(), await freshWorkspace()];
    const paths = [
      ...["credentials", "spool", "outbox", "landing/shopify", "landing/shopify/orders", "staged/stg_orders"],
      ...["out/2026-02-09", "warehouse/CURRENT", "quarantine/files", "locks/ingest.duckdb"],
    ];
    for (const path of paths) {
      const at = ws.at(...path.split("/"));
      mkdirSync(dirname(at), { recursive: true });
      const was = diskFiles.stat(at);
      if (was !== undefined) renameSync(at, join(ws.root, "..", "aside"));
      symlinkSync(other.at("out"), at);
      expect(await codeOf(() => openWorkspace(place(ws))), path).toBe("WORKSPACE_LINK");
      rmSync(at);
      if (was !== undefined) renameSync(join(ws.root, "..", "aside"), at);
    }
    expect(openWorkspace(place(ws)).name).toBe(ws.name);
  });

  it("F06 refuses a workspace that is spread over two volumes", async () => {
    const ws = await freshWorkspace();
    const split = {
      ...ws.files,
      stat: (path: string) => {
        const stat = ws.files.stat(path);
        return stat !== undefined && path.endsWith("/staging") ? { ...stat, device: stat.device + 1 } : stat;
      },
    };
    expect(await codeOf(() => openWorkspace({ ...place(ws), files: split }))).toBe("WORKSPACE_SPLIT");
  });

  it("F14 refuses a place whose path is too long", async () => {
    const projectRoot = `/${"d".repeat(200)}`.repeat(20);
    expect(await codeOf(() => openWorkspace({ projectRoot, name: "shop", files: diskFiles }))).toBe("WORKSPACE_PATH");
  });

  it("P11 refuses a workspace of a newer version and says so", async () => {
    const ws = await freshWorkspace();
    const { self: _, ...identity } = readIdentity(ws.files, ws.root) as unknown as Record<string, unknown>;
    writeFileSync(ws.at("workspace.json"), seal({ ...identity, layout: 3 }).text);
    expect(await codeOf(() => openWorkspace(place(ws)))).toBe("WORKSPACE_NEWER");
  });

  it("refuses another workspace's folder and a damaged identity", async () => {
    const ws = await freshWorkspace();
    cpSync(ws.root, join(dirname(ws.root), "twin"), { recursive: true });
    expect(await codeOf(() => openWorkspace({ ...place(ws), name: "twin" }))).toBe("WORKSPACE_DAMAGED");
    writeFileSync(ws.at("workspace.json"), "{}");
    expect(await codeOf(() => openWorkspace(place(ws)))).toBe("WORKSPACE_DAMAGED");
    rmSync(ws.at("workspace.json"));
    expect(await codeOf(() => openWorkspace(place(ws)))).toBe("WORKSPACE_DAMAGED");
  });

  it("tells a salt that is not its own", async () => {
    const ws = await freshWorkspace();
    chmodSync(ws.at("salt"), 0o600);
    writeFileSync(ws.at("salt"), `${"0".repeat(64)}\n`);
    expect(await codeOf(() => readSalt(ws))).toBe("SALT_DAMAGED");
  });
});

describe("F15 a workspace works in a folder of any name", () => {
  const names = ["space 'quote\"", "a=b {c,d};#%41", "star*", "brackets[1]", "ünï日本🙂", "back\\slash"];
  it.each(names)("%s", async (name) => {
    const projectRoot = join(freshFolder(), name);
    // A neighbour that a glob would match as well.
    mkdirSync(projectRoot.replace(/[*]|\[1\]/, "1"), { recursive: true });
    const ws = await freshWorkspace(projectRoot);
    const db = await openDatabase({ threads: 1 });
    commitParts(ws, [await landLines(ws, db, [envelope("1", { a: 1 })])]);
    commitParts(ws, [await landLines(ws, db, [envelope("2", { a: 2 })], { dedupe: "last" })]);
    await publishNumber(ws, 7);
    recover(ws);
    await createRawRelation(db, { ws, source: "shopify", stream: "orders", parts: readState(ws).parts });
    expect(
      (await db.all(`select _key from ${rawRelation("shopify", "orders")} order by all`)).map((row) => row["_key"]),
    ).toEqual(["1", "2"]);
    const reader = await openDatabase({ path: currentBuild(ws)?.path, readOnly: true });
    expect(await reader.one("select value from numbers")).toEqual({ value: 7 });
    await reader.close();
    await db.close();
  });

  it.each(["back\\slash*", "question?"])("but not %s, which DuckDB cannot open", async (name) => {
    expect(await codeOf(() => freshWorkspace(join(freshFolder(), name)))).toBe("WORKSPACE_PATH");
  });
});
