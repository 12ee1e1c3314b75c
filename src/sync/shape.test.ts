import { describe, expect, it } from "vitest";
import { mergedShape, type Shape, shapeChanges, shapeTally, strangeMember } from "./shape.js";

function shapeOf(...records: readonly Record<string, unknown>[]): Shape {
  const tally = shapeTally();
  for (const record of records) tally.add(record);
  return tally.shape();
}
const before = shapeOf(
  { id: "1", total: "1.50", lines: [{ sku: "a" }], note: null },
  { id: "2", total: "2.50", lines: [], coupon: "x" },
);

describe("the shape of records", () => {
  it("is the kinds of value at every path, and what every record has", () => {
    expect(before).toEqual({
      coupon: "text",
      id: "text!",
      lines: "list!",
      "lines.*": "object",
      "lines.*.sku": "text",
      note: "",
      total: "text!",
    });
  });

  it("has nothing to be compared with at first, and nothing to say about an empty load", () => {
    expect(shapeChanges(null, before)).toEqual([]);
    expect(shapeChanges(before, {})).toEqual([]);
    expect(mergedShape(before, {})).toMatchObject({ id: "text", coupon: "text" });
  });

  it("tells a new member, another kind, and one that is gone", () => {
    const after = shapeOf({ id: 3, lines: [{ sku: "a", size: 4 }], coupon: null });
    expect(shapeChanges(before, after)).toEqual([
      { path: "id", change: "type_changed", before: "text", after: "number" },
      { path: "lines.*.size", change: "added", before: null, after: "number" },
      { path: "total", change: "lost", before: "text", after: null },
    ]);
  });

  it("does not take an optional member for lost, nor null for another kind, nor a first value for a change", () => {
    const after = shapeOf({ id: null, total: "1.00", lines: [], note: "hello" });
    expect(shapeChanges(before, after)).toEqual([]);
  });

  it("takes the first entries of a list for no change, and what is new in later ones for one", () => {
    const empty = shapeOf({ id: "1", refunds: [], tags: [], lines: [{ taxes: [] }], notes: [null] });
    const first = shapeOf({
      id: "2",
      refunds: [{ id: "r", lines: [{ sku: "a" }] }],
      tags: ["new"],
      lines: [{ taxes: [{ rate: 1 }] }],
      notes: [{ text: "x" }],
    });
    expect(shapeChanges(empty, first)).toEqual([]);
    const known = mergedShape(empty, first);
    expect(known).toMatchObject({ "refunds.*.lines.*.sku": "text", "tags.*": "text", "notes.*.text": "text" });
    const later = shapeOf({
      id: "3",
      refunds: [{ id: 7, lines: [{ sku: "a", size: 4 }] }],
      tags: [5],
      lines: [],
      notes: [],
    });
    expect(shapeChanges(known, later)).toEqual([
      { path: "refunds.*.id", change: "type_changed", before: "text", after: "number" },
      { path: "refunds.*.lines.*.size", change: "added", before: null, after: "number" },
      { path: "tags.*", change: "type_changed", before: "text", after: "number" },
    ]);
  });

  it("tells of a list that is new itself, but not of its entries", () => {
    const after = shapeOf({ id: "3", total: "1", lines: [], duties: [{ amount: "1" }] });
    expect(shapeChanges(before, after)).toEqual([{ path: "duties", change: "added", before: null, after: "list" }]);
  });

  it("tells a loss once, and the return", () => {
    const without = shapeOf({ id: "3", lines: [] });
    const known = mergedShape(before, without);
    expect(shapeChanges(known, without)).toEqual([]);
    const back = shapeOf({ id: "4", total: "1.00", lines: [] });
    expect(shapeChanges(known, back)).toEqual([{ path: "total", change: "returned", before: null, after: "text" }]);
    expect(shapeChanges(mergedShape(known, back), back)).toEqual([]);
  });

  it("learns a kind, so that it is told once", () => {
    const after = shapeOf({ id: 3, total: "1", lines: [] });
    const known = mergedShape(before, after);
    expect(known["id"]).toBe("number|text!");
    expect(shapeChanges(known, after)).toEqual([]);
  });

  it("follows no more than 2,000 paths: names that are data are no schema", () => {
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 1]));
    expect(Object.keys(shapeOf(wide))).toHaveLength(2_000);
  });

  it("finds the member of one record that is of another kind", () => {
    expect(strangeMember(before, { id: "1", total: 5 })).toMatchObject({
      path: "total",
      before: "text",
      after: "number",
    });
    expect(strangeMember(before, { id: "1", fresh: true })).toBeNull();
  });

  it("D03 takes a member that is called as something every object inherits for any other member", () => {
    const strange = shapeOf(JSON.parse('{"constructor":"a","__proto__":1,"toString":null}'));
    expect(Object.entries(strange)).toEqual([
      ["__proto__", "number!"],
      ["constructor", "text!"],
      ["toString", "!"],
    ]);
    expect(shapeChanges(strange, shapeOf({ id: "1" })).map(({ path, change }) => [path, change])).toEqual([
      ["id", "added"],
      ["__proto__", "lost"],
      ["constructor", "lost"],
      ["toString", "lost"],
    ]);
    expect(shapeChanges(shapeOf({ id: "1" }), strange).map(({ change }) => change)).toContain("added");
    expect(Object.keys(mergedShape(strange, shapeOf({ id: "1" })))).toEqual(Object.keys(strange).concat("id").sort());
  });
});
