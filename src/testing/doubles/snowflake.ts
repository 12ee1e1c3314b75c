/**
 * Snowflake's SQL API on loopback, held to its reference: who asks shows a token signed by the key of the user, good for an hour at most;
 * statements are answered at once or by a handle; ids of requests; partitions; errors of statements (422) with code and SQLSTATE.
 */
import { createHash, type createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { type Clock, systemClock } from "../../base/clock.js";
import { Secret } from "../../base/secret.js";
import { isObject, valueAt } from "../../connectors/shape.js";
import { type Answer, type Arrived, type DoubleServer, startServer } from "./server.js";
import { SnowflakeError, type SnowflakeWorld, snowflakeWorld } from "./snowflake-words.js";

/** The double, and what it knows. */
export interface SnowflakeDouble {
  readonly server: DoubleServer;
  readonly routes: Readonly<Record<string, string>>;
  /** PEM (PKCS#8). */
  readonly keyFile: Secret;
  readonly world: SnowflakeWorld;
  /** Statements that were carried out, in order. */
  readonly statements: readonly string[];
  /** The next statement that matches is not carried out. */
  refuse(on: RegExp, error: SnowflakeError): void;
  /** Statements that match are answered by a handle, and are done when they were asked for so often. */
  slow(on: RegExp, polls: number): void;
  close(): Promise<void>;
}

/** How it is set up. */
export interface SnowflakeDoubleOptions {
  readonly objects: SnowflakeWorld["objects"];
  /** Where in the bucket the stage begins, with a slash at its end. */
  readonly stagePrefix: string | null;
  readonly clock?: Pick<Clock, "now">;
  /** Rows of one partition. */
  readonly partition?: number;
}

const HOST = "myorg-shop.snowflakecomputing.com";
const SUBJECT = "MYORG-SHOP.GROWTHOS";
/** Made once: it takes longer than all the rest. */
const PAIR = generateKeyPairSync("rsa", { modulusLength: 2048 });
const BODY = new Set("statement timeout database schema warehouse role parameters bindings".split(" "));

interface Done {
  readonly answer: (partition: number) => Answer;
  polls: number;
}

interface State {
  readonly world: SnowflakeWorld;
  readonly key: ReturnType<typeof createPublicKey>;
  readonly now: () => number;
  readonly statements: string[];
  readonly done: Map<string, Done>;
  readonly refusals: { readonly on: RegExp; readonly error: SnowflakeError }[];
  readonly slow: { readonly on: RegExp; readonly polls: number }[];
  readonly partition: number;
}

/** Starts it: the account MYORG-SHOP with the user GROWTHOS, the warehouse LOADING and the database ANALYTICS. */
export async function snowflakeDouble(options: SnowflakeDoubleOptions): Promise<SnowflakeDouble> {
  const clock = options.clock ?? systemClock;
  const { privateKey, publicKey } = PAIR;
  const now = () => clock.now();
  const state: State = {
    world: await snowflakeWorld({
      schema: "GROWTHOS",
      stagePrefix: options.stagePrefix,
      objects: options.objects,
      now,
    }),
    key: publicKey,
    now,
    statements: [],
    done: new Map(),
    refusals: [],
    slow: [],
    partition: options.partition ?? 1_000,
  };
  const server = await startServer((request) => respond(state, request), clock);
  return {
    server,
    routes: { [HOST]: server.origin },
    keyFile: new Secret(privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
    world: state.world,
    statements: state.statements,
    refuse: (on, error) => void state.refusals.push({ on, error }),
    slow: (on, polls) => void state.slow.push({ on, polls }),
    close: async () => {
      await server.close();
      await state.world.close();
    },
  };
}

const error = (status: number, code: string, message: string): Answer => ({ status, json: { code, message } });

async function respond(state: State, request: Arrived): Promise<Answer> {
  const { method, url, headers } = request;
  if (headers["x-snowflake-authorization-token-type"] !== "KEYPAIR_JWT")
    return error(401, "390101", "Authorization header not found in the request data.");
  if (!isGood(state, (headers["authorization"] ?? "").replace(/^Bearer /, "")))
    return error(401, "390144", "JWT token is invalid. [a1b2c3d4-0000-0000-0000-000000000000]");
  const handle = /^\/api\/v2\/statements\/([\w-]+)$/.exec(url.pathname)?.[1];
  if (method === "GET" && handle !== undefined) return poll(state, handle, Number(url.searchParams.get("partition")));
  if (method !== "POST" || url.pathname !== "/api/v2/statements") return error(404, "000404", "Not found.");
  const id = url.searchParams.get("requestId") ?? "";
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))
    return error(400, "391903", "Invalid requestId.");
  const known = state.done.get(`01${id.slice(2)}`);
  const isAgain = url.searchParams.get("retry") === "true";
  if (known !== undefined && !isAgain) return error(400, "391904", "The requestId was used before.");
  return known === undefined ? submit(state, request, `01${id.slice(2)}`) : poll(state, `01${id.slice(2)}`, 0);
}

/** The token of the user's key: issuer, subject, signature, and an hour at most. */
function isGood({ key, now }: State, token: string): boolean {
  const [header = "", body = "", signature = ""] = token.split(".");
  if (!verify("RSA-SHA256", Buffer.from(`${header}.${body}`), key, Buffer.from(signature, "base64url"))) return false;
  const claims: unknown = JSON.parse(Buffer.from(body, "base64url").toString());
  const [iat, exp, seconds] = [Number(valueAt(claims, "iat")), Number(valueAt(claims, "exp")), now() / 1000];
  const der = key.export({ type: "spki", format: "der" });
  const issuer = `${SUBJECT}.SHA256:${createHash("sha256").update(der).digest("base64")}`;
  const isOurs = valueAt(claims, "iss") === issuer && valueAt(claims, "sub") === SUBJECT;
  return isOurs && iat <= seconds + 60 && exp > seconds && exp - iat <= 3_600;
}

async function submit(state: State, { body, headers }: Arrived, handle: string): Promise<Answer> {
  const asked: unknown = headers["content-type"] === "application/json" ? JSON.parse(body) : null;
  if (!isObject(asked) || Object.keys(asked).some((name) => !BODY.has(name)))
    return error(400, "391902", "Unsupported body.");
  const statement = String(asked["statement"]);
  const result = await carriedOut(state, asked, statement, handle);
  const slow = state.slow.find(({ on }) => on.test(statement));
  state.done.set(handle, { answer: result, polls: slow?.polls ?? 0 });
  return poll(state, handle, 0);
}

async function carriedOut(state: State, asked: object, statement: string, handle: string): Promise<Done["answer"]> {
  const failed =
    ({ code, sqlState, message }: SnowflakeError) =>
    () => ({
      status: 422,
      json: { code, sqlState, message, statementHandle: handle },
    });
  const at = state.refusals.findIndex(({ on }) => on.test(statement));
  const [refusal] = at < 0 ? [] : state.refusals.splice(at, 1);
  if (refusal !== undefined) return failed(refusal.error);
  if (valueAt(asked, "warehouse") !== "LOADING" && !/^SELECT T\./.test(statement))
    return failed(new SnowflakeError("000606", "57P03", "No active warehouse selected in the current session."));
  try {
    const rows = await state.world.execute(statement);
    state.statements.push(statement);
    return (partition) => resultSet(state, rows, { handle, partition });
  } catch (thrown) {
    if (thrown instanceof SnowflakeError) return failed(thrown);
    throw thrown;
  }
}

function resultSet(
  { partition: size }: State,
  rows: readonly unknown[],
  { handle, partition }: { readonly handle: string; readonly partition: number },
): Answer {
  const data = rows.slice(partition * size, (partition + 1) * size);
  if (partition > 0) return { json: { data } };
  const parts = Array.from({ length: Math.max(1, Math.ceil(rows.length / size)) }, () => ({ rowCount: size }));
  return {
    json: {
      resultSetMetaData: { numRows: rows.length, format: "jsonv2", partitionInfo: parts },
      data,
      code: "090001",
      sqlState: "00000",
      statementHandle: handle,
      message: "Statement executed successfully.",
    },
  };
}

function poll({ done }: State, handle: string, partition: number): Answer {
  const one = done.get(handle);
  if (one === undefined) return error(404, "391918", "Statement not found.");
  if (one.polls === 0) return one.answer(partition);
  one.polls -= 1;
  const message = "Asynchronous execution in progress.";
  return { status: 202, json: { code: "333334", message, statementHandle: handle } };
}
