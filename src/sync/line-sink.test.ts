import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import type { LineMembers } from "../http/types.js";
import { diskFiles } from "../warehouse/disk.js";
import { lineSink } from "./line-sink.js";

const folder = mkdtempSync(join(tmpdir(), "growthos-lines-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "file");

const members = {
  keyMember: "id",
  parentMember: "__parentId",
  children: { LineItem: "items", Note: "notes" },
  listMember: "refunds",
};

function take(text: string, size: number, of: LineMembers = members) {
  const sink = lineSink(diskFiles, { folder: path, name: "the export", members: of });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) sink.write(bytes.subarray(at, at + size));
  return sink.end();
}

const pieces = () => diskFiles.list(path).map((name) => diskFiles.readText(join(path, name)));
const records = () =>
  pieces()
    .join("")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const item = (id: string, parent: string, more: object = {}) =>
  JSON.stringify({ __typename: "LineItem", id, ...more, __parentId: parent });

it("keeps and counts the lines with something on them, however the bytes are cut", () => {
  const lines = fc.array(fc.constantFrom('{"a":1}', '{"b":"ü"}', ""), { maxLength: 20 });
  fc.assert(
    fc.property(lines, fc.boolean(), fc.integer({ min: 1, max: 9 }), (texts, ends, size) => {
      const text = texts.join("\n") + (ends && texts.length > 0 ? "\n" : "");
      const kept = texts.filter((one) => one !== "");
      const bytes = Buffer.byteLength(text);
      expect(take(text, size)).toEqual({ bytes, lines: kept.length, strays: 0, filled: [] });
      expect(pieces().join("")).toBe(kept.map((line) => `${line}\n`).join(""));
    }),
    { seed: 42, numRuns: 200 },
  );
});

it("puts the children that stand below their root into its line", () => {
  const text = [
    '{"id":"O1","note":"\\"id\\":{"}',
    item("L1", "O1"),
    '{"__typename":"Note","text":"ü","__parentId":"O1"}',
    item("L2", "O1"),
    '{"__typename":"Order","id":"O2"}',
    '{"id":"O10"}',
    `${item("L3", "O10")}\r`,
  ].join("\n");
  for (const size of [1, 7, 1_000]) {
    expect(take(text, size)).toMatchObject({ lines: 7, strays: 0 });
    expect(records()).toEqual([
      {
        items: { nodes: [JSON.parse(item("L1", "O1")), JSON.parse(item("L2", "O1"))] },
        notes: { nodes: [{ __typename: "Note", text: "ü", __parentId: "O1" }] },
        id: "O1",
        note: '"id":{',
      },
      { __typename: "Order", id: "O2" },
      { items: { nodes: [JSON.parse(item("L3", "O10"))] }, notes: { nodes: [] }, id: "O10" },
    ]);
  }
});

it.each([
  ["names another parent", '{"id":"O1"}', item("L1", "O2")],
  ["names a longer parent", '{"id":"O1"}', item("L1", "O12")],
  ["comes before every root", "", item("L1", "O1")],
  ["is of an unknown type", '{"id":"O1"}', '{"__typename":"LineItems","__parentId":"O1"}'],
  ["is written with blanks", '{"id":"O1"}', '{"__typename":"LineItem","__parentId" : "O1"}'],
  ["has the name as a text", '{"id":"O1"}', '{"__typename":"LineItem","note":"__parentId","O1":1}'],
  ["has no type", '{"id":"O1"}', '{"inner":{"__typename":"LineItem"},"__parentId":"O1"}'],
  ["has a root whose key is hidden", '{"inner":{"id":"O1"},"id":"O2"}', item("L1", "O1")],
  ["has a root whose key is escaped", '{"id":"O\\"1"}', item("L1", 'O"2')],
  ["has a root without a key", '{"name":"O1"}', item("L1", "O1")],
  ["has a root that is no object", '["O1"]', item("L1", "O1")],
])("leaves a child as it came that %s", (_, root, child) => {
  const text = `${root}\n${child}\n`;
  expect(take(text, 1_000).strays).toBe(1);
  expect(pieces().join("")).toBe(text.trimStart());
});

it("puts any lines together as one who reads them as JSON", () => {
  const line = fc.oneof(
    fc.integer({ min: 1, max: 3 }).map((n) => `{"id":"O${n}","pad":"${"x".repeat(n)}"}`),
    fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.string({ maxLength: 5 }))
      .map(([n, pad]) => item("L", `O${n}`, { pad })),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.integer({ min: 1, max: 200 }), (lines, size) => {
      const { strays } = take(lines.join("\n"), size);
      const expected: Record<string, unknown>[] = [];
      let open: Record<string, unknown> | null = null;
      let loose = 0;
      for (const one of lines.map((text) => JSON.parse(text) as Record<string, unknown>)) {
        const items = (open?.["items"] ?? { nodes: [] }) as { nodes: unknown[] };
        if (one["__parentId"] === undefined) {
          expected.push(one);
          open = one;
        } else if (open !== null && open["id"] === one["__parentId"]) {
          items.nodes.push(one);
          Object.assign(open, { items, notes: { nodes: [] } });
        } else {
          expected.push(one);
          open = null;
          loose += 1;
        }
      }
      expect(records()).toEqual(expected);
      expect(strays).toBe(loose);
    }),
    { seed: 42, numRuns: 300 },
  );
});

it("keeps a large file in pieces that end with a line, and forgets what an earlier try left", () => {
  const order = (index: number) => `{"id":"O${index}","pad":"${"x".repeat(20_000)}"}\n`;
  const text = Array.from({ length: 2_500 }, (_, index) => order(index)).join("");
  take(text, 65_536);
  expect(pieces().length).toBeGreaterThan(1);
  expect(pieces().every((piece) => piece.startsWith('{"id":"') && piece.endsWith("}\n"))).toBe(true);
  expect(pieces().join("") === text).toBe(true);
  take(order(1), 65_536);
  expect(pieces()).toEqual([order(1)]);
});

it("does not wait for a root with very many children", () => {
  const child = `${item("L", "O1", { pad: "x".repeat(90_000) })}\n`;
  expect(take(`{"id":"O1"}\n${child.repeat(700)}{"id":"O2"}\n`, 65_536)).toMatchObject({ lines: 702, filled: [] });
  const sizes = records().map((record) => (record["items"] as { nodes: unknown[] } | undefined)?.nodes.length ?? 0);
  // 8 MiB of children are in its line, and each of the others has one of its own.
  expect(sizes[0]).toBe(93);
  expect(sizes.length).toBe(2 + 700 - 93);
  expect(pieces().every((piece) => piece.length < 64 * 1024 * 1024)).toBe(true);
});

it("refuses deep nesting and a line that is cut, before DuckDB sees it", () => {
  const deep = (levels: number) => `{"a":1}\n${"[".repeat(levels)}${"]".repeat(levels)}\n`;
  expect(() => take(deep(8_192), 1_000)).toThrow(/the export cannot be read as JSON: line 2: more than 64 levels/);
  expect(take(deep(8_191), 1_000).lines).toBe(2);
  expect(() => take(`{"a":"${"x".repeat(17 * 1024 * 1024)}`, 65_536)).toThrow(/line 1: more than 16777216 bytes/);
  expect(() => take('{"a":1}\n{"b":', 4)).toThrow(/ends inside/);
});

it("names the roots whose list is not empty, however the bytes are cut", () => {
  const text = [
    '{"id":"O2","refunds":[{"id":"R1"}]}',
    '{"id":"O1","refunds":[]}',
    '{"id":"O3","note":"\\"refunds\\":[{1}]","refunds":[ ]}',
    '{"id":"O0","pad":"ü","refunds" : [ {} ]}',
    '{"id":"O4","refunds":null}',
    '{"id":"O5","inner":{"refunds":[1]}}',
    '{"id":"L1","__parentId":"O1","refunds":[1]}',
    '{"id":"O6","refunds":[1',
    '{"id":"O7","refunds":[1]}',
  ].join("\n");
  for (const size of [1, 7, 20, 1_000]) expect(take(text, size).filled).toEqual(["O0", "O2", "O7"]);
  const without = { keyMember: "id", parentMember: "__parentId", children: {} };
  expect(take(text, 1_000, without).filled).toEqual([]);
  const wide = `{"id":"wide","pad":"${"x".repeat(9 * 1024 * 1024)}","refunds":[1]}\n`;
  expect(take(wide + wide, 65_536).filled).toEqual(["wide"]);
});
