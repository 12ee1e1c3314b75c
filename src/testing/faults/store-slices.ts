import type { WarehouseState } from "../../warehouse/types.js";
import { envelope } from "../workspace.js";

/** The workspace that the machines share. */
export const KNOWN = { id: "a".repeat(32), salt: "5".repeat(64) };

/** What they read. */
export const STREAMS = ["orders", "customers", "refunds"] as const;

/** One piece of work. */
export interface Slice {
  readonly stream: string;
  readonly round: number;
}

/** The next slice that no commit has; machines begin at different streams, so that some of them meet and some do not. */
export function nextSlice(cursors: WarehouseState["cursors"], rounds: number, from: number): Slice | null {
  for (let step = 0; step < STREAMS.length; step++) {
    const stream = STREAMS[(from + step) % STREAMS.length] ?? "orders";
    const round = Number(cursors[`shopify.${stream}`]?.["round"] ?? 0) + 1;
    if (round <= rounds) return { stream, round };
  }
  return null;
}

/** Its rows: the same, whoever reads them. */
export function rowsOf({ stream, round }: Slice): readonly string[] {
  return [1, 2, 3].map((row) =>
    envelope(`${stream}-${round}-${row}`, { id: `${stream}-${round}-${row}`, total: "59.90" }),
  );
}
