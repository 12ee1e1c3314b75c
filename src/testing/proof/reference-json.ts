// A reader of JSON that is slow and plain: one character at a time, after the grammar of RFC 8259. The program's own is held against it.

/** A value; numbers as they are written. */
export type Plain =
  | null
  | boolean
  | { readonly number: string }
  | string
  | readonly Plain[]
  | ReadonlyMap<string, Plain>;

/** What the reference says: a value, or why there is none. */
export type PlainReading = { readonly value: Plain } | { readonly refused: string };

const MAX_DEPTH = 64;
const DIGITS = "0123456789";
const HEX = "0123456789abcdefABCDEF";
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Reads a document: at most 64 levels, no key twice in one object. */
export function readPlainJson(text: string): PlainReading {
  const at = { index: 0 };
  try {
    const value = readValue(text, at, 0);
    space(text, at);
    return at.index === text.length ? { value } : { refused: "text after the end" };
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return { refused: thrown.message };
    throw thrown;
  }
}

interface At {
  index: number;
}

function space(text: string, at: At): void {
  while (at.index < text.length && " \t\n\r".includes(text.charAt(at.index))) at.index += 1;
}

function take(text: string, at: At, wanted: string): void {
  for (const character of wanted) {
    if (text.charAt(at.index) !== character) throw new SyntaxError(`no ${wanted} at ${at.index}`);
    at.index += 1;
  }
}

function readValue(text: string, at: At, depth: number): Plain {
  space(text, at);
  const first = text.charAt(at.index);
  if ((first === "{" || first === "[") && depth === MAX_DEPTH) throw new SyntaxError("too deep");
  if (first === "{") return readMembers(text, at, depth + 1);
  if (first === "[") return readItems(text, at, depth + 1);
  if (first === '"') return readString(text, at);
  if (first === "t") return word(text, at, "true", true);
  if (first === "f") return word(text, at, "false", false);
  if (first === "n") return word(text, at, "null", null);
  return { number: readNumber(text, at) };
}

function word<T>(text: string, at: At, written: string, value: T): T {
  take(text, at, written);
  return value;
}

function readMembers(text: string, at: At, depth: number): Plain {
  const members = new Map<string, Plain>();
  take(text, at, "{");
  space(text, at);
  if (text.charAt(at.index) === "}") return word(text, at, "}", members);
  for (;;) {
    space(text, at);
    const key = readString(text, at);
    if (members.has(key)) throw new SyntaxError(`the key ${key} is there twice`);
    space(text, at);
    take(text, at, ":");
    members.set(key, readValue(text, at, depth));
    space(text, at);
    if (text.charAt(at.index) === "}") return word(text, at, "}", members);
    take(text, at, ",");
  }
}

function readItems(text: string, at: At, depth: number): Plain {
  const items: Plain[] = [];
  take(text, at, "[");
  space(text, at);
  if (text.charAt(at.index) === "]") return word(text, at, "]", items);
  for (;;) {
    items.push(readValue(text, at, depth));
    space(text, at);
    if (text.charAt(at.index) === "]") return word(text, at, "]", items);
    take(text, at, ",");
  }
}

function readString(text: string, at: At): string {
  take(text, at, '"');
  let value = "";
  for (;;) {
    const character = text.charAt(at.index);
    if (character === "" || character.charCodeAt(0) < 32) throw new SyntaxError(`a text that does not end`);
    at.index += 1;
    if (character === '"') return value;
    value += character === "\\" ? readEscape(text, at) : character;
  }
}

function readEscape(text: string, at: At): string {
  const kind = text.charAt(at.index);
  at.index += 1;
  if (kind !== "u") {
    const plain = ESCAPES[kind];
    if (plain === undefined || kind === "") throw new SyntaxError(`no escape \\${kind}`);
    return plain;
  }
  let code = "";
  for (let count = 0; count < 4; count++) {
    const digit = text.charAt(at.index);
    if (digit === "" || !HEX.includes(digit)) throw new SyntaxError("no hexadecimal digit");
    code += digit;
    at.index += 1;
  }
  return String.fromCharCode(Number.parseInt(code, 16));
}

function readNumber(text: string, at: At): string {
  const start = at.index;
  const digits = () => {
    const from = at.index;
    while (at.index < text.length && DIGITS.includes(text.charAt(at.index))) at.index += 1;
    if (at.index === from) throw new SyntaxError(`no digit at ${at.index}`);
  };
  if (text.charAt(at.index) === "-") at.index += 1;
  if (text.charAt(at.index) === "0") at.index += 1;
  else digits();
  if (text.charAt(at.index) === ".") {
    at.index += 1;
    digits();
  }
  if (text.charAt(at.index) === "e" || text.charAt(at.index) === "E") {
    at.index += 1;
    if ("+-".includes(text.charAt(at.index)) && at.index < text.length) at.index += 1;
    digits();
  }
  return text.slice(start, at.index);
}

/** How the program's value differs from the reference's; null: not at all. A number that a double would change must be its text. */
export function differenceFrom(plain: Plain, value: unknown, path = "$"): string | null {
  if (plain === null || typeof plain === "boolean" || typeof plain === "string")
    return Object.is(plain, value) ? null : `${path} is ${JSON.stringify(value)}`;
  if (Array.isArray(plain)) {
    if (!Array.isArray(value) || value.length !== plain.length) return `${path} is no list of ${plain.length}`;
    return firstOf(plain.map((item: Plain, index: number) => differenceFrom(item, value[index], `${path}[${index}]`)));
  }
  if (plain instanceof Map) return membersDiffer(plain, value, path);
  const { number } = plain as { readonly number: string };
  if (typeof value === "string") return value === number ? null : `${path} is ${value} instead of ${number}`;
  if (typeof value !== "number") return `${path} is no number`;
  return sameNumber(number, value) ? null : `${path} is ${value} instead of ${number}`;
}

function membersDiffer(plain: ReadonlyMap<string, Plain>, value: unknown, path: string): string | null {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return `${path} is no object`;
  if (Object.getPrototypeOf(value) !== Object.prototype) return `${path} has another prototype`;
  const names = Object.getOwnPropertyNames(value);
  if (names.length !== plain.size) return `${path} has ${names.length} members instead of ${plain.size}`;
  return firstOf(
    [...plain].map(([key, member]) =>
      Object.hasOwn(value, key)
        ? differenceFrom(member, (value as Record<string, unknown>)[key], `${path}.${key}`)
        : `${path} has no ${key}`,
    ),
  );
}

function firstOf(differences: readonly (string | null)[]): string | null {
  return differences.find((one) => one !== null) ?? null;
}

/** The decimal that is written and the one that the double prints are the same number: both as digits and a power of ten. */
function sameNumber(written: string, value: number): boolean {
  const [a, b] = [exact(written), exact(String(value))];
  return a.digits === b.digits && (a.digits === 0n || a.power === b.power);
}

function exact(text: string): { readonly digits: bigint; readonly power: bigint } {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  let digits = BigInt(`${whole}${fraction}`);
  let power = BigInt(exponent) - BigInt(fraction.length);
  while (digits !== 0n && digits % 10n === 0n) {
    digits /= 10n;
    power += 1n;
  }
  return { digits, power };
}
