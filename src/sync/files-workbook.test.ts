import { afterAll, describe, expect, it } from "vitest";
import { imports, partOf, payloads, project, quarantined } from "../testing/imports.js";
import { archive, type TestCell, type TestEntry, workbook, workbookParts } from "../testing/workbook.js";
import { codeOf, removeFolders } from "../testing/workspace.js";
import { sheetText } from "./files-workbook.js";

afterAll(removeFolders);

const read = async (rows: readonly (readonly TestCell[])[], date1904?: string) =>
  (await sheetText(workbook([{ name: "S", rows }], date1904 === undefined ? {} : { date1904 }), "s.xlsx")).text;

describe("the text of a sheet", () => {
  it("keeps text as text and numbers with all their digits", async () => {
    expect(await read([["0012", 12, "1e5", 12345678901234567890n.toString(), true]])).toBe(
      '"0012","12","1e5","12345678901234567890","true"\n',
    );
    const numbers = ["19.989999999999998", "1E-7", "90071992547409931", "-0.1", "1.5E+3"];
    expect(await read([numbers.map((value) => ({ xml: `<c r="@"><v>${value}</v></c>` }))])).toBe(
      '"19.99","0.0000001","90071992547409931","-0.1","1500"\n',
    );
  });

  it("reads dates in both date systems, and times to the second", async () => {
    // 46062 days after the last of 1899 is 2026-02-09; the system of 1904 begins 1462 days later.
    expect(await read([[{ date: 46062 }, { date: 46062.979166666664 }]])).toBe('"2026-02-09","2026-02-09 23:30:00"\n');
    for (const spelling of ["1", "true"]) expect(await read([[{ date: 44600 }]], spelling)).toBe('"2026-02-09"\n');
    expect(await read([[{ date: 44600 }]], "0")).toBe('"2022-02-08"\n');
  });

  it("takes the value that was stored with a formula; an error and a formula without a value are empty", async () => {
    const cells = [
      { xml: '<c r="@"><f>1+1</f><v>2</v></c>' },
      { xml: '<c r="@" t="str"><f>A1&amp;"x"</f><v>2x</v></c>' },
      { xml: '<c r="@" t="e"><f>1/0</f><v>#DIV/0!</v></c>' },
      { xml: '<c r="@"><f>NOW()</f></c>' },
      "end",
    ];
    expect(await read([cells])).toBe('"2","2x",,,"end"\n');
  });

  it("keeps empty rows as empty lines, and line ends in cells out of the lines", async () => {
    expect(await read([["a", "b"], [], [null, " "], ['x "y"\nz', "=cmd()"]])).toBe(
      '"a","b"\n\n\n"x ""y"" z","=cmd()"\n',
    );
  });

  it("reads the first sheet, or the named one whatever its case", async () => {
    const two = workbook([
      { name: "Notes & more", rows: [["nothing"]] },
      { name: "Locations", rows: [["WAREHOUSE_ID"], ["1"]] },
    ]);
    expect((await sheetText(two, "w.xlsx")).text).toBe('"nothing"\n');
    expect(await sheetText(two, "w.xlsx", "locations")).toEqual({
      sheet: "Locations",
      sheets: ["Notes & more", "Locations"],
      text: '"WAREHOUSE_ID"\n"1"\n',
    });
    await expect(sheetText(two, "w.xlsx", "Users")).rejects.toMatchObject({
      code: "FILE_SHEET",
      parts: { why: "its sheets: Notes & more, Locations" },
    });
  });
});

const good = workbookParts([{ name: "S", rows: [["a"], ["1"]] }]);
const more = (...entries: readonly TestEntry[]) => archive([...good, ...entries]);
const junk = (name: string, claims?: TestEntry["claims"], bytes: Uint8Array = Buffer.from("junk")): TestEntry => ({
  name,
  bytes,
  ...(claims === undefined ? {} : { claims }),
});

describe("an archive that is no plain workbook (R07)", () => {
  const zeros = Buffer.alloc(8 * 1024 * 1024);
  const xml = (name: string, text: string) =>
    archive(good.map((entry) => (entry.name === name ? { name, bytes: Buffer.from(text) } : entry)));
  const sheet = (address: string) =>
    xml(
      "xl/worksheets/sheet1.xml",
      `<worksheet><sheetData><row><c r="${address}"><v>1</v></c></row></sheetData></worksheet>`,
    );
  const cut = archive(good);
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["a bomb by its ratio", more(junk("xl/media/image1.png", {}, zeros)), /200 times/],
    [
      "a bomb by its size",
      more(junk("xl/a.bin", { unpacked: 100 * 1024 * 1024 }, Buffer.alloc(700_000, "abcdefg"))),
      /times its size|unpacks to/,
    ],
    ["an entry larger than it says", more(junk("xl/big.xml", { unpacked: 10 }, zeros)), /larger than it says/],
    ["an entry smaller than it says", more(junk("xl/small.xml", { unpacked: 10 })), /another size/],
    ["a wrong checksum", more(junk("xl/x.xml", { crc: 1 })), /checksum/],
    ["a path upwards", more(junk("../../etc/cron.d/x")), /leave the folder/],
    ["an absolute path", more(junk("/etc/passwd")), /leave the folder/],
    ["a path with backslashes", more(junk("xl\\..\\x")), /leave the folder/],
    ["a name with control characters", more(junk("xl/a\u0007.xml")), /leave the folder/],
    ["a doubled name", more(junk("XL/Workbook.xml")), /twice/],
    ["an encrypted entry", more(junk("xl/e.xml", { flags: 1 })), /encrypted/],
    ["a link", more(junk("xl/l.xml", { mode: 0o120777 })), /is a link/],
    ["a nested archive", more(junk("xl/embeddings/inner.zip")), /archive or a document/],
    ["65,000 entries", archive(Array.from({ length: 65_000 }, (_, index) => junk(`${index}`))), /65000 entries/],
    ["no workbook", archive([junk("readme.txt")]), /without a workbook/],
    ["a cut end", cut.subarray(0, cut.length - 30), /cut off/],
    ["bytes after the end", Buffer.concat([cut, Buffer.from("more")]), /cut off/],
    ["entity definitions", xml("xl/sharedStrings.xml", '<!DOCTYPE x [<!ENTITY a "b">]><sst/>'), /entities/],
    ["a far corner", sheet("XFD1048576"), /1048576 rows and 16384 columns/],
    ["an address that is none", sheet("&#65;1"), /cell at/],
    ["xml that is none", xml("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row r="), /./],
  ];
  it.each(cases)("%s is refused", async (_, bytes, why) => {
    await expect(sheetText(bytes, "x.xlsx")).rejects.toMatchObject({
      code: "FILE_ARCHIVE",
      message: expect.stringMatching(why),
    });
  });

  it("is refused by the ZIP64 mark too", async () => {
    const bytes = Buffer.from(cut);
    bytes.writeUInt16LE(0xffff, bytes.length - 12);
    expect(await codeOf(() => sheetText(bytes, "x.xlsx"))).toBe("FILE_ARCHIVE");
  });
});

describe("importing a workbook", () => {
  it("lands its rows as those of a CSV file, and names bad rows by their line", async () => {
    const { ws, put, sync } = await project();
    const rows = [["order_id", "ordered_at", "total"], ["007", { date: 46062.5 }, 12.5], [], ["8", "yesterday", 3]];
    put(
      "in/orders.xlsx",
      workbook([
        { name: "Notes", rows: [["x"]] },
        { name: "Orders", rows },
      ]),
    );
    const { imported, failures } = await sync(imports({ path: "in/*.xlsx", as: "orders", sheet: "Orders" }));
    expect(failures).toEqual([]);
    expect(imported[0]?.findings).toMatchObject({ goodRows: 1, badRows: 1, totals: { total: "12.5" } });
    // Empty rows are not counted, as in CSV files.
    expect(imported[0]?.findings.firstBad[0]).toMatchObject({ line: 3, column: "ordered_at" });
    expect(await payloads(ws, "orders")).toMatchObject([
      { order_id: "007", ordered_at: "2026-02-09T12:00:00.000", total: "12.5" },
    ]);
    expect(partOf(ws, "orders").origin).toMatchObject({ file: "in/orders.xlsx", rows_read: 2 });
    expect(await quarantined(ws, "orders")).toHaveLength(1);
  });

  it("refuses an empty sheet", async () => {
    const { put, sync } = await project();
    put("inbox/meta.xlsx", workbook([{ name: "S", rows: [] }]));
    expect((await sync()).failures.map(({ code }) => code)).toEqual(["FILE_EMPTY"]);
  });
});
