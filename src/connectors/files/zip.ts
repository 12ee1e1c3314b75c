// A ZIP archive is opened only after a bounded look at all of it. Nothing of what it says about itself is believed: names, sizes and
// checksums are compared with what comes out, and a workbook is handed on as a fresh archive that holds nothing else.

import { crc32, inflateRawSync } from "node:zlib";
import { GrowthosError, messageOf } from "../../base/errors.js";

/** How much an archive may be. Bytes are those after unpacking. */
export interface ZipLimits {
  readonly entries: number;
  readonly bytes: number;
  /** Unpacked bytes for each packed one, for entries above `ratioFromBytes`. */
  readonly ratio: number;
  readonly ratioFromBytes: number;
}

/** A workbook of a few hundred thousand rows stays far below these. */
export const WORKBOOK_LIMITS: ZipLimits = {
  entries: 1_000,
  bytes: 96 * 1024 * 1024,
  ratio: 200,
  ratioFromBytes: 1024 * 1024,
};

/** An entry as the central directory describes it, checked. */
interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly unpacked: number;
  readonly at: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const NESTED = /\.(zip|xls[xmb]?|docx?|pptx?|jar|7z|rar|tar|gz|tgz|bz2|xz)$/i;

/** True when the bytes begin as a ZIP archive (and so an Excel workbook) does. */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

/**
 * The entries of an archive that `wanted` names, unpacked. The whole directory is judged first. Throws `FILE_ARCHIVE` for too many
 * entries, too many bytes, a bomb's ratio, names that leave the folder, links, encrypted, nested or doubled entries, and damage.
 */
export function unzip(
  bytes: Uint8Array,
  name: string,
  { limits, wanted }: { readonly limits: ZipLimits; readonly wanted: (name: string) => boolean },
): ReadonlyMap<string, Uint8Array> {
  const refuse = (why: string): never => {
    throw archiveError(name, why);
  };
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = directory(view, limits, refuse);
  judge(entries, { limits, refuse, size: view.length });
  return new Map(entries.filter((entry) => wanted(entry.name)).map((entry) => [entry.name, body(view, entry, refuse)]));
}

type Refuse = (why: string) => never;

function directory(view: Buffer, limits: ZipLimits, refuse: Refuse): readonly Entry[] {
  const end = endOf(view);
  if (end < 0) return refuse("it is cut off: the directory at its end is missing");
  const [count, length, start] = [
    view.readUInt16LE(end + 10),
    view.readUInt32LE(end + 12),
    view.readUInt32LE(end + 16),
  ];
  if (count === 0xffff || start === 0xffffffff)
    return refuse("it is a ZIP64 archive, which no workbook of this size needs");
  if (count > limits.entries) return refuse(`it holds ${count} entries, more than ${limits.entries}`);
  if (view.readUInt16LE(end + 4) !== 0 || start + length > end) return refuse("its directory is damaged");
  const entries: Entry[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    if (at + 46 > end || view.readUInt32LE(at) !== CENTRAL) return refuse("its directory is damaged");
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.readUInt16LE(at + offset));
    entries.push(entryAt(view, at, nameLength ?? 0, refuse));
    at += 46 + (nameLength ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  // A reader that goes by the end of the directory must find what one that counts finds.
  return at === start + length ? entries : refuse("its directory says two things about its length");
}

/** The end record is the last 22 bytes, or before a comment of up to 64 KiB that ends the file. */
function endOf(view: Buffer): number {
  for (let at = view.length - 22; at >= Math.max(0, view.length - 22 - 0xffff); at--) {
    if (view.readUInt32LE(at) === END && at + 22 + view.readUInt16LE(at + 20) === view.length) return at;
  }
  return -1;
}

function entryAt(view: Buffer, at: number, nameLength: number, refuse: Refuse): Entry {
  const name = view.toString("utf8", at + 46, at + 46 + nameLength);
  const shown = JSON.stringify(name.slice(0, 80));
  if (!isInside(name)) return refuse(`its entry ${shown} has a name that could leave the folder`);
  const flags = view.readUInt16LE(at + 8);
  if ((flags & 0x2041) !== 0) return refuse(`its entry ${shown} is encrypted`);
  if (((view.readUInt32LE(at + 38) >>> 16) & 0xf000) === 0xa000) return refuse(`its entry ${shown} is a link`);
  if (NESTED.test(name)) return refuse(`its entry ${shown} is an archive or a document itself`);
  const method = view.readUInt16LE(at + 10);
  if (method !== 0 && method !== 8) return refuse(`its entry ${shown} is packed in an unknown way (${method})`);
  const [crc, packed, unpacked] = [16, 20, 24].map((offset) => view.readUInt32LE(at + offset));
  return { name, method, crc: crc ?? 0, packed: packed ?? 0, unpacked: unpacked ?? 0, at: view.readUInt32LE(at + 42) };
}

function isInside(name: string): boolean {
  const isPlain = /^[^\\:\p{Cc}\uFFFD]{1,255}$/u.test(name) && !name.startsWith("/");
  return isPlain && !name.split("/").some((part) => part === ".." || part === ".");
}

function judge(
  entries: readonly Entry[],
  { limits, refuse, size }: { readonly limits: ZipLimits; readonly refuse: Refuse; readonly size: number },
): void {
  const seen = new Set<string>();
  let [packed, unpacked] = [0, 0];
  for (const entry of entries) {
    const key = entry.name.toLowerCase();
    if (seen.has(key)) refuse(`it holds ${JSON.stringify(entry.name)} twice`);
    seen.add(key);
    packed += entry.packed;
    unpacked += entry.unpacked;
    if (entry.unpacked > limits.ratioFromBytes && entry.unpacked > entry.packed * limits.ratio) {
      refuse(`its entry ${JSON.stringify(entry.name)} unpacks to more than ${limits.ratio} times its size`);
    }
  }
  if (unpacked > limits.bytes) refuse(`it unpacks to ${unpacked} bytes, more than ${limits.bytes}`);
  // Entries that share bytes are how a small archive becomes a large one.
  if (packed > size) refuse("its entries overlap");
}

/** Stops at the size that the directory gave, and compares length and checksum with it. */
function body(view: Buffer, entry: Entry, refuse: Refuse): Uint8Array {
  const damaged = (why: string) => refuse(`its entry ${JSON.stringify(entry.name)} is damaged (${why})`);
  if (entry.at + 30 > view.length || view.readUInt32LE(entry.at) !== LOCAL) return damaged("no local header");
  const from = entry.at + 30 + view.readUInt16LE(entry.at + 26) + view.readUInt16LE(entry.at + 28);
  const packed = view.subarray(from, from + entry.packed);
  if (packed.length !== entry.packed) return damaged("it is cut off");
  const bytes = entry.method === 0 ? packed : inflated(packed, entry.unpacked, damaged);
  if (bytes.length !== entry.unpacked) return damaged("it has another size than it says");
  return crc32(bytes) === entry.crc ? bytes : damaged("its checksum is wrong");
}

function inflated(packed: Buffer, bytes: number, damaged: Refuse): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: bytes + 1 });
  } catch (thrown) {
    const isLarger = (thrown as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    return damaged(isLarger ? "it is larger than it says" : messageOf(thrown));
  }
}

/** A plain archive of these entries, not compressed: what a reader is given that should see nothing else. */
export function zipOf(entries: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const [name, bytes] of entries) {
    const text = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(text.length, 22);
    locals.push(word(LOCAL), common, text, Buffer.from(bytes));
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    central.push(word(CENTRAL), Buffer.from([20, 0]), common, tail, text);
    at += 30 + text.length + bytes.length;
  }
  const length = central.reduce((sum, piece) => sum + piece.length, 0);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.size, 4);
  end.writeUInt16LE(entries.size, 6);
  end.writeUInt32LE(length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, ...central, word(END), end]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** An archive or workbook that is not opened. */
export function archiveError(name: string, why: string, hint?: string): GrowthosError {
  return new GrowthosError({
    code: "FILE_ARCHIVE",
    what: `"${name}" is not opened`,
    why,
    state: "nothing of this file was landed",
    hint: hint ?? "open it in a spreadsheet program and save it anew as .xlsx, or as CSV (UTF-8)",
    exit: "badData",
  });
}
