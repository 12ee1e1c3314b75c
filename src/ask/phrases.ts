import type { Meaning, Span, Token } from "./types.js";

/** Phrases by their first word; what is looked up is the longest that stands at a place. */
export interface Phrases {
  /** The meaning of the longest phrase that begins here, or null. */
  at(tokens: readonly Token[], from: number): Span | null;
  /** Every single word, for the correction of typos. */
  readonly words: ReadonlySet<string>;
}

/** A table of phrases. `plurals`: the last word may have an s more or less. */
export function phrasesOf(
  entries: Iterable<readonly [string, Meaning]>,
  { plurals = false }: { readonly plurals?: boolean } = {},
): Phrases {
  const byFirst = new Map<string, { readonly words: readonly string[]; readonly meaning: Meaning }[]>();
  const all = new Set<string>();
  const add = (words: readonly string[], meaning: Meaning) => {
    const first = words[0] ?? "";
    const alike = byFirst.get(first) ?? [];
    if (!alike.some((one) => one.words.join(" ") === words.join(" "))) alike.push({ words, meaning });
    byFirst.set(first, alike);
    for (const word of words) all.add(word);
  };
  const list = [...entries];
  for (const [text, meaning] of list) add(text.split(" "), meaning);
  // Behind all others: what is a phrase of its own is no plural of another.
  for (const [text, meaning] of plurals ? list : []) {
    const words = text.split(" ");
    const last = words.at(-1) ?? "";
    if (last.length > 3) add([...words.slice(0, -1), last.endsWith("s") ? last.slice(0, -1) : `${last}s`], meaning);
  }
  for (const alike of byFirst.values()) alike.sort((a, b) => b.words.length - a.words.length);
  return {
    words: all,
    at: (tokens, from) => {
      const found = byFirst
        .get(tokens[from]?.text ?? "")
        ?.find(({ words }) => words.every((word, index) => isWord(tokens[from + index], word)));
      return found === undefined ? null : { from, to: from + found.words.length, meaning: found.meaning };
    },
  };
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.text === word && token.kind !== "quoted";
}
