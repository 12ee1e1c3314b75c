import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import { openFile } from "../../sync/files-open.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import type { FilePlan } from "../../warehouse/file-plan.js";
import { cellName, loadRows } from "../../warehouse/read-files.js";
import type { Database } from "../../warehouse/types.js";
import { freshFolder } from "../workspace.js";
import type { FuzzTarget, Judgement } from "./fuzz-types.js";
import { readPlainCsv } from "./reference-csv.js";

const SAMPLES = [
  "No,At,Total\n1,2026-02-01 10:00:00,10.00\n2,2026-02-02 10:00:00,20.50\n3,2026-02-03 10:00:00,\n",
  'Day;Campaign;Cost\r\n2026-02-01;"Spring; ""new""";1,50\r\n2026-02-02;"two\nlines";2,00\r\n',
  "Name\tEmail\tTotal Spent\nMax\tmax@example.com\t12\nÜte\t\t0\n",
  "# a report\n# of last week\nDate,Sessions,Revenue\n20260201,5,1.10\n20260202,7,2.20\n",
  '"a","b"\n"1","x,y"\n"2",""\n',
];

/** Files of tables, read by DuckDB as an import reads them, beside a reader that is slow and plain: no row may be another one. */
export const csvTarget: FuzzTarget = {
  name: "csv",
  reads: "CSV files, beside a slow reader",
  samples: () => SAMPLES.map((text) => Buffer.from(text)),
  words: [
    '",',
    ',"',
    '"\n',
    '""',
    '"""',
    '"x"y',
    ",,,,",
    ";;",
    "\t\t",
    "\n\n",
    "\r\r",
    "\\,",
    "'",
    "\u00a0",
    "1,2,3,4,5\n",
    "#",
    "\u001a",
    "\ufeff",
  ],
  open: async () => {
    const db = await openDatabase({ threads: 1, memoryLimitMb: 256 });
    const folder = freshFolder();
    return {
      judge: (input) => judgeFile(input, { db, path: join(folder, "in.csv"), copyPath: join(folder, "copy.csv") }),
      close: async () => {
        await db.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

interface Place {
  readonly db: Database;
  readonly path: string;
  readonly copyPath: string;
}

async function judgeFile(input: Uint8Array, place: Place): Promise<Judgement> {
  writeFileSync(place.path, input);
  try {
    return await judgeTable(place, false);
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    // As an import does it: line ends of several kinds are tried once more, all made one.
    if (thrown.code === "FILE_NOT_WHOLE") return await again(place);
    return refusal(thrown);
  }
}

async function again(place: Place): Promise<Judgement> {
  try {
    return await judgeTable(place, true);
  } catch (thrown) {
    if (thrown instanceof GrowthosError) return refusal(thrown);
    throw thrown;
  }
}

function refusal(error: GrowthosError): Judgement {
  if (error.parts.exit !== "badData")
    return { wrong: `a file that is wrong ends with ${error.parts.exit}: ${error.message}` };
  return error.message === "" ? { wrong: "refused without a reason" } : "refused";
}

async function judgeTable({ db, path, copyPath }: Place, forceCopy: boolean): Promise<Judgement> {
  const opened = await openFile(
    { files: diskFiles, db, copyPath },
    { name: "in.csv", path, declared: null },
    forceCopy,
  );
  const { format, delimiter, header } = opened.head;
  // Objects on lines and Parquet have readers of their own.
  if (format !== "csv") return "refused";
  const { skip, lineOffset } = opened;
  const plan = { name: "in.csv", path: opened.path, format, delimiter: delimiter || ",", skip, lineOffset, header };
  await loadRows(db, plan as unknown as FilePlan);
  const names = header.map((_, index) => cellName(index));
  const rows = await db.all(`select ${names.join(", ")} from file_rows order by _row`);
  const found = rows.map((row) => names.map((name) => String(row[name] ?? "")));
  const whole = readFileSync(opened.path, "utf8");
  const text = belowHeader(whole, skip);
  const above = whole.slice(0, whole.length - text.length);
  return compared(found, { text, above, delimiter: delimiter || ",", width: header.length });
}

function belowHeader(text: string, lines: number): string {
  let rest = text.replace(/^\ufeff/, "");
  for (let line = 0; line < lines; line++) {
    const end = /\r\n|\n|\r/.exec(rest);
    rest = end === null ? "" : rest.slice(end.index + end[0].length);
  }
  return rest;
}

interface Wanted {
  readonly text: string;
  /** Its header, and what stands above it. */
  readonly above: string;
  readonly delimiter: string;
  readonly width: number;
}

/** Every row is a record of the file, in its order; no record that is as it must be is left out. */
function compared(found: readonly (readonly string[])[], { text, above, delimiter, width }: Wanted): Judgement {
  const isPlain = readPlainCsv(above + text, delimiter).every(({ isOdd }) => !isOdd);
  const records = readPlainCsv(text, delimiter).map(({ cells }) => cells);
  // In a table of one column a blank line is a row without a value, or none.
  const rows = width === 1 ? found.filter(([cell]) => cell !== "") : found;
  return isPlain ? inOrder(rows, records, width) : amongThem(rows, records, width);
}

const same = (a: readonly string[] | undefined, b: readonly string[]) => JSON.stringify(a) === JSON.stringify(b);

/** A record with empty cells too many may be a row: delimiters at the end of a line say nothing. */
function isTrailed(cells: readonly string[], width: number): boolean {
  return cells.length > width && cells.slice(width).every((cell) => cell === "");
}

function inOrder(
  rows: readonly (readonly string[])[],
  records: readonly (readonly string[])[],
  width: number,
): Judgement {
  let at = 0;
  for (const cells of records) {
    const isRow = cells.length === width && !(width === 1 && cells[0] === "");
    if (isRow && !same(rows[at], cells))
      return { wrong: `row ${at + 1} is ${JSON.stringify(rows[at])}, and not ${JSON.stringify(cells)}` };
    if (isRow || (isTrailed(cells, width) && same(rows[at], cells.slice(0, width)))) at += 1;
  }
  return at === rows.length
    ? "taken"
    : { wrong: `row ${at + 1}, ${JSON.stringify(rows[at])}, is no record of the file` };
}

/** Where quotes stand oddly readers may differ about a record, but what is taken must be one of the file's. */
function amongThem(
  rows: readonly (readonly string[])[],
  records: readonly (readonly string[])[],
  width: number,
): Judgement {
  const strange = rows.find(
    (row) =>
      !records.some((cells) => same(row, cells) || (isTrailed(cells, width) && same(row, cells.slice(0, width)))),
  );
  return strange === undefined ? "taken" : { wrong: `${JSON.stringify(strange)} is no record of the file` };
}
