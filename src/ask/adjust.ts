/** Words whose meaning hangs on what else is said. */
import { isKind, ofKind } from "./draft.js";
import type { Meaning, Span, Token } from "./types.js";

/** The spans of a question without fillers, each as it is meant beside the others. */
export function meantTogether(all: readonly Span[], tokens: readonly Token[]): readonly Span[] {
  const spans = all.filter((span) => !isKind(span, "filler"));
  const hasMetric = spans.some((span) => isKind(span, "metric"));
  const rows = spans.filter((span) => isKind(span, "level", "platform", "name", "marker"));
  return spans.flatMap((span, index): readonly Span[] => {
    const word = tokens[span.from]?.text ?? "";
    if (isKind(span, "again") && index > 0 && word === "and") return [withoutLean(span, tokens)];
    const [customers] = ofKind([span], "customers");
    if (customers !== undefined && !hasMetric) return counted(span, customers.meaning.value, tokens);
    // "Is CPM getting better": of no rows, it is about days.
    if (isKind(span, "rank") && (word === "better" || word === "worse") && rows.length === 0)
      return [{ ...span, meaning: { kind: "change" } }];
    if (isChange(span, index, tokens)) return [{ ...span, meaning: { kind: "change" } }];
    return [span];
  });
}

const GROWING = new Set(["increase", "decrease", "reduce", "raise"]);

/** "Did orders increase", "the increase in orders" tell a change; "increase the budget" wants one. */
function isChange(span: Span, index: number, tokens: readonly Token[]): boolean {
  if (span.meaning.kind !== "refusal" || span.meaning.code !== "ACTION") return false;
  const before = tokens[span.from - 1]?.text ?? "";
  const isNoun = ["the", "an", "any", "a", "of", "biggest", "largest"].includes(before);
  const asks = tokens.slice(0, span.from).some(({ text }) => ["did", "does", "do", "has", "have"].includes(text));
  return GROWING.has(tokens[span.from]?.text ?? "") && (isNoun || (index > 0 && asks));
}

/** "And by", "and for" lean on the question before only where they begin one: "by country and by product" does not. */
function withoutLean(span: Span, tokens: readonly Token[]): Span {
  const isBy = tokens[span.to - 1]?.text === "by";
  return { ...span, meaning: isBy ? { kind: "marker", marker: "by" } : { kind: "and" } };
}

/** "Top campaigns by new customers": where no other figure is named, they are the figure. */
function counted(span: Span, value: "new" | "returning", tokens: readonly Token[]): readonly Span[] {
  const metric: Meaning = { kind: "metric", id: value === "new" ? "new_customers" : "returning_customers" };
  if (tokens[span.from]?.text !== "by") return [{ ...span, meaning: metric }];
  return [
    { ...span, to: span.from + 1, meaning: { kind: "marker", marker: "by" } },
    { ...span, from: span.from + 1, meaning: metric },
  ];
}
