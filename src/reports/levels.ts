/** Rows that are parts of other rows. */
import type { BlockOf } from "./types.js";

/** How deep each row lies, 1 for whole ones; null where no row is a part of another. */
export function levelsOf({ rows, parents }: Pick<BlockOf<"table">, "rows" | "parents">): readonly number[] | null {
  if (parents === undefined) return null;
  const levels: number[] = [];
  for (const index of rows.keys()) {
    const parent = parents[index] ?? null;
    levels.push(parent === null ? 1 : 1 + (levels[parent] ?? 0));
  }
  return levels;
}
