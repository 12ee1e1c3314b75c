/** Changing the master key, so that an end at any step leaves every record readable and the next attempt finishes the work. */
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import type { KeyPlace } from "./keyring.js";
import { type MasterKey, parseKey } from "./keys.js";
import { isWrittenWith, rewriteRecord, storedSources, type Vault } from "./records.js";

/** What a rotation did. */
export interface Rotation {
  /** Sources whose record was written anew. */
  readonly sources: readonly string[];
  readonly newKey: MasterKey;
}

/**
 * Moves every record to a new key: the new key is stored first, then the records follow one by one, then the key is promoted.
 * The old one stays as `previous` until `retireKey`. With a given key (a variable), `GROWTHOS_KEY_NEXT` must hold the new one: `KEY_NEXT_MISSING`.
 * The caller holds the lock of the credentials.
 */
export function rotateKey(vault: Vault): Rotation {
  const { keys, random } = vault;
  const next = keys.next ?? (keys.place === null ? null : storeNext(keys.place, random.hex(32)));
  if (next === null) throw nextMissing(keys.current);
  return finishRotation({ ...vault, keys: { ...keys, next } }) ?? { sources: [], newKey: next };
}

/** Finishes a rotation that was interrupted; null when none was under way. The caller holds the lock of the credentials. */
export function finishRotation(vault: Vault): Rotation | null {
  const { next, place } = vault.keys;
  if (next === null) return null;
  const moved = storedSources(vault).filter((source) => !isWrittenWith(vault, source, next));
  for (const source of moved) rewriteRecord(vault, source, next);
  if (place !== null) promote(place);
  return { sources: moved, newKey: next };
}

/** Forgets the key before the last rotation; false when there was none. Throws `KEY_STILL_USED` when a record needs it. */
export function retireKey(vault: Vault): boolean {
  const { current, place, previous } = vault.keys;
  if (place === null || previous === null) return false;
  const old = storedSources(vault).filter((source) => !isWrittenWith(vault, source, current));
  if (old.length > 0) {
    throw new GrowthosError({
      code: "KEY_STILL_USED",
      what: "the previous key is still needed",
      why: `by the records of ${old.join(", ")}`,
      state: "nothing was changed",
      hint: "run `growthos connections rotate-key` first",
      exit: "usage",
    });
  }
  place.clear("previous");
  return true;
}

function storeNext(place: KeyPlace, key: string): MasterKey {
  place.write("next", key);
  // What is in the place counts, not what was handed to it: a key that cannot be read back must not encrypt anything.
  return parseKey(place.read("next") ?? "", `${place.label} (next)`);
}

/** current -> previous, next -> current. Each write is whole, and repeating a step that was done changes nothing. */
function promote(place: KeyPlace): void {
  const [current, next] = [place.read("current"), place.read("next")].map((text) => new Secret(text?.trim() ?? ""));
  if (current === undefined || next === undefined) return;
  if (current.reveal() !== next.reveal()) {
    place.write("previous", current.reveal());
    place.write("current", next.reveal());
  }
  place.clear("next");
}

function nextMissing(current: MasterKey): GrowthosError {
  return new GrowthosError({
    code: "KEY_NEXT_MISSING",
    what: `the key comes from ${current.from}, which growthos cannot change`,
    state: "nothing was changed",
    hint: "set GROWTHOS_KEY_NEXT to the new key (`openssl rand -hex 32`), run this again, then put it in the place of the old one",
    exit: "usage",
  });
}
