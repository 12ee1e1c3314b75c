/** COPY … FROM STDIN over an open connection: bytes go out as they are, as fast as the server takes them. */
import type pg from "pg";

/** What the driver's connection can do beyond what its types tell. */
interface CopyConnection {
  readonly stream: NodeJS.WritableStream & { readonly writableNeedDrain: boolean };
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** Sends the pieces and returns how many rows the server took. Throws the server's error, or what reading the pieces threw. */
export function copyFrom(client: pg.Client, statement: string, pieces: () => Iterable<Uint8Array>): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    // The first error is the cause; after it nothing more is sent.
    let failure: { readonly error: unknown } | null = null;
    const pump = async (connection: CopyConnection) => {
      try {
        for (const piece of pieces()) {
          if (failure !== null) return;
          connection.sendCopyFromChunk(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
          await drained(connection.stream);
        }
        if (failure === null) connection.endCopyFrom();
      } catch (error) {
        failure ??= { error };
        connection.sendCopyFail("the file could not be read");
      }
    };
    // The driver's way of adding a statement of another kind: it calls these as the server answers.
    const copy = {
      submit: (connection: unknown) => (connection as CopyConnection).query(statement),
      handleCopyInResponse: (connection: CopyConnection) => void pump(connection),
      handleCommandComplete: ({ text }: { readonly text: string }) => {
        rows = Number(/^COPY (\d+)$/.exec(text)?.[1]);
      },
      handleError: (error: unknown) => {
        failure ??= { error };
        reject(failure.error);
      },
      handleReadyForQuery: () => (failure === null ? resolve(rows) : reject(failure.error)),
    };
    client.query(copy);
  });
}

/** Waits while the server is slower than this machine; a connection that is lost ends the waiting, and the driver tells of it. */
function drained(stream: CopyConnection["stream"]): Promise<void> {
  if (!stream.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      stream.removeListener("drain", done);
      stream.removeListener("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}
