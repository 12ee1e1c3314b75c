import { LIMITS, plainCode, plainText } from "../plain-text.js";

/** A statement as it was run, folded away until somebody wants to see it. Its text keeps its lines. */
export interface CodeBlock {
  readonly kind: "code";
  /** What it is, as the line that opens it. */
  readonly title: string;
  readonly language: "sql";
  readonly text: string;
}

/** The block with harmless texts. */
export function plainCodeBlock(block: CodeBlock): CodeBlock {
  return { ...block, title: plainText(block.title, LIMITS.title), text: plainCode(block.text) };
}

/** A fence that the text cannot end: longer than any run of backticks in it. */
export function codeFence({ language, text }: CodeBlock): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
