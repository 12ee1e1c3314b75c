/**
 * A DuckDB behind PostgreSQL's wire protocol, on loopback: a password in the clear, the simple query protocol, rows as text. It reads and
 * writes `s3://` places in the store's double, as MotherDuck does in a bucket, and makes databases of its own.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { messageOf } from "../../base/errors.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import type { Cell, Database, Row } from "../../warehouse/types.js";
import type { MemoryObjects } from "../objects.js";

/** The double, and what was asked of it. */
export interface DuckDbWire {
  readonly port: number;
  /** Every statement, in order. */
  readonly statements: string[];
  /** Statements that are answered with an error; emptied as they come. */
  readonly fails: { readonly wanted: RegExp; readonly message: string }[];
  close(): Promise<void>;
}

type Bucket = Pick<MemoryObjects, "place" | "kept" | "now">;

const OID_TEXT = 25;
const SSL_REQUEST = 80877103;

/** Starts it. */
export async function startDuckDbWire(options: {
  readonly password: string;
  readonly store: Bucket;
}): Promise<DuckDbWire> {
  const folder = mkdtempSync(join(tmpdir(), "growthos-wire-"));
  const db = await openDatabase({});
  const state: State = { ...options, db, folder, statements: [], fails: [], using: "memory", queue: Promise.resolve() };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket, state);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    statements: state.statements,
    fails: state.fails,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await state.queue;
      await db.close();
    },
  };
}

interface State {
  readonly password: string;
  readonly store: Bucket;
  readonly db: Database;
  readonly folder: string;
  readonly statements: string[];
  readonly fails: { readonly wanted: RegExp; readonly message: string }[];
  /** One connection stands behind all: the database that it is in. */
  using: string;
  queue: Promise<unknown>;
}

function serve(socket: Socket, state: State): void {
  let rest = Buffer.alloc(0);
  let database: string | null = null;
  let isIn = false;
  socket.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const isStartup = database === null;
      const head = isStartup ? 0 : 1;
      if (rest.length < head + 4 || rest.length < head + rest.readInt32BE(head)) return;
      const length = rest.readInt32BE(head);
      const [type, body] = [isStartup ? "" : String.fromCharCode(rest[0] ?? 0), rest.subarray(head + 4, head + length)];
      rest = rest.subarray(head + length);
      if (isStartup && body.readInt32BE(0) === SSL_REQUEST) socket.write("N");
      else if (isStartup) {
        database = /database\0([^\0]+)/.exec(body.toString("latin1"))?.[1] ?? "";
        socket.write(message("R", int32(3)));
      } else if (type === "p") {
        isIn = body.toString("utf8").replace(/\0$/, "") === state.password;
        socket.write(
          isIn ? Buffer.concat([message("R", int32(0)), READY]) : failure("28P01", "password authentication failed"),
        );
        if (!isIn) socket.end();
      } else if (type === "Q" && isIn) {
        const [sql, name] = [body.toString("utf8").replace(/\0$/, ""), database ?? ""];
        const answered = state.queue.then(() => answer(state, name, sql));
        state.queue = answered.then((bytes) => socket.write(bytes));
      } else if (type === "X") socket.end();
    }
  });
}

async function answer(state: State, database: string, sql: string): Promise<Buffer> {
  state.statements.push(sql);
  const failing = state.fails.findIndex(({ wanted }) => wanted.test(sql));
  if (failing >= 0) {
    const [{ message: text } = { message: "" }] = state.fails.splice(failing, 1);
    return Buffer.concat([failure("XX000", text), READY]);
  }
  try {
    const using = database === "md:" ? "memory" : database;
    if (state.using !== using) await state.db.run(`use "${using}"`);
    state.using = using;
    return Buffer.concat([rowsOf(await run(state, sql)), READY]);
  } catch (thrown) {
    return Buffer.concat([failure("XX000", messageOf(thrown)), READY]);
  }
}

/** What MotherDuck does and a DuckDB on a disk does otherwise: databases by name, files in a bucket. */
async function run(state: State, sql: string): Promise<readonly Row[]> {
  const { db, folder, store } = state;
  const made = /^create database if not exists "(\w+)"$/.exec(sql)?.[1];
  if (made !== undefined) return db.all(`attach if not exists '${join(folder, made)}.duckdb' as "${made}"`);
  const dropped = /^drop database if exists "(\w+)"$/.exec(sql)?.[1];
  if (dropped !== undefined) {
    if (state.using === dropped) await db.run("use memory");
    if (state.using === dropped) state.using = "memory";
    await db.run(`detach database if exists "${dropped}"`);
    rmSync(join(folder, `${dropped}.duckdb`), { force: true });
    return [];
  }
  const place = /'(s3:[^']+)'/.exec(sql)?.[1];
  if (place === undefined) return db.all(sql);
  if (!place.startsWith(`${store.place}/`)) throw new Error(`HTTP Error: 404 for ${place}`);
  const key = place.slice(store.place.length + 1);
  const path = join(folder, key);
  mkdirSync(dirname(path), { recursive: true });
  const there = store.kept.get(key);
  if (there !== undefined) writeFileSync(path, there.bytes);
  const rows = await db.all(sql.replace(place, path));
  if (/^copy /.test(sql)) store.kept.set(key, { bytes: readFileSync(path), modifiedMs: store.now });
  rmSync(path, { force: true });
  return rows;
}

function rowsOf(rows: readonly Row[]): Buffer {
  const names = Object.keys(rows[0] ?? {});
  const columns = names.map((name) =>
    Buffer.concat([text(name), int32(0), int16(0), int32(OID_TEXT), int16(-1), int32(-1), int16(0)]),
  );
  const lines = rows.map((row) => {
    const cells = names.map((name) => cellOf(row[name] ?? null));
    return message("D", Buffer.concat([int16(names.length), ...cells]));
  });
  const head = names.length === 0 ? [] : [message("T", Buffer.concat([int16(names.length), ...columns]))];
  return Buffer.concat([...head, ...lines, message("C", text(`SELECT ${rows.length}`))]);
}

function cellOf(value: Cell): Buffer {
  if (value === null) return int32(-1);
  const bytes = Buffer.from(typeof value === "object" ? JSON.stringify(value) : String(value));
  return Buffer.concat([int32(bytes.length), bytes]);
}

function failure(code: string, why: string): Buffer {
  return message("E", Buffer.concat([text("SERROR"), text(`C${code}`), text(`M${why}`), Buffer.from([0])]));
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function text(words: string): Buffer {
  return Buffer.from(`${words}\0`);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const READY = message("Z", Buffer.from("I"));
