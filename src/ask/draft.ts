/** What the stages after the spans hand to each other. */
import type { Breakdown, Comparison, GroupBreakdown, Having, MetricId } from "../metrics/types.js";
import type { Language } from "./spans.js";
import type { AskedBack, Meaning, NamedWindow, Output, Refused, Span, SpanOf, Token, Turn } from "./types.js";

/** The spans of a question that mean something, with everything that they are read against. */
export interface Reading {
  readonly spans: readonly Span[];
  readonly tokens: readonly Token[];
  readonly language: Language;
  readonly previous: Turn | null;
}

/** A filter before it is known which field the figures carry. */
export type DraftFilter =
  | {
      readonly kind: "field";
      readonly field: GroupBreakdown | "status";
      readonly operator: "=" | "!=" | "in" | "contains";
      readonly value: string | readonly string[];
    }
  | { readonly kind: "platform"; readonly platforms: readonly string[]; readonly isNot: boolean }
  | { readonly kind: "order_value"; readonly operator: Having["operator"]; readonly value: number };

/** What a question asks for, before the figures are known that can tell it. */
export interface Draft {
  readonly metrics: readonly MetricId[];
  readonly window: NamedWindow;
  readonly compare?: { readonly comparison: Comparison; readonly name: string };
  readonly breakdown?: Breakdown;
  readonly grain?: "hour" | "day" | "week" | "month" | "quarter";
  readonly filters: readonly DraftFilter[];
  readonly having: readonly Having[];
  readonly orderBy?: { readonly metric: MetricId; readonly direction: "asc" | "desc" };
  readonly limit?: number;
  /** What makes the part, where shares are asked for. */
  readonly share?: GroupBreakdown;
  readonly output: Output;
  readonly notes: readonly string[];
}

/** A way out of reading: thrown inside, returned by `ask`. Reading stops at the first. */
export class Halt extends Error {
  readonly answer: Refused | AskedBack;

  constructor(answer: Refused | AskedBack) {
    super(answer.why);
    this.answer = answer;
  }
}

/** Ends the reading with a refusal. */
export function refuse(code: Refused["code"], why: string, nearest?: string): never {
  throw new Halt({ kind: "refused", code, why, ...(nearest === undefined ? {} : { nearest }) });
}

/** Ends the reading with a question back. */
export function askBack(why: string, choices: readonly string[]): never {
  throw new Halt({ kind: "which", why, choices: choices.slice(0, 10) });
}

/** The spans of one kind, in order. */
export function ofKind<K extends Meaning["kind"]>(spans: readonly Span[], kind: K): readonly SpanOf<K>[] {
  return spans.filter((span): span is SpanOf<K> => span.meaning.kind === kind);
}

/** True for a span of one of some kinds. */
export function isKind(span: Span | undefined, ...kinds: readonly Meaning["kind"][]): boolean {
  return span !== undefined && kinds.includes(span.meaning.kind);
}

/** A span's words as they were typed, put right. */
export function textOf({ tokens }: Pick<Reading, "tokens">, { from, to }: Span): string {
  return tokens
    .slice(from, to)
    .map(({ text }) => text)
    .join(" ");
}
