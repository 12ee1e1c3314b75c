import { type Clock, isoInstant } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import type { Random } from "../base/ids.js";
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
  const path = ws.at("locks", `${name}.duckdb`);
  const lock = { ws, name, path, check: () => requireSameFile(ws, name, path) };
  return holding(lock, options, async () => {
    // A lock keeps this machine's processes apart; what other machines committed in the meantime comes here first.
    if (name !== "build") await ws.store?.refresh(ws, name);
    return action();
  });
}

/** Brings here what other machines committed, unless another process of this one is at it. For who reads under another lock, or none. */
export async function withNewest(ws: Workspace, options: LockOptions): Promise<void> {
  if (ws.store === undefined) return;
  try {
    await withLock(ws, "ingest", options, async () => {});
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || thrown.code !== "LOCKED") throw thrown;
  }
}

/**
 * Runs `action` while no other process writes credentials. Not one of the workspace's three locks: a sync holds those while it renews
 * a token. Throws `LOCKED`.
 */
export async function withCredentialsLock<T>(
  ws: Workspace,
  options: LockOptions & { readonly random: Random },
  action: () => Promise<T>,
): Promise<T> {
  const path = ws.at("credentials", "lock.duckdb");
  await makeCredentialsLock(ws, options.random, path);
  return holding({ ws, name: "credentials", path, check: () => {} }, options, action);
}

/** Made elsewhere and put into place whole: a file that a kill left half made could never be opened again. */
async function makeCredentialsLock(ws: Workspace, random: Random, target: string): Promise<void> {
  const { files } = ws;
  if (files.stat(target) !== undefined) return;
  const path = ws.at("staging", `credentials-${random.hex(6)}.duckdb`);
  await files.external("lock file", path, async () => {
    const db = await openDatabase({ path, memoryLimitMb: 64, threads: 1 });
    await db.close();
  });
  files.sync(path);
  files.makeFolder(ws.at("credentials"));
  try {
    files.link(path, target);
  } catch (thrown) {
    // Another process was faster: its file is as good.
    if (files.stat(target) === undefined) throw thrown;
  }
  files.remove(path);
  files.sync(ws.at("credentials"));
  files.sync(ws.root);
}

interface LockFile {
  readonly ws: Workspace;
  readonly name: string;
  readonly path: string;
  readonly check: () => void;
}

async function holding<T>(lock: LockFile, options: LockOptions, action: () => Promise<T>): Promise<T> {
  const db = await acquire(lock, options);
  try {
    noteOwner(lock, options);
    return await action();
  } finally {
    await db.close();
  }
}

async function acquire(lock: LockFile, options: LockOptions): Promise<Database> {
  const { path, check } = lock;
  const start = options.clock.elapsed();
  for (;;) {
    check();
    try {
      return await openDatabase({ path, memoryLimitMb: 64, threads: 1 });
    } catch (cause) {
      if (!(cause instanceof GrowthosError) || cause.code !== "DATABASE_LOCKED") throw cause;
      const left = options.waitMs - (options.clock.elapsed() - start);
      if (left <= 0) throw lockedBy(lock, options.clock, cause);
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
function noteOwner(lock: LockFile, { clock, owner }: LockOptions): void {
  lock.ws.files.write(ownerPath(lock), `${JSON.stringify({ owner, since: isoInstant(clock.now()) })}\n`);
}

function ownerPath({ ws, name }: LockFile): string {
  return ws.at("locks", `${name}.owner.json`);
}

function lockedBy(lock: LockFile, clock: Clock, cause: GrowthosError): GrowthosError {
  const { ws, name } = lock;
  return new GrowthosError({
    code: "LOCKED",
    what: `another command holds the ${name} lock of workspace "${ws.name}"`,
    why: [cause.parts.why, describeOwner(lock, clock)].filter(Boolean).join("; "),
    state: "nothing was changed",
    hint: "wait for it, or run the command again with --wait 300",
    exit: "locked",
    cause,
  });
}

function describeOwner(lock: LockFile, clock: Clock): string | undefined {
  const path = ownerPath(lock);
  const { ws } = lock;
  if (ws.files.stat(path)?.kind !== "file") return undefined;
  const match = /^\{"owner":(".*"),"since":"([^"]+)"\}\n$/.exec(ws.files.readText(path));
  const since = Date.parse(match?.[2] ?? "");
  if (match === null || Number.isNaN(since)) return undefined;
  const minutes = Math.max(0, Math.round((clock.now() - since) / 60_000));
  return `held by ${match[1]} for ${minutes} min`;
}
