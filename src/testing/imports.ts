/** A project folder with a workspace into which files are put and imported; for tests of imports. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fixedClock } from "../base/clock.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { filesOptions } from "../connectors/files/options.js";
import { type FilesSourceOptions, importFiles } from "../sync/files.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { readState } from "../warehouse/log.js";
import { quarantineOf } from "../warehouse/quarantine.js";
import { readParquet } from "../warehouse/read-parquet.js";
import type { ActivePart, Row, Workspace } from "../warehouse/types.js";
import { freshFolder, freshWorkspace } from "./workspace.js";

/** See `project`. */
export interface Project {
  readonly ws: Workspace;
  put(name: string, content: string | Uint8Array): void;
  sync(more?: Partial<FilesSourceOptions>): ReturnType<typeof importFiles>;
  readonly options: (more?: Partial<FilesSourceOptions>) => FilesSourceOptions;
}

/** A fresh project; the shop sells in euros and lives in Berlin. */
export async function project(): Promise<Project> {
  const folder = freshFolder();
  const ws = await freshWorkspace(folder);
  const options = (more: Partial<FilesSourceOptions> = {}): FilesSourceOptions => ({
    ws,
    projectRoot: folder,
    options: filesOptions.parse({}),
    shop: { currency: "EUR", timeZone: "Europe/Berlin" },
    pii: "hash",
    timeoutMinutes: 5,
    clock: fixedClock(Date.parse("2026-02-09T06:00:00Z")),
    random: systemRandom,
    log: silentLog,
    toolVersion: "test",
    configHash: "test",
    ...more,
  });
  return {
    ws,
    options,
    put: (name, content) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    },
    sync: (more) => importFiles(options(more), { runId: "run" }),
  };
}

/** Options with these declared imports. */
export const imports = (...list: readonly object[]) => ({ options: filesOptions.parse({ imports: list }) });

/** The newest part of a stream. */
export function partOf(ws: Workspace, stream: string): ActivePart {
  const part = readState(ws).parts.findLast((candidate) => candidate.stream === stream);
  if (part === undefined) throw new Error(`no part of ${stream}`);
  return part;
}

async function query(path: string, select: string): Promise<readonly Row[]> {
  const db = await openDatabase({});
  const rows = await db.all(`${select} from ${readParquet([path])}`);
  await db.close();
  return rows;
}

/** The payloads of the newest part of a stream. */
export async function payloads(ws: Workspace, stream: string): Promise<readonly Record<string, string>[]> {
  const part = partOf(ws, stream);
  const rows = await query(ws.at(...part.path.split("/")), "select payload");
  return rows.map((row) => JSON.parse(String(row["payload"])));
}

/** The bad rows that the newest part of a stream left in quarantine. */
export async function quarantined(ws: Workspace, stream: string): Promise<readonly Row[]> {
  const kept = quarantineOf(ws, partOf(ws, stream));
  return kept === null ? [] : query(kept.path, "select *");
}
