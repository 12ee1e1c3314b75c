import { GrowthosError } from "../base/errors.js";
import type { FileStat } from "../base/files.js";

// A plain open and close of a database file drops DuckDB's kernel lock on it (POSIX fcntl semantics), so a second
// process could write at once. Files are known by device and inode: links to them count as well.
const open = new Map<string, number>();

const identity = (stat: FileStat): string => `${stat.device}:${stat.inode}`;

/** Notes that DuckDB holds this file; call the result when it no longer does. */
export function holdDatabaseFile(stat: FileStat): () => void {
  const id = identity(stat);
  open.set(id, (open.get(id) ?? 0) + 1);
  return () => {
    const left = (open.get(id) ?? 1) - 1;
    if (left > 0) open.set(id, left);
    else open.delete(id);
  };
}

/** Throws `DATABASE_IS_OPEN` when this process holds the file through DuckDB. */
export function refuseOpenDatabase(path: string, stat: FileStat | undefined): void {
  if (stat === undefined || !open.has(identity(stat))) return;
  throw new GrowthosError({
    code: "DATABASE_IS_OPEN",
    what: `${path} is open in DuckDB`,
    why: "reading it as a plain file would drop its lock",
    hint: "close the database first",
    exit: "bug",
  });
}
