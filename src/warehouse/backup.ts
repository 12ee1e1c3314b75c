import { dirname, join } from "node:path";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { Random } from "../base/ids.js";
import { readReceipts } from "./erase/receipt.js";
import { ERASED, keepTombstones, readTombstones, UNDER_WAY } from "./erase/tombstones.js";
import { filesUnder } from "./gc.js";
import { journalNames, OUTBOX_JOURNAL, readJournal } from "./journal.js";
import {
  assembleWorkspace,
  openWorkspace,
  type Place,
  raiseLayout,
  readIdentity,
  readSalt,
  relativePath,
  requireKnownLayout,
  rootOf,
  saltIdOf,
} from "./layout.js";
import { foldLog, layoutOf, logHeadText, readLog, requirePart } from "./log.js";
import { quarantineOf } from "./quarantine.js";
import { seal, unseal } from "./sealed.js";
import type { Workspace } from "./types.js";

/** `backup.json` (sealed JSON): what the folder holds. */
export interface BackupManifest {
  readonly name: string;
  /** The layout that who restores it has to know; absent: 1. */
  readonly layout?: number;
  readonly id: string;
  readonly saltId: string;
  /** Log version at which the workspace was copied. */
  readonly version: number;
  readonly includesSalt: boolean;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** What to copy and where to. */
export interface BackupOptions {
  /** A folder that is not there yet. */
  readonly destination: string;
  /**
   * The salt makes the hashes of personal data reproducible, so whoever has it and the data can test a guessed address.
   * Without it a restored workspace needs the salt from elsewhere before it can load more data.
   */
  readonly includeSalt: boolean;
}

/**
 * Copies the workspace as of one log version: log, active files, quarantine. Builds and reports are made again, not copied.
 * Needs no lock: everything that it reads is immutable. The copy is verified and durable before it gets its name.
 * Throws `BACKUP_EXISTS`, `PART_DAMAGED` or `BACKUP_DAMAGED`; an unfinished copy keeps the name `<destination>.tmp`.
 */
export function backup(ws: Workspace, options: BackupOptions): BackupManifest {
  const { files } = ws;
  if (files.stat(options.destination) !== undefined) {
    throw new GrowthosError({
      code: "BACKUP_EXISTS",
      what: `${options.destination} is there already`,
      hint: "name a folder that does not exist",
      exit: "usage",
    });
  }
  const temporary = `${options.destination}.tmp`;
  files.remove(temporary);
  files.makeFolder(temporary);
  const version = foldLog(readLog(ws)).version;
  const copied = wanted(ws, version, options.includeSalt).map((file) => copyFile(files, ws.root, temporary, file));
  const identity = readIdentity(files, ws.root);
  const manifest: BackupManifest = {
    name: ws.name,
    ...(identity.layout === 1 ? {} : { layout: identity.layout }),
    id: ws.id,
    saltId: identity.saltId,
    version,
    includesSalt: options.includeSalt,
    files: copied,
  };
  files.write(join(temporary, "backup.json"), seal(writtenManifest(manifest)).text);
  files.sync(join(temporary, "backup.json"));
  syncFolders(
    files,
    temporary,
    copied.map(({ path }) => path),
  );
  files.rename(temporary, options.destination);
  files.sync(dirname(options.destination));
  return manifest;
}

/** How to restore. */
export interface RestoreOptions extends Place {
  readonly random: Random;
  /** The folder that `backup` made. */
  readonly from: string;
  /** Replaces an existing workspace with the same identity; the old folder is renamed aside, never deleted. */
  readonly replace: boolean;
  /** The salt (64 hex digits) when the backup does not include it and no workspace with it is in place. */
  readonly salt?: string;
}

/**
 * Restores a backup whole: verifies every byte, assembles the workspace beside its place, renames it in. Marts and reports are built again;
 * stored credentials of an existing workspace are kept. The caller holds the ingest and build lock of an existing workspace.
 * Throws `BACKUP_DAMAGED`, `RESTORE_OTHER` (another workspace), `RESTORE_EXISTS`, `SALT_MISSING`; the old workspace is untouched then.
 */
export async function restore(options: RestoreOptions): Promise<{
  readonly workspace: Workspace;
  readonly aside: string | null;
  /** Receipts of people who were erased after the backup was made: it holds them. */
  readonly erasedSince: readonly string[];
}> {
  const { files, from } = options;
  const manifest = readManifest(files, from);
  if (manifest.name !== options.name)
    throw refuseRestore(
      "RESTORE_OTHER",
      `the backup is of the workspace "${manifest.name}"`,
      `restore it as ${manifest.name}`,
    );
  const root = rootOf(options);
  const exists = files.stat(root) !== undefined;
  if (exists) requireReplaceable(options, manifest, root);
  const salt = saltFor(options, manifest, root);
  for (const file of manifest.files) verifyCopy(files, from, file);
  let erasedSince: readonly string[] = [];
  const fresh = await assembleWorkspace(options, {
    id: manifest.id,
    salt,
    fill: (folder) => {
      fillFrom(options, manifest, folder);
      if (exists) keepCredentials(files, root, folder);
      if (exists) erasedSince = keepErased(files, root, folder);
    },
  });
  const place = { name: options.name, root: fresh, id: manifest.id, files };
  const entries = readLog({ ...place, at: (...segments) => join(fresh, ...segments) });
  raiseLayout(place, readTombstones(place).size > 0 ? 2 : layoutOf(entries));
  const aside = !exists ? null : join(dirname(root), `.replaced-${options.name}-${options.random.hex(4)}`);
  if (aside !== null) files.rename(root, aside);
  files.rename(fresh, root);
  files.sync(dirname(root));
  files.sync(dirname(dirname(root)));
  return { workspace: openWorkspace(options), aside, erasedSince };
}

/** The checked manifest of a backup folder. Throws `BACKUP_DAMAGED`. */
export function readManifest(files: Files, from: string): BackupManifest {
  const path = join(from, "backup.json");
  const manifest = files.stat(path)?.kind === "file" ? unseal(files.readText(path)) : null;
  if (manifest === null) throw damagedBackup(path, "it is missing or does not match its own checksum");
  const { workspace, ...read } = manifest;
  const known = { ...read, ...(workspace === undefined ? {} : { name: workspace }) } as unknown as BackupManifest;
  requireKnownLayout(known.layout ?? 1, `the backup of "${known.name}"`);
  return known;
}

/** Release 0.1.0 asks only for the name: where the layout is newer that one says so, and the workspace's own is `workspace`. */
function writtenManifest(manifest: BackupManifest): Readonly<Record<string, unknown>> {
  const { name, layout = 1 } = manifest;
  if (layout === 1) return { ...manifest };
  return { ...manifest, name: `${name} (needs growthos 0.2 or later)`, workspace: name };
}

interface WantedFile {
  readonly path: string;
  /** As the log says; absent for files that carry their own checksum. */
  readonly sha256?: string;
}

function wanted(ws: Workspace, version: number, includeSalt: boolean): readonly WantedFile[] {
  const entries = readLog(ws).slice(0, version);
  const parts = foldLog(entries).parts;
  for (const part of parts) requirePart(ws, part);
  if (includeSalt) readSalt(ws);
  const quarantine = new Map(
    parts.flatMap((part) => {
      const file = quarantineOf(ws, part);
      return file === null
        ? []
        : [[relativePath(ws, file.path), { path: relativePath(ws, file.path), sha256: file.sha256 }]];
    }),
  );
  const log = entries.map((entry) => ({ path: `log/${String(entry.version).padStart(12, "0")}.json` }));
  return [
    ...log,
    ...parts,
    ...quarantine.values(),
    ...journalFiles(ws),
    ...erasedFiles(ws),
    ...(includeSalt ? [{ path: "salt" }] : []),
  ];
}

/** What was told, muted and sent, to whom, and the letters that are on their way; entries carry their own checksums. */
function journalFiles(ws: Workspace): readonly WantedFile[] {
  const journals = journalNames(ws);
  for (const journal of journals) readJournal(ws, journal);
  const folders = new Set([OUTBOX_JOURNAL, ...journals.map((journal) => journal.split("/")[0] ?? journal)]);
  return [...folders]
    .flatMap((folder) => filesUnder(ws, folder))
    .filter((path) => !path.endsWith(".tmp"))
    .map((path) => ({ path }));
}

/** Who was erased (as hashes) and the receipts: without the list they would come back. What names a person that is being erased stays behind. */
function erasedFiles(ws: Workspace): readonly WantedFile[] {
  const names = ws.files.list(ws.at(ERASED)).filter((name) => name !== UNDER_WAY && !name.endsWith(".tmp"));
  return names.map((name) => ({ path: `${ERASED}/${name}` }));
}

/**
 * Whoever was erased since the backup stays on the list, although the backup may hold them: their receipts tell that. Gives the ids of those
 * receipts.
 */
function keepErased(files: Files, root: string, fresh: string): readonly string[] {
  const [before, after] = [
    { files, root },
    { files, root: fresh },
  ];
  const known = new Set(readReceipts(after).map(({ id }) => id));
  const since = readReceipts(before).filter(({ id }) => !known.has(id));
  const tombstones = listOf(before);
  if (tombstones.size > 0) keepTombstones(after, tombstones);
  for (const { id } of since)
    for (const name of [`${id}.json`, `${id}.txt`]) {
      if (files.stat(join(root, ERASED, name)) === undefined) continue;
      files.copy(join(root, ERASED, name), join(fresh, ERASED, name));
      files.sync(join(fresh, ERASED, name));
    }
  return since.map(({ id }) => id);
}

/** A damaged list is a reason to restore: that of the backup stands then. */
function listOf(from: Parameters<typeof readTombstones>[0]): ReturnType<typeof readTombstones> {
  try {
    return readTombstones(from);
  } catch (thrown) {
    if (thrown instanceof GrowthosError && thrown.code === "ERASED_DAMAGED") return new Map();
    throw thrown;
  }
}

function copyFile(files: Files, from: string, to: string, file: WantedFile): BackupManifest["files"][number] {
  const target = join(to, file.path);
  const { sha256, bytes } = files.digest(join(from, file.path));
  if (file.sha256 !== undefined && file.sha256 !== sha256) {
    throw damagedBackup(join(from, file.path), "its SHA-256 is not the one that was recorded");
  }
  files.makeFolder(dirname(target));
  files.copy(join(from, file.path), target);
  files.sync(target);
  verifyCopy(files, to, { path: file.path, sha256, bytes });
  return { path: file.path, bytes, sha256 };
}

function verifyCopy(files: Files, folder: string, file: BackupManifest["files"][number]): void {
  const path = join(folder, ...file.path.split("/"));
  if (file.path.split("/").some((segment) => segment === "" || segment.startsWith("..")))
    throw damagedBackup(path, "its name leaves the backup");
  if (files.stat(path)?.kind !== "file") throw damagedBackup(path, "it is missing");
  if (files.digest(path).sha256 !== file.sha256) throw damagedBackup(path, "its SHA-256 is not the one in backup.json");
}

function fillFrom({ files, from }: RestoreOptions, manifest: BackupManifest, fresh: string): void {
  const content = manifest.files.filter((file) => file.path !== "salt");
  for (const file of content) copyFile(files, from, fresh, file);
  const last = content.findLast((file) => file.path.startsWith("log/"));
  if (last !== undefined) files.write(join(fresh, "log", "HEAD"), logHeadText(files.readText(join(fresh, last.path))));
  if (last !== undefined) files.sync(join(fresh, "log", "HEAD"));
  syncFolders(
    files,
    fresh,
    content.map(({ path }) => path),
  );
}

/**
 * Credentials are no part of a backup: refresh tokens are exchanged as they are used, so that old ones are dead. What is in place stays in
 * place when its data is replaced.
 */
function keepCredentials(files: Files, root: string, fresh: string): void {
  const records = files.list(join(root, "credentials")).filter((name) => name.endsWith(".json"));
  if (records.length === 0) return;
  const folder = join(fresh, "credentials");
  files.makeFolder(folder);
  for (const name of records) {
    files.copy(join(root, "credentials", name), join(folder, name));
    files.sync(join(folder, name));
  }
  files.sync(folder);
  files.sync(fresh);
}

function syncFolders(files: Files, root: string, paths: readonly string[]): void {
  const folders = new Set<string>();
  for (const path of paths)
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) folders.add(folder);
  for (const folder of [...folders].sort().reverse()) files.sync(join(root, folder));
  files.sync(root);
}

function requireReplaceable(options: RestoreOptions, manifest: BackupManifest, root: string): void {
  const id = identityIn(options.files, root);
  if (id !== null && id !== manifest.id) {
    throw refuseRestore(
      "RESTORE_OTHER",
      "another workspace of the same name is in its place",
      "move that folder away first",
    );
  }
  if (!options.replace) {
    throw refuseRestore(
      "RESTORE_EXISTS",
      "the workspace is in its place",
      "add --replace; the old folder is kept aside",
    );
  }
}

/** The identity of the folder in place; null when it is damaged, which is a reason to restore. */
function identityIn(files: Files, root: string): string | null {
  try {
    return readIdentity(files, root).id;
  } catch (thrown) {
    if (thrown instanceof GrowthosError && thrown.code === "WORKSPACE_DAMAGED") return null;
    throw thrown;
  }
}

/** The salt that was given, of the backup, or of the folder in place: the first that is there must be the right one. */
function saltFor(options: RestoreOptions, manifest: BackupManifest, root: string): string {
  const { files, from } = options;
  const paths = [...(manifest.includesSalt ? [join(from, "salt")] : []), join(root, "salt")];
  const path = paths.find((candidate) => files.stat(candidate)?.kind === "file");
  const salt = options.salt ?? (path === undefined ? undefined : files.readText(path).trimEnd());
  if (salt !== undefined && saltIdOf(salt) === manifest.saltId) return salt;
  const why = salt === undefined ? "the backup does not include the salt" : "the salt is not the one of this workspace";
  throw refuseRestore("SALT_MISSING", why, "set GROWTHOS_SALT to the salt of the workspace that was backed up");
}

function refuseRestore(code: string, why: string, hint: string): GrowthosError {
  return new GrowthosError({
    code,
    what: "the backup was not restored",
    why,
    state: "nothing was changed",
    hint,
    exit: "usage",
  });
}

function damagedBackup(path: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "BACKUP_DAMAGED",
    what: `${path} is damaged`,
    why,
    state: "nothing was changed",
    hint: "use another backup",
    exit: "damaged",
  });
}
