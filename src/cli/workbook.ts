/** Writes a table as an Excel workbook: one sheet, texts as texts (never formulas), numbers and days as such (ECMA-376, inline strings). */
import { Zip, ZipDeflate } from "fflate";

/** A text, a number, a day (`YYYY-MM-DD`), an instant (ISO 8601, shown as UTC), or nothing. */
export type SheetCell = string | number | null | { readonly day: string } | { readonly instant: string };

const OFFICE = "http://schemas.openxmlformats.org";
const MAIN = `${OFFICE}/spreadsheetml/2006/main`;
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
/** What Excel takes in one cell, and rows in one sheet, the head included. */
const LONGEST = 32_767;
export const SHEET_ROWS = 1_048_576;
/** The first day that a zip can name: its bytes do not depend on when it was made. */
const EPOCH = new Date(1980, 0, 1);
/** Day 0 of Excel's calendar. It holds a 29 February 1900, so that days before March 1900 are written as texts. */
const DAY_ZERO = Date.UTC(1899, 11, 30);
const FIRST_DAY = Date.UTC(1900, 2, 1);
const STYLES = { day: 1, instant: 2 } as const;

/** A workbook under way. */
export interface Workbook {
  add(rows: readonly (readonly SheetCell[])[]): void;
  /** Writes what is left. `cut`: texts that were longer than a cell may be, and end early. */
  end(): { readonly rows: number; readonly cut: number };
}

/** The bytes of a workbook; its first row is the head and stays in view. */
export function workbookOf(name: string, rows: readonly (readonly SheetCell[])[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  const book = openWorkbook(name, (piece) => pieces.push(piece));
  book.add(rows);
  book.end();
  return Buffer.concat(pieces);
}

/** Begins a workbook whose bytes go to `sink` as rows are added: for tables that are larger than memory. */
export function openWorkbook(name: string, sink: (piece: Uint8Array) => void): Workbook {
  const zip = new Zip((error, piece) => {
    if (error !== null) throw error;
    if (piece.length > 0) sink(piece);
  });
  const encoder = new TextEncoder();
  const part = (path: string) => {
    const stream = new ZipDeflate(path, { level: 6 });
    stream.mtime = EPOCH;
    zip.add(stream);
    return (text: string, isLast: boolean) => stream.push(encoder.encode(text), isLast);
  };
  for (const [path, text] of Object.entries(framesOf(name))) part(path)(text, true);
  const write = part("xl/worksheets/sheet1.xml");
  write(
    `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`,
    false,
  );
  const written = { rows: 0, cut: 0 };
  return {
    add: (rows) => {
      written.cut += rows.flat().filter((cell) => typeof cell === "string" && cell.length > LONGEST).length;
      write(rows.map((cells, index) => rowXml(cells, written.rows + index)).join(""), false);
      written.rows += rows.length;
    },
    end: () => {
      write("</sheetData></worksheet>", true);
      zip.end();
      return { ...written };
    },
  };
}

function framesOf(name: string): Readonly<Record<string, string>> {
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const relation = (id: number, kind: string, target: string) =>
    `<Relationship Id="rId${id}" Type="${OFFICE}/officeDocument/2006/relationships/${kind}" Target="${target}"/>`;
  const relations = (...list: readonly string[]) =>
    `${XML}<Relationships xmlns="${OFFICE}/package/2006/relationships">${list.join("")}</Relationships>`;
  const part = (path: string, kind: string) => `<Override PartName="/xl/${path}" ContentType="${type}.${kind}+xml"/>`;
  const format = (id: number) =>
    `<xf numFmtId="${id}" fontId="0" fillId="0" borderId="0" xfId="0"${id === 0 ? "" : ' applyNumberFormat="1"'}/>`;
  return {
    "[Content_Types].xml": `${XML}<Types xmlns="${OFFICE}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${part("workbook.xml", "sheet.main")}${part("worksheets/sheet1.xml", "worksheet")}${part("styles.xml", "styles")}</Types>`,
    "_rels/.rels": relations(relation(1, "officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}/officeDocument/2006/relationships"><sheets><sheet name="${escaped(name).slice(0, 31)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relations(
      relation(1, "worksheet", "worksheets/sheet1.xml"),
      relation(2, "styles", "styles.xml"),
    ),
    "xl/styles.xml": `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3">${[0, 164, 165].map(format).join("")}</cellXfs></styleSheet>`,
  };
}

function rowXml(cells: readonly SheetCell[], index: number): string {
  const xml = cells.map((cell, column) => cellXml(cell, `${columnName(column)}${index + 1}`)).join("");
  return `<row r="${index + 1}">${xml}</row>`;
}

function cellXml(cell: SheetCell, place: string): string {
  if (cell === null) return "";
  if (typeof cell === "string") return textXml(cell, place);
  if (typeof cell === "number") return `<c r="${place}"><v>${cell}</v></c>`;
  const [style, text] = "day" in cell ? [STYLES.day, cell.day] : [STYLES.instant, cell.instant];
  const at = Date.parse(text);
  if (Number.isNaN(at) || at < FIRST_DAY) return textXml(text, place);
  return `<c r="${place}" s="${style}"><v>${(at - DAY_ZERO) / 86_400_000}</v></c>`;
}

function textXml(text: string, place: string): string {
  return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${escaped(text.slice(0, LONGEST))}</t></is></c>`;
}

/** 0 -> A, 25 -> Z, 26 -> AA. */
function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${columnName(Math.floor(index / 26) - 1)}${letter}`;
}

function escaped(text: string): string {
  // What XML 1.0 cannot hold becomes a blank.
  const possible = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, " ");
  return possible.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
