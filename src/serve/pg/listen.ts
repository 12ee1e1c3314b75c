/**
 * The marts over PostgreSQL's wire protocol, for programs of this machine alone: listens on 127.0.0.1, demands a password from everybody
 * (SCRAM-SHA-256), and hands what is asked to a reader that can only read.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../../base/clock.js";
import { GrowthosError, messageOf } from "../../base/errors.js";
import type { Random } from "../../base/ids.js";
import type { Secret } from "../../base/secret.js";
import type { SqlReader } from "../../warehouse/sql-reader.js";
import { errorFields, PgError } from "./errors.js";
import {
  MOST_MESSAGE,
  MOST_SIGN_IN,
  MOST_STARTUP,
  REPLIES,
  readMessage,
  readSaslFirst,
  readStartup,
  type Startup,
} from "./messages.js";
import { beginScram, type Verifier, verifierOf } from "./scram.js";
import { openSession, type Session } from "./session.js";
import { openSettings, REPORTED } from "./settings.js";
import { utf8 } from "./values.js";
import { openWire, type Wire } from "./wire.js";

/** How the server is started. */
export interface PgOptions {
  /** 0: one that the system chooses. */
  readonly port: number;
  /** The only database there is: the workspace's name. */
  readonly database: string;
  readonly password: Secret;
  readonly version: string;
  /** The current build, for one connection. Throws `NO_BUILD`. */
  open(): Promise<SqlReader>;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the server. */
  readonly signal: AbortSignal;
  /** The longest that one statement may take, milliseconds. Default five minutes. */
  readonly mostMs?: number;
}

/** A server that listens. */
export interface PgServing {
  readonly port: number;
  /** Settles when the server and all its sessions have ended. */
  readonly ended: Promise<void>;
}

const MOST_MS = 300_000;
const MOST_CONNECTIONS = 32;
const SIGN_IN_MS = 10_000;
/** Before a wrong password is answered. */
const PAUSE_MS = 250;

interface Serves extends PgOptions {
  readonly verifier: Verifier;
  /** Sessions by the number that a client names to cancel what it runs. */
  readonly sessions: Map<number, { readonly secret: number; readonly session: Session }>;
  count: number;
}

/** Starts to listen. Throws `PORT_TAKEN`. */
export async function servePg(options: PgOptions): Promise<PgServing> {
  const verifier = verifierOf(options.password.reveal(), Buffer.from(options.random.hex(16), "hex"));
  const serves: Serves = { ...options, verifier, sessions: new Map(), count: 0 };
  const sockets = new Map<Socket, Promise<void>>();
  const server = createServer({ noDelay: true }, (socket) => {
    const talk = converse(socket, serves).finally(() => {
      socket.destroy();
      sockets.delete(socket);
    });
    sockets.set(socket, talk);
  });
  server.maxConnections = MOST_CONNECTIONS;
  await listening(server, options.port);
  const { port } = server.address() as { readonly port: number };
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  const end = () => {
    server.close();
    for (const socket of sockets.keys()) socket.destroy();
  };
  if (options.signal.aborted) end();
  options.signal.addEventListener("abort", end, { once: true });
  const ended = closed.then(async () => {
    await Promise.all(sockets.values());
  });
  return { port, ended };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new GrowthosError({
          code: "PORT_TAKEN",
          what: `cannot listen on 127.0.0.1:${port}`,
          why: messageOf(cause),
          hint: "give another one with --pg-port, or 0 for any that is free",
          exit: "usage",
          cause,
        }),
      ),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
}

/** One connection from its first byte to its last. Never throws. */
async function converse(socket: Socket, serves: Serves): Promise<void> {
  const wire = openWire(socket);
  try {
    const late = setTimeout(() => socket.destroy(), SIGN_IN_MS);
    const started = await signIn(wire, serves).finally(() => clearTimeout(late));
    if (started !== null) await attend(wire, serves, started);
  } catch (thrown) {
    await wire.send(REPLIES.error({ ...errorFields(thrown), severity: "FATAL" }));
  }
  if (!wire.gone.aborted) await new Promise<void>((resolve) => socket.end(resolve));
}

type Started = Extract<Startup, { readonly kind: "start" }>;

/** Null when there is nobody to attend to: a cancellation, or a client that has gone. */
async function signIn(wire: Wire, serves: Serves): Promise<Started | null> {
  const startup = await firstMessage(wire);
  if (startup === null) return null;
  if (startup.kind === "cancel") {
    const found = serves.sessions.get(startup.process);
    // Both are of 32 bits, chosen at random, and a wrong guess is not answered.
    if (found?.secret === startup.secret) found.session.cancel();
    return null;
  }
  await authenticate(wire, serves);
  const database = startup.settings.get("database") ?? startup.settings.get("user") ?? "";
  if (database === serves.database) return startup;
  throw new PgError("3D000", `database "${database.slice(0, 63)}" does not exist`, {
    hint: `this server serves the workspace "${serves.database}": name it as the database`,
    isFatal: true,
  });
}

/** Clients ask for encryption first, and take no for an answer: these bytes never leave the machine. */
async function firstMessage(wire: Wire): Promise<Extract<Startup, { readonly kind: "cancel" | "start" }> | null> {
  for (let asked = 0; asked < 3; asked += 1) {
    const frame = await wire.next("first", MOST_STARTUP);
    if (frame === null) return null;
    const startup = readStartup(frame.body);
    if (startup.kind === "cancel" || startup.kind === "start") return startup;
    await wire.send(Buffer.from("N"));
  }
  throw new PgError("08P01", "encryption was refused already", { isFatal: true });
}

/** Any name of a user will do; the password is what counts. */
async function authenticate(wire: Wire, { verifier, random, clock }: Serves): Promise<void> {
  await wire.send(REPLIES.saslMechanisms());
  const first = readSaslFirst(await passwordMessage(wire));
  if (first.mechanism !== "SCRAM-SHA-256")
    throw new PgError("28000", "this server asks for SCRAM-SHA-256", { isFatal: true });
  const exchange = beginScram(verifier, first.data, Buffer.from(random.hex(18), "hex").toString("base64"));
  await wire.send(REPLIES.saslContinue(exchange.serverFirst));
  const final = utf8(await passwordMessage(wire));
  try {
    await wire.send(REPLIES.saslFinal(exchange.finish(final)));
  } catch (thrown) {
    await clock.sleep(PAUSE_MS);
    throw thrown;
  }
  await wire.send(REPLIES.signedIn());
}

async function passwordMessage(wire: Wire): Promise<Buffer> {
  const frame = await wire.next("typed", MOST_SIGN_IN);
  if (frame === null) throw new PgError("08006", "the client has gone", { isFatal: true });
  if (frame.type !== "p") throw new PgError("28000", "a password is demanded first", { isFatal: true });
  return frame.body;
}

async function attend(wire: Wire, serves: Serves, { settings: given, minor }: Started): Promise<void> {
  const { random, version, mostMs = MOST_MS } = serves;
  const settings = openSettings(given, version);
  const unknown = [...given.keys()].filter((name) => name.startsWith("_pq_."));
  if (minor > 0 || unknown.length > 0) await wire.send(REPLIES.negotiate(unknown));
  const reader = await serves.open();
  const session = openSession({ reader, settings, send: wire.send, mostMs });
  serves.count += 1;
  const [process, secret] = [serves.count, Buffer.from(random.hex(4), "hex").readInt32BE()];
  serves.sessions.set(process, { secret, session });
  wire.gone.addEventListener("abort", () => session.cancel(), { once: true });
  try {
    for (const name of REPORTED) await wire.send(REPLIES.parameterStatus(name, settings.get(name)));
    await wire.send(Buffer.concat([REPLIES.backendKey(process, secret), REPLIES.ready("I")]));
    for (let frame = await wire.next("typed", MOST_MESSAGE); frame !== null; ) {
      const message = readMessage(frame.type, frame.body);
      if (message.kind === "terminate") return;
      await session.answer(message);
      frame = await wire.next("typed", MOST_MESSAGE);
    }
  } finally {
    serves.sessions.delete(process);
    await session.close();
    await reader.close();
  }
}
