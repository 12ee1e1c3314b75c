import type { WorkspaceConfig } from "../config/types.js";
import type { Effects } from "./command.js";

/** Below it DuckDB cannot be relied on to spill what does not fit, MB; the least that the config takes. */
export const LEAST_DATABASE_MB = 512;

/** How much memory DuckDB gets, MB, and what decided it. */
export interface DatabaseMemory {
  readonly mb: number;
  /** `config`: `limits.memoryMb`; `machine`: what there is. */
  readonly by: "config" | "machine";
}

/**
 * The smaller one wins: half of the memory that this process may use (the machine's, a container's, or GROWTHOS_MEMORY_MB), at least 1 GB, or
 * the process's part of `limits.memoryMb`. Without that key 8 GB are enough for ten million orders, and leave room for everything else.
 * Results do not depend on it. The process needs 300 to 450 MB more (850 at 50 million events): Node, DuckDB's own code, and what it does not count.
 */
export function databaseMemory(
  { memoryMb, processes }: Pick<Effects, "memoryMb" | "processes">,
  own: Pick<WorkspaceConfig, "limits">,
): DatabaseMemory {
  const half = Math.max(1024, Math.floor(memoryMb / 2));
  const wanted = own.limits?.memoryMb;
  if (wanted === undefined) return { mb: Math.min(8192, half), by: "machine" };
  const part = Math.floor(wanted / processes);
  return part <= half ? { mb: part, by: "config" } : { mb: half, by: "machine" };
}

/** The same for the workspace of a command, MB. */
export async function databaseMemoryMb(context: {
  readonly effects: Pick<Effects, "memoryMb" | "processes">;
  workspaceConfig(): Promise<WorkspaceConfig>;
}): Promise<number> {
  return databaseMemory(context.effects, await context.workspaceConfig()).mb;
}
