import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import seedrandom from "seedrandom";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { counted } from "../testing/proof/counts.js";
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
import { ALERTS_JOURNAL, appendJournal, entryName, POST_FOLDER } from "./journal.js";
import { currentBuild } from "./publish.js";
import { keepQuarantine, quarantinePath } from "./quarantine.js";
import type { Database, Workspace } from "./types.js";
import { verifyWorkspace } from "./verify.js";

// Of each kind of file; all kinds together the number of the goal in `npm run test:faults`.
const FLIPS = inject("faultStride") === 1 ? 1_200 : 120;
let db: Database;
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

/** A workspace with one file of every kind. */
async function everyKind(): Promise<{ ws: Workspace; kinds: Readonly<Record<string, string>> }> {
  const ws = await freshWorkspace();
  const rejected = quarantinePath(ws, { source: "files", stream: "orders", loadId: "1", extension: "csv" });
  ws.files.write(rejected, "line,reason\n7,not a date\n");
  const origin = { file: "orders.csv", ...keepQuarantine(ws, rejected, 1) };
  const lines = Array.from({ length: 50 }, (_, index) => envelope(String(index), { id: index, total: "59.90" }));
  const parts = [await landLines(ws, db, lines, { origin }), await landLines(ws, db, [envelope("x", {})])];
  const entry = commitParts(ws, [parts[0] as never]);
  commitParts(ws, [parts[1] as never]);
  const build = await publishNumber(ws, 42);
  const told = await appendJournal(ws, ALERTS_JOURNAL, { at: "2026-02-09", events: [{ kind: "x" }], after: undefined });
  // The chain tells that an entry is missing by the one that follows it.
  await appendJournal(ws, ALERTS_JOURNAL, { at: "2026-02-10", events: [], after: told });
  const sent = await appendJournal(ws, `${POST_FOLDER}/2026-02-08`, { at: "2026-02-09", events: [], after: undefined });
  await appendJournal(ws, `${POST_FOLDER}/2026-02-08`, { at: "2026-02-10", events: [], after: sent });
  const kinds = {
    "landed file": ws.at(...(parts[0]?.path ?? "").split("/")),
    "log entry": ws.at("log", `${String(entry.version).padStart(12, "0")}.json`),
    "log head": ws.at("log", "HEAD"),
    pointer: ws.at("warehouse", "CURRENT"),
    build: build.path,
    identity: ws.at("workspace.json"),
    salt: ws.at("salt"),
    quarantine: rejected,
    "history of alerts": ws.at(ALERTS_JOURNAL, entryName(told.seq)),
    "history of branch reports": ws.at(...POST_FOLDER.split("/"), "2026-02-08", entryName(sent.seq)),
  };
  return { ws, kinds };
}

const problemsOf = async (ws: Workspace, full = true) => (await verifyWorkspace(ws, { full, db })).problems;

describe("verify", () => {
  it("finds nothing in a sound workspace and counts what it read", async () => {
    const { ws } = await everyKind();
    const report = await verifyWorkspace(ws, { full: true });
    expect(report.problems).toEqual([]);
    expect(report.files).toBeGreaterThan(8);
    expect(report.bytes).toBeGreaterThan(1000);
    expect((await verifyWorkspace(ws, { full: false })).problems).toEqual([]);
  });

  it(`F09 detects ${FLIPS} single-bit flips in every kind of file`, { timeout: 1_800_000 }, async () => {
    const { ws, kinds } = await everyKind();
    const random = seedrandom("flips");
    const missed: string[] = [];
    for (const [kind, path] of Object.entries(kinds)) {
      const original = readFileSync(path);
      for (let flip = 0; flip < FLIPS; flip++) {
        const bytes = Buffer.from(original);
        const bit = Math.floor(random() * bytes.length * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        writeFileSync(path, bytes);
        if ((await problemsOf(ws)).length === 0) missed.push(`${kind} bit ${bit}`);
        else counted("flips");
      }
      writeFileSync(path, original);
    }
    expect(missed).toEqual([]);
    expect(await problemsOf(ws)).toEqual([]);
  });

  it("F09 detects truncation, zero fill and deletion of every kind of file, and names the file", async () => {
    const { ws, kinds } = await everyKind();
    for (const [kind, path] of Object.entries(kinds)) {
      const original = readFileSync(path);
      const damages: Readonly<Record<string, () => void>> = {
        truncated: () => truncateSync(path, original.length >> 1),
        zeroed: () => writeFileSync(path, Buffer.alloc(original.length)),
        empty: () => writeFileSync(path, ""),
        deleted: () => rmSync(path),
      };
      for (const [damage, strike] of Object.entries(damages)) {
        // Without its pointer or its repetition a workspace is as sound as before it had one.
        if (damage === "deleted" && (kind === "pointer" || kind === "log head")) continue;
        strike();
        const [problem] = await problemsOf(ws);
        expect(problem?.exitCode, `${kind} ${damage}`).toBe(8);
        expect(problem?.parts.hint, `${kind} ${damage}`).toBeTruthy();
        writeFileSync(path, original);
      }
    }
  });

  it("F09 detects two landed files that were swapped", async () => {
    const ws = await freshWorkspace();
    const parts = [await landLines(ws, db, [envelope("1", {})]), await landLines(ws, db, [envelope("2", {})])];
    commitParts(ws, parts);
    const [a = "", b = ""] = parts.map((part) => ws.at(...part.path.split("/")));
    const [first, second] = [readFileSync(a), readFileSync(b)];
    writeFileSync(a, second);
    writeFileSync(b, first);
    expect(await problemsOf(ws)).toHaveLength(2);
  });

  it("F10 refuses a stale .wal beside the published build", async () => {
    const { ws } = await everyKind();
    writeFileSync(`${currentBuild(ws)?.path}.wal`, "stale");
    expect(await codeOf(() => currentBuild(ws))).toBe("DATABASE_LEFT_WAL");
    expect((await problemsOf(ws, false)).map((problem) => problem.code)).toEqual(["DATABASE_LEFT_WAL"]);
  });

  it("F16 names the load and the way back when a landed file was deleted", async () => {
    const { ws, kinds } = await everyKind();
    rmSync(kinds["landed file"] ?? "");
    const [problem] = await problemsOf(ws, false);
    expect(problem?.code).toBe("PART_DAMAGED");
    expect(problem?.parts.hint).toContain("load shopify.orders again");
  });

  it("fast looks at sizes only; full reads everything", async () => {
    const { ws, kinds } = await everyKind();
    const path = kinds["landed file"] ?? "";
    const bytes = readFileSync(path);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect(await problemsOf(ws, false)).toEqual([]);
    expect((await problemsOf(ws)).map((problem) => problem.code)).toEqual(["PART_DAMAGED"]);
  });
});
