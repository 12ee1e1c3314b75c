import { GrowthosError } from "../../base/errors.js";
import { bestHeaderScore } from "./recognise.js";
import type { HeadFacts } from "./types.js";

/** At most this many bytes of a file are looked at in JavaScript; everything else is DuckDB's work. */
export const HEAD_BYTES = 65_536;

/** What the caller knows better than the bytes. */
export interface HeadHints {
  readonly encoding?: HeadFacts["encoding"];
  readonly delimiter?: string;
}

/** A record of a CSV head with the physical line on which it begins. */
interface HeadRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Kinds of file that are recognised by their first bytes and cannot be read, with what to do. */
const FOREIGN: readonly { readonly magic: readonly number[]; readonly what: string; readonly hint: string }[] = [
  {
    magic: [0xd0, 0xcf, 0x11, 0xe0],
    what: "an old Excel workbook, or one with a password",
    hint: "save it as .xlsx without a password, or the sheet as CSV (UTF-8)",
  },
  { magic: [0x25, 0x50, 0x44, 0x46], what: "a PDF", hint: "download the report as CSV" },
];

/** True when the bytes begin as gzip does; the caller inflates and asks again. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Reads the head of a file that is not compressed. Throws `FILE_FORMAT`, `FILE_EMPTY`, `FILE_NOT_UTF8`, `FILE_NO_HEADER`. */
export function readHead(head: Uint8Array, name: string, hints: HeadHints = {}): HeadFacts {
  if (head.length === 0) throw fileError("FILE_EMPTY", `"${name}" is empty`, "export it again");
  const foreign = FOREIGN.find((kind) => kind.magic.every((byte, index) => head[index] === byte));
  if (foreign !== undefined) {
    throw fileError("FILE_FORMAT", `"${name}" is ${foreign.what}, not a table in text form`, foreign.hint);
  }
  if (startsWith(head, "PAR1")) return { ...PLAIN, format: "parquet" };
  const { encoding, bom } = hints.encoding ? { encoding: hints.encoding, bom: false } : encodingOf(head);
  const text = decodeText(head, encoding, name, true);
  const first = text.trimStart()[0];
  if (first === "{") return jsonHead(text, encoding, bom, name);
  if (first === "[" || first === "<") {
    const what = first === "[" ? "a JSON array" : "HTML or XML";
    throw fileError(
      "FILE_FORMAT",
      `"${name}" is ${what}, not a table`,
      "use CSV, JSON lines (one object a line) or Parquet",
    );
  }
  return csvHead(text, { encoding, bom, name, delimiter: hints.delimiter });
}

/** Decodes bytes strictly. A multi-byte character cut at the end of a head is not an error. Throws `FILE_NOT_UTF8`. */
export function decodeText(bytes: Uint8Array, encoding: HeadFacts["encoding"], name: string, cut = false): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: cut });
  } catch (cause) {
    throw new GrowthosError({
      code: "FILE_NOT_UTF8",
      what: `"${name}" is not ${encoding.toUpperCase()} text`,
      state: "nothing of this file was landed",
      hint: 'save it as UTF-8, or declare the import with encoding: "windows-1252"',
      exit: "badData",
      cause,
    });
  }
}

const PLAIN: HeadFacts = {
  format: "csv",
  encoding: "utf-8",
  bom: false,
  gzip: false,
  delimiter: "",
  headerLine: 1,
  header: [],
  preamble: [],
  mixedLineEnds: false,
  sample: [],
};

function encodingOf(head: Uint8Array): Pick<HeadFacts, "encoding" | "bom"> {
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: "utf-16le", bom: true };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: "utf-16be", bom: true };
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: "utf-8", bom: true };
  if (head.length > 3 && head[0] !== 0 && head[1] === 0 && head[3] === 0) return { encoding: "utf-16le", bom: false };
  return { encoding: "utf-8", bom: false };
}

function jsonHead(text: string, encoding: HeadFacts["encoding"], bom: boolean, name: string): HeadFacts {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  // The last line of a full head is probably cut, so it may be skipped unless it is the only one.
  const objects = lines.slice(0, 50).flatMap((line) => {
    const value = parseObject(line);
    return value === undefined ? [] : [value];
  });
  if (objects.length === 0) {
    throw fileError(
      "FILE_FORMAT",
      `"${name}" begins like JSON, but no line is an object`,
      "write one JSON object a line",
    );
  }
  const header = [...new Set(objects.flatMap((value) => [...paths(value, "")]))];
  const sample = objects.slice(0, 20).map((value) => header.map((path) => textAt(value, path)));
  return { ...PLAIN, format: "jsonl", encoding, bom, header, sample };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // Not JSON: DuckDB will quarantine the line with its number; the head only wants names.
    return undefined;
  }
}

/** Dotted paths to scalars, two levels deep: what a mapping can name. */
function* paths(value: Record<string, unknown>, prefix: string): Generator<string> {
  for (const [key, member] of Object.entries(value)) {
    const nested = member !== null && typeof member === "object" && !Array.isArray(member);
    if (nested && prefix === "") yield* paths(member as Record<string, unknown>, `${key}.`);
    else yield `${prefix}${key}`;
  }
}

function textAt(value: Record<string, unknown>, path: string): string {
  const member = path
    .split(".")
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
  return member === null || member === undefined ? "" : String(member);
}

interface CsvOptions extends Pick<HeadFacts, "encoding" | "bom"> {
  readonly name: string;
  readonly delimiter: string | undefined;
}

function csvHead(raw: string, options: CsvOptions): HeadFacts {
  const text = raw.replace(/^\uFEFF/, "");
  const delimiters = options.delimiter === undefined ? [",", ";", "\t", "|"] : [options.delimiter];
  const candidates = delimiters.map((delimiter) => {
    const records = headRecords(text, delimiter);
    return { delimiter, records, at: headerIndex(records) };
  });
  const best = candidates.reduce((left, right) => (widthOf(right) > widthOf(left) ? right : left));
  const header = best.records[best.at];
  if (header === undefined || header.cells.every((cell) => cell.trim() === "")) {
    throw fileError(
      "FILE_NO_HEADER",
      `"${options.name}" has no header line`,
      "the first table line must name the columns",
    );
  }
  const lines = text.split(/\r\n|\n|\r/);
  return {
    ...PLAIN,
    encoding: options.encoding,
    bom: options.bom,
    delimiter: best.delimiter,
    headerLine: header.line,
    header: uniqueNames(header.cells),
    preamble: lines.slice(0, header.line - 1),
    mixedLineEnds: /\r\n/.test(text) && /(^|[^\r])\n/.test(text),
    sample: best.records
      .slice(best.at + 1)
      .filter((record) => record.cells.length === header.cells.length)
      .slice(0, 20)
      .map((record) => record.cells),
  };
}

function widthOf(candidate: { readonly records: readonly HeadRecord[]; readonly at: number }): number {
  const header = candidate.records[candidate.at];
  if (header === undefined) return 0;
  // The title line of a report may hold more commas than its table has tabs: a header that is recognised counts most.
  return bestHeaderScore(header.cells) * 1_000 + header.cells.length;
}

/** The record that names the columns: the one that a shape recognises best, else the first of the commonest width. */
function headerIndex(records: readonly HeadRecord[]): number {
  const first = records.slice(0, 40);
  const scores = first.map((record) => (record.cells[0]?.startsWith("#") ? 0 : bestHeaderScore(record.cells)));
  const best = Math.max(0, ...scores);
  if (best >= 2) return scores.indexOf(best);
  const widths = new Map<number, number>();
  for (const record of records) widths.set(record.cells.length, (widths.get(record.cells.length) ?? 0) + 1);
  const common = [...widths].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 1;
  const index = records.findIndex((record) => record.cells.length === common && !record.cells[0]?.startsWith("#"));
  return Math.max(0, index);
}

/** Two columns of one name: the second is called `name_2`. An empty name is called `column_<n>`. */
function uniqueNames(cells: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return cells.map((cell, index) => {
    const name = cell.trim() === "" ? `column_${index + 1}` : cell.trim();
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}

/** Records of the head, RFC 4180; a record that the head cuts off is left out, blank lines are skipped. */
export function headRecords(text: string, delimiter: string): readonly HeadRecord[] {
  const records: HeadRecord[] = [];
  let cells: string[] = [];
  let cell = "";
  let quoted = false;
  let line = 1;
  let start = 1;
  const endRecord = () => {
    cells.push(cell);
    if (cells.length > 1 || cell.trim() !== "") records.push({ line: start, cells });
    cells = [];
    cell = "";
  };
  for (let at = 0; at < text.length && records.length < 200; at++) {
    const char = text[at] ?? "";
    const newline = char === "\n" || (char === "\r" && text[at + 1] !== "\n");
    if (newline) line++;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += char;
        at++;
      } else quoted = false;
    } else if (char === '"' && cell === "") quoted = true;
    else if (char === delimiter) {
      cells.push(cell);
      cell = "";
    } else if (newline) {
      endRecord();
      start = line;
    } else if (char !== "\r") cell += char;
  }
  if (!quoted && text.length < HEAD_BYTES / 4 && (cell !== "" || cells.length > 0)) endRecord();
  return records;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((char, index) => bytes[index] === char.charCodeAt(0));
}

function fileError(code: string, what: string, hint: string): GrowthosError {
  return new GrowthosError({ code, what, state: "nothing of this file was landed", hint, exit: "badData" });
}
