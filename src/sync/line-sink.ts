import type { Files } from "../base/files.js";
import type { FileSink } from "../http/client.js";
import type { LineMembers } from "../http/types.js";
import { jsonGuard } from "../warehouse/json-guard.js";

/** Bytes that are gathered before they are written: a call per network chunk costs more than the copy. */
const BUFFER_BYTES = 4 * 1024 * 1024;
/** A piece is closed at the first fitting line after so many bytes. One of DuckDB's threads reads it alone, in the order of its lines. */
const PIECE_BYTES = 28 * 1024 * 1024;
/** Shorter lines are not looked into: they cannot be nested so deeply that the readers that they get would mind. */
const SHORT_BYTES = 16 * 1024;
const NEWLINE = 0x0a;

/** Where the lines go, and what they are. */
export interface LineSinkOptions {
  /** Emptied first; the pieces are its files, and their names sort as the lines came. */
  readonly folder: string;
  /** Named in errors. */
  readonly name: string;
  /** No piece begins with a line that names a parent, unless there are too many of them in a row. Default: every line is a root. */
  readonly members?: LineMembers | undefined;
}

/**
 * Takes a file of JSON lines as it arrives, begun anew at each call: size, encoding, and the depth of long lines are checked before DuckDB may see a byte.
 * Throws what `jsonGuard` throws, and what writing throws.
 */
export function lineSink(files: Files, { folder, name, members }: LineSinkOptions): FileSink {
  files.remove(folder);
  files.makeFolder(folder);
  const guard = jsonGuard({ name, lines: true, shortBytes: SHORT_BYTES });
  const pieces = pieceWriter(files, folder, members?.parentMember);
  const finder = members?.listMember === undefined ? null : filledFinder(members, members.listMember);
  const held = Buffer.allocUnsafe(BUFFER_BYTES);
  const size = { bytes: 0, held: 0, lines: 0, last: NEWLINE };
  const take = (bytes: Buffer) => {
    pieces(bytes);
    finder?.feed(bytes);
  };
  const flush = () => {
    if (size.held > 0) take(held.subarray(0, size.held));
    size.held = 0;
  };
  // Copied, because the network reuses its buffers.
  const hold = (chunk: Uint8Array) => {
    if (size.held + chunk.length > BUFFER_BYTES) flush();
    if (chunk.length > BUFFER_BYTES) return take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    held.set(chunk, size.held);
    size.held += chunk.length;
  };
  return {
    write: (chunk) => {
      guard.feed(chunk);
      size.lines += linesIn(chunk, size.last);
      size.last = chunk.at(-1) ?? size.last;
      size.bytes += chunk.length;
      hold(chunk);
    },
    end: () => {
      guard.end();
      flush();
      return { bytes: size.bytes, lines: size.lines, filled: finder?.end() ?? [] };
    },
  };
}

/** Appends bytes to the piece under way, and closes it where a line without a parent begins. */
function pieceWriter(files: Files, folder: string, parentMember: string | undefined): (bytes: Buffer) => void {
  const piece = { number: 0, bytes: 0 };
  const append = (bytes: Uint8Array) => {
    files.append(`${folder}/${String(piece.number).padStart(6, "0")}.ndjson`, bytes);
    piece.bytes += bytes.length;
  };
  append(Buffer.alloc(0));
  return (bytes) => {
    const size = piece.bytes + bytes.length;
    // Where children come in hordes no piece fits: they are far from their roots then anyway, and pieces must stay small.
    const cut = size < PIECE_BYTES ? undefined : (rootIn(bytes, parentMember) ?? lineIn(bytes, size));
    append(bytes.subarray(0, cut));
    if (cut === undefined) return;
    Object.assign(piece, { number: piece.number + 1, bytes: 0 });
    append(bytes.subarray(cut));
  };
}

/** Where any line begins, once the piece is twice as large as it should be. */
function lineIn(bytes: Buffer, size: number): number | undefined {
  const newline = size < 2 * PIECE_BYTES ? -1 : bytes.lastIndexOf(NEWLINE);
  return newline === -1 ? undefined : newline + 1;
}

/** Where the first line begins that is whole and names no parent; undefined when there is none. */
function rootIn(bytes: Buffer, parentMember: string | undefined): number | undefined {
  let start = bytes.indexOf(NEWLINE) + 1;
  for (let end = bytes.indexOf(NEWLINE, start); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
    if (parentMember === undefined || !bytes.subarray(start, end).includes(`"${parentMember}"`)) return start;
    start = end + 1;
  }
  return undefined;
}

/** Lines that begin in the chunk: an empty one is none. `before` is the byte in front of it. */
function linesIn(chunk: Uint8Array, before: number): number {
  let lines = 0;
  if (before === NEWLINE && chunk.length > 0 && chunk[0] !== NEWLINE) lines += 1;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) {
    const next = chunk[at + 1];
    if (next !== undefined && next !== NEWLINE) lines += 1;
  }
  return lines;
}

/** Finds the roots whose list is not empty by its name: parsing only their lines costs a tenth of parsing all (measured). */
function filledFinder(
  members: LineMembers,
  listMember: string,
): { feed(bytes: Buffer): void; end(): readonly string[] } {
  const name = Buffer.from(`"${listMember}"`);
  const filled = new Set<string>();
  const state = { rest: Buffer.alloc(0) };
  const search = (lines: Buffer) => {
    for (let at = lines.indexOf(name); at !== -1; at = lines.indexOf(name, at + name.length)) {
      if (isEmptyList(lines, at + name.length)) continue;
      const end = lines.indexOf(NEWLINE, at);
      const line = lines.toString("utf8", lines.lastIndexOf(NEWLINE, at) + 1, end === -1 ? lines.length : end);
      const key = filledKey(line, members, listMember);
      if (key !== null) filled.add(key);
    }
  };
  return {
    feed: (bytes) => {
      const all = Buffer.concat([state.rest, bytes]);
      const whole = all.lastIndexOf(NEWLINE) + 1;
      search(all.subarray(0, whole));
      // The last line waits for its end: at most as long as the guard lets a line be.
      state.rest = Buffer.from(all.subarray(whole));
    },
    end: () => {
      search(state.rest);
      return [...filled].sort();
    },
  };
}

/** Whether `: []` follows, with blanks or without. */
function isEmptyList(bytes: Buffer, from: number): boolean {
  return /^\s*:\s*\[\s*\]/.test(bytes.toString("latin1", from, from + 16));
}

function filledKey(line: string, { keyMember, parentMember }: LineMembers, listMember: string): string | null {
  const root = parsed(line);
  const list = root?.[listMember];
  return Array.isArray(list) && list.length > 0 && root?.[parentMember] === undefined
    ? String(root?.[keyMember])
    : null;
}

/** Null for what is no JSON object: landing refuses such a line with its number. */
function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" ? (value as Readonly<Record<string, unknown>> | null) : null;
  } catch {
    return null;
  }
}
