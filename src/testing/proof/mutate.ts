import seedrandom from "seedrandom";
import type { FuzzTarget } from "./fuzz-types.js";

/** Whole number below a limit. */
export type Pick = (below: number) => number;

/** The numbers of one case: the same for the same seed, target and case, whatever ran before. */
export function pickOf(seed: number, name: string, at: number): Pick {
  const random = seedrandom.alea(`${name}:${seed}:${at}`);
  return (below) => Math.floor(random() * below);
}

/** The input of a case: a sample, changed one to four times. */
export function mutantOf(target: Sampled, seed: number, at: number): Uint8Array {
  const pick = pickOf(seed, target.name, at);
  const { samples, words } = target;
  const sample = samples[pick(samples.length)] ?? new Uint8Array();
  let bytes = Buffer.from(sample);
  // Some are left as they are: a reader that refuses everything would pass otherwise.
  for (let times = pick(16) === 0 ? 0 : 1 + pick(4); times > 0; times--) {
    const change = CHANGES[pick(CHANGES.length)];
    bytes = Buffer.from(change?.(bytes, { pick, words, samples }) ?? bytes);
    if (bytes.length > MOST_BYTES) bytes = bytes.subarray(0, MOST_BYTES);
  }
  return bytes;
}

/** A target with its samples read. */
export interface Sampled {
  readonly name: string;
  readonly samples: readonly Uint8Array[];
  readonly words: FuzzTarget["words"];
}

const MOST_BYTES = 200_000;

interface Change {
  readonly pick: Pick;
  readonly words: readonly string[];
  readonly samples: readonly Uint8Array[];
}

/** Pieces that readers of all kinds have been broken by. */
const PIECES = [
  "\u0000",
  "\ufeff",
  "\u202e",
  "\ud83d\ude00",
  "\u2028",
  "\r",
  "\r\n",
  "\n",
  "\t",
  '"',
  '""',
  "'",
  "\\",
  "\\u0000",
  "\\ud800",
  "__proto__",
  "constructor",
  "NaN",
  "Infinity",
  "-0",
  "1e999",
  "1e-999",
  "9007199254740993",
  "18446744073709551616",
  "0.1e1",
  "null",
  "[]",
  "{}",
  ",",
  ";",
  ":",
  "}",
  "]",
  "0000-00-00",
  "2026-02-30",
  "9999-12-31T24:00:00Z",
  "=1+1",
  "$" + "{x}",
  "../",
  "a".repeat(300),
];
const BYTES = [0x00, 0x0a, 0x0d, 0x22, 0x2c, 0x5c, 0x7f, 0x80, 0xc0, 0xe2, 0xed, 0xf0, 0xff];

function place(bytes: Buffer, pick: Pick): number {
  return pick(bytes.length + 1);
}

/** A stretch, mostly short. */
function stretch(bytes: Buffer, pick: Pick): readonly [number, number] {
  const from = place(bytes, pick);
  const longest = pick(4) === 0 ? bytes.length : Math.min(bytes.length, 24);
  return [from, Math.min(bytes.length, from + 1 + pick(Math.max(1, longest)))];
}

function put(bytes: Buffer, from: number, to: number, middle: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(to)]);
}

const CHANGES: readonly ((bytes: Buffer, change: Change) => Buffer)[] = [
  // One bit, one byte.
  (bytes, { pick }) => {
    const at = pick(Math.max(1, bytes.length));
    return put(bytes, at, at + 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << pick(8))]));
  },
  (bytes, { pick }) => {
    const at = pick(Math.max(1, bytes.length));
    return put(bytes, at, at + pick(2), Buffer.from([BYTES[pick(BYTES.length)] ?? 0]));
  },
  // A stretch is gone, is there twice, or stands somewhere else.
  (bytes, { pick }) => put(bytes, ...stretch(bytes, pick), Buffer.alloc(0)),
  (bytes, { pick }) => {
    const [from, to] = stretch(bytes, pick);
    return put(bytes, to, to, bytes.subarray(from, to));
  },
  (bytes, { pick }) => {
    const [from, to] = stretch(bytes, pick);
    const rest = put(bytes, from, to, Buffer.alloc(0));
    const at = place(rest, pick);
    return put(rest, at, at, bytes.subarray(from, to));
  },
  // The end is missing.
  (bytes, { pick }) => bytes.subarray(0, place(bytes, pick)),
  // A piece of this kind of input, or of any, twice as often as the others.
  (bytes, change) => withPiece(bytes, change),
  (bytes, change) => withPiece(bytes, change),
  // A number becomes another one.
  (bytes, { pick }) => {
    const numbers = ["0", "-1", "1e400", "0.10", "00", "12345678901234567890", "1.7976931348623157e308", "5e-324", ""];
    return replaced(bytes, /-?\d+(?:\.\d+)?/g, pick, numbers);
  },
  // A text becomes another kind of value.
  (bytes, { pick }) => replaced(bytes, /"[^"\\]{0,60}"/g, pick, ['""', "null", "7", "[]", "{}", "true", '"\\u0000"']),
  // Deep.
  (bytes, { pick }) => {
    const [open, close] = pick(2) === 0 ? ["[", "]"] : ['{"a":', "}"];
    const levels = [2, 63, 64, 65, 3_000][pick(5)] ?? 2;
    const [from, to] = stretch(bytes, pick);
    return put(bytes, from, to, Buffer.from(open.repeat(levels) + (pick(2) === 0 ? "1" : "") + close.repeat(levels)));
  },
  // Half of this, half of another sample.
  (bytes, { pick, samples }) => {
    const other = Buffer.from(samples[pick(samples.length)] ?? []);
    return Buffer.concat([bytes.subarray(0, place(bytes, pick)), other.subarray(place(other, pick))]);
  },
];

function withPiece(bytes: Buffer, { pick, words }: Change): Buffer {
  const pieces = words.length > 0 && pick(2) === 0 ? words : PIECES;
  const at = place(bytes, pick);
  const to = pick(2) === 0 ? at : Math.min(bytes.length, at + pick(12));
  return put(bytes, at, to, Buffer.from(pieces[pick(pieces.length)] ?? ""));
}

function replaced(bytes: Buffer, what: RegExp, pick: Pick, by: readonly string[]): Buffer {
  const text = bytes.toString("latin1");
  const found = [...text.matchAll(what)];
  const one = found[pick(Math.max(1, found.length))];
  if (one === undefined) return bytes;
  return put(bytes, one.index, one.index + one[0].length, Buffer.from(by[pick(by.length)] ?? ""));
}

/** A smaller input that still does it, found by leaving out halves, quarters and so on, with at most `tries` looks. */
export async function shrunk(
  input: Uint8Array,
  stillDoes: (input: Uint8Array) => Promise<boolean>,
  tries = 200,
): Promise<Uint8Array> {
  let bytes: Buffer = Buffer.from(input);
  let left = tries;
  for (let size = Math.max(1, bytes.length >> 1); size >= 1 && left > 0; size >>= 1) {
    for (let at = 0; at < bytes.length && left > 0; ) {
      const without = put(bytes, at, Math.min(bytes.length, at + size), Buffer.alloc(0));
      left -= 1;
      if (await stillDoes(without)) bytes = without;
      else at += size;
    }
  }
  return bytes;
}
