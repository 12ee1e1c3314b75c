import { rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canonicalJson } from "../base/hash.js";
import {
  codeOf,
  commitParts,
  envelope,
  freshWorkspace,
  landLines,
  publishNumber,
  removeFolders,
} from "../testing/workspace.js";
import { openDatabase } from "./duckdb.js";
import { readIdentity } from "./layout.js";
import { adoptEntry, commit, foldLog, layoutOf, readLog, readState, recover } from "./log.js";
import { seal, unseal } from "./sealed.js";
import type { Database } from "./types.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

describe("commit and fold", () => {
  it("puts files and cursors into one entry, chained by hash", async () => {
    const ws = await freshWorkspace();
    expect(readState(ws)).toEqual({ version: 0, head: null, parts: [], cursors: {} });
    const first = commitParts(ws, [await landLines(ws, db, [envelope("1", {})])], { "shopify.orders": { at: "a" } });
    const second = commitParts(ws, [await landLines(ws, db, [envelope("2", {})])], { "shopify.orders": { at: "b" } });
    expect([first.version, first.prev, second.version, second.prev]).toEqual([1, null, 2, first.self]);
    const state = readState(ws);
    expect(state.cursors).toEqual({ "shopify.orders": { at: "b" } });
    expect(state.parts.map((part) => [part.ordinal, part.rows, part.runId])).toEqual([
      [100_000, 1, "run-1"],
      [200_000, 1, "run-2"],
    ]);
    expect(readLog(ws).map((entry) => entry.self)).toEqual([first.self, second.self]);
  });

  it("takes removed parts out of the active set", async () => {
    const ws = await freshWorkspace();
    const part = await landLines(ws, db, [envelope("1", {})]);
    commitParts(ws, [part]);
    const [entry] = readLog(ws);
    const gone = { ...entry, version: 2, added: [], removed: [{ path: part.path, reason: "test" }] };
    expect(foldLog([entry, gone] as never).parts).toEqual([]);
  });

  it("refuses a part that is not in landing", async () => {
    const ws = await freshWorkspace();
    const part = await landLines(ws, db, [envelope("1", {})]);
    expect(await codeOf(() => commitParts(ws, [{ ...part, bytes: part.bytes + 1 }]))).toBe("PART_DAMAGED");
    expect(readState(ws).version).toBe(0);
  });

  it("never overwrites an entry: the slower of two writers is refused", async () => {
    const ws = await freshWorkspace();
    const rival = {
      ...ws,
      files: {
        ...ws.files,
        link: (from: string, to: string) => {
          ws.files.copy(from, to);
          ws.files.link(from, to);
        },
      },
    };
    const draft = {
      kind: "state",
      runId: "r",
      added: [],
      removed: [],
      cursors: {},
      toolVersion: "0",
      configHash: "c",
      at: "now",
    } as const;
    expect(await codeOf(() => commit(rival, draft))).toBe("COMMIT_CONFLICT");
  });
});

describe("a log that an older version would misread", () => {
  const stamp = { runId: "run-2", cursors: {}, toolVersion: "0", configHash: "h", at: "2026-02-09T00:00:00.000Z" };

  it.each(["erase", "prune"] as const)("is refused by it before the first %s is there", async (kind) => {
    const ws = await freshWorkspace();
    const part = await landLines(ws, db, [envelope("1", {})]);
    commitParts(ws, [part]);
    expect([readIdentity(ws.files, ws.root).layout, readLog(ws)[0]?.layout]).toEqual([1, undefined]);
    const seen: number[] = [];
    const link = (from: string, to: string) => {
      seen.push(readIdentity(ws.files, ws.root).layout);
      ws.files.link(from, to);
    };
    const removed = [{ path: part.path, reason: "test" }];
    commit({ ...ws, files: { ...ws.files, link } }, { kind, ...stamp, added: [], removed });
    expect(seen).toEqual([2]);
    expect([layoutOf(readLog(ws)), readLog(ws)[1]?.layout]).toEqual([2, 2]);
  });

  it("is known also where it did not yet say so, and refused when it is newer than this one", async () => {
    const ws = await freshWorkspace();
    const { self: _, ...first } = commitParts(ws, [await landLines(ws, db, [envelope("1", {})])]);
    const rewrite = (more: object) => {
      ws.files.remove(ws.at("log", "HEAD"));
      writeFileSync(ws.at("log", "000000000001.json"), seal({ ...first, ...more }).text);
    };
    rewrite({ kind: "erase" });
    recover(ws);
    expect(readIdentity(ws.files, ws.root).layout).toBe(2);
    rewrite({ layout: 3 });
    expect(await codeOf(() => readLog(ws))).toBe("WORKSPACE_NEWER");
    const other = await freshWorkspace();
    expect(await codeOf(() => adoptEntry(other, seal({ ...first, layout: 3 }).text))).toBe("WORKSPACE_NEWER");
    expect(readState(other).version).toBe(0);
  });
});

describe("damage in the log is named", () => {
  const three = async () => {
    const ws = await freshWorkspace();
    for (const key of ["1", "2", "3"]) commitParts(ws, [await landLines(ws, db, [envelope(key, {})])]);
    return ws;
  };
  const entryPath = (version: number) => `${String(version).padStart(12, "0")}.json`;

  it("F16 an entry edited by hand", async () => {
    const ws = await three();
    const path = ws.at("log", entryPath(2));
    writeFileSync(path, ws.files.readText(path).replace('"rows":1', '"rows":2'));
    expect(await codeOf(() => readLog(ws))).toBe("LOG_DAMAGED");
  });

  it("an entry whose checksum was made right again breaks the chain", async () => {
    const ws = await three();
    const path = ws.at("log", entryPath(2));
    const { self: _, ...entry } = unseal(ws.files.readText(path)) ?? {};
    writeFileSync(path, seal({ ...entry, runId: "forged" }).text);
    expect(await codeOf(() => readLog(ws))).toBe("LOG_DAMAGED");
  });

  it("a missing entry, in the middle and at the end", async () => {
    for (const version of [1, 2, 3]) {
      const ws = await three();
      rmSync(ws.at("log", entryPath(version)));
      expect(await codeOf(() => recover(ws))).toBe("LOG_DAMAGED");
      expect(ws.files.list(ws.at("landing", "shopify", "orders"))).toHaveLength(3);
    }
  });

  it("two entries swapped", async () => {
    const ws = await three();
    const [two, three3] = [ws.at("log", entryPath(2)), ws.at("log", entryPath(3))];
    const [second, third] = [ws.files.readText(two), ws.files.readText(three3)];
    writeFileSync(two, third);
    writeFileSync(three3, second);
    expect(await codeOf(() => readLog(ws))).toBe("LOG_DAMAGED");
  });

  it("the whole log gone: recovery does not take the landed files for leftovers", async () => {
    const ws = await three();
    for (const name of ws.files.list(ws.at("log"))) rmSync(ws.at("log", name));
    expect(await codeOf(() => recover(ws))).toBe("LOG_DAMAGED");
    expect(ws.files.list(ws.at("landing", "shopify", "orders"))).toHaveLength(3);
  });

  it("entries missing at the end although a build was made from them", async () => {
    const ws = await three();
    await publishNumber(ws, 1);
    rmSync(ws.at("log", entryPath(3)));
    rmSync(ws.at("log", "HEAD"));
    expect(await codeOf(() => recover(ws))).toBe("LOG_DAMAGED");
  });
});

describe("recovery", () => {
  it("F03 P10 wipes staging, temporary entries and what was landed but never committed", async () => {
    const ws = await freshWorkspace();
    const kept = await landLines(ws, db, [envelope("1", {})]);
    commitParts(ws, [kept]);
    const orphan = await landLines(ws, db, [envelope("2", {})]);
    ws.files.makeFolder(ws.at("staging", "left"));
    ws.files.write(ws.at("log", ".tmp-2"), "half");
    const report = recover(ws);
    expect(report.removed).toContain(orphan.path.split("/").slice(0, 4).join("/"));
    expect(ws.files.list(ws.at("staging"))).toEqual([]);
    expect(ws.files.list(ws.at("log"))).toEqual(["000000000001.json", "HEAD"]);
    expect(ws.files.list(ws.at("landing", "shopify", "orders"))).toHaveLength(1);
    expect(recover(ws).removed).toEqual([]);
  });

  it("F11 ignores what editors and systems leave behind", async () => {
    const ws = await freshWorkspace();
    commitParts(ws, [await landLines(ws, db, [envelope("1", {})])]);
    const litter = [".DS_Store", "tmp_part.parquet", ".nfs0001", "000000000002.json~", "Thumbs.db"];
    const places = [
      ["log"],
      ["landing"],
      ["landing", "shopify"],
      ["landing", "shopify", "orders"],
      ["warehouse"],
      ["locks"],
    ];
    for (const place of places) for (const name of litter) writeFileSync(ws.at(...place, name), "litter");
    expect(recover(ws).removed.filter((path) => !path.startsWith("staging/"))).toEqual([]);
    expect(readState(ws).parts).toHaveLength(1);
    await publishNumber(ws, 1);
  });
});

describe("sealed JSON", () => {
  it("is canonical and covers every byte", () => {
    const { text, self } = seal({ b: 1, zebra: [2], a: "x" });
    expect(text).toBe(`${canonicalJson({ a: "x", b: 1, zebra: [2], self })}\n`);
    expect(unseal(text)).toEqual({ a: "x", b: 1, zebra: [2], self });
    for (let bit = 0; bit < text.length * 8; bit++) {
      const bytes = Buffer.from(text);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(unseal(bytes.toString())).toBeNull();
    }
    for (let length = 0; length < text.length; length++) expect(unseal(text.slice(0, length))).toBeNull();
    expect(unseal(`${text} `)).toBeNull();
  });

  it("finds its own seal first, last, alone and beside a member of the same name inside", () => {
    for (const value of [{}, { a: 1 }, { z: 1 }, { a: { self: "other" }, z: 1 }]) {
      expect(unseal(seal(value).text)).toMatchObject(value);
    }
  });
});
