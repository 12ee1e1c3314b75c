import { GrowthosError, messageOf } from "../base/errors.js";
import type { Secret } from "../base/secret.js";
import type { Speaker } from "./duckdb-session.js";

/** A server that speaks PostgreSQL's wire protocol. */
export interface WirePlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret;
}

const CONNECT_MS = 30_000;
/** A model over many rows takes its time; a connection that died is found by TCP. */
const STATEMENT_MS = 3_600_000;

/**
 * One connection; TLS with a verified certificate, except to this machine itself.
 * Throws `ENGINE_UNREACHABLE`, `ENGINE_REFUSED`; statements throw `ENGINE_FAILED`.
 */
export async function openWire(place: WirePlace & { readonly database: string }): Promise<Speaker> {
  const { host, port, user, database, password } = place;
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    ...{ host, port, user, database },
    password: password.reveal(),
    ssl: isLoopback(host) ? false : { rejectUnauthorized: true },
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    keepAlive: true,
    application_name: "growthos",
  });
  // Without a listener a connection that ends between two statements would end the process; the next statement tells of it.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    throw connectError(place, cause);
  }
  const ask = async (sql: string) => {
    try {
      return await client.query({ text: sql, rowMode: "array" });
    } catch (cause) {
      throw statementError(sql, cause);
    }
  };
  return {
    run: async (sql) => {
      await ask(sql);
    },
    column: async (sql) => (await ask(sql)).rows.map((row: readonly unknown[]) => String(row[0])),
    close: () => client.end(),
  };
}

function isLoopback(host: string): boolean {
  return ["127.0.0.1", "localhost", "::1"].includes(host);
}

function connectError({ host, port, password }: WirePlace, cause: unknown): GrowthosError {
  const why = messageOf(cause).replaceAll(password.reveal(), "…");
  const isRefused = /^(28|3D)/.test(codeOf(cause));
  return new GrowthosError({
    code: isRefused ? "ENGINE_REFUSED" : "ENGINE_UNREACHABLE",
    what: isRefused ? `${host} does not let us in` : `${host}:${port} cannot be reached`,
    why,
    state: "the previous build stays",
    hint: isRefused
      ? "look at the token and at the name of the database"
      : "look at host, region and network, then run the same command again",
    exit: isRefused ? "auth" : "source",
    cause,
  });
}

function statementError(sql: string, cause: unknown): GrowthosError {
  return new GrowthosError({
    code: "ENGINE_FAILED",
    what: `the engine did not carry out: ${sql.trim().replace(/\s+/g, " ").slice(0, 120)}`,
    why: messageOf(cause).split("\n")[0] ?? "",
    state: "the previous build stays",
    hint: "run the same command again; `growthos build --engine duckdb` builds on this machine",
    exit: "source",
    cause,
  });
}

function codeOf(cause: unknown): string {
  return typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
}
