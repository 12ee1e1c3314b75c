import type { ErasePlace } from "../warehouse/erase/erase.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";

/** Gives an action a database beside a workspace, in which to look for a person. */
export async function withPlace<T>(
  context: CommandContext,
  ws: Workspace,
  action: (place: ErasePlace) => Promise<T>,
): Promise<T> {
  const [{ openDatabase }, { databaseMemoryMb }] = await Promise.all([
    import("../warehouse/duckdb.js"),
    import("./database-memory.js"),
  ]);
  const { random } = context.effects;
  const db = await openDatabase({ memoryLimitMb: await databaseMemoryMb(context), tempFolder: ws.at("staging") });
  try {
    return await action({ ws, db, random });
  } finally {
    await db.close();
  }
}
