/** How a sync must end after one value of one record is this: kept as it is, the record set aside, or an error and nothing of the slice. `not stored`: the connector names its columns. */
export type DataEnd =
  | "kept"
  | "set aside"
  | "not stored"
  | { readonly code: string; readonly exit: "source" | "badData" };

/** Which value of a record it is done to. */
export type DataPlace = "name" | "amount" | "instant" | "day";

/** One row of the fault matrix, done to one value of one record. */
export interface DataRow {
  readonly id: string;
  readonly what: string;
  /** Default: a name. Rigs without such a value are left out. */
  readonly place?: DataPlace;
  /** What staging then makes of it: minor units or an instant; `refused`: it stops the build, by name. */
  readonly staged?: number | string | "refused";
  /** JSON that takes the place of the text; more members of the record may follow it. Bytes for what is no text. */
  readonly json: string | Uint8Array;
  /** A text that the stored record must then have, as it is in JSON. */
  readonly has?: string;
  readonly end: DataEnd;
  /** Where it ends otherwise as a cell of CSV; default `not stored`, because names of series are read past. */
  readonly csv?: DataEnd;
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

/** Every value is a text there. */
const TEXTS = { ga4: SHAPE, ga4_events: SHAPE } as const;
const amount = (text: string, staged: number | string, but: DataRow["but"] = {}) =>
  ({
    id: "D02",
    what: `the amount ${text}`,
    place: "amount",
    json: text,
    staged,
    end: "kept",
    csv: SHAPE,
    but,
  }) as const;
const instant = (text: string, staged: string) =>
  ({ id: "D08", what: `the instant ${text}`, place: "instant", json: `"${text}"`, staged, end: "kept" }) as const;
/** An event is of the day of its table, whatever it says itself. */
const TABLE = { ga4_events: "kept" } as const;
/** Others name every day by the day itself: a row without one, of a day to come or of one read long ago is of no day that was asked for. */
const strangeDay = (what: string, json: string, csv: DataEnd = "kept") =>
  ({ id: "A08", what: `the day ${what}`, place: "day", json, end: SHAPE, csv, but: TABLE }) as const;
const day = (text: string) =>
  ({
    id: "D08",
    what: `the day ${text}`,
    place: "day",
    json: `"${text}"`,
    end: SHAPE,
    csv: SHAPE,
    but: TABLE,
  }) as const;

/** Rows D01 to D15 that one value can show, A07, and A08 of sources that are read by the day. */
export const DATA_FAULTS: readonly DataRow[] = [
  { id: "D01", what: "a number above 2^53", json: "9007199254740993123", has: "9007199254740993123", end: "kept" },
  { id: "D01", what: "a text with leading zeros", ...kept("000123456789012345678901234567890") },
  { id: "D03", what: "a key that comes twice", json: '"a","twice":1,"twice":2', end: BROKEN, csv: SHAPE, but: BAD },
  { id: "D03", what: "a key named __proto__", json: '"a","__proto__":{"polluted":1}', end: "kept", csv: SHAPE },
  { id: "D03", what: "a key named constructor", json: '"a","constructor":{"polluted":1}', end: "kept", csv: SHAPE },
  { id: "D04", what: "bytes that are no UTF-8", json: bytes(0x61, 0xc3, 0x28), end: BROKEN, csv: BROKEN },
  { id: "D04", what: "an overlong slash", json: bytes(0xc0, 0xaf), end: BROKEN, csv: BROKEN },
  { id: "D04", what: "a NUL", json: '"a\\u0000b"', end: "set aside", but: { "shopify bulk": "kept" } },
  { id: "D04", what: "half a surrogate pair", json: '"a\\ud83d"', end: "set aside", but: BAD },
  { id: "D04", what: "letters that change the direction", ...kept("a\u202egpj.exe\u2066") },
  // Short lines of a file are not looked into as they come, the first of them when their shape is told.
  { id: "D05", what: "65 levels", json: nested(65), end: BROKEN, but: BAD },
  { id: "D05", what: "6,000 levels", json: nested(6_000), end: BROKEN, csv: SHAPE, but: BAD },
  { id: "D05", what: "100,000 levels", json: nested(100_000), end: BROKEN, csv: SHAPE },
  { id: "D06", what: "a text of 17 MB", json: `"${"x".repeat(17 * 1024 * 1024)}"`, end: BROKEN, csv: SHAPE },
  {
    id: "D06",
    what: "100,000 keys",
    json: `"a",${Array.from({ length: 100_000 }, (_, index) => `"k${index}":1`).join(",")}`,
    end: BROKEN,
    csv: SHAPE,
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
    csv: SHAPE,
    but: TEXTS,
  },
  { id: "D15", what: "emoji, mojibake and right-to-left letters", ...kept("🍵👩‍👩‍👧 FrÃ¼hling חורף شاي ﷽ é é") },
  { id: "D15", what: "a name of 200 characters", ...kept("ß".repeat(200)) },
  {
    id: "D15",
    what: "quotes and what SQL and DuckDB read",
    csv: SHAPE,
    ...kept("'; drop table x; -- \"\\ $1 {{ref}} %s\t\r\n"),
  },
  {
    id: "A07",
    what: "a new field",
    json: '"a","brand_new":"kept as it came"',
    has: '"kept as it came"',
    end: "kept",
    csv: SHAPE,
    but: COLUMNS,
  },
  { ...amount('"719.99"', 71_999), csv: "not stored" },
  { ...amount("719.99", 71_999, TEXTS), csv: "not stored" },
  amount('"1e3"', 100_000),
  amount("1e3", 100_000, TEXTS),
  amount('"-0"', 0),
  amount('"12345678901234567.89"', "1234567890123456789"),
  amount('"12345678901234567890"', "refused"),
  amount('"1,234.56"', "refused"),
  instant("2026-02-01T10:00:00+14:00", "2026-01-31T20:00:00"),
  instant("2026-02-01T24:00:00Z", "2026-02-02T00:00:00"),
  // Without an offset it is the wall clock of the shop, which is in New York.
  instant("2026-02-01T10:00:00", "2026-02-01T15:00:00"),
  instant("9999-12-31T23:59:59Z", "9999-12-31T23:59:59"),
  instant("2016-12-31T23:59:60Z", "refused"),
  instant("2026-02-30T10:00:00Z", "refused"),
  day("0000-00-00"),
  day("2026-02-30"),
  day("2026-02-05T24:00"),
  { ...day("9999-12-31"), csv: "not stored" },
  strangeDay("null", "null", SHAPE),
  strangeDay("of tomorrow", '"2026-02-10"'),
  strangeDay("of tomorrow, in digits", '"20260210"', SHAPE),
  strangeDay("that was read long ago", '"2026-01-05"'),
  strangeDay("that was read long ago, in digits", '"20260105"', SHAPE),
];
