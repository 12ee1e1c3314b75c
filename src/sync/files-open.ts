import { gunzipSync } from "node:zlib";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { decodeText, HEAD_BYTES, isGzip, readHead } from "../connectors/files/head.js";
import { applyMapping, requireColumns } from "../connectors/files/mapping.js";
import type { ImportOptions } from "../connectors/files/options.js";
import { grainOf } from "../connectors/files/plan.js";
import { nearMisses, recognise } from "../connectors/files/recognise.js";
import type { HeadFacts, NearMiss, Recognition } from "../connectors/files/types.js";
import { isZip } from "../connectors/files/zip.js";
import { damagedFile, parquetHeader } from "../warehouse/read-files.js";
import type { Database } from "../warehouse/types.js";
import type { FoundFile } from "./files-find.js";
import { sheetText } from "./files-workbook.js";

/** A file of more bytes than this must be plain UTF-8 without lines above its header; it is then read where it lies. */
const MAX_CONVERTED_BYTES = 256 * 1024 * 1024;

/** A file made readable: its head, and where DuckDB finds its table. */
export interface OpenedFile {
  readonly head: HeadFacts;
  readonly path: string;
  /** Physical lines of `path` above the first row. */
  readonly skip: number;
  /** Physical lines of the original above the first line of `path`. */
  readonly lineOffset: number;
  readonly converted: boolean;
}

/** What opening needs. */
export interface OpenContext {
  readonly files: Files;
  readonly db: Database;
  /** A path to write a converted copy to. */
  readonly copyPath: string;
}

/**
 * Looks at the head and, where DuckDB could not read the file as it is (gzip, a workbook, UTF-16, lines above the header, several tables), writes
 * a plain copy. Errors: `FILE_EMPTY`, `FILE_FORMAT`, `FILE_NOT_UTF8`, `FILE_NO_HEADER`, `FILE_DAMAGED`, `FILE_TOO_LARGE`, `FILE_ARCHIVE`, `FILE_SHEET`.
 */
export async function openFile(context: OpenContext, file: FoundFile, forceCopy = false): Promise<OpenedFile> {
  const start = context.files.readHead(file.path, HEAD_BYTES);
  const gzip = isGzip(start);
  if (gzip) return openConverted(context, file, inflate(context.files, file));
  if (isZip(start)) return openWorkbook(context, file);
  const head = readHead(start, file.name, hintsOf(file.declared));
  if (head.format === "parquet") {
    const header = await parquetHeader(context.db, file.path, file.name);
    return { head: { ...head, header }, path: file.path, skip: 0, lineOffset: 0, converted: false };
  }
  const asItIs = head.encoding === "utf-8" && head.headerLine === 1 && !head.mixedLineEnds && !forceCopy;
  if (!asItIs) return openConverted(context, file, limited(context.files, file));
  return {
    head,
    path: file.path,
    skip: head.format === "csv" ? headerLines(head) : 0,
    lineOffset: 0,
    converted: false,
  };
}

function hintsOf(declared: ImportOptions | null): { encoding?: HeadFacts["encoding"]; delimiter?: string } {
  return {
    ...(declared?.encoding === undefined ? {} : { encoding: declared.encoding }),
    ...(declared?.delimiter === undefined ? {} : { delimiter: declared.delimiter }),
  };
}

/** A header cell may itself hold line ends. */
function headerLines(head: HeadFacts): number {
  return 1 + head.header.join("").split("\n").length - 1;
}

function limited(files: Files, file: FoundFile): Uint8Array {
  const bytes = files.stat(file.path)?.bytes ?? 0;
  if (bytes > MAX_CONVERTED_BYTES) throw tooLarge(file.name);
  return files.read(file.path);
}

/** Strict: a cut stream, a wrong checksum or bytes after the end are errors, where DuckDB would give fewer rows. */
function inflate(files: Files, file: FoundFile): Uint8Array {
  const packed = limited(files, file);
  try {
    return gunzipSync(packed, { maxOutputLength: MAX_CONVERTED_BYTES });
  } catch (cause) {
    if ((cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(file.name);
    throw damagedFile(file.name, "the gzip stream is cut off or damaged", cause);
  }
}

function tooLarge(name: string): GrowthosError {
  return new GrowthosError({
    code: "FILE_TOO_LARGE",
    what: `"${name}" is too large to be converted`,
    why: `files above ${MAX_CONVERTED_BYTES / 1024 / 1024} MiB must be plain UTF-8 text that begins with its header, or Parquet`,
    state: "nothing of this file was landed",
    hint: "unpack it, save it as UTF-8 and remove the lines above the header",
    exit: "badData",
  });
}

function openConverted(context: OpenContext, file: FoundFile, bytes: Uint8Array): OpenedFile {
  const hints = hintsOf(file.declared);
  const first = readHead(bytes.subarray(0, HEAD_BYTES), file.name, hints);
  if (first.format === "parquet") {
    throw damagedFile(file.name, "Parquet inside gzip; unpack it (Parquet is compressed already)");
  }
  const text = decodeText(bytes, first.encoding, file.name)
    .replace(/^\uFEFF/, "")
    .replaceAll(/\r\n?/g, "\n");
  const lines = text.split("\n");
  const { head, from, to } =
    first.format === "csv" ? bestTable(lines, file) : { head: first, from: 0, to: lines.length };
  context.files.write(context.copyPath, `${lines.slice(from, to).join("\n").replace(/\n+$/, "")}\n`);
  const gzip = isGzip(context.files.readHead(file.path, 2));
  const facts = { ...head, encoding: first.encoding, bom: first.bom, mixedLineEnds: first.mixedLineEnds, gzip };
  return { head: facts, path: context.copyPath, skip: 0, lineOffset: from, converted: true };
}

/** A workbook's sheet as text. Its encoding and separator are ours, whatever the import declares for text files. */
async function openWorkbook(context: OpenContext, file: FoundFile): Promise<OpenedFile> {
  const { sheet, text } = await sheetText(limited(context.files, file), file.name, file.declared?.sheet);
  if (text.trim() === "") throw emptySheet(file.name, sheet);
  const declared = file.declared === null ? null : { ...file.declared, encoding: "utf-8" as const, delimiter: "," };
  const opened = openConverted(context, { ...file, declared }, Buffer.from(text));
  return { ...opened, head: { ...opened.head, sheet } };
}

function emptySheet(name: string, sheet: string): GrowthosError {
  return new GrowthosError({
    code: "FILE_EMPTY",
    what: `the sheet ${JSON.stringify(sheet)} of "${name}" is empty`,
    state: "nothing of this file was landed",
    hint: "name the right one with `sheet` in growthos.config.ts, or export it again",
    exit: "badData",
  });
}

interface TableAt {
  readonly head: HeadFacts;
  /** Index of the first row's line. */
  readonly from: number;
  /** Index after the last row's line. */
  readonly to: number;
}

/** GA4 writes several tables into one file, each below its own comment block: the first that has daily rows is taken, else the first known. */
function bestTable(lines: readonly string[], file: FoundFile): TableAt {
  const tables = tableStarts(lines).map((start, index, starts): TableAt | undefined => {
    const end = starts[index + 1] ?? lines.length;
    const part = lines.slice(start, end).join("\n");
    if (part.replaceAll(/^#.*$/gm, "").trim() === "") return undefined;
    const head = readHead(Buffer.from(part.slice(0, HEAD_BYTES)), file.name, hintsOf(file.declared));
    const from = start + head.headerLine - 1 + headerLines(head);
    return { head: { ...head, headerLine: start + head.headerLine }, from, to: end };
  });
  const known = tables.filter((table) => table !== undefined);
  const daily = known.find(({ head }) => {
    const found = recognise(head.header);
    return found !== undefined && grainOf(found, head).kind !== "too_coarse";
  });
  const chosen = daily ?? known.find(({ head }) => recognise(head.header) !== undefined) ?? known[0];
  if (chosen === undefined) throw damagedFile(file.name, "there is no table below its comment lines");
  return chosen;
}

/** Lines at which a comment block begins after rows; the first table begins at the top. */
function tableStarts(lines: readonly string[]): readonly number[] {
  if (!lines[0]?.startsWith("#")) return [0];
  const starts = [0];
  lines.forEach((line, index) => {
    const above = lines[index - 1] ?? "#";
    if (line.startsWith("#") && !above.startsWith("#") && above.trim() === "") starts.push(index);
  });
  return starts;
}

/** What a file was taken for: by its declared mapping, else by its header. Throws `FILE_COLUMN_MISSING` or `FILE_UNKNOWN`. */
export function recogniseFile(head: HeadFacts, file: FoundFile): Recognition {
  if (file.declared !== null) return applyMapping(head, file.declared, file.name);
  const recognition = recognise(head.header);
  if (recognition !== undefined) {
    requireColumns(recognition, head.header, file.name);
    return recognition;
  }
  const [miss] = nearMisses(head.header);
  if (miss !== undefined && isNearly(miss)) {
    // Throws with the nearest column: the file is clearly that export with a column taken out.
    const { shape } = miss;
    const fields = shape.fields.map((field) =>
      miss.missing.includes(field.name) ? { ...field, column: "required" as const } : field,
    );
    requireColumns({ ...recognitionFor(miss, head), shape: { ...shape, fields } }, head.header, file.name);
  }
  throw unknownFile(head, file, miss);
}

function recognitionFor(miss: NearMiss, head: HeadFacts): Recognition {
  const matches = miss.shape.fields.flatMap((field) => {
    const index = head.header.findIndex((header) => miss.found.includes(header) && field.headers.includes(header));
    return index < 0 ? [] : [{ index, header: head.header[index] ?? "", field }];
  });
  return { shape: miss.shape, matches, others: [], because: "", currency: null, language: "en" };
}

function isNearly(miss: NearMiss): boolean {
  return miss.missing.length === 1 && miss.shape.signature.length >= 3 && miss.found.length >= 4;
}

function unknownFile(head: HeadFacts, file: FoundFile, miss: NearMiss | undefined): GrowthosError {
  const near =
    miss === undefined
      ? "its header is like no export that growthos knows"
      : `nearest is a ${miss.shape.title}: it has ${miss.found.slice(0, 5).join(", ")} but no ${miss.missing.join(", ")}`;
  return new GrowthosError({
    code: "FILE_UNKNOWN",
    what: `"${file.name}" is not recognised`,
    why: `${near} (header: ${head.header.slice(0, 8).join(", ")}${head.header.length > 8 ? ", …" : ""})`,
    state: "nothing of this file was landed",
    hint: `run \`growthos files inspect ${JSON.stringify(file.name)}\` for a mapping to paste into growthos.config.ts`,
    exit: "badData",
  });
}
