/** The protocol's messages (version 3.0): bytes to what a client wants, within bounds, and what is answered to bytes. Pure. */
import type { ReadColumn } from "../../warehouse/sql-reader.js";
import type { PlainValue } from "../../warehouse/sql-values.js";
import { type ErrorFields, protocolError } from "./errors.js";
import { binaryValue, TYPES, textValue, utf8 } from "./values.js";

/** The first message of a connection; PostgreSQL has the same bound. */
export const MOST_STARTUP = 10_000;
/** Any later one: a statement with its parameters. */
export const MOST_MESSAGE = 1024 * 1024;
/** Before somebody has proven the password. */
export const MOST_SIGN_IN = 4_096;
const MOST_PARAMETERS = 1_000;
const MOST_COLUMNS = 2_000;

/** What the first message asks for. */
export type Startup =
  | { readonly kind: "ssl" | "gss" }
  | { readonly kind: "cancel"; readonly process: number; readonly secret: number }
  | { readonly kind: "start"; readonly minor: number; readonly settings: ReadonlyMap<string, string> };

/** One later message. */
export type Message =
  | { readonly kind: "query"; readonly sql: string }
  | { readonly kind: "parse"; readonly name: string; readonly sql: string; readonly types: readonly number[] }
  | ({ readonly kind: "bind" } & Bound)
  | { readonly kind: "describe" | "close"; readonly what: "statement" | "portal"; readonly name: string }
  | { readonly kind: "execute"; readonly portal: string; readonly most: number }
  | { readonly kind: "sync" | "flush" | "terminate" | "copy" | "call" };

/** Parameters of a statement. */
export interface Bound {
  readonly portal: string;
  readonly statement: string;
  /** 0: text, 1: binary. */
  readonly formats: readonly (0 | 1)[];
  readonly values: readonly (Buffer | null)[];
  readonly resultFormats: readonly (0 | 1)[];
}

const PROTOCOL_3 = 196_608;
const CANCEL = 80_877_102;
const SSL = 80_877_103;
const GSS = 80_877_104;

/** Reads the body of a first message. Throws a fatal `PgError`. */
export function readStartup(body: Buffer): Startup {
  const reader = readerOf(body);
  const code = reader.int4();
  if (code === SSL || code === GSS) return reader.end({ kind: code === SSL ? "ssl" : "gss" } as const);
  if (code === CANCEL) return reader.end({ kind: "cancel", process: reader.int4(), secret: reader.int4() } as const);
  if (code >>> 16 !== PROTOCOL_3 >>> 16)
    throw protocolError(`protocol ${code >>> 16}.${code & 0xffff} is not spoken here`);
  const settings = new Map<string, string>();
  for (let name = reader.text(); name !== ""; name = reader.text()) settings.set(name, reader.text());
  return reader.end({ kind: "start", minor: code & 0xffff, settings } as const);
}

/** Reads the body of a later message. Throws a fatal `PgError`. */
export function readMessage(type: string, body: Buffer): Message {
  const reader = readerOf(body);
  switch (type) {
    case "Q":
      return reader.end({ kind: "query", sql: reader.text() } as const);
    case "P": {
      const [name, sql] = [reader.text(), reader.text()];
      return reader.end({ kind: "parse", name, sql, types: reader.list(MOST_PARAMETERS, reader.int4) } as const);
    }
    case "B":
      return reader.end({ kind: "bind", ...readBound(reader) } as const);
    case "D":
    case "C": {
      const [what, name] = [reader.sign(), reader.text()];
      if (what !== "S" && what !== "P") throw protocolError("neither a statement nor a portal");
      const kind = type === "D" ? "describe" : "close";
      return reader.end({ kind, what: what === "S" ? "statement" : "portal", name } as const);
    }
    case "E":
      return reader.end({ kind: "execute", portal: reader.text(), most: Math.max(0, reader.int4()) } as const);
    case "S":
      return reader.end({ kind: "sync" } as const);
    case "H":
      return reader.end({ kind: "flush" } as const);
    case "X":
      return { kind: "terminate" };
    case "d":
    case "c":
    case "f":
      return { kind: "copy" };
    case "F":
      return { kind: "call" };
    default:
      throw protocolError("a message of an unknown type");
  }
}

function readBound(reader: Reader): Bound {
  const [portal, statement] = [reader.text(), reader.text()];
  const formats = reader.list(MOST_PARAMETERS, reader.format);
  const values = reader.list(MOST_PARAMETERS, () => {
    const size = reader.int4();
    return size === -1 ? null : reader.bytes(size);
  });
  return { portal, statement, formats, values, resultFormats: reader.list(MOST_COLUMNS, reader.format) };
}

/** The first answer of a sign-in: which mechanism, and its first message. Throws a fatal `PgError`. */
export function readSaslFirst(body: Buffer): { readonly mechanism: string; readonly data: string } {
  const reader = readerOf(body);
  const mechanism = reader.text();
  const size = reader.int4();
  return reader.end({ mechanism, data: size < 0 ? "" : utf8(reader.bytes(size)) });
}

interface Reader {
  int2(): number;
  int4(): number;
  sign(): string;
  text(): string;
  bytes(size: number): Buffer;
  format(): 0 | 1;
  list<T>(most: number, item: () => T): readonly T[];
  /** Throws when something is left. */
  end<T>(value: T): T;
}

/** Every step is checked against the end of the body. */
function readerOf(body: Buffer): Reader {
  let at = 0;
  const take = (size: number): number => {
    if (size < 0 || at + size > body.length) throw protocolError("a message ends too early");
    const from = at;
    at += size;
    return from;
  };
  const reader: Reader = {
    int2: () => body.readInt16BE(take(2)),
    int4: () => body.readInt32BE(take(4)),
    sign: () => String.fromCharCode(body.readUInt8(take(1))),
    text: () => {
      const end = body.indexOf(0, at);
      if (end < 0) throw protocolError("a text has no end");
      const from = take(end - at + 1);
      return utf8(body.subarray(from, end));
    },
    bytes: (size) => {
      const from = take(size);
      return body.subarray(from, from + size);
    },
    format: () => {
      const format = reader.int2();
      if (format !== 0 && format !== 1) throw protocolError("a format is neither text nor binary");
      return format;
    },
    list: (most, item) => {
      const count = reader.int2();
      if (count < 0 || count > most) throw protocolError(`a list of ${count} is longer than ${most}`);
      return Array.from({ length: count }, item);
    },
    end: (value) => {
      if (at !== body.length) throw protocolError("a message is longer than what it says");
      return value;
    },
  };
  return reader;
}

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, 4);
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(size, 1);
  return Buffer.concat([head, ...parts]);
}

function int2(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int4(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.from(`${value.replaceAll("\0", "")}\0`, "utf8");
}

/** Whether a transaction is open: no, yes, yes but failed. */
export type TransactionState = "I" | "T" | "E";

/** What is answered, as bytes. */
export const REPLIES = {
  saslMechanisms: () => message("R", int4(10), text("SCRAM-SHA-256"), Buffer.from([0])),
  saslContinue: (data: string) => message("R", int4(11), Buffer.from(data)),
  saslFinal: (data: string) => message("R", int4(12), Buffer.from(data)),
  signedIn: () => message("R", int4(0)),
  parameterStatus: (name: string, value: string) => message("S", text(name), text(value)),
  /** The newest minor version that is spoken, and what of the client's extensions is not. */
  negotiate: (unknown: readonly string[]) => message("v", int4(0), int4(unknown.length), ...unknown.map(text)),
  backendKey: (process: number, secret: number) => message("K", int4(process), int4(secret)),
  ready: (state: TransactionState) => message("Z", Buffer.from(state)),
  rowDescription: (columns: readonly ReadColumn[], formats: readonly (0 | 1)[]) =>
    message(
      "T",
      int2(columns.length),
      ...columns.flatMap(({ name, kind }, index) => {
        const { oid, size } = TYPES[kind];
        return [text(name), int4(0), int2(0), int4(oid), int2(size), int4(-1), int2(formatOf(formats, index))];
      }),
    ),
  parameterDescription: (oids: readonly number[]) => message("t", int2(oids.length), ...oids.map(int4)),
  noData: () => message("n"),
  parseComplete: () => message("1"),
  bindComplete: () => message("2"),
  closeComplete: () => message("3"),
  suspended: () => message("s"),
  empty: () => message("I"),
  complete: (tag: string) => message("C", text(tag)),
  error: (fields: ErrorFields) => message("E", ...noticeFields(fields)),
  notice: (what: string) => message("N", ...noticeFields({ severity: "WARNING", sqlState: "01000", message: what })),
} as const;

function noticeFields(fields: Omit<ErrorFields, "severity"> & { readonly severity: string }): readonly Buffer[] {
  const { severity, sqlState, message: what, detail, hint } = fields;
  const all = { S: severity, V: severity, C: sqlState, M: what, D: detail, H: hint };
  const given = Object.entries(all).flatMap(([sign, value]) => (value === undefined ? [] : [text(`${sign}${value}`)]));
  return [...given, Buffer.from([0])];
}

/** The format of a column: none given is text, one is for all. */
export function formatOf(formats: readonly (0 | 1)[], index: number): 0 | 1 {
  return (formats.length === 1 ? formats[0] : formats[index]) ?? 0;
}

/** One row. */
export function dataRow(
  row: readonly PlainValue[],
  columns: readonly ReadColumn[],
  formats: readonly (0 | 1)[],
): Buffer {
  const cells = columns.flatMap(({ kind }, index) => {
    const value = row[index] ?? null;
    if (value === null) return [int4(-1)];
    const bytes =
      formatOf(formats, index) === 1 ? binaryValue(kind, value) : Buffer.from(textValue(kind, value), "utf8");
    return [int4(bytes.length), bytes];
  });
  return message("D", int2(columns.length), ...cells);
}
