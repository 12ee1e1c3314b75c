// One person to erase: all their names, what stands instead of each, and how a text is searched for them.

import { hmac256 } from "../../base/hash.js";
import type { Random } from "../../base/ids.js";
import { DISTINCT_LENGTH, type Disguise, EMAIL, type Loose, looseText } from "./anonymise.js";
import { writingsOf } from "./find.js";
import { type Name, nameText } from "./person.js";
import { pseudonymOf } from "./pseudonyms.js";

/** A name and what stands in its place from now on. */
export interface Replaced extends Name {
  readonly instead: string;
}

/** Somebody, ready to be erased. */
export interface Somebody {
  readonly names: readonly Replaced[];
  readonly disguise: Disguise;
  /** True when a text of any kind names them. */
  isIn(text: string): boolean;
}

/**
 * Pseudonyms for names: one for each writing of each, drawn once. Among those of one kind they sort as the names did, so that what takes the
 * first of somebody's addresses takes the same one again.
 */
export function replacedNames(names: readonly Name[], random: Random): readonly Replaced[] {
  // `Max@…` and `max@…` are one address: they must stay one.
  const written = ({ kind, text }: Name) => `${kind} ${text.toLowerCase()}`;
  const drawn = new Map<string, string>();
  const shape = ({ kind, text }: Name) => `${kind} ${/^[0-9a-f]{64}$/.test(text) ? "hash" : "plain"}`;
  for (const one of new Set(names.map(shape))) {
    const own = new Map(names.filter((name) => shape(name) === one).map((name) => [written(name), name]));
    const sorted = [...own.keys()].sort();
    const instead = [...own.values()].map((name) => pseudonymOf(name, random)).sort();
    for (const [index, key] of sorted.entries()) drawn.set(key, instead[index] ?? "");
  }
  return names.map((name) => ({ ...name, instead: drawn.get(written(name)) ?? "" }));
}

/** Somebody by their names. A name is found in any of its writings, also in one that was not seen. */
export function somebody(names: readonly Replaced[], salt: string): Somebody {
  const byText = new Map(names.map((name) => [`${nameText(name)} ${name.text.toLowerCase()}`, name.instead]));
  const byId = new Map(names.map((name) => [nameText(name), name.instead]));
  const loose = names.flatMap(looseOf);
  const addresses = new Set(names.filter(({ kind }) => kind === "email").map(({ id }) => id));
  return {
    names,
    disguise: {
      salt,
      loose,
      instead: (name) => byText.get(`${nameText(name)} ${name.text.toLowerCase()}`) ?? byId.get(nameText(name)),
    },
    isIn: (text) =>
      loose.some(({ pattern }) => text.search(pattern) !== -1) ||
      (text.match(EMAIL) ?? []).some((found) => addresses.has(hmac256(salt, found.replace("%40", "@").toLowerCase()))),
  };
}

/** Longer texts before shorter ones: one may be the beginning of another. */
function looseOf(name: Replaced): readonly Loose[] {
  if (name.kind === "order" || name.kind === "phone") return [];
  return writingsOf(name)
    .filter((text) => text.length >= DISTINCT_LENGTH)
    .map((text) => looseText(text, text.includes("%40") ? name.instead.replace("@", "%40") : name.instead));
}
