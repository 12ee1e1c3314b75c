import { dirname, join } from "node:path";
import { isISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Random } from "../base/ids.js";
import { refuseWal } from "./duckdb.js";
import { replaceDurably } from "./layout.js";
import { seal, unseal } from "./sealed.js";
import type { PublishedBuild, Workspace } from "./types.js";

/** A build that is being written; nobody reads it before `publishBuild`. */
export interface StartedBuild {
  readonly buildId: string;
  /** Absolute path of the `.duckdb` file to create. */
  readonly path: string;
}

/**
 * Names the next build and wipes what unfinished builds left. The caller holds the build lock.
 * Ids sort by age: a counter, then random digits, so that a name is never used twice.
 */
export function startBuild(ws: Workspace, random: Random): StartedBuild {
  const { files } = ws;
  for (const name of files.list(ws.at("warehouse")))
    if (name.startsWith(".build-")) files.remove(ws.at("warehouse", name));
  const last = Math.max(0, ...listBuilds(ws).map((id) => Number(id.slice(0, 6))));
  const buildId = `${String(last + 1).padStart(6, "0")}-${random.hex(4)}`;
  return { buildId, path: ws.at("warehouse", `.build-${buildId}.duckdb`) };
}

/**
 * Makes a finished, closed build durable and moves `CURRENT` to it. The caller holds the build lock.
 * Throws `DATABASE_LEFT_WAL` when the file was not closed completely. A crash leaves the previous build or this one, whole.
 */
export function publishBuild(ws: Workspace, build: Omit<PublishedBuild, "sha256" | "bytes">): PublishedBuild {
  const { files } = ws;
  const path = buildPath(ws, build.buildId);
  refuseWal(build.path, "the build was not closed completely");
  refuseWal(path, "a build's name was used before");
  files.sync(build.path);
  const { sha256, bytes } = files.digest(build.path);
  files.rename(build.path, path);
  files.sync(ws.at("warehouse"));
  const { buildId, logVersion, inputHash, asOf } = build;
  const told = { buildId, sha256, bytes, logVersion, inputHash, asOf, ...elsewhere(build) };
  replaceDurably(files, ws.at("warehouse", "CURRENT"), seal(told).text);
  return { ...build, path, sha256, bytes };
}

/**
 * The published build, or null before the first. Read it once per command and keep the file: a later build does not change it.
 * Checks presence, size and that no `.wal` stands beside it; throws `BUILD_DAMAGED` or `DATABASE_LEFT_WAL` (exit damaged).
 */
export function currentBuild(ws: Workspace): PublishedBuild | null {
  const current = ws.at("warehouse", "CURRENT");
  if (ws.files.stat(current) === undefined) return null;
  const build = unseal(ws.files.readText(current)) as Omit<PublishedBuild, "path"> | null;
  if (build === null || !isBuildId(build.buildId) || !isISODate(build.asOf)) {
    throw buildDamaged(current, "its content does not match its own checksum");
  }
  const path = buildPath(ws, build.buildId);
  const stat = ws.files.stat(path);
  if (stat?.kind !== "file") throw buildDamaged(path, "CURRENT names it, but it is not there");
  if (stat.bytes !== build.bytes) throw buildDamaged(path, `it has ${stat.bytes} bytes instead of ${build.bytes}`);
  refuseWal(path, "a published build never has one");
  const { buildId, sha256, bytes, logVersion, inputHash, asOf } = build;
  return { buildId, path, sha256, bytes, logVersion, inputHash, asOf, ...elsewhere(build) };
}

/** What is said of a build only when an engine made it. */
function elsewhere({ engine, enginePlace }: Pick<PublishedBuild, "engine" | "enginePlace">) {
  return { ...(engine === undefined ? {} : { engine }), ...(enginePlace === undefined ? {} : { enginePlace }) };
}

/** Ids of all finished builds, oldest first. */
export function listBuilds(ws: Workspace): readonly string[] {
  return ws.files
    .list(ws.at("warehouse"))
    .filter((name) => name.endsWith(".duckdb"))
    .map((name) => name.slice(0, -".duckdb".length))
    .filter(isBuildId);
}

/** The absolute path of a finished build. */
export function buildPath(ws: Workspace, buildId: string): string {
  return ws.at("warehouse", `${buildId}.duckdb`);
}

/** The error for a build or pointer that is not what was published; a build is a cache, so the remedy is a new one. */
export function buildDamaged(path: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "BUILD_DAMAGED",
    what: `${path} is damaged`,
    why,
    state: "the landed data is not affected",
    hint: `remove ${join(dirname(path), "CURRENT")}, then run \`growthos build\``,
    exit: "damaged",
  });
}

function isBuildId(text: unknown): text is string {
  return typeof text === "string" && /^\d{6,}-[0-9a-f]+$/.test(text);
}
