import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isoDate } from "../base/dates.js";
import { sha256 } from "../base/hash.js";
import { systemRandom } from "../base/ids.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { createWorkspace } from "../warehouse/layout.js";
import { commit, headVersion } from "../warehouse/log.js";
import { publishBuild, startBuild } from "../warehouse/publish.js";
import type { Cursor, Database, LogEntry, Part, PublishedBuild, Workspace } from "../warehouse/types.js";
import { newLoadId, type PartRequest, writePart } from "../warehouse/write-part.js";

/** A new empty folder that `removeFolders` deletes. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "growthos-test-"));
  made.push(folder);
  return folder;
}
const made: string[] = [];

/** Deletes every folder that `freshFolder` made; for `afterAll`. */
export function removeFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A new workspace "shop" on the real disk. */
export async function freshWorkspace(projectRoot = freshFolder()): Promise<Workspace> {
  return createWorkspace({ projectRoot, name: "shop", files: diskFiles, random: systemRandom });
}

/** One row as an NDJSON envelope; `payload` becomes its JSON text. */
export function envelope(key: string, payload: unknown, slice = ""): string {
  const text = JSON.stringify(payload);
  const times = { _run_id: "run", _fetched_at: "2026-02-09T06:00:00Z", _api_version: "v1" };
  return `${JSON.stringify({ _key: key, _slice: slice, ...times, _hash: sha256(text), payload: text })}\n`;
}

/** Lands envelopes as one part of `shopify.orders` (or what `more` says). */
export function landLines(
  ws: Workspace,
  db: Database,
  lines: readonly string[],
  more: Partial<PartRequest> = {},
): Promise<Part> {
  const loadId = more.loadId ?? newLoadId(ws, systemRandom);
  const path = ws.at("staging", `${loadId}.ndjson`);
  ws.files.write(path, lines.join(""));
  const from = { kind: "ndjson", path } as const;
  return writePart(ws, db, {
    source: "shopify",
    stream: "orders",
    loadId,
    supersession: "key",
    days: null,
    origin: {},
    from,
    ...more,
  });
}

/** Commits parts and cursors. */
export function commitParts(
  ws: Workspace,
  parts: readonly Part[],
  cursors: Readonly<Record<string, Cursor>> = {},
): LogEntry {
  const version = headVersion(ws) + 1;
  const at = `2026-02-09T06:00:${String(version % 60).padStart(2, "0")}.000Z`;
  return commit(ws, {
    kind: "append",
    runId: `run-${version}`,
    added: parts,
    removed: [],
    cursors,
    toolVersion: "0.1.0",
    configHash: "c",
    at,
  });
}

/** Publishes a build with one table `numbers` that holds `value`. */
export async function publishNumber(ws: Workspace, value: number): Promise<PublishedBuild> {
  const started = startBuild(ws, systemRandom);
  const db = await openDatabase({ path: started.path, threads: 1, memoryLimitMb: 64 });
  await db.run(`create table numbers as select ${value} as value`);
  await db.close();
  return publishBuild(ws, { ...started, logVersion: headVersion(ws), inputHash: "input", asOf: isoDate("2026-02-09") });
}

/** The code of the error that an action throws, or "none". */
export async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
    return "none";
  } catch (thrown) {
    return (thrown as { code?: string }).code ?? String(thrown);
  }
}
