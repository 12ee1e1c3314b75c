import { sha256 } from "../base/hash.js";
import type { Delivery } from "./types.js";

/** Hex digits of the checksum before each line, and the space after it. */
const MARK = 65;
const NEWLINE = 0x0a;

/** A delivery as one line of the spool: the SHA-256 of the rest, a space, JSON with the body in base64, a newline. */
export function spoolLine(delivery: Delivery): Buffer {
  const { body, ...rest } = delivery;
  const json = JSON.stringify({ ...rest, body: Buffer.from(body).toString("base64") });
  return Buffer.from(`${sha256(json)} ${json}\n`);
}

/** A line (without its newline) as it was accepted, with its id; null when it is not what was written. */
export function deliveryOf(line: Uint8Array): { readonly id: string; readonly delivery: Delivery } | null {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("utf8");
  const [mark, json] = [text.slice(0, MARK - 1), text.slice(MARK)];
  if (text[MARK - 1] !== " " || sha256(json) !== mark) return null;
  const { body, ...rest } = JSON.parse(json) as Omit<Delivery, "body"> & { readonly body: string };
  return { id: mark.slice(0, 16), delivery: { ...rest, body: Buffer.from(body, "base64") } };
}

/** The lines of a file, without their newlines, a piece of the file at a time; `end` says whether the last one had its newline. */
export function* linesOf(chunks: Iterable<Uint8Array>, most = Number.POSITIVE_INFINITY): Generator<Line> {
  let rest: Uint8Array = new Uint8Array();
  let left = most;
  for (const whole of chunks) {
    const chunk = whole.subarray(0, Math.min(whole.length, left));
    left -= chunk.length;
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      yield { bytes: bytes.subarray(start, end), isWhole: true };
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (left === 0) break;
  }
  if (rest.length > 0) yield { bytes: rest, isWhole: false };
}

/** One line. */
export interface Line {
  readonly bytes: Uint8Array;
  /** Its newline was there. */
  readonly isWhole: boolean;
}
