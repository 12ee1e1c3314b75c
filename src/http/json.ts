import { GrowthosError } from "../base/errors.js";

/** How large a document may be. Depth: DuckDB dies of deep JSON (measured), so it is refused before it gets there. */
export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxTextLength: number;
  readonly maxKeys: number;
}

const DEFAULT_LIMITS: JsonLimits = { maxDepth: 64, maxTextLength: 16 * 1024 * 1024, maxKeys: 10_000 };

interface Reader {
  readonly text: string;
  readonly limits: JsonLimits;
  at: number;
  depth: number;
}

/**
 * Parses JSON without loss: a number that a double would change (ids beyond 2^53, 20-digit amounts) stays as its text.
 * Throws `BAD_JSON` with the offset for anything that is not strict JSON: duplicate keys, NaN, depth over 64, trailing text.
 */
export function parseJson(text: string, limits: Partial<JsonLimits> = {}): unknown {
  const reader: Reader = { text, limits: { ...DEFAULT_LIMITS, ...limits }, at: 0, depth: 0 };
  const value = readValue(reader);
  skipSpace(reader);
  if (reader.at < text.length) throw broken(reader, "text after the end of the document");
  return value;
}

function readValue(reader: Reader): unknown {
  skipSpace(reader);
  const first = reader.text[reader.at];
  if (first === "{") return nested(reader, readObject);
  if (first === "[") return nested(reader, readArray);
  if (first === '"') return readText(reader);
  if (first === "t") return readWord(reader, "true", true);
  if (first === "f") return readWord(reader, "false", false);
  if (first === "n") return readWord(reader, "null", null);
  return readNumber(reader);
}

function nested<T>(reader: Reader, read: (reader: Reader) => T): T {
  reader.depth += 1;
  if (reader.depth > reader.limits.maxDepth) throw broken(reader, `nested deeper than ${reader.limits.maxDepth}`);
  reader.at += 1;
  const value = read(reader);
  reader.depth -= 1;
  return value;
}

function readObject(reader: Reader): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  let count = 0;
  if (closes(reader, "}")) return object;
  do {
    skipSpace(reader);
    const key = readText(reader);
    if (Object.hasOwn(object, key)) throw broken(reader, `the key "${key.slice(0, 100)}" appears twice`);
    count += 1;
    if (count > reader.limits.maxKeys) throw broken(reader, `more than ${reader.limits.maxKeys} keys in one object`);
    skipSpace(reader);
    expect(reader, ":");
    define(object, key, readValue(reader));
  } while (continues(reader, "}"));
  return object;
}

function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") object[key] = value;
  // A plain assignment would set the prototype instead of a member.
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function readArray(reader: Reader): unknown[] {
  const items: unknown[] = [];
  if (closes(reader, "]")) return items;
  do items.push(readValue(reader));
  while (continues(reader, "]"));
  return items;
}

function closes(reader: Reader, end: string): boolean {
  skipSpace(reader);
  if (reader.text[reader.at] !== end) return false;
  reader.at += 1;
  return true;
}

function continues(reader: Reader, end: string): boolean {
  if (closes(reader, end)) return false;
  expect(reader, ",");
  return true;
}

function expect(reader: Reader, character: string): void {
  if (reader.text[reader.at] !== character) throw broken(reader, `expected "${character}"`);
  reader.at += 1;
}

function readWord<T>(reader: Reader, word: string, value: T): T {
  if (!reader.text.startsWith(word, reader.at)) throw broken(reader, "unknown word");
  reader.at += word.length;
  return value;
}

// One string token, escapes not yet decoded; control characters are not allowed inside.
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these
const TEXT = /"[^"\\\u0000-\u001f]*(?:\\["\\/bfnrtu][^"\\\u0000-\u001f]*)*"/y;

function readText(reader: Reader): string {
  TEXT.lastIndex = reader.at;
  const token = TEXT.exec(reader.text)?.[0];
  if (token === undefined) throw broken(reader, "expected a text");
  if (token.length > reader.limits.maxTextLength) {
    throw broken(reader, `a text longer than ${reader.limits.maxTextLength}`);
  }
  const value = token.includes("\\") ? decodeEscapes(reader, token) : token.slice(1, -1);
  reader.at += token.length;
  return value;
}

function decodeEscapes(reader: Reader, token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch (cause) {
    throw broken(reader, "a bad escape in a text", cause);
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function readNumber(reader: Reader): number | string {
  NUMBER.lastIndex = reader.at;
  const token = NUMBER.exec(reader.text)?.[0];
  if (token === undefined) throw broken(reader, "expected a value");
  reader.at += token.length;
  const value = Number(token);
  // Up to 15 digits a double returns every decimal unchanged; beyond that the two spellings are compared.
  if (token.length <= 15 && !/[eE]/.test(token)) return value;
  return Number.isFinite(value) && sameDecimal(token, String(value)) ? value : token;
}

function sameDecimal(a: string, b: string): boolean {
  const left = decimalParts(a);
  const right = decimalParts(b);
  return left.digits === right.digits && left.exponent === right.exponent && left.negative === right.negative;
}

/** A number as digits without outer zeros times a power of ten. */
function decimalParts(text: string): { negative: boolean; digits: string; exponent: number } {
  const unsigned = text.startsWith("-") ? text.slice(1) : text;
  const [mantissa = "", power = "0"] = unsigned.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = (whole + fraction).replace(/^0+/, "");
  const digits = all.replace(/0+$/, "");
  const exponent = digits === "" ? 0 : Number(power) - fraction.length + (all.length - digits.length);
  return { negative: text.startsWith("-") && digits !== "", digits, exponent };
}

const SPACE = /[ \t\n\r]*/y;

function skipSpace(reader: Reader): void {
  const code = reader.text.charCodeAt(reader.at);
  if (code > 32) return;
  SPACE.lastIndex = reader.at;
  SPACE.exec(reader.text);
  reader.at = SPACE.lastIndex;
}

function broken(reader: Reader, why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({
    code: "BAD_JSON",
    what: "the text is not strict JSON",
    why: `${why} at character ${reader.at + 1}`,
    exit: "badData",
    cause,
  });
}
