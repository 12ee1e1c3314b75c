import { nearest } from "../base/ids.js";
import type { GroupBreakdown } from "../metrics/types.js";
import { placeSpellings } from "./places.js";
import type { AskWorld, Entity, Span, Token } from "./types.js";

/** Longest name that a question spells out, in words. */
const MOST_WORDS = 12;

/** The names of the warehouse, prepared for looking up. */
export interface Names {
  /** The longest run of words from a place that some name contains; null when there is none. */
  at(tokens: readonly Token[], from: number, language: ReadonlySet<string>): Span | null;
  /** Every word of every name. */
  readonly words: ReadonlySet<string>;
  /** Names of a field that are near to a text, best first. */
  near(text: string, field: GroupBreakdown | null): readonly string[];
}

interface Entry {
  readonly entity: Entity;
  readonly words: readonly string[];
}

/** Prepares the names of a world. */
export function namesOf({ entities }: AskWorld): Names {
  const entries = entities.flatMap((entity) =>
    spellings(entity).map((text): Entry => ({ entity, words: wordsOf(text) })),
  );
  const byWord = new Map<string, Entry[]>();
  for (const entry of entries)
    for (const word of new Set(entry.words)) byWord.set(word, [...(byWord.get(word) ?? []), entry]);
  return {
    words: new Set([...byWord.keys()].filter((word) => word.length > 3)),
    near: (text, field) => {
      const ofField = entities.filter((entity) => field === null || entity.field === field).map(({ label }) => label);
      const found = nearest(text, ofField);
      return found === undefined ? ofField.slice(0, 3) : [found];
    },
    at: (tokens, from, language) => {
      const quoted = tokens[from]?.kind === "quoted";
      for (let length = quoted ? 1 : Math.min(MOST_WORDS, tokens.length - from); length > 0; length -= 1) {
        const words = tokens.slice(from, from + length);
        const found = namedBy(words, byWord, language, { before: tokens[from - 1], next: tokens[from + length] });
        if (found !== null) return { from, to: from + length, meaning: found };
      }
      return null;
    },
  };
}

function namedBy(
  tokens: readonly Token[],
  byWord: ReadonlyMap<string, readonly Entry[]>,
  language: ReadonlySet<string>,
  { before, next }: { readonly before: Token | undefined; readonly next: Token | undefined },
) {
  const [first] = tokens;
  if (first === undefined || tokens.some(({ kind, text }) => kind === "date" || (kind === "mark" && text !== "and")))
    return null;
  const words = first.kind === "quoted" ? wordsOf(first.text) : tokens.map(({ text }) => text);
  const entries = (byWord.get(words[0] ?? "") ?? []).filter((entry) => contains(entry.words, words));
  // Everyday words are a name only where it is said of what, or where they are the whole of it.
  const isEveryday = first.kind !== "quoted" && tokens.every(({ kind, text }) => kind !== "word" || language.has(text));
  const isSaid = isLevelWord(next);
  const usable = entries.filter(({ entity, words: whole }) => {
    const isCode = words.length === 1 && (words[0]?.length ?? 0) < 3;
    if (isCode) return isCodeWord(first, before) && whole.length === 1;
    if (entity.field === "channel" && whole.length === words.length) return true;
    if (isEveryday && tokens.length === 1 && !(isSaid && whole.length === 1)) return false;
    return !isEveryday || isSaid || (whole.length === words.length && entity.label.length > 3);
  });
  if (usable.length === 0) return null;
  const matches = [...new Set(usable.map(({ entity }) => entity))];
  return { kind: "name" as const, text: words.join(" "), matches };
}

/** `US` is a country and `us` is not; `uk` and `the us` are. */
export function isCodeWord({ text, isUpper }: Token, before: Token | undefined): boolean {
  return text.length === 2 && (isUpper === true || text === "uk" || (text === "us" && before?.text === "the"));
}

/** True when the word behind a name says what it is of, and there is such a one. */
export function isOfLevel({ meaning }: Span, next: Token | undefined): boolean {
  const level = /^(campaign|ad|product|categor|countr|region|channel)/.exec(next?.text ?? "")?.[1];
  const isLevel = isLevelWord(next) && level !== undefined && meaning.kind === "name";
  return isLevel && meaning.matches.some(({ field }) => field.startsWith(level));
}

/** True for the word that says what the name before it is of. */
function isLevelWord(token: Token | undefined): boolean {
  return /^(campaigns?|ads?|adsets?|adgroups?|products?|categor(y|ies)|countr(y|ies)|regions?|channels?)$/.test(
    token?.text ?? "",
  );
}

function contains(whole: readonly string[], part: readonly string[]): boolean {
  return whole.some((_, start) => part.every((word, index) => isLike(whole[start + index], word)));
}

/** Singular and plural are one word. */
function isLike(a: string | undefined, b: string): boolean {
  return a !== undefined && (a === b || (b.length > 3 && (a === `${b}s` || b === `${a}s`)));
}

/** Countries and regions are kept by their code and asked for by their name. */
function spellings({ field, key, label }: Entity): readonly string[] {
  return field === "country" || field === "region" ? [label, ...placeSpellings(field, key)] : [label];
}

/** The words of a name, as questions are cut. */
function wordsOf(text: string): readonly string[] {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== "");
}
