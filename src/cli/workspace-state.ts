/** How it stands with each workspace of a project, by its own files alone; nothing is changed, and no lock is tried. */
import { join } from "node:path";
import type { Clock } from "../base/clock.js";
import { dayInZone, type ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { isWorkspaceName } from "../base/ids.js";
import { freshnessOf } from "../config/sources.js";
import type { Config, WorkspaceConfig } from "../config/types.js";
import { workspaceNames } from "../config/workspaces.js";
import { readRuns } from "../sync/runs.js";
import { LOCKS, openWorkspace } from "../warehouse/layout.js";
import { readState } from "../warehouse/log.js";
import { currentBuild } from "../warehouse/publish.js";
import type { Workspace } from "../warehouse/types.js";
import { freshnessOfStreams, streamStatuses } from "./coverage.js";
import { workspaceClock } from "./world.js";

/** In one word, the worst first: what somebody would look at. */
export type StateWord =
  | "config wrong"
  | "damaged"
  | "not in the config"
  | "not created"
  | "no build"
  | "run failed"
  | "late"
  | "behind"
  | "ok";

/** One workspace of the list. */
export interface WorkspaceState {
  readonly name: string;
  /** Null without a config that can be read. */
  readonly shop: string | null;
  readonly sources: readonly string[];
  readonly state: StateWord;
  /** More about the state; null: there is nothing to say. */
  readonly problem: string | null;
  readonly lastRun: {
    readonly startedAt: string;
    readonly state: string;
    /** By the workspace's own clock, which stands still in a demo. */
    readonly agoMs: number;
  } | null;
  /** The newest day that no dated source lacks; null: there is none, or no source tells. */
  readonly newestDay: ISODate | null;
  readonly buildAsOf: ISODate | null;
  /** Most complete days that a source is behind its limits' start; null: no source is judged. */
  readonly behindDays: number | null;
  readonly bytes: number;
  /** Locks that a process holds now; null: this system does not tell. */
  readonly locks: readonly string[] | null;
}

/** Everything below that is read. */
export interface StateOptions {
  readonly config: Config;
  readonly files: Files;
  readonly clock: Clock;
  readonly asOf: ISODate | undefined;
}

/** Every workspace of the config, then folders that no config names, by name. */
export function workspaceStates(options: StateOptions): readonly WorkspaceState[] {
  const names = workspaceNames(options.config);
  const held = heldInodes(options.files);
  return [...names, ...strayWorkspaces(options.config, options.files)].map((name) => stateOf(name, options, held));
}

/** Folders of workspaces that the config does not name. */
export function strayWorkspaces(config: Config, files: Files): readonly string[] {
  const names = workspaceNames(config);
  const folder = join(config.projectRoot, "workspaces");
  return files.list(folder).filter((name) => isWorkspaceName(name) && !names.includes(name));
}

const NOTHING = { lastRun: null, newestDay: null, buildAsOf: null, behindDays: null, bytes: 0, locks: [] } as const;

function stateOf(name: string, options: StateOptions, held: ReadonlySet<number> | null): WorkspaceState {
  const { config, files } = options;
  const own = config.workspaces.find((workspace) => workspace.name === name);
  const error = config.clients?.files.find((client) => client.name === name && client.error !== null)?.error ?? null;
  const base = { name, shop: own?.shop.name ?? null, sources: (own?.sources ?? []).map(({ id }) => id) };
  const wrong = error === null ? null : ({ state: "config wrong", problem: problemOf(error) } as const);
  const root = join(config.projectRoot, "workspaces", name);
  if (!isWorkspaceName(name) || files.stat(root) === undefined)
    return { ...base, ...NOTHING, ...(wrong ?? { state: "not created", problem: null }) };
  try {
    const ws = openWorkspace({ projectRoot: config.projectRoot, name, files });
    const known = { ...factsOf(ws, own, options), locks: locksOf(ws, held), bytes: folderBytes(files, root) };
    const stray = { state: "not in the config", problem: null } as const;
    return { ...base, ...known, ...(own === undefined && wrong === null ? stray : {}), ...wrong };
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    return { ...base, ...NOTHING, ...(wrong ?? { state: "damaged", problem: problemOf(thrown) }) };
  }
}

function problemOf({ code, parts: { what, why } }: GrowthosError): string {
  return `${code}: ${what}${why === undefined ? "" : ` (${why.split("\n")[0] ?? ""})`}`;
}

function factsOf(ws: Workspace, own: WorkspaceConfig | undefined, { clock, asOf }: StateOptions) {
  const now = (own === undefined ? clock : workspaceClock(own, clock)).now();
  const state = readState(ws);
  const build = currentBuild(ws);
  const { runs } = readRuns(ws);
  const streams = streamStatuses(state);
  const limits = freshnessOf(own?.sources ?? []);
  const today = asOf ?? own?.asOf ?? dayInZone(now, own?.shop.timeZone ?? "UTC");
  const fresh = [...freshnessOfStreams(streams, { limits, today })];
  const late = fresh.filter(([, { status }]) => status === "error").map(([stream]) => stream);
  const lastDays = streams.flatMap(({ source, lastDay }) => (source in limits && lastDay !== null ? [lastDay] : []));
  const [last] = runs;
  const failed = last?.state === "failed" ? (last.sources.find(({ error }) => error !== null)?.error ?? null) : null;
  const facts = {
    lastRun:
      last === undefined
        ? null
        : { startedAt: last.startedAt, state: last.state, agoMs: now - Date.parse(last.startedAt) },
    newestDay: lastDays.sort()[0] ?? null,
    buildAsOf: build?.asOf ?? null,
    behindDays: fresh.length === 0 ? null : Math.max(...fresh.map(([, { behind_days }]) => behind_days)),
  };
  const judged = (word: StateWord, problem: string | null) => ({ ...facts, state: word, problem });
  if (build === null) return judged("no build", failed === null ? null : `${failed.code}: ${failed.what}`);
  if (last?.state === "failed") return judged("run failed", failed === null ? null : `${failed.code}: ${failed.what}`);
  if (late.length > 0) return judged("late", late.join(", "));
  const commits = state.version - build.logVersion;
  return commits > 0 ? judged("behind", `${commits} commits are in no build`) : judged("ok", null);
}

/** Inodes of files that some process holds a write lock on, where the system has a list of them (Linux). */
function heldInodes(files: Files): ReadonlySet<number> | null {
  const table = "/proc/locks";
  if (files.stat(table) === undefined) return null;
  return lockedInodes(files.readText(table));
}

/** The inodes in the text of /proc/locks: `1: POSIX  ADVISORY  WRITE 4242 08:01:131 0 EOF`; lines with `->` only wait. */
export function lockedInodes(table: string): ReadonlySet<number> {
  const held = [...table.matchAll(/^\d+: +\S+ +\S+ +WRITE +-?\d+ +[0-9a-f]+:[0-9a-f]+:(\d+) /gm)];
  return new Set(held.map(([, inode]) => Number(inode)));
}

function locksOf(ws: Workspace, held: ReadonlySet<number> | null): readonly string[] | null {
  if (held === null) return null;
  const path = (name: string) => ws.at("locks", `${name}.duckdb`);
  return LOCKS.filter((name) => held.has(ws.files.stat(path(name))?.inode ?? -1));
}

/** Bytes of all files below a folder; symbolic links are not followed. */
export function folderBytes(files: Files, folder: string): number {
  return files.list(folder).reduce((sum, name) => {
    const path = join(folder, name);
    const stat = files.stat(path);
    return sum + (stat?.kind === "folder" ? folderBytes(files, path) : (stat?.bytes ?? 0));
  }, 0);
}
