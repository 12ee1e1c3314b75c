import { type Clock, isoInstant } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { openDatabase } from "./duckdb.js";
import { type LockName, readIdentity } from "./layout.js";
import type { Database, Workspace } from "./types.js";

/** How to wait for a lock. */
export interface LockOptions {
  /** How long to wait for another holder, ms; 0 fails at once. */
  readonly waitMs: number;
  readonly clock: Clock;
  /** Who holds it, for the message to others, e.g. `sync (run 0193…)`. */
  readonly owner: string;
}

const POLL_MS = 250;

/**
 * Runs `action` while holding a workspace lock: a DuckDB file opened for writing, which the kernel frees when the process dies.
 * Take several in the order ingest, build, spool. Throws `LOCKED` (exit locked) naming the holder, `LOCK_REPLACED` (exit damaged).
 */
export async function withLock<T>(
  ws: Workspace,
  name: LockName,
  options: LockOptions,
  action: () => Promise<T>,
): Promise<T> {
  const db = await acquire(ws, name, options);
  try {
    noteOwner(ws, name, options);
    return await action();
  } finally {
    await db.close();
  }
}

async function acquire(ws: Workspace, name: LockName, options: LockOptions): Promise<Database> {
  const path = ws.at("locks", `${name}.duckdb`);
  const start = options.clock.elapsed();
  for (;;) {
    requireSameFile(ws, name, path);
    try {
      return await openDatabase({ path, memoryLimitMb: 64, threads: 1 });
    } catch (cause) {
      if (!(cause instanceof GrowthosError) || cause.code !== "DATABASE_LOCKED") throw cause;
      const left = options.waitMs - (options.clock.elapsed() - start);
      if (left <= 0) throw lockedBy(ws, name, options.clock, cause);
      await options.clock.sleep(Math.min(POLL_MS, left));
    }
  }
}

// A lock on a file that was put in the place of the real one would exclude nobody.
function requireSameFile(ws: Workspace, name: LockName, path: string): void {
  const expected = readIdentity(ws.files, ws.root).locks[name];
  if (ws.files.stat(path)?.inode === expected) return;
  throw new GrowthosError({
    code: "LOCK_REPLACED",
    what: `${path} is not the lock file of this workspace`,
    why: "the workspace was copied, or the file was replaced",
    hint: "make sure that nothing else runs, then run `growthos init` to register the files that are there",
    exit: "damaged",
  });
}

// For messages only: nobody takes a lock over because of what this file says.
function noteOwner(ws: Workspace, name: LockName, { clock, owner }: LockOptions): void {
  ws.files.write(ownerPath(ws, name), `${JSON.stringify({ owner, since: isoInstant(clock.now()) })}\n`);
}

function ownerPath(ws: Workspace, name: LockName): string {
  return ws.at("locks", `${name}.owner.json`);
}

function lockedBy(ws: Workspace, name: LockName, clock: Clock, cause: GrowthosError): GrowthosError {
  return new GrowthosError({
    code: "LOCKED",
    what: `another command holds the ${name} lock of workspace "${ws.name}"`,
    why: [cause.parts.why, describeOwner(ws, name, clock)].filter(Boolean).join("; "),
    state: "nothing was changed",
    hint: "wait for it, or run the command again with --wait 300",
    exit: "locked",
    cause,
  });
}

function describeOwner(ws: Workspace, name: LockName, clock: Clock): string | undefined {
  const path = ownerPath(ws, name);
  if (ws.files.stat(path)?.kind !== "file") return undefined;
  const match = /^\{"owner":(".*"),"since":"([^"]+)"\}\n$/.exec(ws.files.readText(path));
  const since = Date.parse(match?.[2] ?? "");
  if (match === null || Number.isNaN(since)) return undefined;
  const minutes = Math.max(0, Math.round((clock.now() - since) / 60_000));
  return `held by ${match[1]} for ${minutes} min`;
}
