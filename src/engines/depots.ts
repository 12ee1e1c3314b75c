import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { Objects } from "../base/objects.js";
import type { Depot } from "./duckdb-session.js";

/** For an engine that reads and writes the disk of this machine. */
export const diskDepot: Depot = {
  put: async (_name, path) => path,
  target: (_name, path) => path,
  take: async () => undefined,
  clear: async () => undefined,
};

/** For an engine that reads and writes an object store which this machine reaches too; `place` is its `s3://bucket/prefix`. */
export function objectDepot(
  objects: Objects,
  { files, place }: { readonly files: Files; readonly place: string },
): Depot {
  const keyOf = (name: string) => `engine/${name}`;
  return {
    put: async (name, path) => {
      await objects.put(keyOf(name), { ...files.digest(path), read: () => files.chunks(path) });
      return `${place}/${keyOf(name)}`;
    },
    target: (name) => `${place}/${keyOf(name)}`,
    take: async (name, path) => {
      const isThere = await objects.download(keyOf(name), () => {
        files.write(path, "");
        return (chunk) => files.append(path, chunk);
      });
      if (isThere) return;
      throw new GrowthosError({
        code: "ENGINE_FAILED",
        what: `the engine left no file at ${place}/${keyOf(name)}`,
        why: "it said that it had written it",
        state: "the previous build stays",
        hint: "look whether the engine's own credentials for the store are of the same bucket",
        exit: "source",
      });
    },
    clear: (name) => objects.remove(keyOf(name)),
  };
}
