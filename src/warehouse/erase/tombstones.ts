/**
 * Who was erased, as keyed hashes: by them somebody who is told again is known, and nobody else. `erased/names.json` is a set; it only grows.
 */

import { join } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import { hmac256 } from "../../base/hash.js";
import { replaceDurably } from "../layout.js";
import { seal, unseal } from "../sealed.js";
import type { Workspace } from "../types.js";
import { type Name, nameText } from "./person.js";

/** The folder of what was erased. */
export const ERASED = "erased";
/** The file of an erasing that has begun; it names the person, and is gone when it has ended. */
export const UNDER_WAY = "under-way.json";
const FILE = "names.json";

/** Hash of a name -> when its owner was erased, ISO 8601 UTC. */
export type Tombstones = ReadonlyMap<string, string>;

/** The hash under which a name is kept. */
export function tombstoneOf(name: Pick<Name, "kind" | "id">, salt: string): string {
  return hmac256(salt, nameText(name));
}

/** Everybody who was erased. Throws `ERASED_DAMAGED` (exit damaged): without the list they would come back. */
export function readTombstones(ws: Pick<Workspace, "files" | "root">): Tombstones {
  const path = join(ws.root, ERASED, FILE);
  if (ws.files.stat(path) === undefined) return new Map();
  const value = unseal(ws.files.readText(path))?.["names"];
  if (value !== null && typeof value === "object") return new Map(Object.entries(value as Record<string, string>));
  throw new GrowthosError({
    code: "ERASED_DAMAGED",
    what: `${path} is damaged`,
    why: "its content does not match its own checksum; people who were erased could come back with the next sync",
    state: "nothing was landed",
    hint: "restore the file from a backup",
    exit: "damaged",
  });
}

/** Adds names that were erased, hash by hash with the time. A name that is there already gets the new time. */
export function keepTombstones(ws: Pick<Workspace, "files" | "root">, erased: Tombstones): void {
  const names = new Map([...readTombstones(ws), ...erased]);
  const folder = join(ws.root, ERASED);
  ws.files.makeFolder(folder);
  replaceDurably(ws.files, join(folder, FILE), seal({ names: Object.fromEntries([...names].sort()) }).text);
  ws.files.sync(ws.root);
}
