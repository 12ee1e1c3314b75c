import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { sha256 } from "../base/hash.js";
import type { ReadPage } from "../connectors/paginate.js";
import type { RawRecord, Slice, Stream } from "../connectors/types.js";
import { diskFiles } from "../warehouse/disk.js";
import { fetchSlice, type Landing } from "./fetch-slice.js";

const folder = mkdtempSync(join(tmpdir(), "growthos-fetch-"));
const response = { status: 200, headers: {}, body: "" };
const full: Slice = { kind: "full" };
const days: Slice = { kind: "days", days: { from: isoDate("2026-02-07"), to: isoDate("2026-02-08") } };

function stream(sync: Stream["sync"] = { kind: "full" }, pii: readonly string[] = []): Stream {
  const unused = () => {
    throw new Error("not called");
  };
  return { name: "orders", sync, pii, first: unused, read: unused };
}
const window = stream({ kind: "window", lookbackDays: 1, chunkDays: 1 });

let count = 0;
async function fetch(
  pages: readonly (Partial<ReadPage> & { readonly records: readonly RawRecord[] })[],
  of = stream(),
  slice = full,
  over: Partial<Landing> = {},
) {
  count += 1;
  const ndjson = join(folder, `${count}.ndjson`);
  const quarantine = join(folder, `${count}.bad`);
  const landing: Landing = {
    files: diskFiles,
    ndjson,
    quarantine: () => quarantine,
    runId: "r1",
    apiVersion: "v1",
    pii: "hash",
    salt: "salt",
    clock: fixedClock(Date.parse("2026-02-09T06:00:00Z")),
    known: null,
    contract: "evolve",
    ...over,
  };
  async function* walked() {
    for (const page of pages) yield { next: null, response, ask: () => {}, ...page };
  }
  const fetched = await fetchSlice(of, slice, walked(), landing);
  const lines = (path: string) =>
    diskFiles.stat(path) === undefined
      ? []
      : diskFiles
          .readText(path)
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { fetched, rows: lines(ndjson), bad: lines(quarantine) };
}

const record = (key: string, payload: Record<string, unknown> = { id: key }, day?: string): RawRecord => ({
  key,
  payload,
  ...(day === undefined ? {} : { day: isoDate(day) }),
});

describe("fetchSlice", () => {
  it("writes one envelope per record with the payload as it came and its hash", async () => {
    const { rows, fetched } = await fetch([
      { records: [record("a", { z: 1, id: "820982911946154508" })] },
      { records: [] },
    ]);
    const payload = '{"z":1,"id":"820982911946154508"}';
    expect(rows).toEqual([
      {
        _key: "a",
        _slice: "",
        _run_id: "r1",
        _fetched_at: "2026-02-09T06:00:00.000Z",
        _api_version: "v1",
        _hash: sha256(payload),
        payload,
      },
    ]);
    expect(fetched).toMatchObject({ rows: 1, quarantined: 0, serverTime: null, warnings: [] });
  });

  it("hashes personal data before anything is written", async () => {
    const { rows } = await fetch(
      [{ records: [record("a", { email: "Jo@Example.com" })] }],
      stream({ kind: "full" }, ["email"]),
    );
    expect(JSON.stringify(rows)).not.toMatch(/jo@example/i);
    expect(JSON.parse(String(rows[0]?.["payload"]))).toEqual({ email: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it("gives the same digest for the same records in any order and page", async () => {
    const records = ["a", "b", "c"].map((key) => record(key));
    const one = await fetch([{ records }]);
    const two = await fetch([{ records: [...records].reverse().slice(0, 2) }, { records: records.slice(0, 1) }]);
    const other = await fetch([{ records: records.slice(0, 2) }]);
    expect(two.fetched.digest).toBe(one.fetched.digest);
    expect(other.fetched.digest).not.toBe(one.fetched.digest);
  });

  it("refuses a walk that brought fewer or more records than promised, or one twice", async () => {
    const of = (total: number, ...keys: string[]) => fetch([{ records: keys.map((key) => record(key)), total }]);
    await expect(of(3, "a", "b")).rejects.toThrow(/3 were promised, 2 came/);
    await expect(of(1, "a", "b")).rejects.toThrow(/1 were promised, 2 came/);
    await expect(of(2, "a", "a")).rejects.toThrow(/1 came twice/);
    expect((await of(2, "a", "b")).fetched.rows).toBe(2);
    // Without a promise a repeat is a record that moved while the pages were read.
    expect((await fetch([{ records: [record("a"), record("a")] }])).fetched.rows).toBe(2);
  });

  it("refuses days that were not asked for, and empty keys", async () => {
    await expect(fetch([{ records: [record("a", {}, "2026-02-09")] }], window, days)).rejects.toThrow(
      /2026-02-09 came for/,
    );
    await expect(fetch([{ records: [record("a")] }], window, days)).rejects.toThrow(/no day came for/);
    await expect(fetch([{ records: [record("")] }])).rejects.toThrow(/empty key/);
    const { rows } = await fetch([{ records: [record("a", {}, "2026-02-08")] }], window, days);
    expect(rows[0]?.["_slice"]).toBe("2026-02-08");
  });

  it("puts aside what cannot be stored, and says so", async () => {
    const { rows, bad, fetched } = await fetch([
      {
        records: [
          record("nul", { name: "a\u0000b" }),
          record("half", { name: "\ud83d" }),
          record("fine", { name: "\\u0000 \\ud83d 😀 \u202e" }),
        ],
      },
    ]);
    expect(rows.map((row) => row["_key"])).toEqual(["fine"]);
    expect(bad.map((line) => [line["key"], line["reason"]])).toEqual([
      ["nul", "contains a NUL character"],
      ["half", "contains half a surrogate pair"],
    ]);
    expect(fetched).toMatchObject({ rows: 1, quarantined: 2 });
  });

  it("fails when more than a few are bad", async () => {
    const bad = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => record(`bad${from + index}`, { name: "\u0000" }));
    const good = (length: number) => Array.from({ length }, (_, index) => record(`good${index}`));
    await expect(fetch([{ records: [...bad(0, 10), ...good(100)] }])).rejects.toThrow(/10 of 110 records/);
    await expect(fetch([{ records: [...bad(0, 101), ...good(1000)] }])).rejects.toThrow(/more than a few/);
    expect((await fetch([{ records: [...bad(0, 9), ...good(1)] }])).fetched.quarantined).toBe(9);
  });

  it("passes on the vendor's clock and its warnings", async () => {
    const dated = { ...response, headers: { date: "Mon, 09 Feb 2026 05:59:00 GMT" } };
    const later = { ...response, headers: { date: "Mon, 09 Feb 2026 06:30:00 GMT" } };
    const { fetched } = await fetch([
      { records: [], response: dated, warnings: ["sampled"] },
      { records: [], response: later, warnings: ["sampled"] },
    ]);
    expect(fetched.serverTime).toBe(Date.parse("2026-02-09T05:59:00Z"));
    expect(fetched.warnings).toEqual(["orders: sampled"]);
  });
});

describe("a received file", () => {
  const file = { keyMember: "id", parentMember: "__parentId", children: {}, expect: { lines: 2, roots: 2 } };
  const lines = '{"id":"1","refunds":[]}\n{"id":"2","refunds":[{}]}\n';
  const received = (count: number) => {
    const path = join(folder, "received");
    diskFiles.makeFolder(path);
    diskFiles.write(join(path, "000000.ndjson"), lines);
    return {
      records: [],
      file,
      received: { path, file: { bytes: lines.length, lines: count, strays: 0, filled: ["1", "2", "3"] } },
    };
  };

  it("B-01 is refused when it has another number of lines than was promised, or did not come", async () => {
    await expect(fetch([received(1)])).rejects.toMatchObject({
      code: "API_INCOMPLETE",
      message: expect.stringContaining("2 objects were promised, 1 came"),
    });
    await expect(fetch([{ records: [], file }])).rejects.toMatchObject({ code: "API_SHAPE" });
  });

  it("is kept for landing, and the roots that it could not hold in full are asked for again, so many at a time", async () => {
    const asked: unknown[] = [];
    const request = (keys: readonly string[]) => ({
      method: "GET" as const,
      url: `https://x.example/?${keys.join("+")}`,
    });
    const page = {
      ...received(2),
      file: { ...file, again: { member: "refunds", atATime: 2, request } },
      ask: (requests: readonly unknown[]) => void asked.push(...requests),
    };
    const { fetched } = await fetch([page], stream(), full);
    expect(fetched.received.map(({ path }) => path)).toEqual([join(folder, "received")]);
    expect(fetched.shape).toMatchObject({ id: "text!", refunds: "list!" });
    expect(asked).toEqual([request(["1", "2"]), request(["3"])]);
  });
});
