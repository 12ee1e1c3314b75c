/** One line of harmless text: what every text of a report goes through before it is rendered. */

/** Longest texts, in code points, by what they are for. */
export const LIMITS = { label: 80, cell: 240, title: 160, sentence: 600, comment: 2000 } as const;

/** One line of at most `limit` code points. Characters that reorder text are written out (`[U+202E]`), the other invisible ones go. Idempotent. */
export function plainText(text: string, limit: number = LIMITS.sentence): string {
  // Cut generously first: a megabyte need not pass through the expressions below.
  const visible = harmless(text.slice(0, limit * 12))
    .replace(/[\p{Cc}\u2028\u2029\s]+/gu, " ")
    .trim();
  const points = Array.from(visible);
  return points.length <= limit
    ? visible
    : `${points
        .slice(0, limit - 1)
        .join("")
        .trimEnd()}…`;
}

// What stands between the backticks means nothing in HTML or Markdown, whoever wrote it.
const QUOTED = /`([\w .,:=/-]{1,160})`/;

/** A sentence with the commands and names that it quotes between backticks drawn as code; the rest of it is escaped by `plain`. */
export function withQuotes(
  text: string,
  { plain, code }: Readonly<Record<"plain" | "code", (part: string) => string>>,
): string {
  return text
    .split(QUOTED)
    .map((part, index) => (index % 2 === 0 ? plain(part) : code(part)))
    .join("");
}

const MOST_CODE = 20_000;

/** Lines of a statement, indented as they are; control characters but line ends go. Idempotent. */
export function plainCode(text: string): string {
  const clean = harmless(text.slice(0, MOST_CODE * 2))
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replace(/\t/g, "  ")
    .replace(/[^\P{Cc}\n]/gu, "")
    .trimEnd();
  return clean.length <= MOST_CODE ? clean : `${clean.slice(0, MOST_CODE)}\n…`;
}

function harmless(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, "\uFFFD")
    .replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, codePointName)
    .replace(/[\u00AD\u200B\u2060\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]/gu, "");
}

function codePointName(character: string): string {
  return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
}
