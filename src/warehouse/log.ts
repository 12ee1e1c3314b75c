import { GrowthosError, systemCode } from "../base/errors.js";
import { absolutePath, raiseLayout, replaceDurably, requireKnownLayout } from "./layout.js";
import { currentBuild } from "./publish.js";
import { seal, unseal } from "./sealed.js";
import type { ActivePart, Cursor, LogEntry, Part, WarehouseState, Workspace } from "./types.js";

/** A commit before it has a place in the chain. */
export type LogDraft = Omit<LogEntry, "version" | "prev" | "self" | "layout">;

/** What `recover` found and cleaned; paths are relative to the workspace. */
export interface RecoveryReport {
  readonly state: WarehouseState;
  readonly removed: readonly string[];
}

// An ordinal is version * this + index, so one commit may add at most this many parts.
const PARTS_PER_COMMIT = 100_000;

const fileName = (version: number): string => `${String(version).padStart(12, "0")}.json`;

/**
 * The whole history, oldest first, with every hash and link of the chain checked.
 * Throws `LOG_DAMAGED` (exit damaged) with the file and the remedy. Other names in the folder are ignored.
 */
export function readLog(ws: Workspace): readonly LogEntry[] {
  const entries: LogEntry[] = [];
  for (const version of versionsOf(ws)) {
    const last = entries.at(-1);
    if (version !== (last?.version ?? 0) + 1) throw logDamaged(ws, (last?.version ?? 0) + 1, "it is not there");
    const entry = readEntry(ws, version);
    if (entry.prev !== (last?.self ?? null))
      throw logDamaged(ws, version, "it does not follow from the entry before it");
    entries.push(entry);
  }
  requireHead(ws, entries);
  return entries;
}

/** The fold of the log: active parts and cursors. Errors as `readLog`. */
export function readState(ws: Workspace): WarehouseState {
  return foldLog(readLog(ws));
}

/** The newest committed version, 0 before the first; reads names only. */
export function headVersion(ws: Workspace): number {
  return versionsOf(ws).at(-1) ?? 0;
}

/** Folds entries into a state; pure. */
export function foldLog(entries: readonly LogEntry[]): WarehouseState {
  const parts = new Map<string, ActivePart>();
  const cursors: Record<string, Cursor> = {};
  for (const entry of entries) {
    for (const { path } of entry.removed) parts.delete(path);
    entry.added.forEach((part, index) => {
      const { inPlaceOf, ...rest } = part;
      const own = { ordinal: ordinalOf(entry.version, index), runId: entry.runId, at: entry.at };
      parts.set(part.path, { ...rest, ...(inPlaceOf ?? own) });
    });
    Object.assign(cursors, entry.cursors);
  }
  const head = entries.at(-1);
  return { version: head?.version ?? 0, head: head?.self ?? null, parts: [...parts.values()], cursors };
}

/** The layout that a log needs: entries that take rows out of parts need 2, also those of before they said so. */
export function layoutOf(entries: readonly Pick<LogEntry, "kind" | "layout">[]): number {
  return Math.max(1, ...entries.map(({ kind, layout }) => layout ?? (isRewriting({ kind }) ? 2 : 1)));
}

/** The log version of an ordinal. */
export function versionOfOrdinal(ordinal: number): number {
  return Math.floor(ordinal / PARTS_PER_COMMIT);
}

function ordinalOf(version: number, index: number): number {
  return version * PARTS_PER_COMMIT + index;
}

/**
 * THE commit: files and cursors in one entry, made durable by a hard link that fails when the version is taken.
 * The caller holds the ingest lock. Throws `COMMIT_CONFLICT` (exit locked) or `COMMIT_PART` when a part is not in landing.
 * An I/O error after the link leaves it open whether the commit happened; the next `recover` tells.
 */
export function commit(ws: Workspace, draft: LogDraft): LogEntry {
  if (ws.store !== undefined) throw new Error("a workspace with a store is committed to by commitEntry");
  const { entry, text } = nextEntry(ws, draft);
  keepEntry(ws, entry, text);
  return entry;
}

/**
 * The commit of a workspace that may be shared: with a store the entry is put there, if its version is free, and then kept here. Who loses
 * goes on behind the winner when the two have nothing to do with each other. Errors as `commit`, and the store's.
 */
export async function commitEntry(ws: Workspace, draft: LogDraft): Promise<LogEntry> {
  const { store } = ws;
  if (store === undefined) return commit(ws, draft);
  return store.inTurn(async () => {
    for (;;) {
      const { entry, text } = nextEntry(ws, draft);
      if (await store.publish(ws, { version: entry.version, text, added: draft.added })) {
        keepEntry(ws, entry, text);
        return entry;
      }
      await store.refresh(ws, "ingest");
      requireApart(draft, readLog(ws).slice(entry.version - 1));
    }
  });
}

/** Takes over the next entry of the store's log, as it stands there. Throws `STORE_LOG` unless it follows from what is here. */
export function adoptEntry(ws: Workspace, text: string): LogEntry {
  const entry = unseal(text) as unknown as LogEntry | null;
  const last = versionsOf(ws).at(-1);
  const prev = last === undefined ? null : readEntry(ws, last).self;
  requireKnownLayout(entry?.layout ?? 1, `version ${(last ?? 0) + 1} in the store`);
  if (entry === null || entry.version !== (last ?? 0) + 1 || entry.prev !== prev) {
    throw new GrowthosError({
      code: "STORE_LOG",
      what: `version ${(last ?? 0) + 1} in the store does not follow from what is here`,
      why: "it is damaged, or the two have different histories",
      state: "nothing was changed",
      hint: "run `growthos verify`; move the folder of the workspace away to get the store's history as a whole",
      exit: "damaged",
    });
  }
  keepEntry(ws, entry, text);
  return entry;
}

/** The text of a committed entry, as its file holds it. */
export function entryText(ws: Workspace, version: number): string {
  return ws.files.readText(ws.at("log", fileName(version)));
}

/** The name of an entry's file, here and in a store. */
export function entryFile(version: number): string {
  return fileName(version);
}

function nextEntry(ws: Workspace, draft: LogDraft): { readonly entry: LogEntry; readonly text: string } {
  const last = versionsOf(ws).at(-1);
  const prev = last === undefined ? null : readEntry(ws, last).self;
  for (const part of draft.added) requirePart(ws, part);
  const body = { ...draft, ...(isRewriting(draft) ? { layout: 2 } : {}), version: (last ?? 0) + 1, prev };
  const { self, text } = seal(body);
  return { entry: { ...body, self }, text };
}

function keepEntry(ws: Workspace, entry: LogEntry, text: string): void {
  const { files } = ws;
  const { version, self } = entry;
  raiseLayout(ws, layoutOf([entry]));
  const temporary = ws.at("log", `.tmp-${version}`);
  files.write(temporary, text);
  files.sync(temporary);
  linkEntry(ws, temporary, version);
  files.sync(ws.at("log"));
  files.remove(temporary);
  writeHead(ws, version, self);
}

/**
 * Throws `COMMIT_CONFLICT` unless a draft means the same after these entries of others: they touched other streams, and none of them took
 * people or days out of what had landed.
 */
function requireApart(draft: LogDraft, others: readonly LogEntry[]): void {
  const own = new Set(streamsOf(draft));
  const met = others.find(
    (other) => isRewriting(draft) || isRewriting(other) || streamsOf(other).some((name) => own.has(name)),
  );
  if (met === undefined) return;
  const shared = streamsOf(met).filter((name) => own.has(name));
  throw new GrowthosError({
    code: "COMMIT_CONFLICT",
    what: `another machine committed version ${met.version} while this one was at work`,
    why:
      shared.length > 0
        ? `both have rows of ${shared.join(", ")}`
        : `it was made to ${isRewriting(met) ? met.kind : draft.kind} rows`,
    state: "nothing of this commit was kept; what the other one committed is here",
    hint: "run the command again: it goes on from there",
    exit: "locked",
  });
}

function isRewriting({ kind }: Pick<LogEntry, "kind">): boolean {
  return kind === "erase" || kind === "prune";
}

/** What an entry is about: streams that it adds to, removes from, or moves the cursor of. */
function streamsOf({ added, removed, cursors }: Pick<LogEntry, "added" | "removed" | "cursors">): readonly string[] {
  return [
    ...added.map(({ source, stream }) => `${source}.${stream}`),
    ...removed.map(({ path }) => path.split("/").slice(1, 3).join(".")),
    ...Object.keys(cursors),
  ];
}

/**
 * Brings a workspace back to what the log says, after any crash: checks the chain and the published build, wipes staging,
 * temporary log files and landed folders that no entry names. The caller holds the ingest lock.
 */
export function recover(ws: Workspace): RecoveryReport {
  const entries = readLog(ws);
  const state = foldLog(entries);
  requireLogCovers(ws, state.version);
  const named = new Set(entries.flatMap((entry) => entry.added.map((part) => part.path)));
  const unnamed = unnamedLoads(ws, named);
  requireNoLaterLoads(ws, state.version, unnamed);
  const doomed = [
    ...ws.files.list(ws.at("staging")).map((name) => `staging/${name}`),
    ...ws.files
      .list(ws.at("log"))
      .filter((name) => name.startsWith(".tmp-"))
      .map((name) => `log/${name}`),
    ...unnamed,
  ];
  for (const path of doomed) ws.files.remove(absolutePath(ws, path));
  raiseLayout(ws, layoutOf(entries));
  const head = entries.at(-1);
  if (head !== undefined && readHead(ws)?.version !== head.version) writeHead(ws, head.version, head.self);
  return { state, removed: doomed };
}

/** Throws `LOG_DAMAGED` when the published build was made from a later version than the log has: entries are missing at its end. */
export function requireLogCovers(ws: Workspace, version: number): void {
  const built = currentBuild(ws)?.logVersion ?? 0;
  if (built > version)
    throw logDamaged(ws, version + 1, `it is not there, but the published build was made from version ${built}`);
}

// A load's name begins with the version that it was made for. One from further on means that its entry is gone, not that it never came.
function requireNoLaterLoads(ws: Workspace, version: number, loads: readonly string[]): void {
  const later = loads.find((path) => Number(/^\d{12}(?=-)/.exec(path.split("/").at(-1) ?? "")?.[0] ?? 0) > version + 1);
  if (later !== undefined) throw logDamaged(ws, version + 1, `it is not there, but ${later} was landed after it`);
}

/** Landed load folders that no commit names, relative; left by a crash before its commit. */
export function unnamedLoads(ws: Workspace, named: ReadonlySet<string>): readonly string[] {
  const loads = new Set([...named].map((path) => path.split("/").slice(0, 4).join("/")));
  const under = (path: string) => ws.files.list(absolutePath(ws, path)).map((name) => `${path}/${name}`);
  const isFolder = (path: string) => ws.files.stat(absolutePath(ws, path))?.kind === "folder";
  const streams = under("landing").filter(isFolder).flatMap(under).filter(isFolder);
  return streams.flatMap(under).filter((path) => isFolder(path) && !loads.has(path));
}

/** Throws `PART_DAMAGED` unless the part is there with its recorded size. */
export function requirePart(ws: Workspace, part: { readonly path: string; readonly bytes: number }): void {
  const stat = ws.files.stat(absolutePath(ws, part.path));
  const why =
    stat?.kind !== "file"
      ? "it is not there"
      : stat.bytes !== part.bytes
        ? `it has ${stat.bytes} bytes instead of ${part.bytes}`
        : null;
  if (why !== null) throw partDamaged(ws, part.path, why);
}

/** Throws `PART_DAMAGED` unless the part has its recorded size and SHA-256: DuckDB itself reads damaged Parquet without a word. */
export function requireWholePart(ws: Workspace, part: Part): void {
  requirePart(ws, part);
  if (ws.files.digest(absolutePath(ws, part.path)).sha256 === part.sha256) return;
  throw partDamaged(ws, part.path, "its SHA-256 is not the one that was committed");
}

/** The error for a landed file that is not what the log says. */
export function partDamaged(ws: Workspace, path: string, why: string): GrowthosError {
  const [, source, stream] = path.split("/");
  return new GrowthosError({
    code: "PART_DAMAGED",
    what: `${absolutePath(ws, path)} is damaged`,
    why,
    state: "nothing was changed; the last published build still stands",
    hint: `restore it with \`growthos restore\`, or drop it with \`growthos gc --forget ${path}\` and load ${source}.${stream} again with \`growthos sync\``,
    exit: "damaged",
  });
}

function versionsOf(ws: Workspace): readonly number[] {
  return ws.files
    .list(ws.at("log"))
    .filter((name) => /^\d{12}\.json$/.test(name))
    .map((name) => Number(name.slice(0, 12)));
}

function readEntry(ws: Workspace, version: number): LogEntry {
  const value = unseal(ws.files.readText(ws.at("log", fileName(version))));
  if (value === null) throw logDamaged(ws, version, "its content does not match its own checksum");
  if (value["version"] !== version) throw logDamaged(ws, version, `it is the entry of version ${value["version"]}`);
  const entry = value as unknown as LogEntry;
  requireKnownLayout(entry.layout ?? 1, `version ${version} of the log`);
  return entry;
}

// HEAD repeats the newest version, so that a missing last entry is noticed. It is written after the commit and may lag behind.
function writeHead(ws: Workspace, version: number, entry: string): void {
  replaceDurably(ws.files, ws.at("log", "HEAD"), seal({ version, entry }).text);
}

/** The text of `log/HEAD` that belongs to the text of the newest entry. */
export function logHeadText(entryText: string): string {
  const entry = unseal(entryText);
  return seal({ version: entry?.["version"], entry: entry?.["self"] }).text;
}

function readHead(ws: Workspace): { version: number; entry: string } | undefined {
  const path = ws.at("log", "HEAD");
  if (ws.files.stat(path) === undefined) return undefined;
  const value = unseal(ws.files.readText(path));
  if (value !== null) return value as unknown as { version: number; entry: string };
  throw new GrowthosError({
    code: "LOG_DAMAGED",
    what: `${path} is damaged`,
    why: "its content does not match its own checksum",
    hint: "it only repeats the newest entry: remove it, then run `growthos verify`",
    exit: "damaged",
  });
}

function requireHead(ws: Workspace, entries: readonly LogEntry[]): void {
  const head = readHead(ws);
  if (head === undefined || entries[head.version - 1]?.self === head.entry) return;
  throw logDamaged(
    ws,
    Math.min(head.version, entries.length + 1),
    `log/HEAD says that version ${head.version} was committed with another content`,
  );
}

function linkEntry(ws: Workspace, temporary: string, version: number): void {
  try {
    ws.files.link(temporary, ws.at("log", fileName(version)));
  } catch (cause) {
    if (systemCode(cause) !== "FILE_EEXIST") throw cause;
    throw new GrowthosError({
      code: "COMMIT_CONFLICT",
      what: `version ${version} was committed by somebody else`,
      state: "nothing was committed",
      hint: "run the command again",
      exit: "locked",
      cause,
    });
  }
}

function logDamaged(ws: Workspace, version: number, why: string): GrowthosError {
  return new GrowthosError({
    code: "LOG_DAMAGED",
    what: `${ws.at("log", fileName(version))} is damaged`,
    why,
    state: "nothing was changed; the last published build still stands",
    hint: "restore the workspace from a backup with `growthos restore`",
    exit: "damaged",
  });
}
