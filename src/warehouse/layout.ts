import { dirname, join, relative, resolve, sep } from "node:path";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { sha256 } from "../base/hash.js";
import { isWorkspaceName, type Random } from "../base/ids.js";
import { openDatabase } from "./duckdb.js";
import { seal, unseal } from "./sealed.js";
import type { SharedStore, Workspace } from "./types.js";

/**
 * The newest layout that this version can read; a workspace with a newer one is refused. 1: that of release 0.1.0. 2: somebody was erased or
 * days were pruned, so that parts stand in the place of others (`inPlaceOf`) and lists say who must not land again: 0.1.0 knows neither.
 */
export const LAYOUT_VERSION = 2;

/** The three kernel-held locks, in the order in which they are taken. */
export const LOCKS = ["ingest", "build", "spool"] as const;
/** The name of a lock. */
/** One of the locks. */
export type LockName = (typeof LOCKS)[number];

const FOLDERS = ["locks", "staging", "landing", "log", "staged", "warehouse", "quarantine", "out", "runs"] as const;
/** Linux's limits; the longest generated name and path stay below them. */
const MAX_ROOT_BYTES = 3500;

/** What `workspace.json` holds (sealed JSON). */
export interface WorkspaceIdentity {
  readonly id: string;
  readonly layout: number;
  readonly name: string;
  /** First 16 hex digits of the salt's SHA-256: tells a wrong salt without telling the salt. */
  readonly saltId: string;
  /** Inodes of the lock files: a lock on a replaced file would not exclude anybody. */
  readonly locks: Readonly<Record<LockName, number>>;
}

/** Where a workspace is, and through what it is reached. */
export interface Place {
  readonly projectRoot: string;
  readonly name: string;
  readonly files: Files;
  /** The store that the folder is a copy of. */
  readonly store?: SharedStore;
}

/** What a workspace that exists elsewhere is known by, and the salt that belongs to it. */
export interface KnownWorkspace {
  readonly id: string;
  readonly salt: string;
}

/**
 * Makes the workspace folder whole in a temporary folder and renames it into place; an existing workspace is opened.
 * Run again over a folder that was copied by hand, it registers the copied lock files.
 */
export async function createWorkspace(
  options: Place & { readonly random: Random /** Default: a new one. */; readonly known?: KnownWorkspace },
): Promise<Workspace> {
  const { files } = options;
  const root = rootOf(options);
  if (files.stat(root) !== undefined) return adopt(options, root);
  const { id, salt } = options.known ?? { salt: options.random.hex(32), id: options.random.hex(16) };
  const fresh = await assembleWorkspace(options, { id, salt });
  files.rename(fresh, root);
  files.sync(dirname(root));
  files.sync(dirname(dirname(root)));
  return openWorkspace(options);
}

/**
 * Builds a whole workspace folder beside its place and gives its path; the caller renames it. `fill` adds content before it is sealed.
 * Wipes what an interrupted attempt left.
 */
export async function assembleWorkspace(
  options: Place & { readonly random: Random },
  content: { readonly id: string; readonly salt: string; readonly fill?: (fresh: string) => void },
): Promise<string> {
  const { files, name } = options;
  const parent = dirname(rootOf(options));
  files.makeFolder(parent);
  for (const entry of files.list(parent)) if (entry.startsWith(`.new-${name}-`)) files.remove(join(parent, entry));
  const fresh = join(parent, `.new-${name}-${options.random.hex(4)}`);
  files.makeFolder(fresh);
  for (const folder of FOLDERS) files.makeFolder(join(fresh, folder));
  await makeLockFiles(files, join(fresh, "locks"));
  writeDurably(files, join(fresh, "salt"), `${content.salt}\n`);
  // The folder holds customers' data: it must not reach a repository by accident.
  writeDurably(files, join(fresh, ".gitignore"), "*\n");
  content.fill?.(fresh);
  const identity = { id: content.id, layout: 1, name, saltId: saltIdOf(content.salt) };
  writeIdentity(files, fresh, { ...identity, locks: lockInodes(files, fresh) });
  for (const folder of FOLDERS) files.sync(join(fresh, folder));
  files.sync(fresh);
  return fresh;
}

/** Opens a workspace. Throws `WORKSPACE_MISSING`, `WORKSPACE_NAME`, `WORKSPACE_LINK`, `WORKSPACE_NEWER`, `WORKSPACE_SPLIT`, `WORKSPACE_DAMAGED`. */
export function openWorkspace(options: Place): Workspace {
  const { files, name } = options;
  const root = rootOf(options);
  if (files.stat(root) === undefined) {
    throw new GrowthosError({
      code: "WORKSPACE_MISSING",
      what: `there is no workspace "${name}"`,
      why: root,
      hint: `run \`growthos init --workspace ${name}\``,
      exit: "usage",
    });
  }
  refuseLinks(files, [dirname(root), root, ...FOLDERS.map((folder) => join(root, folder))]);
  refuseInnerLinks(files, root);
  const identity = readIdentity(files, root);
  if (identity.name !== name)
    throw damaged(join(root, "workspace.json"), `it belongs to the workspace "${identity.name}"`);
  refuseSplit(files, root);
  const own = options.store === undefined ? {} : { store: options.store };
  return { name, root, id: identity.id, files, ...own, at: (...segments) => pathInside(root, segments) };
}

/** A workspace that is not there and is not made, for a dry run: whoever reads finds nothing. Throws `WORKSPACE_NAME` or `WORKSPACE_PATH`. */
export function plannedWorkspace(options: Place): Workspace {
  const root = rootOf(options);
  return { name: options.name, root, id: "", files: options.files, at: (...segments) => pathInside(root, segments) };
}

/** The sealed identity in `workspace.json`. Throws `WORKSPACE_DAMAGED` or `WORKSPACE_NEWER`. */
export function readIdentity(files: Files, root: string): WorkspaceIdentity {
  const path = join(root, "workspace.json");
  if (files.stat(path)?.kind !== "file") throw damaged(path, "it is not there");
  const value = unseal(files.readText(path));
  if (value === null) throw damaged(path, "its content does not match its own checksum");
  const identity = value as unknown as WorkspaceIdentity;
  requireKnownLayout(identity.layout, `the workspace "${identity.name}"`);
  return identity;
}

/** Throws `WORKSPACE_NEWER` for a layout that this version cannot read. */
export function requireKnownLayout(layout: number, what: string): void {
  if (layout <= LAYOUT_VERSION) return;
  throw new GrowthosError({
    code: "WORKSPACE_NEWER",
    what: `${what} was written by a newer growthos`,
    why: `its layout is ${layout}, this version knows ${LAYOUT_VERSION}`,
    hint: "update growthos",
    exit: "usage",
  });
}

/**
 * Makes older versions refuse the workspace, before anything is written that they would misread. A workspace that needs no newer layout keeps
 * its own, and older versions keep it.
 */
export function raiseLayout({ files, root }: Pick<Workspace, "files" | "root">, layout: number): void {
  const identity = readIdentity(files, root);
  if (identity.layout < layout) writeIdentity(files, root, { ...identity, layout });
}

/** The salt with which personal data is hashed (64 hex digits). Throws `SALT_DAMAGED`: with another salt the same person would get another hash. */
export function readSalt(ws: Workspace): string {
  const path = ws.at("salt");
  const text = ws.files.stat(path)?.kind === "file" ? ws.files.readText(path) : "";
  const salt = text.trimEnd();
  if (text === `${salt}\n` && saltIdOf(salt) === readIdentity(ws.files, ws.root).saltId) return salt;
  throw new GrowthosError({
    code: "SALT_DAMAGED",
    what: `${path} is missing or changed`,
    why: "personal data would be hashed differently from what is stored",
    hint: "restore the file from a backup made with --with-salt",
    exit: "damaged",
  });
}

/** Writes a whole file durably: content, then its name in the folder. Not atomic; use `replaceDurably` over an existing file. */
export function writeDurably(files: Files, path: string, text: string): void {
  files.write(path, text);
  files.sync(path);
  files.sync(dirname(path));
}

/** Replaces a file's content so that a crash leaves the old or the new text, never a mixture. */
export function replaceDurably(files: Files, path: string, text: string): void {
  files.write(`${path}.tmp`, text);
  files.sync(`${path}.tmp`);
  files.rename(`${path}.tmp`, path);
  files.sync(dirname(path));
}

/** A path relative to the workspace with forward slashes, as the log writes it. */
export function relativePath(ws: Workspace, path: string): string {
  return relative(ws.root, path).split(sep).join("/");
}

/** The absolute path of a relative one from the log; throws `BAD_PATH` when it would leave the workspace. */
export function absolutePath(ws: Workspace, path: string): string {
  return ws.at(...path.split("/"));
}

/** The folder of a workspace. Throws `WORKSPACE_NAME` or `WORKSPACE_PATH`. */
export function rootOf({ projectRoot, name }: Place): string {
  if (!isWorkspaceName(name)) {
    throw new GrowthosError({
      code: "WORKSPACE_NAME",
      what: `${JSON.stringify(name.slice(0, 80))} cannot be the name of a workspace`,
      hint: "use lower-case letters, digits and single hyphens inside, at most 48 characters",
      exit: "usage",
    });
  }
  const root = join(resolve(projectRoot), "workspaces", name);
  // DuckDB takes what follows a question mark for options, and no pattern matches a backslash beside a glob character.
  const unusable = /[\0?]/.test(root) || (/[*[]/.test(root) && root.includes("\\"));
  if (unusable || Buffer.byteLength(root) > MAX_ROOT_BYTES) {
    throw new GrowthosError({
      code: "WORKSPACE_PATH",
      what: "a workspace cannot live in this folder",
      why: `${root.slice(0, 200)} is too long, has a question mark, or has both a backslash and one of * [`,
      hint: "move the project to a folder with a plainer name",
      exit: "usage",
    });
  }
  return root;
}

function pathInside(root: string, segments: readonly string[]): string {
  const bad = segments.find(
    (segment) =>
      segment === "" ||
      segment === "." ||
      segment === ".." ||
      /[/\\\0]/.test(segment) ||
      Buffer.byteLength(segment) > 255,
  );
  if (bad === undefined) return join(root, ...segments);
  throw new GrowthosError({
    code: "BAD_PATH",
    what: `${JSON.stringify(bad.slice(0, 80))} cannot be part of a path in a workspace`,
    exit: "usage",
  });
}

async function makeLockFiles(files: Files, folder: string): Promise<void> {
  const [first, ...others] = LOCKS.map((lock) => join(folder, `${lock}.duckdb`)) as [string, ...string[]];
  await files.external("lock file", first, async () => {
    const db = await openDatabase({ path: first, memoryLimitMb: 64, threads: 1 });
    await db.close();
  });
  for (const other of others) files.copy(first, other);
  for (const path of [first, ...others]) files.sync(path);
}

function lockInodes(files: Files, root: string): WorkspaceIdentity["locks"] {
  const inode = (lock: LockName) => files.stat(join(root, "locks", `${lock}.duckdb`))?.inode ?? 0;
  return { ingest: inode("ingest"), build: inode("build"), spool: inode("spool") };
}

function adopt(options: Place, root: string): Workspace {
  const ws = openWorkspace(options);
  const identity = readIdentity(options.files, root);
  const locks = lockInodes(options.files, root);
  const same = LOCKS.every((lock) => locks[lock] === identity.locks[lock]);
  if (!same) writeIdentity(options.files, root, { ...identity, locks });
  return ws;
}

function writeIdentity(files: Files, root: string, identity: WorkspaceIdentity): void {
  const { id, layout, name, saltId, locks } = identity;
  replaceDurably(files, join(root, "workspace.json"), seal({ id, layout, name, saltId, locks }).text);
}

/** First 16 hex digits of a salt's SHA-256. */
export function saltIdOf(salt: string): string {
  return sha256(salt).slice(0, 16);
}

/** How far down folders are looked at: below lie generated names of files, whose content is checked and which are never written through. */
const LEVELS: Readonly<Record<string, number>> = { landing: 2, log: 0, runs: 0 };

/** A folder in a link's place would let one workspace write into another, or out of the project. */
function refuseInnerLinks(files: Files, root: string): void {
  const look = (folder: string, levels: number) => {
    for (const name of files.list(folder)) {
      const path = join(folder, name);
      const kind = files.stat(path)?.kind;
      if (kind === "link") throw notOurs(path, true);
      const below = folder === root ? (LEVELS[name] ?? 1) : levels - 1;
      if (kind === "folder" && below > 0) look(path, below);
    }
  };
  look(root, 1);
}

function refuseLinks(files: Files, paths: readonly string[]): void {
  const bad = paths.find((path) => files.stat(path)?.kind !== "folder");
  if (bad !== undefined) throw notOurs(bad, files.stat(bad)?.kind === "link");
}

function notOurs(bad: string, link: boolean): GrowthosError {
  return new GrowthosError({
    code: link ? "WORKSPACE_LINK" : "WORKSPACE_DAMAGED",
    what: link ? `${bad} is a symbolic link` : `${bad} is not a folder`,
    hint: link
      ? "a workspace must be real folders; move the data itself"
      : "restore the workspace from a backup, or create the folder again",
    exit: "damaged",
  });
}

function refuseSplit(files: Files, root: string): void {
  const device = files.stat(root)?.device;
  const other = FOLDERS.find((folder) => files.stat(join(root, folder))?.device !== device);
  if (other === undefined) return;
  throw new GrowthosError({
    code: "WORKSPACE_SPLIT",
    what: `${join(root, other)} is on another volume than its workspace`,
    why: "a rename is atomic only within one volume",
    hint: "keep the whole workspace on one volume",
    exit: "usage",
  });
}

function damaged(path: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "WORKSPACE_DAMAGED",
    what: `${path} is damaged`,
    why,
    hint: "restore the workspace from a backup with `growthos restore`",
    exit: "damaged",
  });
}
