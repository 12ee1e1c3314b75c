/**
 * ClickHouse by its HTTP interface, one POST per statement (clickhouse.com/docs/interfaces/http). Its client package does no more than this,
 * and would be a second door to the network.
 */
import type { Clock } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import { redact, type Secret } from "../base/secret.js";
import type { HttpRequest, HttpResponse, Transport } from "./types.js";

/** Where a server is and how it is reached. */
export interface ClickHouseOptions {
  /** `https://host:8443`, without a path. */
  readonly endpoint: string;
  readonly user: string;
  readonly password: Secret;
  /** With time for the longest statement: an answer begins when its statement is done. */
  readonly transport: Transport;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** One statement. */
export interface Statement {
  readonly sql: string;
  /** In which unqualified names are; absent: the user's own. */
  readonly database?: string;
  /** For this statement alone. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A server that takes statements. Errors: `ENGINE_REFUSED` (exit auth), `ENGINE_FAILED` (with the server's own words), `ENGINE_UNREACHABLE`. */
export interface ClickHouse {
  readonly host: string;
  /** Runs a statement that may be run twice, and gives the text of its answer. */
  run(statement: Statement): Promise<string>;
  /** Runs an `insert`, with the bytes behind its `format`, once: after `ENGINE_UNREACHABLE` nobody knows what has arrived. */
  insert(statement: Statement, upload?: () => Iterable<Uint8Array>): Promise<void>;
  /** The bytes of an answer as they arrive; `open` is called for every try. */
  download(statement: Statement, open: () => (chunk: Uint8Array) => void): Promise<void>;
}

const TRIES = 4;
const FIRST_WAIT_MS = 500;

/** Opens a server; asks nothing yet. */
export function clickhouse(options: ClickHouseOptions): ClickHouse {
  const { host } = new URL(options.endpoint);
  return {
    host,
    run: async (statement) => (await answered(options, { request: inBody(options, statement), tries: TRIES })).body,
    insert: async (statement, upload) => {
      const request =
        upload === undefined
          ? inBody(options, statement)
          : { ...asked(options, statement, { query: statement.sql }), upload };
      await answered(options, { request, tries: 1 });
    },
    download: async (statement, open) => {
      await answered(options, { request: inBody(options, statement), tries: TRIES, open });
    },
  };
}

function inBody(options: ClickHouseOptions, statement: Statement): HttpRequest {
  return { ...asked(options, statement), body: statement.sql };
}

function asked(
  { endpoint, user, password }: ClickHouseOptions,
  { database, settings }: Statement,
  more: Readonly<Record<string, string>> = {},
): HttpRequest {
  const url = new URL(endpoint);
  // An answer that begins before its statement is done would tell of a failure behind a status that says it is fine.
  const query = { ...(database === undefined ? {} : { database }), wait_end_of_query: "1", ...settings, ...more };
  url.search = new URLSearchParams(query).toString();
  return {
    method: "POST",
    url: url.href,
    headers: {
      "x-clickhouse-user": user,
      "x-clickhouse-key": password.reveal(),
      accept: "*/*",
      "accept-encoding": "identity",
    },
  };
}

interface Asked {
  readonly request: HttpRequest;
  readonly tries: number;
  /** Takes the bytes of a good answer. */
  readonly open?: () => (chunk: Uint8Array) => void;
}

async function answered(options: ClickHouseOptions, { request, tries, open }: Asked): Promise<HttpResponse> {
  const { transport, clock, signal } = options;
  let why = "";
  for (let tried = 1; tried <= tries; tried++) {
    signal?.throwIfAborted();
    try {
      const answer =
        open === undefined || transport.download === undefined
          ? await transport.send(request, signal)
          : await transport.download(request, open(), signal);
      if (answer.status === 200) return answer;
      // What the server itself says comes with a code; a proxy answers for one that is away.
      if (codeOf(answer) !== "" || answer.status < 500) throw refusal(options, answer);
      why = `HTTP ${answer.status}`;
    } catch (thrown) {
      signal?.throwIfAborted();
      if (!(thrown instanceof GrowthosError) || thrown.code !== "NETWORK") throw thrown;
      why = thrown.parts.why ?? messageOf(thrown);
    }
    if (tried < tries) await clock.sleep(FIRST_WAIT_MS * 2 ** tried, signal);
  }
  throw new GrowthosError({
    code: "ENGINE_UNREACHABLE",
    what: `ClickHouse at ${new URL(options.endpoint).host} does not answer`,
    why: redact(`${why}; gave up after ${tries === 1 ? "1 try" : `${tries} tries`}`, [options.password]),
    state: "the previous build stays",
    hint: "look at `engine.clickhouse.url`, or build on this machine: growthos build --engine duckdb",
    exit: "source",
  });
}

function codeOf({ headers, body }: HttpResponse): string {
  return headers["x-clickhouse-exception-code"] ?? /^Code: (\d+)/.exec(body)?.[1] ?? "";
}

/** Codes of ClickHouse (src/Common/ErrorCodes.cpp) that somebody can do something about. */
const SIGN_IN = "look at `engine.clickhouse.user` and at CLICKHOUSE_PASSWORD";
const HINTS: Readonly<Record<string, string>> = {
  "192": SIGN_IN,
  "194": SIGN_IN,
  "516": SIGN_IN,
  "497":
    "the user must be allowed to create and drop databases whose names begin with that of `engine.clickhouse.database`, and tables and views in them",
  "241": "give the server or this user more memory (max_memory_usage)",
  "159": "give this user more time (max_execution_time)",
  "170": "look at `engine.clickhouse.cluster`: the server knows no cluster of this name",
};
const DENIED: ReadonlySet<string> = new Set(["192", "194", "497", "516"]);

function refusal({ endpoint, password }: ClickHouseOptions, answer: HttpResponse): GrowthosError {
  const code = codeOf(answer);
  const isDenied = DENIED.has(code) || answer.status === 401 || answer.status === 403;
  const { host } = new URL(endpoint);
  return new GrowthosError({
    code: isDenied ? "ENGINE_REFUSED" : "ENGINE_FAILED",
    what: isDenied ? `ClickHouse at ${host} does not let us in` : `ClickHouse at ${host} could not run a statement`,
    why: redact(saidBy(answer), [password]),
    state: "the previous build stays",
    hint: HINTS[code] ?? "or build on this machine: growthos build --engine duckdb",
    exit: isDenied ? "auth" : "source",
  });
}

/** The server's first sentence: behind it stand the whole statement again and its version. */
function saidBy({ status, body }: HttpResponse): string {
  const sentence = body.split(/: In scope |: While processing |: while executing | \(version /)[0] ?? "";
  return sentence.trim().slice(0, 300) || `HTTP ${status}`;
}
