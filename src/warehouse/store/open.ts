/**
 * A workspace in an object store. Keys are the paths of the folder: `landing/…`, `quarantine/…`, `log/<version>.json` (THE commit: put only if
 * its number is free), `staged/…` (a cache), `erased/<id>.json` (who was erased, as keyed hashes), `journals/…`, and `workspace.json`, which
 * says whose store it is. Salt, credentials, what is pushed and not yet landed, builds and reports never go there.
 */
import { GrowthosError } from "../../base/errors.js";
import type { Random } from "../../base/ids.js";
import type { Objects } from "../../base/objects.js";
import { ERASED, keepTombstones, readTombstones } from "../erase/tombstones.js";
import { deleteNow, filesUnder } from "../gc.js";
import { readJournal } from "../journal.js";
import { absolutePath, raiseLayout, readIdentity, relativePath, writeDurably } from "../layout.js";
import { adoptEntry, entryFile, entryText, foldLog, headVersion, readLog, readState } from "../log.js";
import { seal, unseal } from "../sealed.js";
import type { LogEntry, SharedStore, Workspace } from "../types.js";
import { requireSameStore } from "./identity.js";
import { appendToStore, leftoversOf, refreshJournal, replaceInStore, SHARED_JOURNALS } from "./journals.js";
import { bodyOf, downloadMissing, filesOf, inParallel, uploadFiles } from "./parts.js";

/** What a store is made of. */
export interface StoreOptions {
  readonly objects: Objects;
  readonly random: Random;
  /** Told what was brought here, for people who wait. */
  readonly told?: (text: string) => void;
}

/** Opens the store of a workspace; asks nothing yet. */
export function sharedStore(options: StoreOptions): SharedStore {
  const { objects } = options;
  const writings = new Map<string, number>();
  const uploaded = new Set<string>();
  let isKnown = false;
  let stagedNames: Promise<readonly string[]> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const checked = async (ws: Workspace) => {
    if (!isKnown) await requireSameStore(ws, objects);
    isKnown = true;
  };
  const writingOf = async (ws: Workspace, journal: string) => {
    const known = writings.get(journal) ?? (await refreshJournal(ws, objects, journal));
    writings.set(journal, known);
    return known;
  };
  return {
    objects,
    inTurn: (action) => {
      const own = turn.then(action, action);
      turn = own.catch(() => undefined);
      return own;
    },
    refresh: async (ws, lock) => {
      await checked(ws);
      if (lock === "ingest") return refreshLog(ws, options);
      for (const journal of SHARED_JOURNALS) writings.set(journal, await refreshJournal(ws, objects, journal));
    },
    publish: async (ws, { version, text, added }) => {
      await checked(ws);
      const files = filesOf(ws, added).filter(({ path }) => !uploaded.has(path));
      await uploadFiles(ws, objects, files);
      for (const { path } of files) uploaded.add(path);
      return objects.putIfAbsent(`log/${entryFile(version)}`, text);
    },
    append: async (ws, journal, entry) => {
      if (!SHARED_JOURNALS.includes(journal)) throw unshared(journal);
      await checked(ws);
      return appendToStore(objects, { journal, writing: await writingOf(ws, journal) }, entry);
    },
    fetchStaged: async (ws, prefix) => {
      stagedNames ??= objects.list("staged/").then((found) => found.map(({ key }) => key));
      const key = (await stagedNames).find((name) => name.startsWith(prefix));
      return key === undefined ? false : fetchStaged(ws, options, key);
    },
    keepStaged: async (ws, path) => objects.put(relativePath(ws, path), bodyOf(ws, path)),
    tellErased: async (ws, { id, names }) => {
      await checked(ws);
      await objects.putIfAbsent(`erased/${id}.json`, seal({ names }).text);
    },
    erase: (ws, journals) => eraseOld(ws, objects, journals),
  };
}

/** Log first, then who was erased: whoever was erased before an entry that is here is known before anything is landed behind it. */
async function refreshLog(ws: Workspace, options: StoreOptions): Promise<void> {
  const { objects, told } = options;
  const adopted = await adoptEntries(ws, objects);
  await adoptErased(ws, objects);
  if (adopted.some(({ kind }) => kind === "erase")) forgetDerived(ws, adopted);
  const fetched = await downloadMissing(ws, options, readState(ws).parts);
  if (adopted.length > 0)
    told?.(`${adopted.length} commits of other machines, ${fetched} files fetched from ${objects.place}`);
}

async function adoptEntries(ws: Workspace, objects: Objects): Promise<readonly LogEntry[]> {
  const head = headVersion(ws);
  if (head > 0) {
    const there = await objects.get(`log/${entryFile(head)}`);
    if (there === null || Buffer.from(there).toString("utf8") !== entryText(ws, head))
      throw otherHistory(ws, objects, head);
  }
  const found = await objects.list("log/", head === 0 ? undefined : `log/${entryFile(head)}`);
  const keys = found
    .map(({ key }) => key)
    .filter((key) => /^log\/\d{12}\.json$/.test(key) && key > `log/${entryFile(head)}`);
  const texts = new Map<string, string>();
  await inParallel(
    keys,
    async (key) => void texts.set(key, Buffer.from((await objects.get(key)) ?? []).toString("utf8")),
  );
  return keys.map((key) => adoptEntry(ws, texts.get(key) ?? ""));
}

async function adoptErased(ws: Workspace, objects: Objects): Promise<void> {
  const known = new Set(ws.files.list(ws.at(ERASED)));
  const fresh = (await objects.list("erased/")).filter(({ key }) => /^erased\/erase-[0-9a-z-]+\.json$/.test(key));
  for (const { key } of fresh) {
    const mark = `.told-${key.slice("erased/".length)}`;
    if (known.has(mark)) continue;
    const text = Buffer.from((await objects.get(key)) ?? []).toString("utf8");
    const names = unseal(text)?.["names"];
    if (names === null || typeof names !== "object") throw erasedDamaged(objects, key);
    const before = readTombstones(ws);
    const newer = Object.entries(names as Record<string, string>).filter(([name, at]) => at > (before.get(name) ?? ""));
    raiseLayout(ws, 2);
    keepTombstones(ws, new Map(newer));
    writeDurably(ws.files, ws.at(ERASED, mark), text);
  }
}

/** After somebody was erased elsewhere: what was replaced, and whatever was made of it here, may hold them. */
function forgetDerived(ws: Workspace, adopted: readonly LogEntry[]): void {
  const active = new Set(readState(ws).parts.map(({ path }) => path));
  const replaced = adopted
    .filter(({ kind }) => kind === "erase")
    .flatMap(({ removed }) => removed.map(({ path }) => path))
    .filter((path) => !active.has(path))
    .map((path) => path.split("/").slice(0, 4).join("/"));
  // The pointer first, so that no moment has one to what is gone.
  const derived = ["warehouse/CURRENT", ...filesUnder(ws, "warehouse"), ...filesUnder(ws, "staged")];
  deleteNow(ws, [...new Set([...derived, ...replaced])]);
}

/** In the store: what some entry named and no active part names any more. What a machine is about to commit is named by none. */
async function eraseOld(ws: Workspace, objects: Objects, journals: readonly string[]): Promise<void> {
  const entries = readLog(ws);
  const active = new Set(filesOf(ws, foldLog(entries).parts).map(({ path }) => path));
  const named = new Set(
    filesOf(
      ws,
      entries.flatMap(({ added }) => added),
    ).map(({ path }) => path),
  );
  const there = [...(await objects.list("landing/")), ...(await objects.list("quarantine/"))].map(({ key }) => key);
  // Under `engine/`: what a build that was killed left on its way to another engine.
  const staged = [...(await objects.list("staged/")), ...(await objects.list("engine/"))].map(({ key }) => key);
  const doomed = [...there.filter((key) => named.has(key) && !active.has(key)), ...staged];
  await inParallel(doomed, (key) => objects.remove(key));
  for (const journal of SHARED_JOURNALS) {
    // An erasing that was interrupted may have ended a writing and not yet deleted it.
    await inParallel(await leftoversOf(objects, journal), ({ key }) => objects.remove(key));
    if (journals.includes(journal) && readJournal(ws, journal).length > 0) await replaceInStore(ws, objects, journal);
  }
}

/** A staged file bears its own digest in its name: a damaged one is as good as none. */
async function fetchStaged(ws: Workspace, { objects, random }: StoreOptions, key: string): Promise<boolean> {
  const { files } = ws;
  const temporary = ws.at("staging", `from-store-${random.hex(8)}`);
  const isThere = await objects.download(key, () => {
    files.write(temporary, "");
    return (chunk) => files.append(temporary, chunk);
  });
  const isWhole = isThere && key.endsWith(`-${files.digest(temporary).sha256.slice(0, 32)}.parquet`);
  if (!isWhole) {
    files.remove(temporary);
    return false;
  }
  files.rename(temporary, absolutePath(ws, key));
  return true;
}

function otherHistory(ws: Workspace, objects: Objects, version: number): GrowthosError {
  return new GrowthosError({
    code: "STORE_LOG",
    what: `version ${version} of workspace "${ws.name}" is not the one in ${objects.place}`,
    why: `this folder (${readIdentity(ws.files, ws.root).id.slice(0, 8)}) and the store have different histories, or the store lost entries`,
    state: "nothing was changed",
    hint: "`growthos store init` puts a history that only this folder has into an empty store; else move the folder away: it is fetched again",
    exit: "damaged",
  });
}

function erasedDamaged(objects: Objects, key: string): GrowthosError {
  return new GrowthosError({
    code: "STORE_ERASED",
    what: `${objects.place}/${key} is damaged`,
    why: "its content does not match its own checksum; people who were erased could come back with the next sync",
    state: "nothing was landed",
    hint: "bring back that version of the object, or run `growthos forget` for the same person and remove it",
    exit: "damaged",
  });
}

function unshared(journal: string): GrowthosError {
  return new GrowthosError({
    code: "STORE_UNSUPPORTED",
    what: `${journal} cannot be written by a workspace that lives in a store`,
    why: "what is mailed, and to whom, is kept on one machine: two of them would send twice",
    state: "nothing was written",
    hint: "run it for a workspace without `store`",
    exit: "usage",
  });
}
