import { sha256 } from "../../base/hash.js";
import { parseJson } from "../../http/json.js";
import { isObject, type JsonObject, listAt, shapeError, textAt, valueAt } from "../shape.js";
import type { RawRecord } from "../types.js";
import { type EventKind, keyColumns } from "./columns.js";

/** A row of an answer by the names of its columns; every column that is asked for is a text. */
export type TextRow = Readonly<Record<string, string | null>>;

/** The rows of an answer, which come by position only. Throws `API_SHAPE`. */
export function rowsOf(body: unknown): readonly TextRow[] {
  // An answer without rows has no list of them.
  if (valueAt(body, "rows") === undefined) return [];
  const names = listAt(body, "schema.fields").map((_, index) => textAt(body, `schema.fields.${index}.name`));
  return listAt(body, "rows").map((row, index) => {
    const cells = isObject(row) ? row["f"] : undefined;
    if (!Array.isArray(cells) || cells.length !== names.length) {
      throw shapeError(`rows.${index}.f`, `${names.length} values`, cells);
    }
    return Object.fromEntries(names.map((name, at) => [name, cellAt(cells[at], `rows.${index}.${name}`)]));
  });
}

function cellAt(cell: unknown, path: string): string | null {
  const value = isObject(cell) ? cell["v"] : undefined;
  if (value === null || typeof value === "string") return value;
  throw shapeError(path, "a text or null", value);
}

/** A text that may not be missing. */
export function required(row: TextRow, name: string, path: string): string {
  const value = row[name];
  if (value === undefined || value === null || value === "") throw shapeError(`${path}.${name}`, "a text", value);
  return value;
}

/** The member of a record that says which of the day's three tables it was read from. */
export const TABLE_MEMBER = "table";

/**
 * An event as a record. The key is a hash of what tells events apart and the ordinal among equal ones: no id is exported, and
 * `user_pseudo_id` and `ga_session_id` are null where consent was refused. The table is not in it: an event keeps its key when
 * its day moves from the intraday to the daily table.
 */
export function eventRecord(kind: EventKind, row: TextRow, path: string): Omit<RawRecord, "day"> & { day: string } {
  for (const name of ["event_timestamp", "event_name"]) required(row, name, path);
  const payload: JsonObject = {
    [TABLE_MEMBER]: required(row, "table_kind", path),
    ...Object.fromEntries(
      kind.columns.map(({ name, from }) => [name, from === "json" ? jsonOf(row, name, path) : (row[name] ?? null)]),
    ),
  };
  const digest = sha256(keyText(keyColumns(kind).map((name) => row[name] ?? null))).slice(0, 32);
  return { key: `${digest}-${required(row, "ordinal", path)}`, day: required(row, "table_day", path), payload };
}

/** Values as one text; the separators cannot be typed. The same is done in SQL for exports on disk. */
function keyText(values: readonly (string | null)[]): string {
  return values.map((value) => value ?? "\u001e").join("\u001f");
}

function jsonOf(row: TextRow, name: string, path: string): unknown {
  const text = row[name];
  if (text === undefined || text === null) return null;
  try {
    return parseJson(text);
  } catch (thrown) {
    throw shapeError(`${path}.${name}`, "JSON", String(thrown));
  }
}
