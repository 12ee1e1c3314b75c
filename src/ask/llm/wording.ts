/**
 * A finished answer in other words. The model sees the sentence with a stand-in for everything that was put into it: no figure, no name,
 * no day. Of its wording only words of a short list are taken, which claim nothing, and every stand-in once: what it cannot say is what
 * went up, what is better, a number in words, or an address.
 */
import { z } from "zod";
import { GrowthosError } from "../../base/errors.js";
import type { Piece, Sentence } from "../sentence.js";
import { failureText } from "./read-by-model.js";
import { type LanguageModel, NO_TOKENS, type Tokens } from "./types.js";

/** The wording, or why the program's own sentence stands. */
export interface Wording {
  readonly text: string | null;
  readonly why: string | null;
  readonly tokens: Tokens;
}

/** Words that claim nothing, beside those of the sentence itself. */
const GLUE =
  "a an and are as at by came for from followed had has here in is it its of on over shop stood that the then there these this to was were with you your during";
const LONGEST = 600;
/** A sentence with more pieces is a list, and reads no better in other words. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

const INPUT = z.strictObject({ text: z.string().min(1).max(LONGEST) });

const TASK = [
  "You put one sentence about a shop's figures into more natural words, by one call of the tool `wording`. It holds stand-ins such as [A]; you",
  "do not see what they stand for, `stand_ins` says what kind of thing each is. Use every stand-in exactly once. Keep those under `in_order` in",
  "that order; the others may stand anywhere. Beside them use only words of `words`, and commas, colons and full stops: no digits, no numbers",
  "in words, nothing that is not in the sentence. One sentence.",
].join(" ");

/** Asks for another wording. Never throws for what the model does. */
export async function wordingOf(sentence: Sentence, model: LanguageModel): Promise<Wording> {
  const masked = maskedOf(sentence);
  if (masked === null) return { text: null, why: "there is nothing to put otherwise", tokens: NO_TOKENS };
  try {
    const { input, tokens } = await model.fill({
      task: TASK,
      text: JSON.stringify({
        sentence: masked.text,
        stand_ins: Object.fromEntries(masked.parts.map(({ letter, piece }) => [letter, piece.role])),
        in_order: masked.parts.filter(({ piece }) => isFixed(piece)).map(({ letter }) => letter),
        words: [...masked.words].sort(),
      }),
      name: "wording",
      description: "The sentence in other words.",
      schema: schemaOf(),
    });
    const parsed = INPUT.safeParse(input);
    if (!parsed.success) return { text: null, why: "it gave no sentence", tokens };
    const problem = problemOf(parsed.data.text, masked);
    return problem === null
      ? { text: restored(parsed.data.text, masked), why: null, tokens }
      : { text: null, why: problem, tokens };
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || thrown.parts.exit === "bug") throw thrown;
    return { text: null, why: failureText(thrown), tokens: NO_TOKENS };
  }
}

function schemaOf(): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(INPUT);
  return schema;
}

interface Masked {
  readonly text: string;
  readonly parts: readonly { readonly letter: string; readonly piece: Piece }[];
  readonly words: ReadonlySet<string>;
}

/** Null: one piece, or more than there are letters. */
function maskedOf(sentence: Sentence): Masked | null {
  const put = sentence.filter(({ role }) => role !== null);
  if (put.length < 2 || put.length > LETTERS.length) return null;
  const parts = put.map((piece, index) => ({ letter: LETTERS[index] ?? "", piece }));
  const letterOf = new Map(parts.map(({ letter, piece }) => [piece, letter]));
  const text = sentence.map((piece) => {
    const letter = letterOf.get(piece);
    if (letter === undefined) return piece.text;
    return `${piece.text.startsWith(" ") ? " " : ""}[${letter}]`;
  });
  const own = sentence.flatMap(({ role, text: words }) => (role === null ? wordsOf(words) : []));
  return { text: text.join(""), parts, words: new Set([...GLUE.split(" "), ...own]) };
}

function isFixed({ role }: Piece): boolean {
  return role !== "days" && role !== "filter";
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/\p{L}+/gu) ?? [];
}

const STAND_IN = /\[([A-Z])\]/g;

function problemOf(text: string, { parts, words }: Masked): string | null {
  const used = [...text.matchAll(STAND_IN)].map(([, letter]) => letter);
  const all = parts.map(({ letter }) => letter);
  if ([...used].sort().join("") !== all.join("")) return "it does not use every stand-in exactly once";
  const fixed = parts.filter(({ piece }) => isFixed(piece)).map(({ letter }) => letter);
  if (used.filter((letter) => letter !== undefined && fixed.includes(letter)).join("") !== fixed.join(""))
    return "it changes the order of figures or names";
  const rest = text.replace(STAND_IN, " ");
  if (/\p{N}/u.test(rest)) return "it holds a digit";
  const strange = wordsOf(rest).find((word) => !words.has(word));
  if (strange !== undefined) return `it says "${strange.slice(0, 30)}", which the answer does not`;
  return /[^\p{L} ,.:;']/u.test(rest) ? "it holds a sign that is no punctuation" : null;
}

function restored(text: string, { parts }: Masked): string {
  const whole = text
    .replace(STAND_IN, (_, letter: string) => parts.find((part) => part.letter === letter)?.piece.text.trim() ?? "")
    .replace(/ {2,}/g, " ")
    .trim();
  return whole.endsWith(".") ? whole : `${whole}.`;
}
