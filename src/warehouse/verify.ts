import { GrowthosError } from "../base/errors.js";
import { openDatabase } from "./duckdb.js";
import { ERASED, readTombstones } from "./erase/tombstones.js";
import { journalNames, readJournal } from "./journal.js";
import { absolutePath, LOCKS, readIdentity, readSalt } from "./layout.js";
import { foldLog, partDamaged, readLog, requireLogCovers, requirePart, requireWholePart } from "./log.js";
import { buildDamaged, currentBuild } from "./publish.js";
import { quarantineOf } from "./quarantine.js";
import { sqlPath } from "./read-parquet.js";
import type { ActivePart, Database, Workspace } from "./types.js";

/** What `verify` looked at and what it found. */
export interface VerifyReport {
  readonly mode: "fast" | "full";
  readonly files: number;
  readonly bytes: number;
  /** One per damaged file, each an error with the file, the reason and the remedy; empty when all is well. */
  readonly problems: readonly GrowthosError[];
}

interface Tally {
  files: number;
  bytes: number;
  readonly problems: GrowthosError[];
}

/**
 * Checks a workspace without changing it. Fast: checksums of the small files, the chain, presence and size of the large ones.
 * Full: also the SHA-256 and the row count of every landed file, of the published build and of the quarantine.
 */
export async function verifyWorkspace(
  ws: Workspace,
  options: { readonly full: boolean /** Counts rows; default: one of its own. */; readonly db?: Database },
): Promise<VerifyReport> {
  const tally: Tally = { files: 0, bytes: 0, problems: [] };
  check(tally, () => readIdentity(ws.files, ws.root));
  check(tally, () => readSalt(ws));
  for (const lock of LOCKS) check(tally, () => requireLockFile(ws, lock));
  const entries = check(tally, () => readLog(ws));
  const state = foldLog(entries ?? []);
  tally.files += Math.max(0, state.version - 1);
  const whole = state.parts.filter((part) => checkPart(ws, tally, part, options.full));
  check(tally, () => checkBuild(ws, tally, options.full));
  if (entries !== undefined) check(tally, () => requireLogCovers(ws, state.version));
  // Counted as one already.
  for (const journal of journalNames(ws))
    tally.files += (check(tally, () => readJournal(ws, journal))?.length ?? 1) - 1;
  if (ws.files.stat(ws.at(ERASED)) !== undefined) check(tally, () => readTombstones(ws));
  if (options.full && whole.length > 0) await checkRows(ws, tally, whole, options.db);
  return {
    mode: options.full ? "full" : "fast",
    files: tally.files,
    bytes: tally.bytes,
    problems: unique(tally.problems),
  };
}

/** Runs a check; a damage becomes one line of the report, so that all of them are told at once. */
function check<T>(tally: Tally, action: () => T): T | undefined {
  tally.files += 1;
  try {
    return action();
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    tally.problems.push(thrown);
    return undefined;
  }
}

function requireLockFile(ws: Workspace, lock: (typeof LOCKS)[number]): void {
  const path = ws.at("locks", `${lock}.duckdb`);
  if (ws.files.stat(path)?.kind === "file") return;
  throw new GrowthosError({
    code: "LOCK_MISSING",
    what: `${path} is missing`,
    hint: "restore the workspace with `growthos restore`",
    exit: "damaged",
  });
}

function checkPart(ws: Workspace, tally: Tally, part: ActivePart, full: boolean): boolean {
  const before = tally.problems.length;
  check(tally, () => {
    if (full) requireWholePart(ws, part);
    else requirePart(ws, part);
    tally.bytes += part.bytes;
  });
  const quarantined = quarantineOf(ws, part);
  if (quarantined !== null) check(tally, () => requireQuarantine(ws, quarantined, full));
  return tally.problems.length === before;
}

function requireQuarantine(
  ws: Workspace,
  file: { readonly path: string; readonly sha256: string },
  full: boolean,
): void {
  const there = ws.files.stat(file.path)?.kind === "file";
  if (there && (!full || ws.files.digest(file.path).sha256 === file.sha256)) return;
  throw new GrowthosError({
    code: "QUARANTINE_DAMAGED",
    what: `${file.path} is ${there ? "damaged" : "missing"}`,
    why: "the list of rejected rows is not the one that was committed; the accepted rows are not affected",
    hint: "restore it from a backup, or import the file again",
    exit: "damaged",
  });
}

function checkBuild(ws: Workspace, tally: Tally, full: boolean): void {
  const build = currentBuild(ws);
  if (build === null) return;
  tally.bytes += build.bytes;
  if (full && ws.files.digest(build.path).sha256 !== build.sha256)
    throw buildDamaged(build.path, "its SHA-256 is not the one that was published");
}

async function checkRows(ws: Workspace, tally: Tally, parts: readonly ActivePart[], given?: Database): Promise<void> {
  const db = given ?? (await openDatabase({ memoryLimitMb: 256 }));
  try {
    const files = parts.map((part) => sqlPath(absolutePath(ws, part.path))).join(", ");
    const rows = await db.all(`select file_name, num_rows from parquet_file_metadata([${files}])`);
    const counts = new Map(rows.map((row) => [row["file_name"], row["num_rows"]]));
    for (const part of parts) {
      const found = counts.get(absolutePath(ws, part.path));
      if (found !== part.rows)
        tally.problems.push(partDamaged(ws, part.path, `it has ${found} rows instead of ${part.rows}`));
    }
  } finally {
    if (given === undefined) await db.close();
  }
}

function unique(problems: readonly GrowthosError[]): readonly GrowthosError[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
