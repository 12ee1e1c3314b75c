import { currencyExponent } from "../base/money.js";
import type { Having, MetricDef, NumberOperator } from "../metrics/types.js";
import { type DraftFilter, isKind, type Reading, refuse } from "./draft.js";
import type { Span, SpanOf } from "./types.js";

/** Conditions on rows ("roas above 4") and on orders ("orders over $100"), and the spans that they took. */
export interface Conditions {
  readonly having: readonly Having[];
  readonly filters: readonly DraftFilter[];
  readonly taken: ReadonlySet<Span>;
}

interface Limit {
  readonly operator: NumberOperator;
  readonly amount: SpanOf<"amount">;
}

/** Reads all conditions of a question. A word such as "over" without a number after it is none. */
export function conditionsOf(reading: Reading): Conditions {
  const { spans } = reading;
  const having: Having[] = [];
  const filters: DraftFilter[] = [];
  const taken = new Set<Span>();
  spans.forEach((span, index) => {
    if (span.meaning.kind === "sign") {
      having.push({ metric: span.meaning.metric, operator: span.meaning.operator, value: 0 });
      return;
    }
    const found = limitsAt(spans, index);
    if (found === null) return;
    const metric = metricOf(reading, index, found.end);
    if (metric === null) return;
    for (const one of found.limits) {
      const read = conditionOf(reading, metric, one);
      if ("kind" in read) filters.push(read);
      else having.push(read);
    }
    for (const used of spans.slice(index, found.end)) if (used.meaning.kind !== "metric") taken.add(used);
  });
  return { having, filters, taken };
}

/** `above 4`, `between 2 and 4`, `above roas 4`; `end` is behind the last span. */
function limitsAt(
  spans: readonly Span[],
  index: number,
): { readonly limits: readonly Limit[]; readonly end: number } | null {
  const [span, ...after] = spans.slice(index, index + 4);
  if (isKind(span, "between") && isAmount(after[0]) && isKind(after[1], "and") && isAmount(after[2]))
    return {
      limits: [
        { operator: ">=", amount: after[0] },
        { operator: "<=", amount: after[2] },
      ],
      end: index + 4,
    };
  if (span?.meaning.kind !== "condition") return null;
  const skip = isKind(after[0], "metric") ? 1 : 0;
  const amount = after[skip];
  return isAmount(amount) ? { limits: [{ operator: span.meaning.operator, amount }], end: index + 2 + skip } : null;
}

function isAmount(span: Span | undefined): span is SpanOf<"amount"> {
  return isKind(span, "amount");
}

/** The metric before the condition, inside it, or right behind its number. */
function metricOf({ spans, language }: Reading, index: number, end: number): MetricDef | null {
  const places = [spans[index + 1], spans[index - 1], spans[end]];
  const found = places.find((span): span is SpanOf<"metric"> => isKind(span, "metric"));
  return found === undefined ? null : language.world.catalog.get(found.meaning.id);
}

function conditionOf(reading: Reading, metric: MetricDef, { operator, amount }: Limit): Having | DraftFilter {
  const { currency } = reading.language.world.context;
  const { value, unit } = amount.meaning;
  const isMoney = unit !== undefined && unit.length === 3;
  if (isMoney && unit !== currency) refuse("NOT_SUPPORTED", `amounts are in ${currency} here, not in ${unit}`);
  const minor = Math.round(value * 10 ** currencyExponent(currency));
  if (isMoney && metric.id === "orders") return { kind: "order_value", operator, value: minor };
  if (isMoney && metric.unit !== "money") refuse("NOT_SUPPORTED", `${metric.title} is no amount of money`);
  if (unit === "%" && metric.unit !== "ratio") refuse("NOT_SUPPORTED", `${metric.title} is no percentage`);
  return { metric: metric.id, operator, value: inUnit(value, { metric, unit, minor }) };
}

/** Ratios are typed as people read them: `3%`, `3` and `0.03` are the same. */
function inUnit(
  value: number,
  { metric, unit, minor }: { readonly metric: MetricDef; readonly unit: string | undefined; readonly minor: number },
): number {
  if (metric.unit === "money") return minor;
  if (metric.unit !== "ratio") return value;
  return unit === "%" || value > 1 ? Number((value / 100).toPrecision(12)) : value;
}
