import type { ISODate } from "../base/dates.js";
import type { WarehouseState } from "./types.js";

/** The place among the log's cursors that says from which day on a stream is kept. */
export function pruneCursor(source: string, stream: string): string {
  return `prune.${source}.${stream}`;
}

/** The first day that is kept of a stream, because older ones were pruned: they are not missing, and are not read again. Null: all are kept. */
export function keptFrom({ cursors }: WarehouseState, source: string, stream: string): ISODate | null {
  const day = cursors[pruneCursor(source, stream)]?.["before"];
  return typeof day === "string" ? (day as ISODate) : null;
}
