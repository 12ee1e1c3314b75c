/**
 * Two readings of one question. The rules are the judge: what they answer stands, and so do their refusals of what no figure tells. The
 * model's reading is taken only where the rules did not understand the question, and is marked.
 */
import { isTime } from "../../metrics/leaves.js";
import type { SemanticQuery } from "../../metrics/types.js";
import { comparedRange } from "../../metrics/windows.js";
import type { Reader } from "../ask.js";
import { queryInWords } from "../in-words.js";
import type { Asked, AskWorld, RefusalCode, Turn } from "../types.js";
import { keptBy } from "./names.js";
import { readByModel } from "./read-by-model.js";
import { type LanguageModel, NO_TOKENS, type Tokens } from "./types.js";

/** What became of a question, and who read it. */
export interface Read {
  readonly asked: Asked;
  readonly by: "rules" | "model";
  /** Null: there is none. */
  readonly model: Second | null;
}

/** The second reading. */
export interface Second {
  readonly name: string;
  readonly tokens: Tokens;
  /**
   * `same`: as the rules; `other`: the rules' answer stands; `alone`: the rules did not understand; `unused`: no reading; `not_asked`:
   * the rules' refusal stands whatever a model reads.
   */
  readonly verdict: "same" | "other" | "alone" | "unused" | "not_asked";
  /** What the one reads whose reading is not answered, in words; null: nothing else. */
  readonly other: string | null;
  /** That query. */
  readonly otherQuery: SemanticQuery | null;
  /** Why there is no reading of the model. */
  readonly why: string | null;
}

/** What a question is read with. */
export interface Readers {
  readonly reader: Reader;
  readonly world: AskWorld;
  readonly model: LanguageModel | null;
}

/** Refusals that say "not understood". All others are about what the figures cannot tell, and no reading changes that. */
const NOT_UNDERSTOOD: ReadonlySet<RefusalCode> = new Set(["UNKNOWN_WORDS", "UNKNOWN_METRIC", "NO_METRIC"]);

/** Reads a question by the rules, and by the model where there is one. Throws `QUESTION_TOO_LONG`. */
export async function readTwice(question: string, previous: Turn | null, readers: Readers): Promise<Read> {
  const { reader, world, model } = readers;
  const rules = reader.ask(question, previous);
  if (model === null) return { asked: rules, by: "rules", model: null };
  const none = { name: model.name, tokens: NO_TOKENS, other: null, otherQuery: null, why: null };
  const spans = reader.spans(question);
  if (isFinal(rules, spans)) return { asked: rules, by: "rules", model: { ...none, verdict: "not_asked" } };
  const names = spans.flatMap(({ meaning }) => (meaning.kind === "name" ? [meaning] : []));
  const read = await readByModel({ question, previous, world, names }, model);
  const told = { ...none, tokens: read.tokens };
  if (read.kind === "unused")
    return { asked: rules, by: "rules", model: { ...told, verdict: "unused", why: read.why } };
  const { query } = read.asked;
  if (rules.kind !== "query") {
    return { asked: read.asked, by: "model", model: { ...told, verdict: "alone", other: rules.why } };
  }
  if (meaningOf(query, world) === meaningOf(rules.query, world))
    return { asked: rules, by: "rules", model: { ...told, verdict: "same" } };
  const other = queryInWords(query, world);
  return { asked: rules, by: "rules", model: { ...told, verdict: "other", other, otherQuery: query } };
}

/** True where a second reading has nothing to say: asked back, or refused for another reason than words that are not known. */
function isFinal(rules: Asked, spans: ReturnType<Reader["spans"]>): boolean {
  if (rules.kind === "query") return false;
  if (rules.kind === "which" || !NOT_UNDERSTOOD.has(rules.code)) return true;
  // A word of the kind stands in it, whatever else is not understood.
  return spans.some(
    ({ meaning }) =>
      meaning.kind === "missing_metric" || (meaning.kind === "refusal" && !NOT_UNDERSTOOD.has(meaning.code)),
  );
}

/** What a query asks for, in one way of writing. How many rows are shown is no part of it. */
function meaningOf(query: SemanticQuery, { entities }: AskWorld): string {
  const { metrics, window, compare, breakdown, grain, filters = [], having = [], orderBy } = query;
  const isGrouped = breakdown !== undefined && !isTime(breakdown);
  const order = orderBy ?? (isGrouped ? { metric: metrics[0], direction: "desc" } : null);
  return JSON.stringify([
    [...metrics].sort(),
    [window.from, window.to],
    compare === undefined ? null : comparedRange(window, compare),
    breakdown ?? null,
    grain ?? null,
    filters.map((filter) => keptBy(filter, entities)).sort(),
    having.map(({ metric, operator, value }) => `${metric} ${operator} ${value}`).sort(),
    order === null ? null : [order.metric, order.direction],
  ]);
}

/** The one line that a person is told; null: nothing is to be said. */
export function secondInWords({ asked, model }: Read, world: AskWorld): string | null {
  if (model === null) return null;
  const { name, verdict, other, why } = model;
  if (verdict === "unused") return `the model ${name} was not used: ${why}`;
  if (verdict === "other" && asked.kind === "query")
    return `the model ${name} reads it otherwise: ${other}; answered is what the rules read: ${queryInWords(asked.query, world)}`;
  if (verdict === "alone" && asked.kind === "query")
    return `read by the model ${name}, not by the rules: ${queryInWords(asked.query, world)} (the rules: ${other})`;
  return null;
}
