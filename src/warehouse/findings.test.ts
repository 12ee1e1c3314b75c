// The ten measured findings that shape the storage, each as a test: either of DuckDB's behaviour that we build on, or of our answer to it.
// A new version of DuckDB must pass them before it is used.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everyFault } from "../testing/faults/every-fault.js";
import { faultyFiles } from "../testing/faults/faulty-files.js";
import { warehouseScenario } from "../testing/faults/warehouse-scenario.js";
import {
  codeOf,
  commitParts,
  envelope,
  freshFolder,
  freshWorkspace,
  landLines,
  removeFolders,
} from "../testing/workspace.js";
import { diskFiles } from "./disk.js";
import { openDatabase } from "./duckdb.js";
import { checkJson } from "./json-guard.js";
import { readParquet } from "./read-parquet.js";
import type { Database } from "./types.js";
import { verifyWorkspace } from "./verify.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

const SOURCES = fileURLToPath(new URL("..", import.meta.url));
const productFiles = () =>
  readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.startsWith("testing"))
    .map((path) => ({ path, text: readFileSync(join(SOURCES, path), "utf8") }));

describe("1 B-33 DuckDB never syncs a Parquet file", () => {
  it("so a landed file is synced before it is renamed, and its folders after", async () => {
    const ws = await freshWorkspace();
    const counted = faultyFiles(diskFiles, { at: 0, mode: "before" });
    const part = await landLines({ ...ws, files: counted.files }, db, [envelope("1", {})]);
    const names = counted.calls.map((call) => call.replaceAll(ws.root, "").replace(/\d{12}-[0-9a-f]{16}/g, "LOAD"));
    expect(names.slice(names.findIndex((name) => name.startsWith("external")))).toEqual([
      "external /staging/LOAD/shopify/orders/part-0000.parquet",
      "sync /staging/LOAD/shopify/orders/part-0000.parquet",
      "sync /staging/LOAD/shopify/orders",
      "makeFolder /landing/shopify/orders",
      "rename /landing/shopify/orders/LOAD",
      "sync /landing/shopify/orders",
      "sync /landing/shopify",
      "sync /landing",
    ]);
    expect(part.rows).toBe(1);
  });
});

describe("2 DuckDB does not notice damage inside Parquet", () => {
  it("so a flip that DuckDB reads without complaint is found by the recorded SHA-256", async () => {
    const ws = await freshWorkspace();
    const part = await landLines(
      ws,
      db,
      Array.from({ length: 200 }, (_, index) => envelope(`key-${index}`, { index })),
    );
    commitParts(ws, [part]);
    const path = ws.at(...part.path.split("/"));
    const original = readFileSync(path);
    let silent = 0;
    // Which flips go unnoticed depends on how the engine happened to pack the pages: a few are enough.
    for (let position = 4; position < original.length - 8 && silent < 3; position += 13) {
      const bytes = Buffer.from(original);
      bytes[position] = (bytes[position] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      silent += (await codeOf(() => db.all(`select * from ${readParquet([path])}`))) === "none" ? 1 : 0;
      expect((await verifyWorkspace(ws, { full: true, db })).problems).toHaveLength(1);
    }
    expect(silent).toBeGreaterThan(0);
  });
});

describe("3 B-49 a stale .wal is replayed into another database", () => {
  it("so a database that is new or only read is refused beside one", async () => {
    const path = join(freshFolder(), "live.duckdb");
    const old = await openDatabase({ path });
    await old.run("create table t as select 2 as a");
    const wal = readFileSync(`${path}.wal`);
    await old.close();
    writeFileSync(`${path}.wal`, wal);
    expect(await codeOf(() => openDatabase({ path, readOnly: true }))).toBe("DATABASE_LEFT_WAL");
    diskFiles.remove(path);
    expect(await codeOf(() => openDatabase({ path }))).toBe("DATABASE_LEFT_WAL");
  });
});

describe("4 opening and closing a database as a file drops DuckDB's lock", () => {
  it("so no file function touches a database that is open, and no database is opened twice", async () => {
    const path = join(freshFolder(), "x.duckdb");
    const holder = await openDatabase({ path });
    expect(await codeOf(() => diskFiles.digest(path))).toBe("DATABASE_IS_OPEN");
    expect(await codeOf(() => diskFiles.append(path, ""))).toBe("DATABASE_IS_OPEN");
    expect(await codeOf(() => openDatabase({ path }))).toBe("DATABASE_LOCKED");
    await holder.close();
  });
});

describe("5 B-43 B-44 deep JSON kills the process", () => {
  it("so it is refused before DuckDB sees it; as text of a declared type it is harmless", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(await codeOf(() => checkJson(deep, { name: "deep" }))).toBe("JSON_TOO_DEEP");
    const ws = await freshWorkspace();
    expect((await landLines(ws, db, [envelope("1", deep)])).rows).toBe(1);
  });

  it("no product SQL reads JSON with inferred types", () => {
    const inferring = /read_json_auto|read_ndjson\(|read_ndjson_auto|json_structure\(/;
    expect(
      productFiles()
        .filter(({ text }) => inferring.test(text))
        .map(({ path }) => path),
    ).toEqual([]);
  });
});

describe("6 and 7 fetch accepts truncated gzip and leaks tokens on redirects", () => {
  it("so nothing calls the global fetch, and no SQL reads compressed JSON", async () => {
    const fetching = /(?<![.\w])fetch\(/;
    // The pixel runs in browsers, which have nothing else, and reads no answer.
    const isElsewhere = (path: string) => path.startsWith("pixel/");
    expect(
      productFiles()
        .filter(({ path, text }) => fetching.test(text) && !isElsewhere(path))
        .map(({ path }) => path),
    ).toEqual([]);
    const ws = await freshWorkspace();
    const path = ws.at("staging", "rows.ndjson.gz");
    writeFileSync(path, gzipSync(envelope("1", {})));
    const from = { kind: "ndjson", path } as const;
    expect(await codeOf(() => landLines(ws, db, [], { from }))).toBe("SQL_FAILED");
  });
});

describe("8 AES-GCM accepts short tags", () => {
  it("so every decipher says how long its tag is", () => {
    const careless = productFiles().filter(
      ({ text }) => /createDecipheriv\(/.test(text) && !/authTagLength: 16/.test(text),
    );
    expect(careless.map(({ path }) => path)).toEqual([]);
  });
});

describe("9 B-45 TIMESTAMP drops the offset", () => {
  it("as measured; TIMESTAMPTZ keeps it", async () => {
    const text = "'2025-01-01T00:00:00+05:00'";
    const row = await db.one(`select ${text}::timestamp as wrong, ${text}::timestamptz as right`);
    expect(row).toEqual({ wrong: "2025-01-01T00:00:00.000", right: "2024-12-31T19:00:00.000Z" });
  });

  it("landed instants keep their offset", async () => {
    const ws = await freshWorkspace();
    const line = envelope("1", {}).replace("2026-02-09T06:00:00Z", "2025-01-01T00:00:00+05:00");
    const part = await landLines(ws, db, [line]);
    const rows = await db.all(`select _fetched_at from ${readParquet([ws.at(...part.path.split("/"))])}`);
    expect(rows).toEqual([{ _fetched_at: "2024-12-31T19:00:00.000Z" }]);
  });

  it("no product SQL casts to TIMESTAMP without a zone, except text that was found to have none", () => {
    const cast = /::timestamp\b(?!\s*(tz|with time zone))|as timestamp\)/i;
    const careless = productFiles().filter(({ text }) => cast.test(text));
    // Cells of a file are split into day and time first; an offset never reaches the cast.
    expect(careless.map(({ path }) => path).filter((path) => path !== "warehouse/file-values.ts")).toEqual([]);
  });

  it("C05 the same instants come out whatever the machine's zone is", async () => {
    const before = process.env["TZ"];
    const seen = new Set<string>();
    for (const zone of ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]) {
      process.env["TZ"] = zone;
      const other = await openDatabase({ threads: 1 });
      seen.add(
        JSON.stringify(
          await other.one(
            "select '2026-03-08T12:00:00Z'::timestamptz as t, current_setting('TimeZone') as zone, ('2026-03-08T23:30:00Z'::timestamptz)::date as d",
          ),
        ),
      );
      await other.close();
    }
    process.env["TZ"] = before;
    expect([...seen]).toEqual(['{"t":"2026-03-08T12:00:00.000Z","zone":"UTC","d":"2026-03-08"}']);
  });
});

describe("10 the protocol survives every fault", () => {
  it("one commit, every call, the end of the process and of the power (all modes: testing/faults)", async () => {
    const scenario = warehouseScenario({ db, rounds: 1, publish: false });
    const { failures } = await everyFault({ scenario, root: freshFolder(), modes: ["torn", "power-cut"] });
    expect(failures).toEqual([]);
  });
});
