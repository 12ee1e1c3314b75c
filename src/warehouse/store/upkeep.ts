/** Looking after a store: can it do what is asked of it, is everything there, and what may go. */
import { GrowthosError } from "../../base/errors.js";
import { sha256 } from "../../base/hash.js";
import type { Random } from "../../base/ids.js";
import type { Objects } from "../../base/objects.js";
import { absolutePath } from "../layout.js";
import { entryFile, foldLog, readLog } from "../log.js";
import type { Workspace } from "../types.js";
import { damagedInStore, filesOf, inParallel } from "./parts.js";

/** Throws `STORE_UNFIT` unless the store keeps the first of two objects that are put under one key if it is free. Leaves nothing behind. */
export async function requireConditionalPut(objects: Objects, random: Random): Promise<void> {
  const key = `probe/${random.hex(8)}`;
  const first = await objects.putIfAbsent(key, "first");
  const second = await objects.putIfAbsent(key, "second");
  const kept = Buffer.from((await objects.get(key)) ?? []).toString("utf8");
  await objects.remove(key);
  if (first && !second && kept === "first") return;
  throw new GrowthosError({
    code: "STORE_UNFIT",
    what: `${objects.place} lets two machines commit the same version`,
    why: "a PUT with `If-None-Match: *` replaced an object that was there",
    state: "nothing was committed",
    hint: "use a store that knows conditional puts (AWS S3, Cloudflare R2, MinIO, Ceph and Google Cloud Storage in their newer versions), or a workspace without `store`",
    exit: "usage",
  });
}

/** What the store lacks or holds with another size; with `full` every byte is read and held against its digest. */
export async function verifyStore(
  ws: Workspace,
  objects: Objects,
  { full }: { readonly full: boolean },
): Promise<{ readonly files: number; readonly problems: readonly GrowthosError[] }> {
  const entries = readLog(ws);
  const files = filesOf(ws, foldLog(entries).parts);
  const there = new Map((await objects.list("")).map(({ key, bytes }) => [key, bytes]));
  const problems: GrowthosError[] = [];
  for (const { version } of entries) {
    const key = `log/${entryFile(version)}`;
    if (!there.has(key)) problems.push(damagedInStore(objects, key, "it is not there"));
  }
  await inParallel(files, async ({ path, bytes, sha256: digest }) => {
    const found = there.get(path);
    const own = bytes ?? ws.files.stat(absolutePath(ws, path))?.bytes ?? found;
    if (found === undefined) problems.push(damagedInStore(objects, path, "it is not there"));
    else if (found !== own) problems.push(damagedInStore(objects, path, `it has ${found} bytes instead of ${own}`));
    else if (full && sha256((await objects.get(path)) ?? new Uint8Array()) !== digest)
      problems.push(damagedInStore(objects, path, "its SHA-256 is not the one that was committed"));
  });
  return { files: files.length + entries.length, problems };
}

/** What may go from the store, and why. */
export interface StoreGarbage {
  readonly key: string;
  readonly reason: string;
  readonly bytes: number;
}

const HOUR_MS = 3_600_000;
const STAGED_DAYS = 30;

/**
 * Objects that nobody needs: never committed for a day (a machine that stopped between its parts and its entry, or lost its version to another),
 * removed by a commit of more than a day ago, staged files of a month ago. Ages of objects are by the store's clock.
 */
export async function planStoreGc(
  ws: Workspace,
  objects: Objects,
  { now, graceHours = 24 }: { readonly now: number; readonly graceHours?: number },
): Promise<readonly StoreGarbage[]> {
  const entries = readLog(ws);
  const active = new Set(filesOf(ws, foldLog(entries).parts).map(({ path }) => path));
  const added = entries.flatMap((entry) => filesOf(ws, entry.added));
  const named = new Set(added.map(({ path }) => path));
  const before = now - graceHours * HOUR_MS;
  const isOld = ({ at }: { readonly at: string }) => Date.parse(at) <= before;
  const retired = new Set(entries.filter(isOld).flatMap(({ removed }) => removed.map(({ path }) => path)));
  const landed = [...(await objects.list("landing/")), ...(await objects.list("quarantine/"))];
  const staged = await objects.list("staged/");
  const onTheWay = await objects.list("engine/");
  return [
    ...onTheWay
      .filter(({ ageMs }) => ageMs >= graceHours * HOUR_MS)
      .map(({ key, bytes }) => ({ key, bytes, reason: "left by a build that did not end" })),
    ...landed.flatMap(({ key, bytes, ageMs }) => {
      if (active.has(key) || ageMs < graceHours * HOUR_MS) return [];
      if (!named.has(key)) return [{ key, bytes, reason: "put, but never committed" }];
      return retired.has(key) || key.startsWith("quarantine/")
        ? [{ key, bytes, reason: "removed by an earlier commit" }]
        : [];
    }),
    ...staged
      .filter(({ ageMs }) => ageMs > STAGED_DAYS * 24 * HOUR_MS)
      .map(({ key, bytes }) => ({ key, bytes, reason: `staged more than ${STAGED_DAYS} days ago` })),
  ];
}

/** Deletes what a plan names. */
export async function applyStoreGc(objects: Objects, garbage: readonly StoreGarbage[]): Promise<void> {
  await inParallel(garbage, ({ key }) => objects.remove(key));
}
