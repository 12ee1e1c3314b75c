/** Questions that lean on the one before. Nothing is inherited unless a word asks for it, and the answer says what was. */
import type { Filter, SemanticQuery } from "../metrics/types.js";
import { askBack, type Draft, type DraftFilter, isKind, ofKind, type Reading, refuse } from "./draft.js";
import type { Turn } from "./types.js";

/** What a question takes from the one before. */
export interface Inherited {
  readonly filters: readonly DraftFilter[];
  /** The whole query before, where only parts of it are asked anew ("and by platform?"). */
  readonly query: SemanticQuery | null;
  /** The days before, for questions that name none. */
  readonly window: Draft["window"] | null;
  readonly notes: readonly string[];
}

const NOTHING: Inherited = { filters: [], query: null, window: null, notes: [] };

/** Reads what a question takes over. */
export function inheritedBy(reading: Reading): Inherited {
  const { spans, previous } = reading;
  const that = ofKind(spans, "that")[0];
  const isAgain = spans.some((span) => isKind(span, "again")) || isJoinWord(reading);
  if (that === undefined && !isAgain) return NOTHING;
  if (previous === null)
    refuse(
      "NOTHING_BEFORE",
      "the question leans on one before it, and there is none: name the campaign, the days or the figure",
    );
  const { query } = previous;
  const window = { range: query.window, name: `${query.window.from} to ${query.window.to}` };
  if (that === undefined) return { filters: [], query, window, notes: [] };
  const filter = meantBy(that.meaning.level, previous, isPluralWord(reading, that.to));
  return { filters: [filter], query: null, window, notes: [noteOf(filter)] };
}

/** "And google?" begins with the word; the comma of "hi, what was …" is none. */
function isJoinWord({ spans, tokens }: Reading): boolean {
  const [first] = spans;
  return first !== undefined && isKind(first, "and") && /^(and|or|plus)/.test(tokens[first.from]?.text ?? "");
}

function isPluralWord({ tokens }: Reading, to: number): boolean {
  const word = tokens[to - 1]?.text ?? "";
  return word.endsWith("s") || word === "them" || word === "those";
}

function meantBy(level: SemanticQuery["breakdown"] | null, { query, rows }: Turn, isPlural: boolean): DraftFilter {
  const wanted = level ?? (query.breakdown === "day" ? null : query.breakdown) ?? query.filters?.[0]?.field ?? null;
  const filter = query.filters?.find((one) => one.field === wanted);
  if (wanted !== null && query.breakdown === wanted && rows.length > 0) {
    const [only] = rows;
    if (rows.length === 1 && only !== undefined)
      return { kind: "field", field: wanted as "campaign", operator: "=", value: only };
    if (isPlural) return { kind: "field", field: wanted as "campaign", operator: "in", value: rows.slice(0, 100) };
    return askBack(`the answer before had ${rows.length} of them`, rows);
  }
  if (filter !== undefined && isTextFilter(filter)) return { kind: "field", ...filter };
  const what = String(wanted ?? "such thing").replaceAll("_", " ");
  return refuse("NOTHING_BEFORE", `the question before was about no ${what}: name it`);
}

/** True for filters by a name. */
export function isTextFilter(filter: Filter): filter is Extract<
  Filter,
  { readonly operator: "=" | "!=" | "in" | "contains" }
> & {
  readonly value: string | readonly string[];
} {
  return filter.field !== "order_value" && filter.field !== "order_number";
}

function noteOf(filter: DraftFilter): string {
  if (filter.kind !== "field") return "taken from the question before";
  const value = typeof filter.value === "string" ? filter.value : filter.value.join(", ");
  return `taken from the question before: ${filter.field.replaceAll("_", " ")} ${value}`;
}
