/** A sentence in pieces: its words could be others, what was put in between could not. */

/** What a piece is. Days and filters may stand anywhere in the sentence, everything else only in its order. */
export type Role = "figure" | "value" | "change" | "row" | "rows" | "order" | "count" | "days" | "filter";

/** Words of the sentence (`role` null), or something that was put in. */
export interface Piece {
  readonly role: Role | null;
  readonly text: string;
}

/** A sentence. */
export type Sentence = readonly Piece[];

/** Something that is put in; an empty text is nothing. */
export function put(role: Role, text: string): Sentence {
  return text === "" ? [] : [{ role, text }];
}

/** A sentence of words, with what is put in: say`${a} by ${b}`. */
export function say(words: TemplateStringsArray, ...parts: readonly Sentence[]): Sentence {
  return words.flatMap((text, index) => [...(text === "" ? [] : [{ role: null, text }]), ...(parts[index] ?? [])]);
}

/** Sentences with the same words between them. */
export function joined(parts: readonly Sentence[], between: string): Sentence {
  return parts.flatMap((part, index) => (index === 0 ? part : [{ role: null, text: between }, ...part]));
}

/** The sentence as it is read. */
export function plain(sentence: Sentence): string {
  return sentence.map(({ text }) => text).join("");
}
