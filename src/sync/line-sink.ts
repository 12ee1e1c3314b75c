import type { Files } from "../base/files.js";
import type { FileSink } from "../http/client.js";
import type { LineMembers } from "../http/types.js";
import { jsonGuard } from "../warehouse/json-guard.js";
import { lineFolder } from "./line-fold.js";

/** Bytes that are gathered before they are looked into, and before they are written. Both are kept: fresh memory costs more than a copy. */
const BUFFER_BYTES = 4 * 1024 * 1024;
/** A root with its children that is larger than this is not waited for. */
const MOST_HELD_BYTES = 32 * 1024 * 1024;
/** A piece is closed at the first line after so many bytes. One of DuckDB's threads reads it alone, in the order of its lines. */
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
  readonly members: LineMembers;
}

/**
 * Takes a file of JSON lines as it arrives, begun anew at each call: size, encoding, and the depth of long lines are checked before DuckDB may
 * see a byte, and children are put under their roots. Throws what `jsonGuard` throws, and what writing throws.
 */
export function lineSink(files: Files, { folder, name, members }: LineSinkOptions): FileSink {
  files.remove(folder);
  files.makeFolder(folder);
  const guard = jsonGuard({ name, lines: true, shortBytes: SHORT_BYTES });
  const pieces = pieceWriter(files, folder);
  const folding = lineFolder(members, pieces.write);
  const held = { buffer: Buffer.allocUnsafe(BUFFER_BYTES), size: 0, bytes: 0 };
  const foldHeld = (all: boolean) => {
    const lines = held.buffer.subarray(0, held.size);
    const whole = lines.lastIndexOf(NEWLINE) + 1;
    const taken = folding.take(lines.subarray(0, whole), all);
    pieces.flush();
    held.buffer.copyWithin(0, taken, held.size);
    held.size -= taken;
  };
  const makeRoom = () => {
    foldHeld(false);
    if (held.size > MOST_HELD_BYTES) foldHeld(true);
    // What is left is larger than half of the buffer: a line or a root with many children.
    if (held.size > held.buffer.length / 2)
      held.buffer = Buffer.concat([held.buffer, Buffer.alloc(held.buffer.length)]);
  };
  const hold = (chunk: Uint8Array) => {
    held.buffer.set(chunk, held.size);
    held.size += chunk.length;
  };
  return {
    write: (chunk) => {
      guard.feed(chunk);
      held.bytes += chunk.length;
      // Copied, because the network reuses its buffers.
      for (let at = 0; at < chunk.length; ) {
        if (held.size === held.buffer.length) makeRoom();
        const part = chunk.subarray(at, at + held.buffer.length - held.size);
        hold(part);
        at += part.length;
      }
    },
    end: () => {
      guard.end();
      if (held.size === held.buffer.length) makeRoom();
      hold(Buffer.from("\n"));
      foldHeld(true);
      const { lines, strays, filled } = folding.seen;
      return { bytes: held.bytes, lines, strays, filled: [...filled].sort() };
    },
  };
}

/** Gathers what is written; `flush` is called where a line ends, and closes a piece that is large enough. */
function pieceWriter(files: Files, folder: string) {
  const out = Buffer.allocUnsafe(BUFFER_BYTES);
  const piece = { number: 0, bytes: 0, gathered: 0 };
  // Neighbours are copied at once: mostly a root that stays as it came comes after another.
  const next = { from: out, start: 0, end: 0 };
  const append = (bytes: Uint8Array) => {
    files.append(`${folder}/${String(piece.number).padStart(6, "0")}.ndjson`, bytes);
    piece.bytes += bytes.length;
  };
  const appendGathered = () => {
    if (piece.gathered > 0) append(out.subarray(0, piece.gathered));
    piece.gathered = 0;
  };
  const gather = () => {
    const { from, start, end } = next;
    next.end = start;
    if (start === end) return;
    if (piece.gathered + end - start > out.length) appendGathered();
    if (end - start > out.length) return append(from.subarray(start, end));
    from.copy(out, piece.gathered, start, end);
    piece.gathered += end - start;
  };
  append(Buffer.alloc(0));
  return {
    write: (from: Buffer, start: number, end: number) => {
      if (from === next.from && start === next.end) {
        next.end = end;
        return;
      }
      gather();
      Object.assign(next, { from, start, end });
    },
    flush: () => {
      gather();
      appendGathered();
      next.from = out;
      if (piece.bytes < PIECE_BYTES) return;
      Object.assign(piece, { number: piece.number + 1, bytes: 0 });
      append(Buffer.alloc(0));
    },
  };
}
