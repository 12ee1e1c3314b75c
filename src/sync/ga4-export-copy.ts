import { basename, join } from "node:path";
import { GrowthosError, messageOf } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { unpackTo } from "../http/body.js";
import { jsonGuard } from "../warehouse/json-guard.js";
import type { ExportTable } from "./ga4-export-find.js";

/** Most bytes of one piece after unpacking; BigQuery writes pieces of at most 1 GB. */
const MAX_BYTES = 4 * 1024 * 1024 * 1024;

/**
 * The pieces of a table as DuckDB may read them: Parquet as it is; JSON unpacked and looked at on the way, because its reader takes the
 * whole process down on deep nesting. Throws `GA4_EXPORT_BROKEN`, `JSON_TOO_DEEP`, `JSON_TOO_LARGE`, `JSON_NOT_UTF8`, `JSON_CUT`.
 */
export async function readable(files: Files, table: ExportTable, folder: string): Promise<readonly string[]> {
  if (table.format === "parquet") return notEmpty(files, table, table.paths);
  const copies: string[] = [];
  for (const [index, path] of table.paths.entries()) {
    const copy = join(folder, `${index}.ndjson`);
    files.write(copy, "");
    const guard = jsonGuard({ name: basename(path), lines: true });
    await unpacked(files, path, (chunk) => {
      guard.feed(chunk);
      files.append(copy, chunk);
    });
    guard.end();
    copies.push(copy);
  }
  return notEmpty(files, table, copies);
}

/** A day without events has no table: a table without a byte is an export that failed. One of several pieces may be empty. */
function notEmpty(files: Files, { paths }: ExportTable, readable: readonly string[]): readonly string[] {
  if (readable.some((path) => (files.stat(path)?.bytes ?? 0) > 0)) return readable;
  throw new GrowthosError({
    code: "GA4_EXPORT_BROKEN",
    what: `${paths.map((path) => basename(path)).join(", ")} cannot be read`,
    why: paths.length === 1 ? "the file is empty" : "the files are empty",
    state: "nothing of this day was landed; the other days are committed",
    hint: "export the table again, whole",
    exit: "badData",
  });
}

async function unpacked(files: Files, path: string, sink: (chunk: Uint8Array) => void): Promise<void> {
  const isPacked = path.toLowerCase().endsWith(".gz");
  async function* bytes() {
    yield* files.chunks(path);
  }
  try {
    await unpackTo(bytes(), isPacked ? "gzip" : undefined, MAX_BYTES, sink);
  } catch (cause) {
    // The two that say that the bytes are damaged or blow up; whatever else is thrown here has its own words.
    if (!(cause instanceof GrowthosError) || !["NETWORK", "ANSWER_TOO_LARGE"].includes(cause.code)) throw cause;
    throw new GrowthosError({
      code: "GA4_EXPORT_BROKEN",
      what: `${basename(path)} cannot be unpacked`,
      why: messageOf(cause),
      state: "nothing of this day was landed; the other days are committed",
      hint: "export the table again, whole",
      exit: "badData",
      cause,
    });
  }
}
