import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { codeOf, commitParts, envelope, freshWorkspace, landLines, removeFolders } from "../testing/workspace.js";
import { openDatabase } from "./duckdb.js";
import { readState } from "./log.js";
import {
  createRawRelation,
  onePartRelation,
  rawRelation,
  type Survivors,
  sinceLastFull,
  survivors,
} from "./raw-views.js";
import type { ActivePart, Database, Supersession, Workspace } from "./types.js";
import type { PartRequest } from "./write-part.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

const SHOP = { source: "shopify", stream: "orders" } as const;
const days = (from: string, to: string) => ({ from: isoDate(from), to: isoDate(to) });

/** Lands and commits each list of [key, slice] as one part of one commit. */
async function loads(
  ...parts: readonly { readonly rows: readonly string[]; readonly more: Partial<PartRequest> }[]
): Promise<Workspace> {
  const ws = await freshWorkspace();
  for (const { rows, more } of parts) {
    const lines = rows.map((row) => envelope(row.split("@")[0] ?? "", { row }, row.split("@")[1] ?? ""));
    commitParts(ws, [await landLines(ws, db, lines, more)]);
  }
  return ws;
}

/** The rows that survive, as `key load`, with the join that `Survivors` asks for. */
async function surviving(ws: Workspace): Promise<readonly string[]> {
  const parts = readState(ws).parts;
  const found = await survivors(db, { ws, ...SHOP, parts, table: "winners" });
  await createRawRelation(db, { ws, ...SHOP, parts: found.parts });
  const rows = await db.all(
    `select _key || ' ' || _load // 100000 as row from ${rawRelation("shopify", "orders")} as rows ${joinOf(found)} order by all`,
  );
  return rows.map((row) => String(row["row"]));
}

function joinOf(found: Survivors): string {
  if (found.kind === "all") return "";
  const on = found.kind === "key" ? "_key" : "_slice";
  return `semi join ${found.table} as w on w.${on} = rows.${on} and w._load = rows._load`;
}

describe("raw relations", () => {
  it("are empty but typed before anything was loaded", async () => {
    const ws = await freshWorkspace();
    await createRawRelation(db, { ws, ...SHOP, parts: [] });
    expect(await db.all(`select * from ${rawRelation("shopify", "orders")}`)).toEqual([]);
    const columns = await db.all(
      `select column_name || ' ' || column_type as c from (describe ${rawRelation("shopify", "orders")})`,
    );
    expect(columns.map((row) => row["c"])).toEqual([
      "_key VARCHAR",
      "_slice VARCHAR",
      "_run_id VARCHAR",
      "_fetched_at TIMESTAMP WITH TIME ZONE",
      "_api_version VARCHAR",
      "_hash VARCHAR",
      "payload VARCHAR",
      "_load BIGINT",
    ]);
  });

  it("have the same columns with one part and with several, and _load tells the part", async () => {
    const ws = await loads({ rows: ["1", "2"], more: {} }, { rows: ["1"], more: {} });
    const parts = readState(ws).parts;
    await createRawRelation(db, { ws, ...SHOP, parts });
    expect(await db.all(`select _key, _load from ${rawRelation("shopify", "orders")} order by all`)).toEqual([
      { _key: "1", _load: 100_000 },
      { _key: "1", _load: 200_000 },
      { _key: "2", _load: 100_000 },
    ]);
    await onePartRelation(db, { ws, part: parts[1] as ActivePart });
    expect(await db.all(`select _key, _load from ${rawRelation("shopify", "orders")}`)).toEqual([
      { _key: "1", _load: 200_000 },
    ]);
  });

  it("B-26 read the listed files only: what else lies in the folder is not there", async () => {
    const ws = await loads({ rows: ["1"], more: {} });
    await landLines(ws, db, [envelope("never committed", {})]);
    expect(await surviving(ws)).toEqual(["1 1"]);
  });
});

describe("supersession", () => {
  it("B-28 key: the newest part that has the key, with all its rows of that key", async () => {
    const ws = await loads(
      { rows: ["a", "a", "b", "c"], more: {} },
      { rows: ["b"], more: {} },
      { rows: ["a", "d"], more: {} },
    );
    expect(await surviving(ws)).toEqual(["a 3", "b 2", "c 1", "d 3"]);
    const lines = await loads({ rows: ["a"], more: {} }, { rows: ["a", "a"], more: {} });
    expect(await surviving(lines)).toEqual(["a 2", "a 2"]);
  });

  it("window: the newest part that answers for the day, also when it has no row for it", async () => {
    const window = (from: string, to: string) => ({ supersession: "window", days: days(from, to) }) as const;
    const ws = await loads(
      { rows: ["a@2026-02-01", "b@2026-02-02", "c@2026-02-03"], more: window("2026-02-01", "2026-02-03") },
      { rows: ["b@2026-02-02"], more: window("2026-02-02", "2026-02-04") },
    );
    expect(await surviving(ws)).toEqual(["a 1", "b 2"]);
  });

  it("window: parts for different days need no decision", async () => {
    const window = (day: string) => ({ supersession: "window", days: days(day, day) }) as const;
    const ws = await loads(
      { rows: ["a@2026-02-01"], more: window("2026-02-01") },
      { rows: ["a@2026-02-02"], more: window("2026-02-02") },
    );
    const found = await survivors(db, { ws, ...SHOP, parts: readState(ws).parts, table: "winners" });
    expect(found.kind).toBe("all");
    expect(await surviving(ws)).toEqual(["a 1", "a 2"]);
  });

  it("full: the newest load, whole", async () => {
    const full: { supersession: Supersession } = { supersession: "full" };
    const ws = await loads({ rows: ["a", "b"], more: full }, { rows: ["b", "c"], more: full });
    expect(await surviving(ws)).toEqual(["b 2", "c 2"]);
  });

  it("full, then key: the full load is the ground that later keys replace", async () => {
    const ws = await loads(
      { rows: ["x"], more: {} },
      { rows: ["a", "b"], more: { supersession: "full" } },
      { rows: ["b"], more: {} },
    );
    expect(await surviving(ws)).toEqual(["a 2", "b 3"]);
  });

  it("a single part is not read to decide anything", async () => {
    const ws = await loads({ rows: ["a"], more: {} });
    expect((await survivors(db, { ws, ...SHOP, parts: readState(ws).parts, table: "winners" })).kind).toBe("all");
    expect(sinceLastFull([])).toEqual([]);
  });

  it("refuses a stream that follows both rules", async () => {
    const window = { supersession: "window", days: days("2026-02-01", "2026-02-01") } as const;
    const ws = await loads({ rows: ["a"], more: {} }, { rows: [], more: window });
    expect(await codeOf(() => surviving(ws))).toBe("MIXED_SUPERSESSION");
  });
});
