import { type AddressInfo, createServer, type Socket } from "node:net";
import { dataRow, type Message, REPLIES, readMessage, readStartup } from "../../serve/pg/messages.js";
import { openWire, type Wire } from "../../serve/pg/wire.js";
import type { ReadColumn } from "../../warehouse/sql-reader.js";
import type { PlainValue } from "../../warehouse/sql-values.js";

/** What goes wrong with the next statement that matches. */
export type PostgresFault = { readonly on: RegExp } & (
  | { readonly sqlState: string; readonly message: string }
  /** The connection is cut: before the statement does anything, or after so many bytes of a COPY. */
  | { readonly cutAfter: number }
);

/** A server that speaks PostgreSQL's protocol as far as publishing does: passwords in the clear, statements, COPY. It keeps what it hears and has no tables. */
export interface PostgresDouble {
  readonly port: number;
  /** In order; one that was prepared counts when it is carried out. */
  readonly statements: readonly string[];
  /** What COPY brought, by statement. */
  readonly copied: ReadonlyMap<string, string>;
  fail(...faults: readonly PostgresFault[]): void;
  close(): Promise<void>;
}

interface State {
  readonly password: string;
  readonly statements: string[];
  readonly copied: Map<string, string>;
  readonly faults: PostgresFault[];
}

const COLUMN = (name: string, kind: ReadColumn["kind"]): ReadColumn => ({ name, kind }) as ReadColumn;

/** What statements that ask something are told; all others are carried out without a row. */
const ANSWERS: readonly (readonly [RegExp, readonly ReadColumn[], readonly (readonly PlainValue[])[]])[] = [
  [/pg_try_advisory_xact_lock/, [COLUMN("taken", "bool")], [[true]]],
  [/to_regnamespace/, [COLUMN("there", "bool")], [[true]]],
  [/from pg_class/, [COLUMN("kind", "text"), COLUMN("comment", "text"), COLUMN("columns", "json")], []],
];

/** Starts it. It offers no TLS. */
export async function postgresDouble(password: string): Promise<PostgresDouble> {
  const state: State = { password, statements: [], copied: new Map(), faults: [] };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // A connection that breaks is what the tests want; it is over then.
    speak(state, socket, openWire(socket)).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    statements: state.statements,
    copied: state.copied,
    fail: (...faults) => void state.faults.push(...faults),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function speak(state: State, socket: Socket, wire: Wire): Promise<void> {
  for (;;) {
    const first = await wire.next("first", 10_000);
    if (first === null) return;
    const asked = readStartup(first.body);
    if (asked.kind === "start") break;
    await wire.send(Buffer.from("N"));
  }
  await wire.send(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
  const answer = await wire.next("typed", 4_096);
  if (answer?.body.toString("utf8") !== `${state.password}\0`) {
    await wire.send(REPLIES.error({ severity: "FATAL", sqlState: "28P01", message: "password authentication failed" }));
    return void socket.end();
  }
  await wire.send(Buffer.concat([REPLIES.signedIn(), REPLIES.ready("I")]));
  let prepared = "";
  for (;;) {
    const frame = await wire.next("typed", 1024 * 1024);
    if (frame === null) return;
    const message: Message = readMessage(frame.type, frame.body);
    if (message.kind === "query") await carryOut(state, { socket, wire }, message.sql);
    if (message.kind === "parse") prepared = message.sql;
    if (message.kind === "sync") await carryOut(state, { socket, wire }, prepared);
    if (message.kind === "terminate") return void socket.end();
  }
}

interface Line {
  readonly socket: Socket;
  readonly wire: Wire;
}

async function carryOut(state: State, { socket, wire }: Line, sql: string): Promise<void> {
  const at = state.faults.findIndex(({ on }) => on.test(sql));
  const [fault] = at < 0 ? [] : state.faults.splice(at, 1);
  state.statements.push(sql);
  if (fault !== undefined && "sqlState" in fault) {
    const { sqlState, message } = fault;
    await wire.send(Buffer.concat([REPLIES.error({ severity: "ERROR", sqlState, message }), REPLIES.ready("E")]));
    return;
  }
  const most = fault === undefined ? Number.POSITIVE_INFINITY : fault.cutAfter;
  if (/^copy /.test(sql)) return copyIn(state, { socket, wire }, { sql, most });
  if (fault !== undefined) return void socket.destroy();
  const [, columns = [], rows = []] = ANSWERS.find(([pattern]) => pattern.test(sql)) ?? [];
  const told = columns.length === 0 ? [] : [REPLIES.rowDescription(columns, [])];
  await wire.send(
    Buffer.concat([
      ...told,
      ...rows.map((row) => dataRow(row, columns, [])),
      REPLIES.complete(`DONE ${rows.length}`),
      REPLIES.ready("T"),
    ]),
  );
}

async function copyIn(
  state: State,
  { socket, wire }: Line,
  { sql, most }: { readonly sql: string; readonly most: number },
): Promise<void> {
  // CopyInResponse: text, no columns told.
  await wire.send(Buffer.from([0x47, 0, 0, 0, 7, 0, 0, 0]));
  let text = "";
  for (;;) {
    const frame = await wire.next("typed", 1024 * 1024);
    if (frame === null) return;
    if (frame.type === "f") {
      const error = { severity: "ERROR", sqlState: "57014", message: "COPY from stdin failed" } as const;
      await wire.send(Buffer.concat([REPLIES.error(error), REPLIES.ready("E")]));
      return;
    }
    if (frame.type === "c") break;
    text += frame.body.toString("utf8");
    if (text.length >= most) return void socket.destroy();
  }
  state.copied.set(sql, text);
  await wire.send(Buffer.concat([REPLIES.complete(`COPY ${text.split("\n").length - 1}`), REPLIES.ready("T")]));
}
