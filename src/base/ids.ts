import { randomBytes } from "node:crypto";

/** Randomness enters here; the demo and the tests pass a seeded source. */
export interface Random {
  /** `bytes` random bytes as lower-case hex. */
  hex(bytes: number): string;
}

/** The operating system's randomness. */
export const systemRandom: Random = { hex: (bytes) => randomBytes(bytes).toString("hex") };

/** Names of sources and streams: what a generated path may consist of. */
export function isPlainName(text: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,62}$/.test(text);
}

const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/;

/** Workspace names: lower-case ASCII slug, no reserved device names, so that no name can leave its folder. */
export function isWorkspaceName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/.test(text) && !RESERVED.test(text);
}

/** A SQL identifier, quoted; the only way in which a name may reach SQL text. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A SQL string literal, for the few statements that take no bound parameter (COPY options, ATTACH). */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The candidate nearest to `wanted` by edit distance, when near enough to be a plausible typo. */
export function nearest(wanted: string, candidates: Iterable<string>): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const name of candidates) {
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  return best !== undefined && best.distance <= Math.max(2, Math.floor(wanted.length / 3)) ? best.name : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
