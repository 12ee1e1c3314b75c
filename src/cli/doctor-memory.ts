import type { WorkspaceConfig } from "../config/types.js";
import type { Effects } from "./command.js";
import { databaseMemory } from "./database-memory.js";
import type { Finding } from "./finding.js";
import { count } from "./format.js";

/** How much memory DuckDB gets, what decided it, and where goes what does not fit. */
export function checkMemory(
  effects: Pick<Effects, "memoryMb" | "processes" | "files">,
  own: Pick<WorkspaceConfig, "name" | "limits">,
  folder: string,
): Finding {
  const check = `${own.name}: memory`;
  const { mb, by } = databaseMemory(effects, own);
  const wanted = own.limits?.memoryMb;
  const free = `${(effects.files.free(folder) / 1e9).toFixed(1)} GB free`;
  const spill = `what does not fit is spilled below workspaces/${own.name} (${free})`;
  const found = `${count(effects.memoryMb)} MB found`;
  if (wanted !== undefined && by === "machine") {
    const message = `DuckDB takes up to ${count(mb)} MB, half of the ${found}, not two thirds of limits.memoryMb ${count(wanted)}; ${spill}`;
    return {
      check,
      status: "warn",
      message,
      fix: `set limits.memoryMb to ${Math.floor((mb * 3) / 2)} or less, or give this machine more memory`,
    };
  }
  const why = by === "config" ? `two thirds of limits.memoryMb; ${found}` : found;
  return { check, status: "ok", message: `DuckDB takes up to ${count(mb)} MB (${why}); ${spill}` };
}
