import { GrowthosError } from "../base/errors.js";
import { calendarOf } from "../metrics/fiscal.js";
import type { NumberOperator, SemanticQuery } from "../metrics/types.js";
import { meantTogether } from "./adjust.js";
import { type Draft, type DraftFilter, Halt, type Reading } from "./draft.js";
import { inheritedBy, isTextFilter } from "./follow-up.js";
import { draftOf } from "./read.js";
import { settled } from "./settle.js";
import { type Language, languageOf, spansOf } from "./spans.js";
import { MOST_CHARACTERS, tokensOf } from "./tokens.js";
import type { Asked, AskWorld, Span, Token, Turn, Understood } from "./types.js";
import { corrected } from "./typos.js";

/** Reads questions to one world; made once, asked often. Pure: it reads nothing but the question. */
export interface Reader {
  /** A query, a refusal with its reason, or a question back. Throws `QUESTION_TOO_LONG`. */
  ask(question: string, previous?: Turn | null): Asked;
  /** What each stretch of words was taken for, for `--explain`. */
  spans(question: string): readonly { readonly text: string; readonly meaning: Span["meaning"] }[];
}

/** Prepares the reader of a world. */
export function readerOf(world: AskWorld): Reader {
  const calendar = world.context.calendar ?? calendarOf(world.context.weekEndsOn ?? 7);
  const language = languageOf(world, calendar);
  return {
    ask: (question, previous = null) => answered(question, language, previous),
    spans: (question) => {
      const tokens = understoodTokens(question, language);
      return spansOf(tokens, language).map((span) => ({
        text: tokens
          .slice(span.from, span.to)
          .map(({ text }) => text)
          .join(" "),
        meaning: span.meaning,
      }));
    },
  };
}

function understoodTokens(question: string, language: Language): readonly Token[] {
  if (question.length > MOST_CHARACTERS) {
    throw new GrowthosError({
      code: "QUESTION_TOO_LONG",
      what: `a question has at most ${MOST_CHARACTERS} characters, this one has ${question.length}`,
      hint: "ask for one thing at a time",
      exit: "usage",
    });
  }
  return corrected(tokensOf(question), {
    language: language.words,
    names: language.names.words,
    rare: language.rare,
  });
}

function answered(question: string, language: Language, previous: Turn | null): Asked {
  const tokens = understoodTokens(question, language);
  const all = spansOf(tokens, language);
  const reading: Reading = { spans: meantTogether(all, tokens), tokens, language, previous };
  try {
    if (reading.spans.length === 0)
      return { kind: "refused", code: "NO_METRIC", why: "nothing is asked", nearest: "net revenue last week" };
    const found = settled(draftOf(reading), language.world);
    return withTypos(leaned(found, reading, language), tokens);
  } catch (thrown) {
    if (thrown instanceof Halt) return thrown.answer;
    throw thrown;
  }
}

/** "And by platform?": what the question before had and this one does not name again. */
function leaned(found: Understood, reading: Reading, { world }: Language): Understood {
  const { query: before } = inheritedBy(reading);
  if (before === null) return found;
  const own = found.query.filters ?? [];
  const kept = (before.filters ?? []).filter((filter) => !own.some(({ field }) => isSameThing(field, filter.field)));
  const filters = [...own, ...kept];
  const hasRows = found.query.breakdown !== undefined;
  const rows: Partial<SemanticQuery> = hasRows ? {} : pick(before, ["breakdown", "limit", "orderBy", "having"]);
  const compare = found.query.compare ?? relative(before.compare);
  const { breakdown } = { ...found.query, ...rows };
  const query: SemanticQuery = {
    ...found.query,
    ...rows,
    ...(compare === undefined ? {} : { compare }),
    ...(filters.length === 0 ? {} : { filters }),
    ...(found.query.grain === undefined && before.grain !== undefined && breakdown !== "day"
      ? { grain: before.grain }
      : {}),
  };
  const again = settled({ ...draftFrom(query), window: found.window, output: found.output, notes: found.notes }, world);
  return { ...again, notes: [...again.notes, "the rest is taken from the question before"] };
}

function isSameThing(a: string, b: string): boolean {
  const both = [a, b];
  return a === b || (both.includes("platform") && both.includes("channel"));
}

/** Given days to compare with belong to the days of the question before. */
function relative(compare: SemanticQuery["compare"]): SemanticQuery["compare"] {
  return compare?.kind === "range" ? undefined : compare;
}

function pick(query: SemanticQuery, members: readonly (keyof SemanticQuery)[]): Partial<SemanticQuery> {
  return Object.fromEntries(
    members.flatMap((member) => (query[member] === undefined ? [] : [[member, query[member]]])),
  );
}

/** A query as a draft again, so that it can be settled anew. */
export function draftFrom(query: SemanticQuery): Omit<Draft, "window" | "output" | "notes"> {
  const { compare, filters = [], having = [], grain, window: _window, ...rest } = query;
  return {
    ...rest,
    ...(grain === undefined || grain === "15min" || grain === "4hours" || grain === "12hours" ? {} : { grain }),
    ...(compare === undefined ? {} : { compare: { comparison: compare, name: "the days before" } }),
    filters: filters.map(
      (filter): DraftFilter =>
        isTextFilter(filter)
          ? { kind: "field", ...filter }
          : { kind: "order_value", operator: filter.operator as NumberOperator, value: Number(filter.value) },
    ),
    having,
  };
}

/** Words that were put right are told: a wrong guess must not pass as an answer. */
function withTypos(found: Understood, tokens: readonly Token[]): Understood {
  const read = tokens.flatMap(({ text, typed }) => (typed === undefined ? [] : [`"${typed}" is read as "${text}"`]));
  return { ...found, notes: [...read, ...found.notes] };
}
