import { afterAll, describe, expect, it } from "vitest";
import { hmac256 } from "../base/hash.js";
import { systemRandom } from "../base/ids.js";
import { codeOf, freshWorkspace, removeFolders } from "../testing/workspace.js";
import { openDatabase } from "./duckdb.js";
import { setHmacKey } from "./hmac.js";
import { absolutePath } from "./layout.js";
import { type LineFile, type LineLanding, landLineFile } from "./line-file.js";
import { readParquet } from "./read-parquet.js";

afterAll(removeFolders);

const layout = {
  keyMember: "id",
  parentMember: "__parentId",
  children: { LineItem: "lineItems", Note: "notes" },
  personal: ["email"],
  isFolded: false,
};
const order = (id: string, more: object = {}) => ({
  __typename: "Order",
  id,
  email: "Ann@Example.com",
  refunds: [],
  ...more,
});
const item = (id: string, parent: string) => ({ __typename: "LineItem", id, sku: `s"${id}`, __parentId: parent });

type Pieces = readonly (readonly object[])[];

async function land(lines: readonly object[], more: Partial<LineLanding> = {}, shape: Partial<LineFile> = {}) {
  return landPieces([lines], more, shape);
}

async function landPieces(pieces: Pieces, more: Partial<LineLanding> = {}, shape: Partial<LineFile> = {}) {
  const ws = await freshWorkspace();
  const db = await openDatabase({ memoryLimitMb: 512, tempFolder: ws.at("staging") });
  try {
    await setHmacKey(db, "salt");
    const path = ws.at("staging", "received");
    ws.files.makeFolder(path);
    for (const [index, lines] of pieces.entries()) {
      ws.files.write(`${path}/${index}.ndjson`, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    }
    const file = { ...layout, ...shape, path };
    const parts = await landLineFile(ws, db, file, {
      source: "shopify",
      stream: "orders",
      supersession: "key",
      days: null,
      origin: {},
      runId: "r1",
      fetchedAt: "2026-02-09T06:00:00.000Z",
      apiVersion: "v1",
      conceal: "hash",
      expectRoots: pieces.flat().filter((line) => !("__parentId" in line)).length,
      random: systemRandom,
      ...more,
    });
    const rows = await db.all(
      `select _key, _hash = hash(payload)::varchar as hashed, payload from ${readParquet(parts.map((part) => absolutePath(ws, part.path)))} order by _key`,
    );
    return {
      parts,
      hashed: rows.every((row) => row["hashed"] === true),
      records: rows.map((row) => JSON.parse(String(row["payload"])) as Record<string, unknown>),
    };
  } finally {
    await db.close();
  }
}

describe("a file of lines", () => {
  it("becomes records, with the children of each root wherever they stand", async () => {
    const { records, hashed, parts } = await land([
      item("L3", "O2"),
      order("O1"),
      item("L10", "O1"),
      order("O2"),
      item("L9", "O1"),
      { __typename: "Note", id: "N1", __parentId: "O2" },
    ]);
    const lists = records.map(({ id, lineItems, notes }) => {
      const ids = (list: unknown) => (list as { nodes: { id: string }[] }).nodes.map((node) => node.id);
      return [id, ids(lineItems), ids(notes)];
    });
    expect(lists).toEqual([
      ["O1", ["L10", "L9"], []],
      ["O2", ["L3"], ["N1"]],
    ]);
    expect([hashed, parts.map(({ rows }) => rows)]).toEqual([true, [2]]);
  });

  it("may have roots only", async () => {
    const { records } = await land([order("O2"), order("O1")], {}, { children: {} });
    expect(records.map(({ id }) => id)).toEqual(["O1", "O2"]);
  });

  const folded = (id: string, items: readonly object[], more: object = {}) => ({
    lineItems: { nodes: items },
    notes: { nodes: [] },
    ...order(id, more),
  });
  const idsIn = (list: unknown) => (list as { nodes: { id: string }[] }).nodes.map(({ id }) => id);

  it("takes roots with their children in one line, and gives the others empty lists", async () => {
    const lines = [folded("O2", [item("L1", "O2"), item("L2", "O2")]), order("O1"), folded("O3", [])];
    const { records, hashed } = await land(lines, {}, { isFolded: true });
    expect(records.map(({ id, lineItems, notes }) => [id, idsIn(lineItems), idsIn(notes)])).toEqual([
      ["O1", [], []],
      ["O2", ["L1", "L2"], []],
      ["O3", [], []],
    ]);
    expect(records.map(({ email }) => email)).toEqual(Array(3).fill(hmac256("salt", "ann@example.com")));
    expect(hashed).toBe(true);
  });

  it("adds children that stand elsewhere to those that are in the line of their root", async () => {
    const note = { __typename: "Note", id: "N1", __parentId: "O2" };
    const { records } = await land([
      item("L3", "O2"),
      folded("O1", [item("L1", "O1")], { id: "O1", inner: { a: [1, null] } }),
      folded("O2", [item("L2", "O2")]),
      folded("O3", []),
      item("L4", "O3"),
      note,
    ]);
    expect(records.map(({ id, lineItems, notes }) => [id, idsIn(lineItems), idsIn(notes)])).toEqual([
      ["O1", ["L1"], []],
      ["O2", ["L2", "L3"], ["N1"]],
      ["O3", ["L4"], []],
    ]);
    expect(records[0]?.["inner"]).toEqual({ a: [1, null] });
    expect(records[1]?.["refunds"]).toEqual([]);
  });

  it("holds no personal data, also where its text stands with a blank or in a list", async () => {
    const { records } = await land([order("O1"), order("O2", { email: null }), order("O3", { email: "" })]);
    expect(records.map(({ email }) => email)).toEqual([hmac256("salt", "ann@example.com"), null, ""]);
    const dropped = await land([order("O1")], { conceal: "drop" });
    expect(dropped.records[0]?.["email"]).toBeNull();
    const kept = await land([order("O1")], {}, { personal: [] });
    expect(kept.records[0]?.["email"]).toBe("Ann@Example.com");
    const inner = await land([order("O1", { buyer: { phone: "+1 2" } })], {}, { personal: ["buyer.phone"] });
    expect(inner.records[0]?.["buyer"]).toEqual({ phone: hmac256("salt", "+1 2") });
  });

  it("B-01 is refused when a root is missing, comes twice, or a child has none", async () => {
    expect(await codeOf(() => land([order("O1")], { expectRoots: 2 }))).toBe("ROWS_MISSING");
    expect(await codeOf(() => land([order("O1"), order("O1")]))).toBe("ROWS_MISSING");
    expect(await codeOf(() => land([order("O1"), item("L1", "O9")], { expectRoots: 2 }))).toBe("PART_ROWS");
  });

  it("conceals the member that is meant, and every other one of that name with the same text", async () => {
    const inner = { buyer: { email: "bob@example.com" }, id: "O1", email: "Ann@Example.com" };
    const twice = { buyer: { email: "Ann@Example.com" }, id: "O2", email: "Ann@Example.com" };
    const { records } = await land([inner, twice, order("O3", { email: 'a"b\\@x' })]);
    const ann = hmac256("salt", "ann@example.com");
    expect(records.map(({ email, buyer }) => [email, buyer])).toEqual([
      [ann, { email: "bob@example.com" }],
      [ann, { email: ann }],
      [hmac256("salt", 'a"b\\@x'), undefined],
    ]);
  });

  const many = Array.from({ length: 600 }, (_, index) => [
    order(`O${index}`, { pad: "x".repeat(2_000) }),
    item(`L${index}`, `O${index}`),
  ]);
  const hasOwn = ({ id, lineItems }: Record<string, unknown>) =>
    JSON.stringify(lineItems).includes(`"L${String(id).slice(1)}"`);

  it("lands in several parts when it is large, with every root in one of them and its children with it", async () => {
    const pieces = [many.slice(0, 200), many.slice(200, 400), many.slice(400)];
    const roots = pieces.map((piece) =>
      piece.map(([root, child]) => folded(String((root as { id: string }).id), [child ?? {}], root)),
    );
    const shape = { isFolded: true };
    const { records, parts } = await landPieces(roots, { batchBytes: 1_000_000 }, shape);
    expect(parts.length).toBe(2);
    const again = await landPieces(roots, { batchBytes: 1_000_000 }, shape);
    expect(again.parts.map(({ sha256 }) => sha256)).toEqual(parts.map(({ sha256 }) => sha256));
    expect(new Set(records.map(({ id }) => id)).size).toBe(600);
    expect(records.every(hasOwn)).toBe(true);
  });

  it("B-01 is refused when a root comes twice, in two parts", async () => {
    const pieces = [many.slice(0, 400).flat(), [...many.slice(400).flat(), order("O1")]];
    await expect(landPieces(pieces, { batchBytes: 1_000_000 })).rejects.toMatchObject({
      code: "ROWS_MISSING",
      parts: { what: "shopify.orders promised 601 objects and gave 600" },
    });
  });

  it("lands in the same way when children stand far from their roots", async () => {
    const roots = many.map(([root]) => root ?? {});
    const children = many.map(([, child]) => child ?? {});
    const { records, parts } = await landPieces([roots.slice(300), children, roots.slice(0, 300)], {
      batchBytes: 300_000,
    });
    expect(parts.length).toBeGreaterThan(1);
    expect(new Set(records.map(({ id }) => id)).size).toBe(600);
    expect(records.every(hasOwn)).toBe(true);
    const orphans = landPieces([roots, [...children, item("L1", "nobody")]], { batchBytes: 300_000 });
    await expect(orphans).rejects.toMatchObject({ code: "PART_ROWS" });
  });
});
