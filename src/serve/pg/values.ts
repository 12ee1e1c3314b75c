/** Types and values as PostgreSQL's clients read them, in both formats. */
import type { ReadParameter } from "../../warehouse/sql-reader.js";
import type { ColumnKind, PlainValue } from "../../warehouse/sql-values.js";
import { PgError } from "./errors.js";

/** Ids and sizes (-1: varying) of PostgreSQL's `pg_type`. */
export const TYPES: Readonly<Record<ColumnKind, { readonly oid: number; readonly size: number }>> = {
  bool: { oid: 16, size: 1 },
  bytea: { oid: 17, size: -1 },
  int8: { oid: 20, size: 8 },
  int2: { oid: 21, size: 2 },
  int4: { oid: 23, size: 4 },
  text: { oid: 25, size: -1 },
  json: { oid: 114, size: -1 },
  float4: { oid: 700, size: 4 },
  float8: { oid: 701, size: 8 },
  date: { oid: 1082, size: 4 },
  time: { oid: 1083, size: 8 },
  timestamp: { oid: 1114, size: 8 },
  timestamptz: { oid: 1184, size: 8 },
  numeric: { oid: 1700, size: -1 },
};

const KINDS = new Map<number, ColumnKind>([
  ...Object.entries(TYPES).map(([kind, { oid }]) => [oid, kind as ColumnKind] as const),
  // Other names of text: "char", name, bpchar, varchar, unknown, uuid; oid itself is a number.
  ...[18, 19, 1042, 1043, 705, 2950].map((oid) => [oid, "text"] as const),
  [3802, "json"],
  [26, "int8"],
]);

/** The kind of a type id; null for 0 (not said) and for what is not known here. */
export function kindOfOid(oid: number): ColumnKind | null {
  return KINDS.get(oid) ?? null;
}

const DAY_MICROS = 86_400_000_000n;
/** From 1970-01-01 to 2000-01-01, where PostgreSQL begins to count. */
const EPOCH_DAYS = 10_957;
const EPOCH_MICROS = BigInt(EPOCH_DAYS) * DAY_MICROS;
const FOREVER_DAYS = 2_147_483_647;
const FOREVER_MICROS = 9_223_372_036_854_775_807n;

/** A value as text. */
export function textValue(kind: ColumnKind, value: Exclude<PlainValue, null>): string {
  if (kind === "bool") return value === true ? "t" : "f";
  if (kind === "date") return dateText(Number(value));
  if (kind === "time") return timeText(BigInt(value as bigint));
  if (kind === "timestamp") return instantText(value as bigint, "");
  if (kind === "timestamptz") return instantText(value as bigint, "+00");
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  // A zero byte would end the text in clients written in C.
  return String(value).replaceAll("\0", "");
}

function dateText(days: number): string {
  if (Math.abs(days) >= FOREVER_DAYS) return days > 0 ? "infinity" : "-infinity";
  const { date, era } = civil(days);
  return `${date}${era}`;
}

function instantText(micros: bigint, zone: string): string {
  if (micros >= FOREVER_MICROS) return "infinity";
  if (micros <= -FOREVER_MICROS) return "-infinity";
  const ofDay = ((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS;
  const { date, era } = civil(Number((micros - ofDay) / DAY_MICROS));
  return `${date} ${timeText(ofDay)}${zone}${era}`;
}

/** Proleptic Gregorian, by Howard Hinnant's days-to-civil: `Date` ends 271,821 BC, DuckDB does not. */
function civil(days: number): { readonly date: string; readonly era: "" | " BC" } {
  const shifted = days + 719_468;
  const cycle = Math.floor(shifted / 146_097);
  const ofCycle = shifted - cycle * 146_097;
  const yearOfCycle = Math.floor(
    (ofCycle - Math.floor(ofCycle / 1_460) + Math.floor(ofCycle / 36_524) - Math.floor(ofCycle / 146_096)) / 365,
  );
  const ofYear = ofCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0);
  const told = year > 0 ? year : 1 - year;
  return { date: `${String(told).padStart(4, "0")}-${two(month)}-${two(day)}`, era: year > 0 ? "" : " BC" };
}

function timeText(micros: bigint): string {
  const seconds = Number(micros / 1_000_000n);
  const rest = String(micros % 1_000_000n)
    .padStart(6, "0")
    .replace(/0+$/, "");
  const clock = `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return rest === "" ? clock : `${clock}.${rest}`;
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}

/** A value in PostgreSQL's binary format; text and JSON are their bytes. */
export function binaryValue(kind: ColumnKind, value: Exclude<PlainValue, null>): Buffer {
  switch (kind) {
    case "bool":
      return Buffer.from([value === true ? 1 : 0]);
    case "int2":
      return fixed(2, (bytes) => bytes.writeInt16BE(Number(value)));
    case "int4":
      return fixed(4, (bytes) => bytes.writeInt32BE(Number(value)));
    case "int8":
      return fixed(8, (bytes) => bytes.writeBigInt64BE(BigInt(value as bigint)));
    case "float4":
      return fixed(4, (bytes) => bytes.writeFloatBE(Number(value)));
    case "float8":
      return fixed(8, (bytes) => bytes.writeDoubleBE(Number(value)));
    case "date":
      return fixed(4, (bytes) => bytes.writeInt32BE(binaryDays(Number(value))));
    case "time":
      return fixed(8, (bytes) => bytes.writeBigInt64BE(BigInt(value as bigint)));
    case "timestamp":
    case "timestamptz":
      return fixed(8, (bytes) => bytes.writeBigInt64BE(binaryMicros(value as bigint)));
    case "numeric":
      return binaryNumeric(String(value));
    default:
      return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(textValue(kind, value), "utf8");
  }
}

function fixed(size: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(size);
  write(bytes);
  return bytes;
}

function binaryDays(days: number): number {
  if (Math.abs(days) >= FOREVER_DAYS) return days > 0 ? FOREVER_DAYS : -FOREVER_DAYS - 1;
  return Math.max(-FOREVER_DAYS, days - EPOCH_DAYS);
}

function binaryMicros(micros: bigint): bigint {
  if (micros >= FOREVER_MICROS) return FOREVER_MICROS;
  const shifted = micros - EPOCH_MICROS;
  return micros <= -FOREVER_MICROS || shifted < -FOREVER_MICROS ? -FOREVER_MICROS - 1n : shifted;
}

/** Groups of four decimal digits, the weight of the first, sign and scale (PostgreSQL's `numeric_send`). */
function binaryNumeric(text: string): Buffer {
  const [, sign = "", whole = "0", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const padded = whole.padStart(Math.ceil(whole.length / 4) * 4, "0");
  const digits = `${padded}${fraction.padEnd(Math.ceil(fraction.length / 4) * 4, "0")}`;
  const groups = (digits.match(/.{4}/g) ?? []).map(Number);
  let weight = padded.length / 4 - 1;
  while (groups[0] === 0) {
    groups.shift();
    weight -= 1;
  }
  while (groups.at(-1) === 0) groups.pop();
  return fixed(8 + 2 * groups.length, (bytes) => {
    bytes.writeInt16BE(groups.length, 0);
    bytes.writeInt16BE(groups.length === 0 ? 0 : weight, 2);
    bytes.writeUInt16BE(sign === "-" && groups.length > 0 ? 0x4000 : 0, 4);
    bytes.writeUInt16BE(fraction.length, 6);
    for (const [index, group] of groups.entries()) bytes.writeInt16BE(group, 8 + 2 * index);
  });
}

/** What a client sent for a parameter. Throws `PgError` for bytes that are none of the type. */
export function parameterValue(bytes: Buffer | null, format: 0 | 1, kind: ColumnKind | null): ReadParameter {
  if (bytes === null) return null;
  if (format === 0) return textParameter(utf8(bytes), kind);
  return binaryParameter(bytes, kind ?? "text");
}

const INT8_MAX = 2n ** 63n - 1n;

/** Numbers that a client declares are bound as such; the rest is text, which DuckDB reads as the place wants it. */
function textParameter(text: string, kind: ColumnKind | null): ReadParameter {
  if ((kind === "int2" || kind === "int4" || kind === "int8") && /^[+-]?\d{1,19}$/.test(text)) {
    const whole = BigInt(text.replace("+", ""));
    return whole > INT8_MAX || whole < -INT8_MAX ? text : whole;
  }
  if (kind === "bool" && /^(t|true|f|false|1|0)$/i.test(text)) return /^(t|true|1)$/i.test(text);
  if (kind === "bytea") {
    if (!/^\\x([0-9a-f]{2})*$/i.test(text)) throw malformed(kind);
    return new Uint8Array(Buffer.from(text.slice(2), "hex"));
  }
  return text;
}

function binaryParameter(bytes: Buffer, kind: ColumnKind): ReadParameter {
  const { size } = TYPES[kind];
  if (size > 0 && bytes.length !== size) throw malformed(kind);
  switch (kind) {
    case "bool":
      return bytes[0] !== 0;
    case "int2":
      return BigInt(bytes.readInt16BE());
    case "int4":
      return BigInt(bytes.readInt32BE());
    case "int8":
      return bytes.readBigInt64BE();
    case "float4":
      return bytes.readFloatBE();
    case "float8":
      return bytes.readDoubleBE();
    case "date":
      return dateText(forever(bytes.readInt32BE()));
    case "time":
      return timeText(bytes.readBigInt64BE());
    case "timestamp":
      return instantText(foreverMicros(bytes.readBigInt64BE()), "");
    case "timestamptz":
      return instantText(foreverMicros(bytes.readBigInt64BE()), "+00");
    case "numeric":
      return numericText(bytes);
    case "bytea":
      return new Uint8Array(bytes);
    default:
      return utf8(bytes);
  }
}

function forever(days: number): number {
  return days === FOREVER_DAYS || days === -FOREVER_DAYS - 1 ? days : days + EPOCH_DAYS;
}

function foreverMicros(micros: bigint): bigint {
  return micros === FOREVER_MICROS || micros <= -FOREVER_MICROS ? micros : micros + EPOCH_MICROS;
}

function numericText(bytes: Buffer): string {
  if (bytes.length < 8) throw malformed("numeric");
  const [count, weight, sign, scale] = [
    bytes.readInt16BE(0),
    bytes.readInt16BE(2),
    bytes.readUInt16BE(4),
    bytes.readUInt16BE(6),
  ];
  const isNumber = sign === 0 || sign === 0x4000;
  if (!isNumber || count < 0 || bytes.length !== 8 + 2 * count || Math.abs(weight) > 100 || scale > 400)
    throw malformed("numeric");
  const group = (index: number) => {
    const digits = index >= 0 && index < count ? bytes.readInt16BE(8 + 2 * index) : 0;
    if (digits < 0 || digits > 9_999) throw malformed("numeric");
    return String(digits).padStart(4, "0");
  };
  const whole = Array.from({ length: Math.max(0, weight + 1) }, (_, index) => group(index)).join("");
  const fraction = Array.from({ length: Math.ceil(scale / 4) }, (_, index) => group(weight + 1 + index)).join("");
  const text = `${whole.replace(/^0+(?=\d)/, "") || "0"}${scale === 0 ? "" : `.${fraction.slice(0, scale)}`}`;
  return sign === 0x4000 ? `-${text}` : text;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text. Throws `PgError` for what is not UTF-8. */
export function utf8(bytes: Buffer): string {
  try {
    return strict.decode(bytes);
  } catch (thrown) {
    throw new PgError("22021", `text is not UTF-8: ${String(thrown).slice(0, 60)}`);
  }
}

function malformed(kind: ColumnKind): PgError {
  return new PgError("22P03", `the value of a parameter is no ${kind}`);
}
