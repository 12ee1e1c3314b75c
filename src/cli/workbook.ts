/** Writes a table as an Excel workbook: one sheet, texts as texts (never formulas), numbers as numbers (ECMA-376, inline strings). */
import { zipSync } from "fflate";

/** A text, a number, or nothing. */
export type SheetCell = string | number | null;

const OFFICE = "http://schemas.openxmlformats.org";
const MAIN = `${OFFICE}/spreadsheetml/2006/main`;
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
/** What Excel takes in one cell. */
const LONGEST = 32_767;
/** The first day that a zip can name: its bytes do not depend on when it was made. */
const EPOCH = new Date(1980, 0, 1);

/** The bytes of a workbook; its first row is the head and stays in view. */
export function workbookOf(name: string, rows: readonly (readonly SheetCell[])[]): Uint8Array {
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const relations = (kind: string, target: string) =>
    `${XML}<Relationships xmlns="${OFFICE}/package/2006/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument/2006/relationships/${kind}" Target="${target}"/></Relationships>`;
  const parts: Readonly<Record<string, string>> = {
    "[Content_Types].xml": `${XML}<Types xmlns="${OFFICE}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/></Types>`,
    "_rels/.rels": relations("officeDocument", "xl/workbook.xml"),
    "xl/workbook.xml": `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}/officeDocument/2006/relationships"><sheets><sheet name="${escaped(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relations("worksheet", "worksheets/sheet1.xml"),
    "xl/worksheets/sheet1.xml": `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>${rows.map(rowXml).join("")}</sheetData></worksheet>`,
  };
  const encoder = new TextEncoder();
  return zipSync(Object.fromEntries(Object.entries(parts).map(([path, text]) => [path, encoder.encode(text)])), {
    mtime: EPOCH,
  });
}

function rowXml(cells: readonly SheetCell[], index: number): string {
  const xml = cells.map((cell, column) => cellXml(cell, `${columnName(column)}${index + 1}`)).join("");
  return `<row r="${index + 1}">${xml}</row>`;
}

function cellXml(cell: SheetCell, place: string): string {
  if (cell === null) return "";
  if (typeof cell === "number") return `<c r="${place}"><v>${cell}</v></c>`;
  return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${escaped(cell.slice(0, LONGEST))}</t></is></c>`;
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
