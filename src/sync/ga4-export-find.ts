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
const FILE = /^(events_(?:(?:fresh|intraday)_)?\d{8})([-_.]?\d{12})?\.(parquet|json|jsonl|ndjson)(?:\.gz)?$/i;
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
    const [first] = own;
    if (table === undefined || first === undefined) continue;
    const twice = twiceThere(own);
    if (twice !== null) {
      // Both would be counted, or one of them would be forgotten: neither is a guess to make.
      passedOver.push(`${name}: there ${twice}; remove one of them`);
      continue;
    }
    const { format } = first;
    const paths = own.map(({ path }) => path).sort();
    tables.set(table.day, [...(tables.get(table.day) ?? []), { ...table, name, format, paths }]);
  }
  const best = [...tables.values()].flatMap((all) => [...all].sort((a, b) => rank(a) - rank(b)).slice(0, 1));
  return { tables: best.sort((a, b) => (a.day < b.day ? -1 : 1)), passedOver };
}

/** How a table lies in the folder twice; null when it does not. */
function twiceThere(pieces: readonly Piece[]): string | null {
  const several = (values: readonly string[]) => new Set(values).size > 1;
  if (several(pieces.map(({ format }) => format))) return "as Parquet and as JSON";
  if (several(pieces.map(({ layout }) => layout))) return "in more than one layout (a file, numbered pieces, a folder)";
  const stems = pieces.map(({ path }) => path.replace(/\.gz$/i, ""));
  return new Set(stems).size < stems.length ? "packed and unpacked" : null;
}

function rank({ kind }: ExportTable): number {
  return BEST.indexOf(kind);
}

interface Piece {
  readonly table: string;
  readonly format: ExportTable["format"];
  readonly layout: "file" | "pieces" | "folder";
  readonly path: string;
}

/** Links are left alone: what they point to may be anywhere. */
function piecesOf(files: Files, folder: string, name: string): readonly Piece[] {
  const path = join(folder, name);
  const kind = files.stat(path)?.kind;
  const match = FILE.exec(name);
  if (kind === "file" && match !== null) {
    return [
      {
        table: (match[1] ?? "").toLowerCase(),
        format: formatOf(match[3]),
        layout: match[2] === undefined ? "file" : "pieces",
        path,
      },
    ];
  }
  if (kind !== "folder" || tableOf(name) === undefined) return [];
  return files.list(path).flatMap((piece): readonly Piece[] => {
    const inner = PIECE.exec(piece);
    const isFile = files.stat(join(path, piece))?.kind === "file";
    return inner === null || !isFile
      ? []
      : [{ table: name, format: formatOf(inner[1]), layout: "folder", path: join(path, piece) }];
  });
}

function formatOf(extension: string | undefined): ExportTable["format"] {
  return extension?.toLowerCase() === "parquet" ? "parquet" : "json";
}
