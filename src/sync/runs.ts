import type { Workspace } from "../warehouse/types.js";
import type { RunRecord } from "./types.js";

/** Every run of the workspace, newest first; unreadable records are skipped with their name in `broken`. */
export function readRuns(_ws: Workspace): { readonly runs: readonly RunRecord[]; readonly broken: readonly string[] } {
  throw new Error("not yet");
}
