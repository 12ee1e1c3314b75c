import { GrowthosError } from "../base/errors.js";

/** A BIGINT or HUGEINT as a number. Throws `UNSAFE_INTEGER` beyond 2^53 - 1: cast such a column to VARCHAR in SQL. */
export function decodeInteger(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new GrowthosError({
    code: "UNSAFE_INTEGER",
    what: `the integer ${value} does not fit into a number without loss`,
    hint: "cast the column to varchar in the query",
    exit: "bug",
  });
}

/** Days since 1970-01-01 as `YYYY-MM-DD`; the infinities as text. */
export function decodeDate(days: number): string {
  if (days === 2147483647) return "infinity";
  if (days === -2147483647) return "-infinity";
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

/** Microseconds since 1970 UTC as ISO 8601 text with milliseconds, or microseconds when there are any; `zone` is `Z` or nothing. */
export function decodeInstant(micros: bigint, zone: "Z" | ""): string {
  if (micros === 9223372036854775807n) return "infinity";
  if (micros === -9223372036854775807n) return "-infinity";
  const below = ((micros % 1000n) + 1000n) % 1000n;
  const text = new Date(Number((micros - below) / 1000n)).toISOString().slice(0, -1);
  return `${text}${below === 0n ? "" : String(below).padStart(3, "0")}${zone}`;
}

/** A scaled integer as a number when that is exact, else as decimal text. */
export function decodeDecimal(value: bigint, scale: number): number | string {
  const text = decimalText(value, scale);
  const number = Number(text);
  return number.toFixed(scale) === text && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : text;
}

function decimalText(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const sign = value < 0n ? "-" : "";
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
