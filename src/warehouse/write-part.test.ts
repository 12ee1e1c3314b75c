import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { codeOf, commitParts, envelope, freshWorkspace, landLines, removeFolders } from "../testing/workspace.js";
import { openDatabase } from "./duckdb.js";
import { recover } from "./log.js";
import { readParquet } from "./read-parquet.js";
import type { Database, Workspace } from "./types.js";
import { newLoadId, writePart } from "./write-part.js";

let db: Database;
let ws: Workspace;
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
  ws = await freshWorkspace();
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

const rowsOf = async (path: string) => db.all(`select * from ${readParquet([ws.at(...path.split("/"))])}`);

describe("writePart from NDJSON", () => {
  it("lands every row with its types and tells what it verified", async () => {
    const part = await landLines(
      ws,
      db,
      [envelope("b", { id: 9007199254740993n.toString() }), envelope("a", { s: 'q"\n日本' })],
      { origin: { api: "v1" } },
    );
    expect(part).toMatchObject({
      rows: 2,
      keys: { min: "a", max: "b" },
      supersession: "key",
      days: null,
      origin: { api: "v1" },
    });
    expect(part.path).toMatch(/^landing\/shopify\/orders\/\d{12}-[0-9a-f]{16}\/part-0000\.parquet$/);
    expect(ws.files.digest(ws.at(...part.path.split("/")))).toEqual({ sha256: part.sha256, bytes: part.bytes });
    const rows = await rowsOf(part.path);
    expect(rows.map((row) => row["_key"])).toEqual(["b", "a"]);
    expect(rows[0]?.["payload"]).toBe('{"id":"9007199254740993"}');
    expect(JSON.parse(String(rows[1]?.["payload"]))).toEqual({ s: 'q"\n日本' });
    expect(rows[0]?.["_fetched_at"]).toBe("2026-02-09T06:00:00.000Z");
  });

  it("lands an empty load, which says that the days were looked at", async () => {
    const days = { from: isoDate("2026-02-01"), to: isoDate("2026-02-03") };
    const part = await landLines(ws, db, [], { supersession: "window", days });
    expect(part).toMatchObject({ rows: 0, keys: null, days });
  });

  it("keeps rows that share a key, unless told that the last one counts", async () => {
    const lines = [envelope("1", { v: "old" }), envelope("2", {}), envelope("1", { v: "new" })];
    const all = await landLines(ws, db, lines);
    expect(all.rows).toBe(3);
    const last = await landLines(ws, db, lines, { dedupe: "last", expectRows: 3 });
    expect((await rowsOf(last.path)).map((row) => row["payload"])).toEqual(["{}", '{"v":"new"}']);
    expect(ws.files.list(ws.at(...last.path.split("/").slice(0, 4)))).toEqual(["part-0000.parquet"]);
  });

  it("refuses a number of rows that the provider did not promise", async () => {
    expect(await codeOf(() => landLines(ws, db, [envelope("1", {})], { expectRows: 2 }))).toBe("ROWS_MISSING");
  });

  it("B-32 refuses a torn file, a row without key and a slice outside the days", async () => {
    expect(await codeOf(() => landLines(ws, db, [envelope("1", {}), envelope("2", {}).slice(0, 40)]))).toBe(
      "SQL_FAILED",
    );
    expect(await codeOf(() => landLines(ws, db, [envelope("1", {}).replace('"_key":"1"', '"_key":null')]))).toBe(
      "PART_ROWS",
    );
    const days = { from: isoDate("2026-02-01"), to: isoDate("2026-02-03") };
    for (const slice of ["2026-01-31", "2026-02-04", ""]) {
      const land = () => landLines(ws, db, [envelope("1", {}, slice)], { supersession: "window", days });
      expect(await codeOf(land), slice).toBe("PART_ROWS");
    }
  });

  it("refuses names that are no plain names, a load that is there already, and a window without days", async () => {
    expect(await codeOf(() => landLines(ws, db, [], { source: "../x" }))).toBe("BAD_PATH");
    expect(await codeOf(() => landLines(ws, db, [], { stream: "a b" }))).toBe("BAD_PATH");
    expect(await codeOf(() => landLines(ws, db, [], { supersession: "window" }))).toBe("PART_DAYS");
    const loadId = newLoadId(ws, systemRandom);
    await landLines(ws, db, [], { loadId });
    expect(await codeOf(() => landLines(ws, db, [], { loadId }))).toBe("PART_EXISTS");
  });
});

describe("writePart from a query", () => {
  const columns =
    "'' as _slice, 'r' as _run_id, now() as _fetched_at, 'v' as _api_version, sha256('x') as _hash, '{}' as payload";

  it("lands what a parameterised select gives", async () => {
    const from = {
      kind: "select",
      sql: `select range::varchar as _key, ${columns} from range($1)`,
      params: [3],
    } as const;
    const request = {
      source: "files",
      stream: "orders",
      loadId: newLoadId(ws, systemRandom),
      supersession: "key",
      days: null,
      origin: {},
      from,
    } as const;
    expect(await writePart(ws, db, request)).toMatchObject({ rows: 3, keys: { min: "0", max: "2" } });
  });

  it("refuses to start on a disk that is too small", async () => {
    const small = { ...ws, files: { ...ws.files, free: () => 300 * 1024 * 1024 } };
    const from = { kind: "select", sql: `select '1' as _key, ${columns}`, estimateBytes: 30 * 1024 * 1024 } as const;
    const request = {
      source: "files",
      stream: "orders",
      loadId: newLoadId(ws, systemRandom),
      supersession: "key",
      days: null,
      origin: {},
      from,
    } as const;
    expect(await codeOf(() => writePart(small, db, request))).toBe("DISK_FULL");
  });
});

describe("load names", () => {
  it("C01 follow the log, not the clock", async () => {
    const fresh = await freshWorkspace();
    expect(newLoadId(fresh, systemRandom)).toMatch(/^000000000001-[0-9a-f]{16}$/);
    commitParts(fresh, [await landLines(fresh, db, [envelope("1", {})])]);
    expect(newLoadId(fresh, systemRandom)).toMatch(/^000000000002-/);
    recover(fresh);
  });
});
