import { sha256 } from "../base/hash.js";
import type { Objects } from "../base/objects.js";

/** A store in memory. */
export interface MemoryObjects extends Objects {
  readonly kept: Map<string, { bytes: Uint8Array; modifiedMs: number }>;
  /** Mutating calls so far. */
  readonly calls: string[];
  /** The mutating call of this number (from 1) fails, before or after it took effect; so does every later one. 0: none. */
  failAt(call: number, when: "before" | "after"): void;
  now: number;
}

/** The store's answer did not come, or the machine stopped. */
export class StoreGone extends Error {}

/** An object store as S3 documents it, in memory. */
export function memoryObjects(): MemoryObjects {
  const kept: MemoryObjects["kept"] = new Map();
  const calls: string[] = [];
  const plan = { at: 0, when: "before" as "before" | "after" };
  const mutate = <T>(name: string, action: () => T): T => {
    calls.push(name);
    const isLate = plan.at > 0 && calls.length > plan.at;
    const isNow = plan.at > 0 && calls.length === plan.at;
    if (isLate || (isNow && plan.when === "before")) throw new StoreGone(name);
    const result = action();
    if (isNow) throw new StoreGone(name);
    return result;
  };
  const store: MemoryObjects = {
    place: "s3://lake/shop",
    kept,
    calls,
    now: Date.parse("2026-02-09T06:00:00Z"),
    failAt: (at, when) => {
      calls.length = 0;
      Object.assign(plan, { at, when });
    },
    get: async (key) => kept.get(key)?.bytes ?? null,
    download: async (key, open) => {
      const found = kept.get(key);
      if (found === undefined) return false;
      const take = open();
      for (let at = 0; at < found.bytes.length; at += 1000) take(found.bytes.subarray(at, at + 1000));
      return true;
    },
    put: async (key, body) => {
      const bytes = Buffer.concat([...body.read()]);
      if (sha256(bytes) !== body.sha256 || bytes.length !== body.bytes)
        throw new Error(`${key} is not what was promised`);
      mutate(`put ${key}`, () => kept.set(key, { bytes, modifiedMs: store.now }));
    },
    putIfAbsent: async (key, text) =>
      mutate(`put if absent ${key}`, () => {
        const found = kept.get(key);
        if (found !== undefined) return Buffer.from(found.bytes).toString("utf8") === text;
        kept.set(key, { bytes: Buffer.from(text, "utf8"), modifiedMs: store.now });
        return true;
      }),
    list: async (prefix, after = "") =>
      [...kept]
        .filter(([key]) => key.startsWith(prefix) && key > after)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, { bytes, modifiedMs }]) => ({
          key,
          bytes: bytes.length,
          modifiedMs,
          ageMs: store.now - modifiedMs,
        })),
    remove: async (key) => mutate(`remove ${key}`, () => void kept.delete(key)),
  };
  return store;
}
