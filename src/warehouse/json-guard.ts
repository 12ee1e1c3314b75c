import { isUtf8 } from "node:buffer";
import { GrowthosError } from "../base/errors.js";

/** Limits for JSON that will reach DuckDB, whose readers crash the process on deep nesting (measured: from 30,000 levels on). */
export interface JsonGuardOptions {
  /** Named in errors, e.g. the file. */
  readonly name: string;
  /** Default 64. */
  readonly maxDepth?: number;
  /** Bytes of one document, or of one line with `lines`; default 16 MiB. */
  readonly maxBytes?: number;
  /** One document per line (NDJSON). */
  readonly lines?: boolean;
  /**
   * With `lines`: shorter ones are not looked into, only the last. For readers that do not recurse (`read_ndjson_objects`,
   * `json_extract`, `from_json`: 2,000,000 levels do them no harm): gigabytes are read in a third of the time.
   */
  readonly shortBytes?: number;
}

/** Reads bytes as they pass by; throws `JSON_TOO_DEEP`, `JSON_TOO_LARGE`, `JSON_NOT_UTF8`, `JSON_CUT` (exit badData) with the line. */
export interface JsonGuard {
  feed(bytes: Uint8Array): void;
  /** Call after the last byte: a document that ends inside a string or a bracket was cut off. */
  end(): void;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const BEYOND_ASCII = 0x80;

/** A guard for one file or response. It checks nesting, size and encoding, not grammar: that is the reader's work. */
export function jsonGuard(options: JsonGuardOptions): JsonGuard {
  const { maxDepth = 64, maxBytes = 16 * 1024 * 1024, lines = false, shortBytes = 0 } = options;
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const at = { line: 1, bytes: 0, depth: 0, inString: false, escaped: false };
  const refuse = (code: string, why: string, cause?: unknown) =>
    new GrowthosError({
      code,
      what: `${options.name} cannot be read as JSON`,
      why: `line ${at.line}: ${why}`,
      state: "nothing was landed",
      exit: "badData",
      cause,
    });

  const nextLine = () => {
    if (lines && at.depth !== 0) throw refuse("JSON_CUT", "the line ends inside an object");
    at.line += 1;
  };
  // Plain variables, and an inner loop for text: gigabytes pass through here, and one test of every byte for everything takes three times as long (measured).
  const scan = (bytes: Uint8Array): void => {
    const { length } = bytes;
    let { inString, escaped, depth } = at;
    let lineStart = -at.bytes;
    let index = 0;
    while (index < length) {
      if (inString) {
        let byte = 0;
        if (escaped) index += 1;
        escaped = false;
        for (; index < length; index++) {
          byte = bytes[index] ?? 0;
          if (byte === QUOTE || byte === BACKSLASH || byte === NEWLINE) break;
        }
        if (index === length) break;
        if (byte === NEWLINE) throw refuse("JSON_CUT", "a string is not closed");
        inString = byte === BACKSLASH;
        escaped = inString;
      } else {
        const byte = bytes[index] ?? 0;
        if (byte === QUOTE) inString = true;
        // Most of what stands outside of texts comes before the brackets.
        else if (byte >= OPEN_BRACKET) {
          if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
            depth += 1;
            if (depth > maxDepth) throw refuse("JSON_TOO_DEEP", `more than ${maxDepth} levels of nesting`);
          } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
        } else if (byte === NEWLINE) {
          if (lines && index - lineStart >= maxBytes) throw tooLarge();
          at.depth = depth;
          nextLine();
          if (lines) lineStart = index + 1;
        }
      }
      index += 1;
    }
    Object.assign(at, { inString, escaped, depth, bytes: length - lineStart });
    if (at.bytes > maxBytes) throw tooLarge();
  };
  const tooLarge = () => refuse("JSON_TOO_LARGE", `more than ${maxBytes} bytes`);
  // `isUtf8` is ten times as fast as decoding, but knows no characters that are cut: those pieces are decoded.
  let isBetween = true;
  const checkText = (bytes: Uint8Array | undefined) => {
    if (isBetween && (bytes === undefined || isUtf8(bytes))) return;
    try {
      decoder.decode(bytes, { stream: bytes !== undefined });
      isBetween = (bytes?.at(-1) ?? BEYOND_ASCII) < BEYOND_ASCII;
    } catch (cause) {
      throw refuse("JSON_NOT_UTF8", "it is not valid UTF-8", cause);
    }
  };
  const skip = () => {
    at.line += 1;
  };
  const lookAt = shortBytes === 0 ? { feed: scan, end: () => {} } : longLines({ shortBytes, maxBytes, scan, skip });
  return {
    feed: (bytes) => {
      checkText(bytes);
      lookAt.feed(bytes);
    },
    end: () => {
      checkText(undefined);
      lookAt.end();
      if (at.inString || at.depth !== 0) throw refuse("JSON_CUT", "it ends inside a string or a bracket");
    },
  };
}

/** Lets `scan` see the lines that are not short, and the last one: whatever arrived of it, so that a cut file is told. */
function longLines(given: {
  readonly shortBytes: number;
  readonly maxBytes: number;
  readonly scan: (bytes: Uint8Array) => void;
  readonly skip: () => void;
}): JsonGuard {
  const { shortBytes, maxBytes, scan, skip } = given;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const scanHeld = () => {
    for (const piece of held) scan(piece);
  };
  const forget = () => {
    held = [];
    heldBytes = 0;
  };
  return {
    feed: (bytes) => {
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        if (heldBytes + end - start < shortBytes) skip();
        else {
          scanHeld();
          scan(bytes.subarray(start, end + 1));
        }
        forget();
        start = end + 1;
      }
      // Copied, because the network reuses its buffers.
      if (start < bytes.length) held.push(Uint8Array.from(bytes.subarray(start)));
      heldBytes += bytes.length - start;
      if (heldBytes <= maxBytes) return;
      scanHeld();
      forget();
    },
    end: scanHeld,
  };
}

/** Checks a whole text or buffer at once; errors as `JsonGuard`. */
export function checkJson(data: string | Uint8Array, options: JsonGuardOptions): void {
  const guard = jsonGuard(options);
  guard.feed(typeof data === "string" ? new TextEncoder().encode(data) : data);
  guard.end();
}
