/** Types and values of a result as programs outside know them: few kinds, everything else as text or JSON. */
import {
  DuckDBArrayValue,
  type DuckDBBlobValue,
  type DuckDBDateValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  type DuckDBTimestampTZValue,
  type DuckDBTimestampValue,
  type DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
} from "@duckdb/node-api";

/** What a column holds. */
export type ColumnKind =
  | "bool"
  | "int2"
  | "int4"
  | "int8"
  | "numeric"
  | "float4"
  | "float8"
  | "text"
  | "bytea"
  | "date"
  | "time"
  | "timestamp"
  | "timestamptz"
  | "json";

/**
 * A value by its kind: bool as boolean; int2, int4, float4, float8 as number; int8 as bigint; date as days since 1970-01-01; time as
 * microseconds of the day; timestamp and timestamptz as microseconds since 1970-01-01 UTC; bytea as bytes; numeric, text and json as text.
 */
export type PlainValue = boolean | number | bigint | string | Uint8Array | null;

const KINDS: Readonly<Partial<Record<DuckDBTypeId, ColumnKind>>> = {
  [DuckDBTypeId.BOOLEAN]: "bool",
  [DuckDBTypeId.TINYINT]: "int2",
  [DuckDBTypeId.UTINYINT]: "int2",
  [DuckDBTypeId.SMALLINT]: "int2",
  [DuckDBTypeId.USMALLINT]: "int4",
  [DuckDBTypeId.INTEGER]: "int4",
  [DuckDBTypeId.UINTEGER]: "int8",
  [DuckDBTypeId.BIGINT]: "int8",
  [DuckDBTypeId.UBIGINT]: "numeric",
  [DuckDBTypeId.HUGEINT]: "numeric",
  [DuckDBTypeId.UHUGEINT]: "numeric",
  [DuckDBTypeId.BIGNUM]: "numeric",
  [DuckDBTypeId.DECIMAL]: "numeric",
  [DuckDBTypeId.FLOAT]: "float4",
  [DuckDBTypeId.DOUBLE]: "float8",
  [DuckDBTypeId.BLOB]: "bytea",
  [DuckDBTypeId.DATE]: "date",
  [DuckDBTypeId.TIME]: "time",
  [DuckDBTypeId.TIMESTAMP]: "timestamp",
  [DuckDBTypeId.TIMESTAMP_S]: "timestamp",
  [DuckDBTypeId.TIMESTAMP_MS]: "timestamp",
  [DuckDBTypeId.TIMESTAMP_NS]: "timestamp",
  [DuckDBTypeId.TIMESTAMP_TZ]: "timestamptz",
  [DuckDBTypeId.LIST]: "json",
  [DuckDBTypeId.ARRAY]: "json",
  [DuckDBTypeId.STRUCT]: "json",
  [DuckDBTypeId.MAP]: "json",
  [DuckDBTypeId.UNION]: "json",
};

/** The kind of a DuckDB type; what has none of its own (intervals, enums, ids) is text. */
export function kindOf(type: DuckDBType): ColumnKind {
  if (type.alias === "JSON") return "json";
  return KINDS[type.typeId] ?? "text";
}

/** A value as its kind wants it. */
export function plainValue(kind: ColumnKind, value: DuckDBValue): PlainValue {
  if (value === null) return null;
  switch (kind) {
    case "bool":
    case "int2":
    case "int4":
    case "float4":
    case "float8":
      return value as boolean | number;
    case "int8":
      return BigInt(value as bigint | number);
    case "date":
      return (value as DuckDBDateValue).days;
    case "time":
      return (value as DuckDBTimeValue).micros;
    case "timestamp":
    case "timestamptz":
      return microsOf(value);
    case "bytea":
      return (value as DuckDBBlobValue).bytes;
    case "json":
      return typeof value === "string" ? value : JSON.stringify(jsonValue(value));
    default:
      return String(value);
  }
}

function microsOf(value: DuckDBValue): bigint {
  if (value instanceof DuckDBTimestampSecondsValue) return value.seconds * 1_000_000n;
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.millis * 1_000n;
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.nanos / 1_000n;
  return (value as DuckDBTimestampValue | DuckDBTimestampTZValue).micros;
}

/** Whole numbers beyond what JSON's readers keep exact are text. */
function jsonValue(value: DuckDBValue): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(jsonValue);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, jsonValue(item)]));
  if (value instanceof DuckDBMapValue)
    return Object.fromEntries(value.entries.map(({ key, value: item }) => [String(key), jsonValue(item)]));
  if (value instanceof DuckDBUnionValue) return jsonValue(value.value);
  return String(value);
}
