/** Small Excel workbooks, written by hand as the format wants them; for tests of imports. */
import { crc32, deflateRawSync } from "node:zlib";

/** A cell: text is a shared string, a number a number; `xml` is written as it is (its `r` is filled in for `@`). */
export type TestCell = string | number | boolean | null | { readonly date: number } | { readonly xml: string };

/** A sheet by its rows. */
export interface TestSheet {
  readonly name: string;
  readonly rows: readonly (readonly TestCell[])[];
}

/** An entry of an archive; what it claims may be a lie. */
export interface TestEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly claims?: {
    readonly unpacked?: number;
    readonly flags?: number;
    readonly mode?: number;
    readonly crc?: number;
  };
}

/** The parts of a workbook, by path. Style 1 is a date, style 2 five digits with leading zeros. */
export function workbookParts(
  sheets: readonly TestSheet[],
  options: { readonly date1904?: string } = {},
): readonly TestEntry[] {
  const strings: string[] = [];
  const shared = (text: string) => (strings.includes(text) ? strings.indexOf(text) : strings.push(text) - 1);
  const bodies = sheets.map(({ rows }) => sheetXml(rows, shared));
  const office = "http://schemas.openxmlformats.org";
  const relation = (id: string, kind: string, target: string) =>
    `<Relationship Id="${id}" Type="${office}/officeDocument/2006/relationships/${kind}" Target="${target}"/>`;
  const text: Readonly<Record<string, string>> = {
    "[Content_Types].xml": `<Types xmlns="${office}/package/2006/content-types"/>`,
    "xl/workbook.xml": `<workbook xmlns:r="r">${options.date1904 === undefined ? "" : `<workbookPr date1904="${options.date1904}"/>`}<sheets>${sheets
      .map(({ name }, index) => `<sheet name="${escapeXml(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`)
      .join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships>${sheets
      .map((_, index) => relation(`rId${index + 1}`, "worksheet", `worksheets/sheet${index + 1}.xml`))
      .join(
        "",
      )}${relation("s", "sharedStrings", "sharedStrings.xml")}${relation("t", "styles", "styles.xml")}</Relationships>`,
    "xl/styles.xml": `<styleSheet><numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" xfId="0"/><xf numFmtId="14" xfId="0" applyNumberFormat="1"/><xf numFmtId="164" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    ...Object.fromEntries(bodies.map((body, index) => [`xl/worksheets/sheet${index + 1}.xml`, body])),
    "xl/sharedStrings.xml": `<sst>${strings.map((one) => `<si><t xml:space="preserve">${escapeXml(one)}</t></si>`).join("")}</sst>`,
  };
  return Object.entries(text).map(([name, one]) => ({ name, bytes: Buffer.from(one) }));
}

/** A whole workbook. */
export function workbook(sheets: readonly TestSheet[], options: { readonly date1904?: string } = {}): Buffer {
  return archive(workbookParts(sheets, options));
}

function sheetXml(rows: TestSheet["rows"], shared: (text: string) => number): string {
  const xml = rows.map((row, index) => {
    const cells = row.map((cell, column) => cellXml(cell, `${String.fromCharCode(65 + column)}${index + 1}`, shared));
    return row.length === 0 ? "" : `<row r="${index + 1}">${cells.join("")}</row>`;
  });
  return `<worksheet><sheetData>${xml.join("")}</sheetData></worksheet>`;
}

function cellXml(cell: TestCell, at: string, shared: (text: string) => number): string {
  if (cell === null) return "";
  if (typeof cell === "string") return `<c r="${at}" t="s"><v>${shared(cell)}</v></c>`;
  if (typeof cell === "number") return `<c r="${at}"><v>${cell}</v></c>`;
  if (typeof cell === "boolean") return `<c r="${at}" t="b"><v>${cell ? 1 : 0}</v></c>`;
  return "date" in cell ? `<c r="${at}" s="1"><v>${cell.date}</v></c>` : cell.xml.replace("@", at);
}

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** A ZIP archive that says about its entries what it is told to say. */
export function archive(entries: readonly TestEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, claims = {} } of entries) {
    const packed = deflateRawSync(bytes);
    const text = Buffer.from(name);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    const fields = (into: Buffer, from: number) => {
      into.writeUInt16LE(20, from);
      into.writeUInt16LE(claims.flags ?? 0, from + 2);
      into.writeUInt16LE(8, from + 4);
      into.writeUInt32LE(claims.crc ?? crc32(bytes), from + 10);
      into.writeUInt32LE(packed.length, from + 14);
      into.writeUInt32LE(claims.unpacked ?? bytes.length, from + 18);
      into.writeUInt16LE(text.length, from + 22);
    };
    fields(head, 4);
    fields(record, 6);
    record.writeUInt32LE(((claims.mode ?? 0o100644) << 16) >>> 0, 38);
    record.writeUInt32LE(at, 42);
    locals.push(head, text, packed);
    central.push(record, text);
    at += 30 + text.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(
    central.reduce((sum, piece) => sum + piece.length, 0),
    12,
  );
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...central, end]);
}
