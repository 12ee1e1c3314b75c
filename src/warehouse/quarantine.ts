import { dirname } from "node:path";
import { isPlainName } from "../base/ids.js";
import { absolutePath, relativePath } from "./layout.js";
import type { Part, Workspace } from "./types.js";

/** Where the rejected rows of one load go; makes the folder. Write the file, then call `keepQuarantine`. */
export function quarantinePath(
  ws: Workspace,
  load: { readonly source: string; readonly stream: string; readonly loadId: string; readonly extension: string },
): string {
  const { source, stream, loadId, extension } = load;
  if (![source, stream, extension].every(isPlainName)) ws.at("..");
  ws.files.makeFolder(ws.at("quarantine", source, stream));
  return ws.at("quarantine", source, stream, `${loadId}.${extension}`);
}

/** Makes a quarantine file durable and gives the members of `Part.origin` by which the commit names it, so that `verify` can check it. */
export function keepQuarantine(ws: Workspace, path: string, rows: number): Part["origin"] {
  ws.files.sync(path);
  for (const folder of [dirname(path), dirname(dirname(path)), ws.at("quarantine")]) ws.files.sync(folder);
  const { sha256 } = ws.files.digest(path);
  return { quarantine: relativePath(ws, path), quarantine_sha256: sha256, quarantine_rows: rows };
}

/** The quarantine file that a part names, or null. */
export function quarantineOf(
  ws: Workspace,
  part: Part,
): { readonly path: string; readonly sha256: string; readonly rows: number } | null {
  const { quarantine, quarantine_sha256: sha256, quarantine_rows: rows } = part.origin;
  if (typeof quarantine !== "string" || typeof sha256 !== "string") return null;
  return { path: absolutePath(ws, quarantine), sha256, rows: Number(rows ?? 0) };
}
