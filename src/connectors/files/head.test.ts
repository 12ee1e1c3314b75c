import { describe, expect, it } from "vitest";
import { headRecords, isGzip, readHead } from "./head.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");
const code = (action: () => unknown): string => {
  try {
    action();
    return "none";
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
};

describe("the head of a file", () => {
  it("tells delimiter, header and byte order mark", () => {
    const head = readHead(bytes('\uFEFFday;spend;"note; more"\n2026-01-01;1,50;a\n'), "a.csv");
    expect(head).toMatchObject({ format: "csv", bom: true, delimiter: ";", headerLine: 1 });
    expect(head.header).toEqual(["day", "spend", "note; more"]);
    expect(head.sample).toEqual([["2026-01-01", "1,50", "a"]]);
  });

  it("finds the header below a title and a date range, quoted or not", () => {
    const rows = "Campaign,Day,Cost,Clicks\nBrand,2026-01-01,1.00,2\n";
    for (const range of ['"October 1, 2026 - October 31, 2026"', "1 October 2026 - 31 October 2026"]) {
      const head = readHead(bytes(`Campaign report\n${range}\n${rows}`), "g.csv");
      expect(head.headerLine).toBe(3);
      expect(head.preamble).toHaveLength(2);
      expect(head.header).toEqual(["Campaign", "Day", "Cost", "Clicks"]);
    }
  });

  it("reads UTF-16 with tabs, with and without a mark", () => {
    const text = "Campaign\tCost\tClicks\nBrand\t1.00\t2\n";
    const plain = Buffer.from(text, "utf16le");
    expect(readHead(Buffer.concat([Buffer.from([0xff, 0xfe]), plain]), "g.csv")).toMatchObject({
      encoding: "utf-16le",
      delimiter: "\t",
      header: ["Campaign", "Cost", "Clicks"],
    });
    expect(readHead(plain, "g.csv").encoding).toBe("utf-16le");
  });

  it("names columns that have one name twice or none", () => {
    expect(readHead(bytes("date,Desktop Pct,Desktop Pct,\n1/1/20,1,2,3\n"), "a.csv").header).toEqual([
      "date",
      "Desktop Pct",
      "Desktop Pct_2",
      "column_4",
    ]);
  });

  it("takes JSON lines with nested members as dotted paths", () => {
    const head = readHead(bytes('{"id":1,"total":{"amount":"5.00"}}\n{"id":2,"tag":null}\n'), "a.jsonl");
    expect(head.format).toBe("jsonl");
    expect(head.header).toEqual(["id", "total.amount", "tag"]);
  });

  it.each([
    ["an old workbook", Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), "FILE_FORMAT"],
    ["a PDF", bytes("%PDF-1.4"), "FILE_FORMAT"],
    ["a web page", bytes("<!doctype html><p>"), "FILE_FORMAT"],
    ["a JSON array", bytes('[{"a":1}]'), "FILE_FORMAT"],
    ["nothing", bytes(""), "FILE_EMPTY"],
    ["blanks", bytes(" \n\n"), "FILE_NO_HEADER"],
    ["Latin-1", Buffer.from([0x61, 0xe9, 0x2c, 0x62, 0x0a]), "FILE_NOT_UTF8"],
  ])("refuses %s", (_, head, expected) => {
    expect(code(() => readHead(head, "x"))).toBe(expected);
  });

  it("takes a declared encoding and delimiter", () => {
    const head = readHead(Buffer.from([0x74, 0xe9, 0x7c, 0x62, 0x0a]), "x", {
      encoding: "windows-1252",
      delimiter: "|",
    });
    expect(head.header).toEqual(["té", "b"]);
  });

  it("notices two kinds of line ends", () => {
    expect(readHead(bytes("a,b\r\n1,2\n"), "x").mixedLineEnds).toBe(true);
    expect(readHead(bytes("a,b\r\n1,2\r\n"), "x").mixedLineEnds).toBe(false);
  });

  it("knows gzip by its first bytes", () => {
    expect(isGzip(Buffer.from([0x1f, 0x8b, 8]))).toBe(true);
    expect(isGzip(bytes("a,b"))).toBe(false);
  });

  it("keeps quoted line ends inside their record and counts lines", () => {
    expect(headRecords('a,b\n"x\ny",2\n\n3,"q ""r"""\n', ",")).toEqual([
      { line: 1, cells: ["a", "b"] },
      { line: 2, cells: ["x\ny", "2"] },
      { line: 5, cells: ["3", 'q "r"'] },
    ]);
  });
});
