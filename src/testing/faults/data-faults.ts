/** How a sync must end after one value of one record is this: kept as it is, the record set aside, or an error and nothing of the slice. `not stored`: the connector names its columns. */
export type DataEnd =
  | "kept"
  | "set aside"
  | "not stored"
  | { readonly code: string; readonly exit: "source" | "badData" };

/** One row of the fault matrix, done to a text of one record. */
export interface DataRow {
  readonly id: string;
  readonly what: string;
  /** JSON that takes the place of the text; more members of the record may follow it. Bytes for what is no text. */
  readonly json: string | Uint8Array;
  /** A text that the stored record must then have, as it is in JSON. */
  readonly has?: string;
  readonly end: DataEnd;
  /** Where a connector ends otherwise, and rightly so: by rig. */
  readonly but?: Readonly<Record<string, DataEnd>>;
}

const BROKEN = { code: "API_BROKEN", exit: "source" } as const;
const SHAPE = { code: "API_SHAPE", exit: "source" } as const;
/** Lines are read when they have all come: they are bad data, and not asked for again. */
const BAD = { "shopify bulk": { code: "BAD_JSON", exit: "badData" } } as const;
/** These name the columns that they keep. */
const COLUMNS = { ga4: "not stored", ga4_events: "not stored" } as const;
const bytes = (...values: readonly number[]) => Uint8Array.from([0x22, ...values, 0x22]);
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const kept = (text: string) => ({ json: JSON.stringify(text), has: JSON.stringify(text), end: "kept" }) as const;

/** Rows D01 to D15 that one value can show, and A07. */
export const DATA_FAULTS: readonly DataRow[] = [
  { id: "D01", what: "a number above 2^53", json: "9007199254740993123", has: "9007199254740993123", end: "kept" },
  { id: "D01", what: "a text with leading zeros", ...kept("000123456789012345678901234567890") },
  { id: "D03", what: "a key that comes twice", json: '"a","twice":1,"twice":2', end: BROKEN, but: BAD },
  { id: "D03", what: "a key named __proto__", json: '"a","__proto__":{"polluted":1}', end: "kept" },
  { id: "D03", what: "a key named constructor", json: '"a","constructor":{"polluted":1}', end: "kept" },
  { id: "D04", what: "bytes that are no UTF-8", json: bytes(0x61, 0xc3, 0x28), end: BROKEN },
  { id: "D04", what: "an overlong slash", json: bytes(0xc0, 0xaf), end: BROKEN },
  { id: "D04", what: "a NUL", json: '"a\\u0000b"', end: "set aside", but: { "shopify bulk": "kept" } },
  { id: "D04", what: "half a surrogate pair", json: '"a\\ud83d"', end: "set aside", but: BAD },
  { id: "D04", what: "letters that change the direction", ...kept("a\u202egpj.exe\u2066") },
  { id: "D05", what: "65 levels", json: nested(65), end: BROKEN },
  { id: "D05", what: "100,000 levels", json: nested(100_000), end: BROKEN },
  { id: "D06", what: "a text of 17 MB", json: `"${"x".repeat(17 * 1024 * 1024)}"`, end: BROKEN },
  {
    id: "D06",
    what: "100,000 keys",
    json: `"a",${Array.from({ length: 100_000 }, (_, index) => `"k${index}":1`).join(",")}`,
    end: BROKEN,
    but: BAD,
  },
  { id: "D07", what: "NaN", json: "NaN", end: BROKEN, but: BAD },
  { id: "D07", what: "Infinity", json: "-Infinity", end: BROKEN, but: BAD },
  {
    id: "D10",
    what: "an object where a text was",
    json: '{"a":1}',
    has: '{"a":1}',
    end: "kept",
    but: { ga4: SHAPE, ga4_events: SHAPE },
  },
  { id: "D15", what: "emoji, mojibake and right-to-left letters", ...kept("🍵👩‍👩‍👧 FrÃ¼hling חורף شاي ﷽ é é") },
  { id: "D15", what: "a name of 200 characters", ...kept("ß".repeat(200)) },
  { id: "D15", what: "quotes and what SQL and DuckDB read", ...kept("'; drop table x; -- \"\\ $1 {{ref}} %s\t\r\n") },
  {
    id: "A07",
    what: "a new field",
    json: '"a","brand_new":"kept as it came"',
    has: '"kept as it came"',
    end: "kept",
    but: COLUMNS,
  },
];
