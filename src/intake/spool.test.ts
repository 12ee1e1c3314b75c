import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import type { AppendLog, Files } from "../base/files.js";
import { silentLog } from "../base/log.js";
import { shopifyDelivery } from "../testing/intake-bench.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import type { Workspace } from "../warehouse/types.js";
import { openSegments, recoverSpool, sealedSegments } from "./segments.js";
import { openSpool, type SpoolOptions } from "./spool.js";
import { deliveryOf, linesOf, spoolLine } from "./spool-line.js";

afterAll(removeFolders);

const line = (id: string) => spoolLine(shopifyDelivery(id, `{"id":"${id}"}`));
/** A clock on which nothing grows old. */
const still = { ...fixedClock(0), sleep: () => new Promise<void>(() => {}) };
const options = (ws: Workspace, more: Partial<SpoolOptions> = {}): SpoolOptions => ({
  ws,
  clock: still,
  log: silentLog,
  signal: new AbortController().signal,
  ...more,
});

/** Ids of the deliveries in sealed segments. */
function sealedIds(ws: Workspace): readonly string[] {
  return sealedSegments(ws).flatMap(({ path, bytes }) =>
    [...linesOf(ws.files.chunks(path), bytes)].map(
      (one) => deliveryOf(one.bytes)?.delivery.headers["x-shopify-webhook-id"] ?? "damaged",
    ),
  );
}

/** Files whose log appends are counted and may fail. */
function watched(fail: (call: number) => string | null): { readonly files: Files; readonly groups: number[] } {
  const groups: number[] = [];
  const openLog = (path: string): AppendLog => {
    const real = diskFiles.openLog(path);
    return {
      ...real,
      append: async (data) => {
        groups.push([...linesOf([data])].length);
        const code = fail(groups.length);
        if (code === null) return real.append(data);
        // Half of it is on the disk, and nobody was told that it is.
        await real.append(data.subarray(0, data.length >> 1));
        throw Object.assign(new Error(`${code}: injected`), { code });
      },
    };
  };
  return { files: { ...diskFiles, openLog }, groups };
}

describe("the spool", () => {
  it("answers when a line is durable, and makes those that wait together durable together", async () => {
    const ws = await freshWorkspace();
    const { files, groups } = watched(() => null);
    const spool = openSpool(options({ ...ws, files }));
    await Promise.all(["a", "b", "c"].map((id) => spool.accept(line(id))));
    expect(groups).toEqual([3]);
    // One begins the next group, those that come while it is written make up the one after.
    const first = spool.accept(line("d"));
    await new Promise((turn) => setImmediate(turn));
    await Promise.all([first, spool.accept(line("e")), spool.accept(line("f"))]);
    expect(groups).toEqual([3, 1, 2]);
    await spool.close();
    expect(sealedIds(ws)).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(openSegments(ws)).toEqual([]);
  });

  it("W09 refuses the whole group when the disk fails, ends the segment at its last good byte, and recovers", async () => {
    const ws = await freshWorkspace();
    const { files } = watched((call) => (call === 2 ? "ENOSPC" : null));
    const spool = openSpool(options({ ...ws, files }));
    await spool.accept(line("a"));
    const refused = await Promise.allSettled([spool.accept(line("b")), spool.accept(line("c"))]);
    expect(refused.map((one) => (one.status === "rejected" ? one.reason.code : "accepted"))).toEqual([
      "SPOOL_FAILED",
      "SPOOL_FAILED",
    ]);
    await spool.accept(line("d"));
    await spool.close();
    expect(sealedSegments(ws)).toHaveLength(2);
    // The first of the refused group stands whole in the file; it was refused all the same.
    expect(sealedIds(ws)).toEqual(["a", "d"]);
  });

  it("refuses when too many wait", async () => {
    const ws = await freshWorkspace();
    const spool = openSpool(options(ws));
    const all = Array.from({ length: 4_100 }, (_, index) => spool.accept(line(String(index))));
    const refused = (await Promise.allSettled(all)).filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(4);
    await spool.close();
    expect(sealedIds(ws)).toHaveLength(4_096);
  });

  it("drops a torn tail of a receiver that died, keeps what stands before it, and goes on with a new number", async () => {
    const ws = await freshWorkspace();
    const spool = openSpool(options(ws));
    await spool.accept(line("a"));
    await spool.accept(line("b"));
    // It died here: the segment is open, and half a line of the next group is on the disk.
    const [number = 0] = openSegments(ws);
    const path = ws.at("spool", `${String(number).padStart(12, "0")}.open`);
    diskFiles.append(path, Buffer.concat([line("c").subarray(0, 60), Buffer.from("\n"), line("d").subarray(0, 100)]));
    recoverSpool(ws);
    expect(sealedIds(ws)).toEqual(["a", "b"]);
    const next = openSpool(options(ws));
    await next.accept(line("e"));
    await next.close();
    expect(sealedSegments(ws).map((segment) => segment.number)).toEqual([number, number + 1]);
  });

  it("seals by size and by age", async () => {
    const ws = await freshWorkspace();
    const bySize = openSpool(options(ws, { sealBytes: 100 }));
    await bySize.accept(line("a"));
    await bySize.accept(line("b"));
    expect(sealedSegments(ws)).toHaveLength(2);
    // A clock that only advances by sleeping: every segment is old at once.
    const byAge = openSpool(options(ws, { clock: fixedClock(0) }));
    for (const id of ["c", "d", "e"]) await byAge.accept(line(id));
    await byAge.seal();
    expect(sealedIds(ws)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("knows a line by its checksum", () => {
    const bytes = line("a");
    expect(deliveryOf(bytes.subarray(0, -1))?.delivery).toEqual(shopifyDelivery("a", '{"id":"a"}'));
    for (const at of [0, 64, 65, 100, bytes.length - 3]) {
      const broken = Uint8Array.from(bytes.subarray(0, -1));
      broken[at] = (broken[at] ?? 0) ^ 1;
      expect(deliveryOf(broken)).toBeNull();
    }
  });
});
