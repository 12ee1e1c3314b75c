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

function take(text: string, size: number, members?: LineMembers) {
  const sink = lineSink(diskFiles, { folder: path, name: "the export", members });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) sink.write(bytes.subarray(at, at + size));
  return sink.end();
}

const members = { keyMember: "id", parentMember: "__parentId", listMember: "refunds" };
const pieces = () => diskFiles.list(path).map((name) => diskFiles.readText(join(path, name)));

it("keeps every byte and counts the lines with something on them, however the bytes are cut", () => {
  const lines = fc.array(fc.constantFrom('{"a":1}', '{"b":"ü"}', ""), { maxLength: 20 });
  fc.assert(
    fc.property(lines, fc.boolean(), fc.integer({ min: 1, max: 9 }), (texts, ends, size) => {
      const text = texts.join("\n") + (ends && texts.length > 0 ? "\n" : "");
      expect(take(text, size)).toEqual({
        bytes: Buffer.byteLength(text),
        lines: texts.filter((one) => one !== "").length,
        filled: [],
      });
      expect(pieces().join("")).toBe(text);
    }),
    { seed: 42, numRuns: 200 },
  );
});

it("keeps a large file in pieces that begin with a root, and forgets what an earlier try left", () => {
  const order = (index: number) =>
    `{"id":"O${index}","pad":"${"x".repeat(20_000)}"}\n${`{"__parentId":"O${index}"}\n`.repeat(300)}`;
  const text = Array.from({ length: 2_500 }, (_, index) => order(index)).join("");
  take(text, 65_536, members);
  expect(pieces().length).toBeGreaterThan(1);
  expect(pieces().map((piece) => piece.slice(0, 7))).toEqual(pieces().map(() => '{"id":"'));
  expect(pieces().join("") === text).toBe(true);
  const child = `{"__parentId":"O1","pad":"${"x".repeat(90_000)}"}\n`;
  take(`{"id":"O1"}\n${child.repeat(700)}`, 65_536, members);
  expect(pieces().map((piece) => piece.endsWith("\n") && piece.length < 64 * 1024 * 1024)).toEqual([true, true]);
  take(order(1), 65_536, members);
  expect(pieces()).toEqual([order(1)]);
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
  for (const size of [1, 7, 20, 1_000]) expect(take(text, size, members).filled).toEqual(["O0", "O2", "O7"]);
  expect(take(text, 1_000).filled).toEqual([]);
  const wide = `{"id":"wide","pad":"${"x".repeat(9 * 1024 * 1024)}","refunds":[1]}\n`;
  expect(take(wide + wide, 65_536, members).filled).toEqual(["wide"]);
});
