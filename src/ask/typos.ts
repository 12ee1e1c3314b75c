import type { Token } from "./types.js";

/** What words are corrected against: the language first; names of the warehouse only where the language has nothing as near. */
export interface KnownWords {
  readonly language: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  /** Words that are understood, and too rare for anything else to be a typo of them. */
  readonly rare?: ReadonlySet<string>;
}

/** Typos that are as near to another word, and nearly always mean this one. */
const FREQUENT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    wich: "which",
    witch: "which",
    whcih: "which",
    teh: "the",
    lst: "last",
    hwo: "how",
    adn: "and",
    vrs: "vs",
    ...{ frm: "from", fro: "from", wht: "what", abt: "about", btw: "between", thru: "through", yday: "yesterday" },
    ...{
      wk: "week",
      wks: "weeks",
      mth: "month",
      mths: "months",
      yr: "year",
      yrs: "years",
      qtr: "quarter",
      ystd: "yesterday",
    },
  }),
);

/** Words that nobody uses become the nearest that somebody does, when it is near enough and the only one. */
export function corrected(tokens: readonly Token[], known: KnownWords): readonly Token[] {
  return tokens.map((token) => {
    const isKnown = [known.language, known.names, known.rare].some((words) => words?.has(token.text) === true);
    if (token.kind !== "word" || isKnown) return token;
    const near =
      FREQUENT.get(token.text) ?? nearestOf(token.text, known.language) ?? nearestOf(token.text, known.names);
    return near === undefined ? token : { ...token, text: near, typed: token.text };
  });
}

/** The only known word within the bound; of several at the same distance none is taken. */
function nearestOf(word: string, known: ReadonlySet<string>): string | undefined {
  const bound = boundOf(word);
  let best: { word: string; distance: number; isOnly: boolean } | undefined;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > bound || candidate.length < 3 || /\d/.test(candidate)) continue;
    const distance = typoDistance(word, candidate);
    if (distance > bound || (distance > 1 && candidate[0] !== word[0])) continue;
    // In three letters only neighbours that changed places are a typo: `crt`, not `cps`.
    if (word.length === 3 && [...word].sort().join("") !== [...candidate].sort().join("")) continue;
    if (best === undefined || distance < best.distance) best = { word: candidate, distance, isOnly: true };
    else if (distance === best.distance && !isSame(candidate, best.word)) best.isOnly = false;
  }
  return best?.isOnly === true ? best.word : undefined;
}

/** Singular and plural are one word here. */
function isSame(a: string, b: string): boolean {
  return a === `${b}s` || b === `${a}s`;
}

function boundOf(word: string): number {
  if (word.length < 3 || /\d/.test(word)) return 0;
  return word.length < 6 ? 1 : 2;
}

/** Letters that changed places are the likelier typo. */
const SWAP = 0.9;

/** Letters to change, add, leave out, or swap with their neighbour (optimal string alignment). */
export function typoDistance(a: string, b: string): number {
  let [before, previous]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, changed);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) least = Math.min(least, (before[j - 2] ?? 0) + SWAP);
      row.push(least);
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length] ?? 0;
}
