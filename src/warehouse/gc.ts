import { dirname, join } from "node:path";
import { isoInstant } from "../base/clock.js";
import { type ISODate, isISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { Random } from "../base/ids.js";
import { POST_FOLDER } from "./journal.js";
import { absolutePath } from "./layout.js";
import { commitEntry, foldLog, type LogDraft, readLog, unnamedLoads, versionOfOrdinal } from "./log.js";
import { buildPath, currentBuild, listBuilds } from "./publish.js";
import { quarantineOf } from "./quarantine.js";
import type { ActivePart, LogEntry, Workspace } from "./types.js";

/** What may go, and from when on. */
export interface GcOptions {
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  /** Finished builds to keep, the published one always among them. */
  readonly keepBuilds: number;
  readonly runsDays: number;
  /** How long a removed file stays for a reader that still has the older list; default 24. */
  readonly graceHours?: number;
  /** Landed files (as the log names them) to give up, usually damaged ones; their streams lose their cursors and load again. */
  readonly forget?: readonly string[];
}

/** What a collection would do, before it does it; paths are relative to the workspace. */
export interface GcPlan {
  /** Parts to take out of the active set; their files follow after the grace period. */
  readonly retire: readonly { readonly path: string; readonly reason: string }[];
  /** Files and folders to delete. */
  readonly remove: readonly { readonly path: string; readonly reason: string; readonly bytes: number }[];
}

const HOUR_MS = 3_600_000;

/** Plans a collection; changes nothing. */
export function planGc(ws: Workspace, options: GcOptions): GcPlan {
  const entries = readLog(ws);
  const { parts } = foldLog(entries);
  const retire = [...forgotten(parts, options.forget ?? []), ...superseded(parts)];
  const doomed = [
    ...orphans(ws, entries),
    ...retired(ws, entries, options),
    ...oldBuilds(ws, options.keepBuilds),
    ...oldRuns(ws, options),
    ...looseQuarantine(ws, entries, options),
  ];
  return { retire, remove: doomed.map((item) => ({ ...item, bytes: sizeOf(ws, absolutePath(ws, item.path)) })) };
}

/**
 * Carries a plan out: one `remove` entry for the retired parts, then the deletions. Nothing else in the program deletes data.
 * The caller holds the ingest and the build lock. A cursor that is reset makes its stream load again from the beginning.
 */
export async function applyGc(
  ws: Workspace,
  plan: GcPlan,
  run: Pick<LogDraft, "runId" | "toolVersion" | "configHash"> & { readonly now: number },
): Promise<void> {
  if (plan.retire.length > 0) {
    const { runId, toolVersion, configHash } = run;
    const given = plan.retire
      .filter((item) => item.reason === FORGOTTEN)
      .map((item) => item.path.split("/").slice(1, 3).join("."));
    const cursors = Object.fromEntries([...new Set(given)].map((stream) => [stream, {}]));
    await commitEntry(ws, {
      kind: "remove",
      runId,
      added: [],
      removed: plan.retire,
      cursors,
      toolVersion,
      configHash,
      at: isoInstant(run.now),
    });
  }
  for (const { path } of plan.remove) ws.files.remove(absolutePath(ws, path));
}

/**
 * Deletes files and folders, relative to the workspace, that no reader may have any more: without grace, and durably, because what a power
 * cut brings back would be there unseen. The caller holds all locks.
 */
export function deleteNow(ws: Workspace, paths: readonly string[]): void {
  for (const path of paths) ws.files.remove(absolutePath(ws, path));
  const folders = new Set(paths.map((path) => dirname(absolutePath(ws, path))));
  for (const folder of folders) if (ws.files.stat(folder) !== undefined) ws.files.sync(folder);
}

const FORGOTTEN = "given up by the user";

function forgotten(parts: readonly ActivePart[], paths: readonly string[]): GcPlan["retire"] {
  const unknown = paths.find((path) => !parts.some((part) => part.path === path));
  if (unknown === undefined) return paths.map((path) => ({ path, reason: FORGOTTEN }));
  throw new GrowthosError({
    code: "PART_UNKNOWN",
    what: `no active landed file is named ${unknown}`,
    hint: "give the path as `growthos verify` prints it, starting with landing/",
    exit: "usage",
  });
}

/** Parts of which no row can survive: older than a full load of their stream, or every day of theirs loaded again. */
function superseded(parts: readonly ActivePart[]): GcPlan["retire"] {
  return parts
    .filter((part) =>
      parts.some((newer) => sameStream(newer, part) && newer.ordinal > part.ordinal && covers(newer, part)),
    )
    .map(({ path }) => ({ path, reason: "superseded" }));
}

const sameStream = (a: ActivePart, b: ActivePart): boolean => a.source === b.source && a.stream === b.stream;

function covers(newer: ActivePart, part: ActivePart): boolean {
  if (newer.supersession === "full") return versionOfOrdinal(newer.ordinal) > versionOfOrdinal(part.ordinal);
  if (newer.supersession !== "window" || newer.days === null || part.days === null) return false;
  return newer.days.from <= part.days.from && newer.days.to >= part.days.to;
}

type Doomed = readonly { readonly path: string; readonly reason: string }[];

function orphans(ws: Workspace, entries: readonly LogEntry[]): Doomed {
  const named = new Set(entries.flatMap((entry) => entry.added.map((part) => part.path)));
  return unnamedLoads(ws, named).map((path) => ({ path, reason: "landed, but never committed" }));
}

function retired(ws: Workspace, entries: readonly LogEntry[], options: GcOptions): Doomed {
  const before = options.now - (options.graceHours ?? 24) * HOUR_MS;
  const active = new Set(foldLog(entries).parts.map((part) => part.path));
  return entries
    .filter((entry) => Date.parse(entry.at) <= before)
    .flatMap((entry) => entry.removed.map(({ path }) => path))
    .filter((path) => !active.has(path))
    .map((path) => path.split("/").slice(0, 4).join("/"))
    .filter((path) => ws.files.stat(absolutePath(ws, path)) !== undefined)
    .map((path) => ({ path, reason: "removed by an earlier commit" }));
}

function oldBuilds(ws: Workspace, keep: number): Doomed {
  const current = currentBuild(ws)?.buildId;
  const others = listBuilds(ws).filter((id) => id !== current);
  const surplus = others.slice(0, Math.max(0, others.length - Math.max(0, keep - 1)));
  return surplus
    .filter((id) => ws.files.stat(buildPath(ws, id)) !== undefined)
    .map((id) => ({ path: `warehouse/${id}.duckdb`, reason: `older than the last ${keep} builds` }));
}

/** Logs and records of runs that are older than they are kept. */
export function oldRuns(ws: Workspace, { now, runsDays }: Pick<GcOptions, "now" | "runsDays">): Doomed {
  const before = now - runsDays * 24 * HOUR_MS;
  return ws.files
    .list(ws.at("runs"))
    .filter((name) => (ws.files.stat(ws.at("runs", name))?.modifiedMs ?? now) < before)
    .map((name) => ({ path: `runs/${name}`, reason: `older than ${runsDays} days` }));
}

function looseQuarantine(ws: Workspace, entries: readonly LogEntry[], options: GcOptions): Doomed {
  const before = options.now - (options.graceHours ?? 24) * HOUR_MS;
  const active = foldLog(entries).parts.map((part) => quarantineOf(ws, part)?.path);
  return filesUnder(ws, "quarantine")
    .filter((path) => !active.includes(absolutePath(ws, path)))
    .filter((path) => (ws.files.stat(absolutePath(ws, path))?.modifiedMs ?? options.now) < before)
    .map((path) => ({ path, reason: "belongs to no active load" }));
}

/** Files of branch reports of days before `before`; of each journal the newest entry first, so that what is left after a crash is still a whole one. */
export function oldPost(ws: Workspace, before: ISODate): readonly string[] {
  return ws.files
    .list(ws.at(...POST_FOLDER.split("/")))
    .filter((day) => isISODate(day) && day < before)
    .flatMap((day) => [...filesUnder(ws, `${POST_FOLDER}/${day}`)].sort().reverse());
}

/** All plain files below a folder of the workspace, relative, sorted. */
export function filesUnder(ws: Workspace, path: string): readonly string[] {
  return ws.files.list(absolutePath(ws, path)).flatMap((name) => {
    const inner = `${path}/${name}`;
    const kind = ws.files.stat(absolutePath(ws, inner))?.kind;
    return kind === "folder" ? filesUnder(ws, inner) : kind === "file" ? [inner] : [];
  });
}

function sizeOf(ws: Workspace, path: string): number {
  const stat = ws.files.stat(path);
  if (stat?.kind !== "folder") return stat?.bytes ?? 0;
  return ws.files.list(path).reduce((sum, name) => sum + sizeOf(ws, `${path}/${name}`), 0);
}

const GONE = ".gone-";

/**
 * Deletes a whole workspace: data, builds, reports, credentials, what was pushed. The caller holds all of its locks. It is renamed first,
 * so that from then on nobody finds half of it; what a crash leaves is swept by the next call.
 */
export function deleteWorkspace(ws: Workspace, random: Random): void {
  const { files } = ws;
  const parent = dirname(ws.root);
  files.rename(ws.root, join(parent, `${GONE}${ws.name}-${random.hex(4)}`));
  files.sync(parent);
  sweepDeleted(files, parent);
}

/** Removes what interrupted deletions left in the folder of the workspaces. */
export function sweepDeleted(files: Files, parent: string): void {
  for (const name of files.list(parent)) if (name.startsWith(GONE)) files.remove(join(parent, name));
}
