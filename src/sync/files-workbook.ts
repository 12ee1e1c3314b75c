// An Excel workbook becomes the text of one sheet, as CSV, and from there on is a file like any other.

import { GrowthosError, messageOf } from "../base/errors.js";
import { archiveError, unzip, WORKBOOK_LIMITS, zipOf } from "../connectors/files/zip.js";

/** Cells that a sheet may span, empty ones included: one far corner would otherwise fill the memory with nothing. */
const MAX_CELLS = 4_000_000;
const WORKBOOK = "xl/workbook.xml";

/** A sheet as text. */
export interface SheetText {
  readonly sheet: string;
  /** Every sheet of the workbook, in order. */
  readonly sheets: readonly string[];
  /** CSV with commas; line n is row n, an empty row is an empty line. */
  readonly text: string;
}

/**
 * The named sheet, or the first one, as CSV. Text stays text (leading zeros included), numbers are written as they are stored (15
 * digits), dates as `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS` in both date systems, formulas as the value that was stored with them.
 * Throws `FILE_ARCHIVE` for what is no plain workbook, `FILE_SHEET` when there is no such sheet.
 */
export async function sheetText(bytes: Uint8Array, name: string, wanted?: string): Promise<SheetText> {
  const entries = unzip(bytes, name, {
    limits: WORKBOOK_LIMITS,
    wanted: (path) => /^xl\/.*\.xml(\.rels)?$/.test(path),
  });
  const workbook = entries.get(WORKBOOK);
  if (workbook === undefined) {
    throw archiveError(name, "it is a ZIP archive without a workbook", "unzip it and put the files themselves there");
  }
  for (const [path, xml] of entries) checkXml(name, path, Buffer.from(xml).toString("utf8"));
  const text = Buffer.from(workbook).toString("utf8");
  const sheets = sheetNames(text);
  const sheet = wanted === undefined ? sheets[0] : sheets.find((one) => plain(one) === plain(wanted));
  if (sheet === undefined) throw noSheet(name, wanted, sheets);
  // The reader knows one of the two spellings of "dates count from 1904".
  const fresh = new Map(entries).set(
    WORKBOOK,
    Buffer.from(text.replace(/\bdate1904\s*=\s*["']true["']/, 'date1904="1"')),
  );
  const rows = await readRows(zipOf(fresh), name, sheets.indexOf(sheet) + 1);
  return { sheet, sheets, text: rows.map((row) => `${lineOf(row)}\n`).join("") };
}

/** Refuses entity definitions, and cells that span more than can be held. */
function checkXml(name: string, path: string, xml: string): void {
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw archiveError(name, `${path} defines entities of its own`);
  if (!/<(\w+:)?sheetData/.test(xml)) return;
  let [rows, columns] = [0, 0];
  for (const [, address = ""] of xml.matchAll(/\sr\s*=\s*["']([^"']*)["']/g)) {
    const parts = /^([A-Z]{0,3})(\d{1,7})$/.exec(address);
    if (parts === null) throw archiveError(name, `${path} has a cell at ${JSON.stringify(address.slice(0, 20))}`);
    rows = Math.max(rows, Number(parts[2]));
    columns = Math.max(columns, columnOf(parts[1] ?? ""));
  }
  if (rows * Math.max(1, columns) <= MAX_CELLS) return;
  throw archiveError(
    name,
    `${path} spans ${rows} rows and ${columns} columns, more than ${MAX_CELLS} cells`,
    "delete the empty rows and columns around the table, or save the sheet as CSV (UTF-8)",
  );
}

function columnOf(letters: string): number {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

function sheetNames(workbook: string): readonly string[] {
  return [...workbook.matchAll(/<(?:\w+:)?sheet\s[^>]*?\bname\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map((match) =>
    unescapeXml(match[1] ?? match[2] ?? ""),
  );
}

function unescapeXml(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, hex?: string, digits?: string, word?: string) => {
      if (word !== undefined) return named[word] ?? whole;
      const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

const plain = (text: string): string => text.trim().toLowerCase();

/** Numbers come as the text that `numberText` made of them. */
type Cell = string | boolean | Date | null;

async function readRows(bytes: Uint8Array, name: string, sheet: number): Promise<readonly (readonly Cell[])[]> {
  const { readSheet } = await import("read-excel-file/universal");
  const whole = new Uint8Array(bytes).buffer;
  try {
    return (await readSheet(whole, sheet, { parseNumber: numberText, trim: false })) as readonly (readonly Cell[])[];
  } catch (thrown) {
    const why = thrown instanceof TypeError ? "the sheet has cells without an address" : messageOf(thrown);
    throw new GrowthosError({ ...archiveError(name, why).parts, cause: thrown });
  }
}

function lineOf(row: readonly Cell[]): string {
  const cells = row.map(cellText);
  return cells.every((cell) => cell.trim() === "") ? "" : cells.map(quoted).join(",");
}

/** Every filled cell is quoted, and holds no line end: so that line n of the text is row n of the sheet. */
function quoted(cell: string): string {
  return cell === "" ? "" : `"${cell.replaceAll(/[\r\n]+/g, " ").replaceAll('"', '""')}"`;
}

function cellText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return "";
  if (cell instanceof Date) return dateText(cell);
  return typeof cell === "boolean" ? String(cell) : cell;
}

/** Dates in a workbook have no zone; the reader gives them as if they were UTC, and a binary fraction of a second too early. */
function dateText(date: Date): string {
  const seconds = Math.round(date.getTime() / 1000) * 1000;
  if (!Number.isFinite(seconds) || Math.abs(seconds) > 8.64e15) return "";
  const [day = "", time = ""] = new Date(seconds).toISOString().slice(0, 19).split("T");
  return time === "00:00:00" ? day : `${day} ${time}`;
}

/** A number as a spreadsheet shows it: whole numbers with all their digits, others with 15 and without an exponent. */
function numberText(stored: string): string {
  if (/^-?\d{1,15}(\.\d{1,9})?$/.test(stored) && stored.replace(/\D/g, "").length <= 15) return stored;
  if (/^-?\d+$/.test(stored)) return stored;
  const value = Number(stored);
  if (!Number.isFinite(value)) return stored;
  const short = Number(value.toPrecision(15));
  const text = String(short);
  return /e/.test(text) ? short.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 20 }) : text;
}

function noSheet(name: string, wanted: string | undefined, sheets: readonly string[]): GrowthosError {
  return new GrowthosError({
    code: "FILE_SHEET",
    what: wanted === undefined ? `"${name}" has no sheet` : `"${name}" has no sheet ${JSON.stringify(wanted)}`,
    why: `its sheets: ${sheets.slice(0, 20).join(", ") || "none"}`,
    state: "nothing of this file was landed",
    hint: "correct `sheet` in growthos.config.ts, or leave it out to read the first one",
    exit: "badData",
  });
}
