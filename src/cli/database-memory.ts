import type { WorkspaceConfig } from "../config/types.js";
import type { Effects } from "./command.js";

/** The least `limits.memoryMb` for one process, MB: below 512 of it DuckDB cannot be relied on to spill what does not fit. */
export const LEAST_PROCESS_MB = 768;

/**
 * DuckDB's part of what a process may use. The rest is Node, DuckDB's own code, and what DuckDB does not count: 110 MB and up to two fifths of its
 * part, as measured with 1 to 50 million events (2,020 MB of 2,048 at most).
 */
const DATABASE_SHARE = 2 / 3;

/** How much memory DuckDB gets, MB, and what decided it. */
export interface DatabaseMemory {
  readonly mb: number;
  /** `config`: `limits.memoryMb`; `machine`: what there is. */
  readonly by: "config" | "machine";
}

/**
 * The smaller one wins: half of the memory that this process may use (the machine's, a container's, or GROWTHOS_MEMORY_MB), at least 1 GB, or
 * two thirds of the process's part of `limits.memoryMb`, which is the whole process's bound. Without that key 8 GB are enough for ten million
 * orders, and leave room for everything else. Results do not depend on it.
 */
export function databaseMemory(
  { memoryMb, processes }: Pick<Effects, "memoryMb" | "processes">,
  own: Pick<WorkspaceConfig, "limits">,
): DatabaseMemory {
  const half = Math.max(1024, Math.floor(memoryMb / 2));
  const wanted = own.limits?.memoryMb;
  if (wanted === undefined) return { mb: Math.min(8192, half), by: "machine" };
  const part = Math.floor((wanted / processes) * DATABASE_SHARE);
  return part <= half ? { mb: part, by: "config" } : { mb: half, by: "machine" };
}

/** The same for the workspace of a command, MB. */
export async function databaseMemoryMb(context: {
  readonly effects: Pick<Effects, "memoryMb" | "processes">;
  workspaceConfig(): Promise<WorkspaceConfig>;
}): Promise<number> {
  return databaseMemory(context.effects, await context.workspaceConfig()).mb;
}
