import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The content of a folder: relative path -> bytes, or null for a folder. */
export type Snapshot = ReadonlyMap<string, Uint8Array | null>;

// Lock files stay where they are: their inode is part of the workspace's identity, and DuckDB may hold them.
const isLockFile = (path: string): boolean => /(^|\/)locks\/[a-z]+\.duckdb$/.test(path);

/** Reads a folder into memory. */
export function takeSnapshot(root: string): Snapshot {
  const found = new Map<string, Uint8Array | null>();
  const visit = (path: string) => {
    for (const name of readdirSync(join(root, path)).sort()) {
      const inner = path === "" ? name : `${path}/${name}`;
      if (lstatSync(join(root, inner)).isDirectory()) {
        found.set(inner, null);
        visit(inner);
      } else if (!isLockFile(inner)) found.set(inner, readFileSync(join(root, inner)));
    }
  };
  visit("");
  return found;
}

/** Makes a folder contain exactly the snapshot (lock files apart). */
export function putSnapshot(root: string, snapshot: Snapshot): void {
  const clear = (path: string) => {
    for (const name of readdirSync(join(root, path))) {
      const inner = path === "" ? name : `${path}/${name}`;
      if (isLockFile(inner)) continue;
      if (!lstatSync(join(root, inner)).isDirectory()) rmSync(join(root, inner));
      else if (snapshot.has(inner)) clear(inner);
      else rmSync(join(root, inner), { recursive: true });
    }
  };
  clear("");
  for (const [path, bytes] of snapshot) {
    if (bytes === null) mkdirSync(join(root, path), { recursive: true, mode: 0o700 });
    else writeFileSync(join(root, path), bytes, { mode: 0o600 });
  }
}
