import type { Files } from "../base/files.js";
import type { FileSink } from "../http/client.js";
import { jsonGuard } from "../warehouse/json-guard.js";

/** Bytes that are gathered before they are written: a call per network chunk costs more than the copy. */
const BUFFER_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Takes a file of JSON lines as it arrives, begun anew at each call: depth, size and encoding are checked before DuckDB may see a byte.
 * Throws what `jsonGuard` throws, and what writing throws.
 */
export function lineSink(files: Files, path: string, name: string): FileSink {
  files.write(path, "");
  const guard = jsonGuard({ name, lines: true });
  const held = Buffer.allocUnsafe(BUFFER_BYTES);
  const size = { bytes: 0, held: 0, lines: 0, last: NEWLINE };
  const flush = () => {
    if (size.held > 0) files.append(path, held.subarray(0, size.held));
    size.held = 0;
  };
  // Copied, because the network reuses its buffers.
  const hold = (chunk: Uint8Array) => {
    if (size.held + chunk.length > BUFFER_BYTES) flush();
    if (chunk.length > BUFFER_BYTES) return files.append(path, chunk);
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
      return { bytes: size.bytes, lines: size.lines };
    },
  };
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
