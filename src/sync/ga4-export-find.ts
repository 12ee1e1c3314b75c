import { join } from "node:path";
import type { ISODate } from "../base/dates.js";
import type { Files } from "../base/files.js";
import { type TableKind, tableOf } from "../connectors/ga4_events/tables.js";

/** The table of a day as files, in one or many pieces. */
export interface ExportTable {
  readonly day: ISODate;
  readonly kind: TableKind;
  /** `events_20260208`. */
  readonly name: string;
  readonly format: "parquet" | "json";
  readonly paths: readonly string[];
}

/** Tables and their pieces, as `bq extract` names them: `events_20260208.parquet`, `events_20260208-000000000001.json.gz`. */
const FILE = /^(events_(?:(?:fresh|intraday)_)?\d{8})(?:[-_.]?\d{12})?\.(parquet|json|jsonl|ndjson)(?:\.gz)?$/i;
/** A piece inside a folder that has the table's name. */
const PIECE = /^[^.].*\.(parquet|json|jsonl|ndjson)(?:\.gz)?$/i;
const BEST: readonly TableKind[] = ["daily", "fresh", "intraday"];

/** One table for each day that has any, oldest first: the daily one before the fresh one before the streaming one. */
export function findExport(
  files: Files,
  folder: string,
): { readonly tables: readonly ExportTable[]; readonly passedOver: readonly string[] } {
  const pieces = files.list(folder).flatMap((name) => piecesOf(files, folder, name));
  const tables = new Map<string, ExportTable[]>();
  const passedOver: string[] = [];
  for (const name of [...new Set(pieces.map((piece) => piece.table))].sort()) {
    const table = tableOf(name);
    const own = pieces.filter((piece) => piece.table === name);
    const formats = [...new Set(own.map(({ format }) => format))];
    const [format] = formats;
    if (table === undefined || format === undefined) continue;
    if (formats.length > 1) {
      // Both would be counted, or one of them would be forgotten: neither is a guess to make.
      passedOver.push(`${name}: there as Parquet and as JSON; remove one of them`);
      continue;
    }
    const paths = own.map(({ path }) => path).sort();
    tables.set(table.day, [...(tables.get(table.day) ?? []), { ...table, name, format, paths }]);
  }
  const best = [...tables.values()].flatMap((all) => [...all].sort((a, b) => rank(a) - rank(b)).slice(0, 1));
  return { tables: best.sort((a, b) => (a.day < b.day ? -1 : 1)), passedOver };
}

function rank({ kind }: ExportTable): number {
  return BEST.indexOf(kind);
}

interface Piece {
  readonly table: string;
  readonly format: ExportTable["format"];
  readonly path: string;
}

/** Links are left alone: what they point to may be anywhere. */
function piecesOf(files: Files, folder: string, name: string): readonly Piece[] {
  const path = join(folder, name);
  const kind = files.stat(path)?.kind;
  const match = FILE.exec(name);
  if (kind === "file" && match !== null) {
    return [{ table: (match[1] ?? "").toLowerCase(), format: formatOf(match[2]), path }];
  }
  if (kind !== "folder" || tableOf(name) === undefined) return [];
  return files.list(path).flatMap((piece): readonly Piece[] => {
    const inner = PIECE.exec(piece);
    const isFile = files.stat(join(path, piece))?.kind === "file";
    return inner === null || !isFile ? [] : [{ table: name, format: formatOf(inner[1]), path: join(path, piece) }];
  });
}

function formatOf(extension: string | undefined): ExportTable["format"] {
  return extension?.toLowerCase() === "parquet" ? "parquet" : "json";
}
