/** A paragraph or a list; plain text, shown as it was written. */
export type TextPart = { readonly paragraph: string } | { readonly list: readonly string[] };

/** What a person says about a metric: this week's words, last week's, or that they are missing. */
export interface CommentaryItem {
  readonly tone: "good" | "bad" | "warn" | "neutral";
  /** The tone as a word: colour alone says nothing. */
  readonly badge: string;
  readonly title: string;
  /** What was found; empty where people only comment. */
  readonly details: readonly string[];
  /** "Owner: Dana", or that nobody is named. */
  readonly owner: string;
  readonly advice: string | null;
  readonly said: readonly TextPart[];
  /** Which file to write; null when it is there or none is needed. */
  readonly missing: string | null;
  /** What was said the week before; null when nothing was. */
  readonly before: { readonly week: string; readonly parts: readonly TextPart[] } | null;
}

/** Exceptions with what their owners say, or comments on metrics that are as usual. */
export interface CommentaryBlock {
  readonly kind: "commentary";
  readonly items: readonly CommentaryItem[];
}
