import { dirname } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import type { Random } from "../../base/ids.js";
import type { ObjectBody, Objects } from "../../base/objects.js";
import { absolutePath, relativePath } from "../layout.js";
import { quarantineOf } from "../quarantine.js";
import type { ActivePart, Part, Workspace } from "../types.js";
import { requireSpace } from "../write-part.js";

/** A file that the log names with its digest: a part, or the rows that were rejected beside it. Its path is its key in the store. */
export interface NamedFile {
  readonly path: string;
  readonly sha256: string;
  /** Unknown for rejected rows. */
  readonly bytes: number | null;
}

/** Files that are moved at the same time. */
const PARALLEL = 4;

/** The files of parts. */
export function filesOf(ws: Workspace, parts: readonly Part[]): readonly NamedFile[] {
  return parts.flatMap((part) => {
    const rejected = quarantineOf(ws, part);
    const beside =
      rejected === null ? [] : [{ path: relativePath(ws, rejected.path), sha256: rejected.sha256, bytes: null }];
    return [{ path: part.path, sha256: part.sha256, bytes: part.bytes }, ...beside];
  });
}

/** Puts files under their paths; the store refuses what does not have its digest. */
export async function uploadFiles(ws: Workspace, objects: Objects, files: readonly NamedFile[]): Promise<void> {
  await inParallel(files, async ({ path, sha256 }) => {
    await objects.put(path, bodyOf(ws, absolutePath(ws, path), sha256));
  });
}

/** A file as a body; its digest is computed when it is not known. */
export function bodyOf(ws: Workspace, path: string, sha256?: string): ObjectBody {
  const read = () => ws.files.chunks(path);
  if (sha256 !== undefined) return { bytes: ws.files.stat(path)?.bytes ?? 0, sha256, read };
  const found = ws.files.digest(path);
  return { ...found, read };
}

/**
 * Brings here what active parts name and is not here, or not of its size. Nothing gets its name before its digest is the one of the log.
 * Throws `STORE_PART` (exit damaged) for a file that the store lacks or holds with another content.
 */
export async function downloadMissing(
  ws: Workspace,
  { objects, random }: { readonly objects: Objects; readonly random: Random },
  parts: readonly ActivePart[],
): Promise<number> {
  const missing = filesOf(ws, parts).filter(({ path, bytes }) => {
    const stat = ws.files.stat(absolutePath(ws, path));
    return stat?.kind !== "file" || (bytes !== null && stat.bytes !== bytes);
  });
  if (missing.length === 0) return 0;
  // Half of what `requireSpace` asks for: nothing is written twice.
  requireSpace(ws, missing.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) / 2);
  await inParallel(missing, (file) => download(ws, objects, file, random.hex(8)));
  return missing.length;
}

async function download(ws: Workspace, objects: Objects, file: NamedFile, name: string): Promise<void> {
  const { files } = ws;
  const temporary = ws.at("staging", `from-store-${name}`);
  const isThere = await objects.download(file.path, () => {
    files.write(temporary, "");
    return (chunk) => files.append(temporary, chunk);
  });
  const found = isThere ? files.digest(temporary).sha256 : null;
  if (found !== file.sha256) {
    files.remove(temporary);
    throw damagedInStore(
      objects,
      file.path,
      isThere ? "its SHA-256 is not the one that was committed" : "it is not there",
    );
  }
  const target = absolutePath(ws, file.path);
  files.makeFolder(dirname(target));
  files.sync(temporary);
  files.rename(temporary, target);
  files.sync(dirname(target));
}

/** The error for an object that is not what the log says. */
export function damagedInStore(objects: Objects, path: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "STORE_PART",
    what: `${objects.place}/${path} is damaged`,
    why,
    state: "nothing was changed; the last published build still stands",
    hint: "bring back that version of the object; or, on a machine that still has the file, remove the object and run `growthos store init`",
    exit: "damaged",
  });
}

/** Does something for every item, a few at a time; the first failure ends it. */
export async function inParallel<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  let isOver = false;
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined && !isOver; item = waiting.shift()) await action(item);
  };
  try {
    await Promise.all(Array.from({ length: PARALLEL }, worker));
  } finally {
    isOver = true;
  }
}
