/** Whose store it is, and how a workspace begins to live in one. */
import { GrowthosError } from "../../base/errors.js";
import type { Objects } from "../../base/objects.js";
import { ERASED, readTombstones } from "../erase/tombstones.js";
import { readJournal } from "../journal.js";
import { readIdentity, readSalt } from "../layout.js";
import { entryFile, entryText, foldLog, readLog, requireWholePart } from "../log.js";
import { seal, unseal } from "../sealed.js";
import type { Workspace } from "../types.js";
import { appendToStore, SHARED_JOURNALS } from "./journals.js";
import { filesOf, uploadFiles } from "./parts.js";

/** `workspace.json` in the store (sealed JSON). The salt is not there, only by what it is known: data and salt are never in one place. */
export interface StoreIdentity {
  readonly id: string;
  readonly name: string;
  readonly saltId: string;
}

const KEY = "workspace.json";

/** Whose store it is; null: nobody's yet. Throws `STORE_IDENTITY` when it cannot be read. */
export async function readStoreIdentity(objects: Objects): Promise<StoreIdentity | null> {
  const bytes = await objects.get(KEY);
  if (bytes === null) return null;
  const value = unseal(Buffer.from(bytes).toString("utf8"));
  const { id, name, saltId } = value ?? {};
  if (typeof id === "string" && typeof name === "string" && typeof saltId === "string") return { id, name, saltId };
  throw new GrowthosError({
    code: "STORE_IDENTITY",
    what: `${objects.place}/${KEY} is damaged`,
    why: "its content does not match its own checksum",
    hint: "bring back that version of the object",
    exit: "damaged",
  });
}

/** Throws `STORE_EMPTY` or `STORE_OTHER` unless the store is this workspace's, with the same salt. */
export async function requireSameStore(ws: Workspace, objects: Objects): Promise<void> {
  const there = await readStoreIdentity(objects);
  if (there === null) throw emptyStore(objects);
  const own = readIdentity(ws.files, ws.root);
  if (there.id === own.id && there.saltId === own.saltId) return;
  throw new GrowthosError({
    code: "STORE_OTHER",
    what: `${objects.place} belongs to another workspace`,
    why: `it holds "${there.name}" (${there.id.slice(0, 8)}), the folder here is "${own.name}" (${own.id.slice(0, 8)})`,
    state: "nothing was changed",
    hint: `correct \`store.url\`, or move the folder workspaces/${own.name} away to get what is in the store`,
    exit: "usage",
  });
}

/** The error for a store that nobody has begun. */
export function emptyStore(objects: Objects): GrowthosError {
  return new GrowthosError({
    code: "STORE_EMPTY",
    what: `there is no workspace in ${objects.place}`,
    why: "a mistyped address must not begin a second history",
    state: "nothing was changed",
    hint: "correct `store.url`, or run `growthos store init` once, on one machine",
    exit: "usage",
  });
}

/**
 * Puts a workspace and its whole history into a store that is nobody's yet; called again it goes on where it was interrupted. The caller holds
 * ingest and spool lock. Throws `STORE_OTHER` for one that has another workspace or another history.
 */
export async function fillStore(
  ws: Workspace,
  objects: Objects,
): Promise<{ readonly versions: number; readonly files: number }> {
  readSalt(ws);
  const { id, name, saltId } = readIdentity(ws.files, ws.root);
  await objects.putIfAbsent(KEY, seal({ id, name, saltId }).text);
  await requireSameStore(ws, objects);
  const entries = readLog(ws);
  const { parts } = foldLog(entries);
  for (const part of parts) requireWholePart(ws, part);
  const files = filesOf(ws, parts);
  const there = new Set((await objects.list("")).map(({ key }) => key));
  await uploadFiles(
    ws,
    objects,
    files.filter(({ path }) => !there.has(path)),
  );
  const erased = Object.fromEntries(readTombstones(ws));
  if (ws.files.stat(ws.at(ERASED)) !== undefined && Object.keys(erased).length > 0)
    await objects.putIfAbsent("erased/erase-before.json", seal({ names: erased }).text);
  for (const journal of SHARED_JOURNALS)
    for (const { seq } of readJournal(ws, journal)) {
      const name = `${String(seq).padStart(12, "0")}.json`;
      const text = ws.files.readText(ws.at(...journal.split("/"), name));
      if (!(await appendToStore(objects, { journal, writing: 1 }, { name, text })))
        throw notEmpty(objects, `journals/${journal}`);
    }
  for (const { version } of entries)
    if (!(await objects.putIfAbsent(`log/${entryFile(version)}`, entryText(ws, version))))
      throw notEmpty(objects, `log/${entryFile(version)}`);
  return { versions: entries.length, files: files.length };
}

function notEmpty(objects: Objects, key: string): GrowthosError {
  return new GrowthosError({
    code: "STORE_OTHER",
    what: `${objects.place}/${key} is there already, with another content`,
    why: "two machines began this store",
    state: "the history of this folder is unchanged",
    hint: "give another prefix in `store.url`, or move the folder of the workspace away to get what is in the store",
    exit: "usage",
  });
}
