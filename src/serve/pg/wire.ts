/** Bytes of a connection as frames, and back, with a bound on what waits in either direction. */
import type { Socket } from "node:net";
import { protocolError } from "./errors.js";
import { MOST_MESSAGE } from "./messages.js";

/** One message as it came. */
export interface Frame {
  /** Empty for the first message of a connection, which has no type. */
  readonly type: string;
  readonly body: Buffer;
}

/** A connection as a row of frames. */
export interface Wire {
  /** The next frame; null when the client has gone. Throws a fatal `PgError` for a length beyond `most` bytes. */
  next(kind: "first" | "typed", most: number): Promise<Frame | null>;
  /** Waits while the client does not take what it was sent; does nothing once it has gone. */
  send(bytes: Buffer): Promise<void>;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
}

/** How much may wait to be read: one message, and the beginning of the next. */
const MOST_WAITING = MOST_MESSAGE + 64 * 1024;
/** How long a client may take nothing of what waits for it. */
const STALLED_MS = 60_000;

/** The frames of a socket; its errors are its end. */
export function openWire(socket: Socket, stalledMs: number = STALLED_MS): Wire {
  const gone = new AbortController();
  let waiting = Buffer.alloc(0);
  let wake: () => void = () => {};
  socket.on("data", (chunk) => {
    waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
    if (waiting.length > MOST_WAITING) socket.pause();
    wake();
  });
  const end = () => {
    gone.abort();
    wake();
  };
  // A reset is how clients end, too: "close" follows, and there is nobody left to tell.
  socket.on("error", end);
  socket.on("close", end);
  socket.on("end", end);
  const more = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      if (gone.signal.aborted) resolve();
    });
  const take = (size: number) => {
    const taken = waiting.subarray(0, size);
    waiting = waiting.subarray(size);
    if (waiting.length <= MOST_WAITING) socket.resume();
    return taken;
  };
  return {
    gone: gone.signal,
    next: async (kind, most) => {
      const head = kind === "first" ? 4 : 5;
      while (waiting.length < head) {
        if (gone.signal.aborted) return null;
        await more();
      }
      const size = waiting.readInt32BE(head - 4);
      if (size < 4 || size > most) throw protocolError(`a message of ${size} bytes; at most ${most} are read`);
      const whole = head - 4 + size;
      while (waiting.length < whole) {
        if (gone.signal.aborted) return null;
        await more();
      }
      const frame = Buffer.from(take(whole));
      return { type: kind === "first" ? "" : frame.toString("latin1", 0, 1), body: frame.subarray(head) };
    },
    send: async (bytes) => {
      if (gone.signal.aborted || socket.write(bytes)) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => socket.destroy(), stalledMs);
        const done = () => {
          clearTimeout(timer);
          socket.off("drain", done);
          socket.off("close", done);
          resolve();
        };
        socket.once("drain", done);
        socket.once("close", done);
      });
    },
  };
}
