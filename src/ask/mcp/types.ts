/** What the MCP server is given. It reads one workspace; nothing that it is asked changes anything. */
import type { AnswerSources } from "../answer.js";

/** Where the answers of the tools come from. */
export interface McpSources {
  readonly version: string;
  /** The current build; a newer one is opened when it was published. Throws `NO_BUILD`. */
  build(): Promise<AnswerSources>;
  /** Alerts that stand, with the day on which they were judged. */
  alerts(): Promise<Readonly<Record<string, unknown>>>;
  /** Names of the pages that were written for the newest day. */
  pages(): readonly string[];
  /** A written page as Markdown, of an as-of day or of the newest; null when there is none. */
  report(page: string, asOf: string | null): Promise<string | null>;
}

/** Bounds of one answer. */
export interface McpLimits {
  /** Rows of a breakdown or points of a series. */
  readonly rows: number;
  /** Characters of an answer; longer ones are refused, not cut in the middle of a figure. */
  readonly characters: number;
  /** How long one call may take, ms. */
  readonly timeMs: number;
}

/** What the server allows when nobody says otherwise. */
export const LIMITS: McpLimits = { rows: 200, characters: 100_000, timeMs: 20_000 };
