/**
 * Snowflake's SQL API (https://docs.snowflake.com/en/developer-guide/sql-api/reference): a statement is posted, answered at once (200) or by a
 * handle (202) that is asked until it is done. Every statement has an id of its own: one whose answer was lost is sent again as a repetition,
 * and every statement that is sent here may also be carried out twice.
 */
import { createPrivateKey, createPublicKey } from "node:crypto";
import type { Clock } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import { sha256 } from "../base/hash.js";
import type { Random } from "../base/ids.js";
import type { Log } from "../base/log.js";
import { Secret } from "../base/secret.js";
import { valueAt } from "../connectors/shape.js";
import { type Credentials, given } from "../connectors/sign-in.js";
import { type Answer, type Client, createClient } from "../http/client.js";
import type { Auth, HttpRequest, HttpResponse, Limits, Transport, Verdict } from "../http/types.js";
import { SNOWFLAKE } from "./parties.js";
import { refused, statementFailure, unanswered } from "./snowflake-errors.js";

const LIMITS: Limits = { perSecond: 10, concurrent: 2, tries: 6, maxBodyBytes: 16 * 1024 * 1024 };
/** Seconds between questions about a statement, and between tries after a lost answer; the last is repeated. */
const WAITS = [1, 1, 2, 4, 8, 15] as const;
const MOST_POLLS = 300;
const MOST_PARTITIONS = 1_000;
/** Snowflake itself ends a statement after so many seconds, also one that waits for somebody's lock. */
const TIMEOUT_SECONDS = 3_600;

/** Who asks, and as what. */
export interface SnowflakeSession {
  readonly account: string;
  readonly user: string;
  readonly role: string | null;
  readonly warehouse: string;
  readonly database: string;
  readonly schema: string;
}

/** What asking takes. */
export interface SnowflakeOptions {
  readonly session: SnowflakeSession;
  readonly secrets: Credentials;
  readonly learned?: (secret: Secret) => void;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** One statement: for messages what it does, and in which state tables are when it fails. */
export interface Statement {
  readonly sql: string;
  readonly name: string;
  readonly state: string;
}

/** Rows as the API sends them: every value is text or null. */
export type SnowflakeRow = readonly (string | null)[];

/** Carries out statements, one at a time. Throws `PUBLISH_FAILED`, `PUBLISH_AUTH`, and what the client throws. */
export type Execute = (statement: Statement, signal: AbortSignal) => Promise<readonly SnowflakeRow[]>;

/** Opens it; asks nothing yet. Throws `CREDENTIAL_INVALID` for a key that is none. */
export function snowflakeApi(options: SnowflakeOptions): Execute {
  const { session, transport, clock, random, log, learned } = options;
  const host = hostOf(session.account);
  const client = createClient({
    source: SNOWFLAKE.id,
    title: SNOWFLAKE.title,
    transport,
    auth: keyPair(session, options.secrets),
    limits: LIMITS,
    hosts: [host],
    classify: (response) => classify(response, clock.now()),
    ...(learned === undefined ? {} : { learned }),
    ...{ clock, random, log },
  });
  const talk = { client, origin: `https://${host}`, host };
  return async (statement, signal) => {
    const url = `${talk.origin}/api/v2/statements?requestId=${uuid(random)}`;
    const body = JSON.stringify({
      statement: statement.sql,
      timeout: TIMEOUT_SECONDS,
      database: session.database.toUpperCase(),
      schema: session.schema.toUpperCase(),
      warehouse: session.warehouse.toUpperCase(),
      ...(session.role === null ? {} : { role: session.role.toUpperCase() }),
      parameters: { query_tag: "growthos publish", timezone: "UTC" },
    });
    const first = await asked(talk, { method: "POST", url, body }, { statement, signal });
    return rowsOf(talk, await finished(talk, first, { statement, signal }), { statement, signal });
  };
}

/** An account with a region, or with dots, is a host as it is; names have `-` where the account has `_`. */
export function hostOf(account: string): string {
  return `${account.toLowerCase().replaceAll("_", "-")}.snowflakecomputing.com`;
}

/** The account in a token: without its region, in capitals (a global one ends at its first `-`). */
export function accountInToken(account: string): string {
  const end = account.includes(".global") ? account.indexOf("-") : account.indexOf(".");
  return (end > 0 ? account.slice(0, end) : account).toUpperCase();
}

function keyPair({ account, user }: SnowflakeSession, secrets: Credentials): Auth {
  const key = readKey(secrets);
  const subject = `${accountInToken(account)}.${user.toUpperCase()}`;
  const fingerprint = Buffer.from(sha256(createPublicKey(key).export({ type: "spki", format: "der" })), "hex");
  const pem = key.export({ type: "pkcs8", format: "pem" }).toString();
  const issuer = `${subject}.SHA256:${fingerprint.toString("base64")}`;
  return { kind: "grant", grant: { kind: "key_pair", issuer, subject, privateKey: new Secret(pem) } };
}

function readKey(secrets: Credentials) {
  const passphrase = secrets["passphrase"]?.reveal();
  try {
    return createPrivateKey({
      key: given(secrets, "keyFile").reveal(),
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch (cause) {
    throw new GrowthosError({
      code: "CREDENTIAL_INVALID",
      what: "the private key for Snowflake cannot be used",
      // The library's message names formats, never the key.
      why: messageOf(cause),
      state: "nothing was sent",
      hint: "set SNOWFLAKE_KEY_FILE to a PEM file (PKCS#8), and SNOWFLAKE_PASSPHRASE where it has a passphrase; or run `growthos connect snowflake`",
      exit: "auth",
    });
  }
}

/** What the answer to a statement tells is read here; who may not ask at all is refused by the client. */
function classify(response: HttpResponse, now: number): Verdict | undefined {
  const { status } = response;
  if (status === 408 || status === 422) return { next: "accept" };
  if (status < 400 || status > 404) return undefined;
  return refused(response, now);
}

interface Talk {
  readonly client: Client;
  readonly origin: string;
  readonly host: string;
}

interface Asking {
  readonly statement: Statement;
  readonly signal: AbortSignal;
}

/** Asks until there is an answer, and says so when it may have been asked before. */
async function asked(
  { client, host }: Talk,
  request: Pick<HttpRequest, "method" | "url" | "body"> & { readonly attempt?: number; readonly after?: number },
  { statement, signal }: Asking,
): Promise<Answer> {
  let why = "";
  for (let tries = 0; tries < LIMITS.tries; tries++) {
    const isAgain = tries > 0 && request.method === "POST";
    const after = tries > 0 ? WAITS[tries - 1] : request.after;
    const answer = await client.ask(
      {
        ...request,
        url: `${request.url}${isAgain ? "&retry=true" : ""}`,
        headers: {
          ...(request.body === undefined ? {} : { "content-type": "application/json" }),
          accept: "application/json",
          "x-snowflake-authorization-token-type": "KEYPAIR_JWT",
        },
        label: statement.name,
        ...(after === undefined ? {} : { after }),
        // Whatever is not null: what comes next is decided here.
        ifLost: { method: "GET", url: request.url },
      },
      signal,
    );
    if (answer.outcome !== "lost") return answer;
    why = answer.reason;
  }
  throw unanswered({ host, statement, why: `${why}; gave up after ${LIMITS.tries} tries` });
}

/** The answer when the statement is done. */
async function finished(talk: Talk, first: Answer, asking: Asking): Promise<Answer> {
  const { statement } = asking;
  for (let polls = 0, last = first; polls < MOST_POLLS; polls++) {
    const { status } = last.response;
    if (status === 200) return last;
    last.log(0);
    if (status !== 202) throw statementFailure(last.body, status, statement);
    const after = WAITS[Math.min(polls, WAITS.length - 1)] ?? 15;
    last = await asked(talk, { method: "GET", url: urlOf(talk, last.body, statement), attempt: polls, after }, asking);
  }
  throw unanswered({ host: talk.host, statement, why: "it is not done after an hour" });
}

function urlOf({ origin, host }: Talk, body: unknown, statement: Statement): string {
  const handle = String(valueAt(body, "statementHandle"));
  if (/^[\w-]{8,100}$/.test(handle)) return `${origin}/api/v2/statements/${handle}`;
  throw unanswered({ host, statement, why: "the answer has no statementHandle" });
}

/** All rows: those of the answer, and of the partitions that it tells of. */
async function rowsOf(talk: Talk, answer: Answer, asking: Asking): Promise<readonly SnowflakeRow[]> {
  const rows = [...readRows(answer.body)];
  const told = valueAt(answer.body, "resultSetMetaData.partitionInfo");
  const partitions = Array.isArray(told) ? Math.min(told.length, MOST_PARTITIONS) : 0;
  for (let partition = 1; partition < partitions; partition++) {
    const url = `${urlOf(talk, answer.body, asking.statement)}?partition=${partition}`;
    const next = await asked(talk, { method: "GET", url }, asking);
    if (next.response.status !== 200) throw statementFailure(next.body, next.response.status, asking.statement);
    rows.push(...readRows(next.body));
    next.log(0);
  }
  answer.log(rows.length);
  return rows;
}

function readRows(body: unknown): readonly SnowflakeRow[] {
  const data = valueAt(body, "data");
  if (!Array.isArray(data)) return [];
  return data.map((row: unknown) =>
    Array.isArray(row) ? row.map((value: unknown) => (value === null ? null : String(value))) : [],
  );
}

/** A random UUID (RFC 9562, version 4). */
function uuid(random: Random): string {
  const hex = random.hex(16);
  const variant = "89ab"[Number.parseInt(hex[16] ?? "0", 16) % 4];
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`];
  return [...parts, hex.slice(20, 32)].join("-");
}
