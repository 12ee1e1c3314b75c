import Bottleneck from "bottleneck";
import pRetry from "p-retry";
import type { Clock } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import type { Random } from "../base/ids.js";
import type { Log } from "../base/log.js";
import { redact, type Secret } from "../base/secret.js";
import { authorize, secretsOf } from "./auth.js";
import { createBudget } from "./budget.js";
import { classifyStatus, MAX_WAIT_SECONDS } from "./classify.js";
import { requireHost } from "./hosts.js";
import { parseJson } from "./json.js";
import { createPace } from "./pace.js";
import { createTokens, memoryTokens, type Tokens } from "./tokens.js";
import type {
  Auth,
  HttpRequest,
  HttpResponse,
  Limits,
  ReceivedFile,
  TokenStore,
  Transport,
  Usage,
  Verdict,
} from "./types.js";

/** The one way to an API: authorised, paced, retried, classified, logged. */
export interface Client {
  /**
   * Asks, and goes on asking as the vendor's answers tell. Failures that may pass are retried; throws `API_AUTH`, `API_REFUSED`,
   * `API_BROKEN` (still failing after all tries), `API_THROTTLED`, `NETWORK_REFUSED`, or the signal's reason.
   */
  ask(request: HttpRequest, signal?: AbortSignal): Promise<Answer>;
  /** The same for an answer that goes to disk (`expect: "file"`): `open` is called for every try and begins anew. */
  download(request: HttpRequest, open: () => FileSink, signal?: AbortSignal): Promise<Answer>;
}

/** What became of a request: something to read, too much to ask for at once, nothing to be had there, or unknown (see `ifLost`). */
export interface Answer {
  readonly outcome: "read" | "shrink" | "skip" | "lost";
  /** What the vendor said, or what became of its answer. */
  readonly reason: string;
  /** Parsed JSON, a text, or a `ReceivedFile`; null unless there is something to read. */
  readonly body: unknown;
  readonly response: HttpResponse;
  /** Writes the line of this call, once it is known how many records it brought. */
  readonly log: (records: number) => void;
}

/** Where the bytes of a file go. */
export interface FileSink {
  write(chunk: Uint8Array): void;
  /** Throws when what came is not whole. */
  end(): ReceivedFile;
}

/** What a client is made of. */
export interface ClientOptions {
  /** Source id, for log lines and messages. */
  readonly source: string;
  readonly title: string;
  readonly transport: Transport;
  readonly auth: Auth;
  readonly limits: Limits;
  /** Hosts that may be asked, `*.` for any subdomain; default: any. */
  readonly hosts?: readonly string[];
  readonly classify?: (response: HttpResponse) => Verdict | undefined;
  readonly usage?: (response: HttpResponse) => readonly Usage[];
  /** Where short-lived tokens are kept; default: in memory. */
  readonly tokens?: TokenStore;
  /** Called with every secret that the client gets to see. */
  readonly learned?: (secret: Secret) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Throttled answers accepted for one request before giving up: they are not failures, but they must end. */
const MAX_WAITS = 12;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

/** A failure after which the same request may be tried again. */
const RETRY = "API_TRY_AGAIN";
const WAIT = "API_WAIT";
const REAUTH = "API_TOKEN_REFUSED";

/** One way of sending a request: the whole answer, or its bytes to a file. */
type Send = (request: HttpRequest, signal?: AbortSignal) => Promise<Sent>;

interface Sent {
  readonly response: HttpResponse;
  /** The body, when it was not in the response. */
  readonly file?: ReceivedFile;
}

/** A client for one source. One per run and source: its pace is the vendor's limit for that source. */
export function createClient(options: ClientOptions): Client {
  const session = openSession(options);
  return {
    ask: (request, signal) =>
      session(request, async (sent, stop) => ({ response: await options.transport.send(sent, stop) }), signal),
    download: (request, open, signal) => session(request, fileSender(options, open), signal),
  };
}

type Session = (request: HttpRequest, send: Send, signal?: AbortSignal) => Promise<Answer>;

function openSession(options: ClientOptions): Session {
  const limiter = new Bottleneck({ maxConcurrent: options.limits.concurrent });
  const pace = createPace(options.limits, options.clock);
  const budget = createBudget(options.clock);
  const known: Secret[] = [...secretsOf(options.auth)];
  const learned = (secret: Secret) => {
    if (!known.includes(secret)) known.push(secret);
    options.learned?.(secret);
  };
  const talk: Talk = { ...options, known };
  const tokens = createdTokens(talk, learned);
  return async (request, send, signal) => {
    requireHost(request, options.hosts);
    // Outside of the limiter: a job that is waited for must not keep other requests from going out.
    if (request.after !== undefined) await options.clock.sleep(request.after * 1000, signal);
    const once = async () => {
      signal?.throwIfAborted();
      await pace(signal);
      await budget.wait(request.label ?? "", signal);
      const one = { request, send, note: budget.note };
      return request.anonymous === true || tokens === null
        ? attempt(talk, { ...one, token: null }, signal)
        : attemptRenewing(talk, { ...one, tokens }, signal);
    };
    return withRetries(talk, signal, () => limiter.schedule(() => unlessLost(talk, request, once)));
  };
}

/** A failure after which nobody knows whether the request was carried out is handed back, where the request says what to do then. */
async function unlessLost(talk: Talk, { ifLost }: HttpRequest, once: () => Promise<Answer>): Promise<Answer> {
  try {
    return await once();
  } catch (thrown) {
    if (ifLost === undefined || !(thrown instanceof GrowthosError) || thrown.code !== RETRY) throw thrown;
    const reason = clean(talk, `${thrown.parts.what}, ${thrown.parts.why ?? ""}`);
    if (ifLost !== null) return { outcome: "lost", reason, body: null, response: NO_RESPONSE, log: () => {} };
    throw new GrowthosError({ ...thrown.parts, code: "API_BROKEN", hint: LATER });
  }
}

const NO_RESPONSE: HttpResponse = { status: 0, headers: {}, body: "" };
const LATER = "run the same command again later: nothing of this slice was written";

/** With a token that may have ended early: renewed once when it is refused. */
async function attemptRenewing(
  talk: Talk,
  { tokens, ...one }: Omit<Try, "token"> & { readonly tokens: Tokens },
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const token = await tokens.current(signal);
  try {
    return await attempt(talk, { ...one, token }, signal);
  } catch (thrown) {
    if (codeOf(thrown) !== REAUTH) throw thrown;
    return attempt(talk, { ...one, token: await tokens.renew(token, signal) }, signal);
  }
}

interface Talk extends ClientOptions {
  /** Every secret seen so far: none may stand in a message. */
  readonly known: readonly Secret[];
}

function createdTokens(talk: Talk, learned: (secret: Secret) => void): Tokens | null {
  if (talk.auth.kind !== "grant") return null;
  const { clock, title, source, transport } = talk;
  const send: Send = async (sent, stop) => ({ response: await transport.send(sent, stop) });
  const asked = async (request: HttpRequest, signal?: AbortSignal): Promise<Answer> => {
    const { sent, line } = await exchange(talk, { request, send, token: null, note: () => {} }, signal);
    line(0);
    const { response } = sent;
    const verdict = tokenVerdict(response, clock.now());
    const what = `${title} gave no access token`;
    if (verdict.next === "retry") throw passing(RETRY, what, `HTTP ${response.status}, ${verdict.reason}`);
    if (verdict.next === "wait")
      throw passing(WAIT, what, `HTTP ${response.status}, ${verdict.reason}`, { seconds: verdict.seconds });
    return { outcome: "read", reason: "", body: null, response, log: () => {} };
  };
  return createTokens({
    grant: talk.auth.grant,
    store: talk.tokens ?? memoryTokens(),
    clock,
    title,
    source,
    learned,
    send: async (request, signal) => (await withRetries(talk, signal, () => asked(request, signal))).response,
  });
}

/** A token endpoint says by its status whether to come again; half an answer or a portal's page is no refusal either. */
function tokenVerdict(response: HttpResponse, now: number): Verdict {
  const verdict = classifyStatus(response, now);
  if (verdict.next !== "accept") return verdict;
  try {
    parseJson(response.body);
    return verdict;
  } catch (thrown) {
    return { next: "retry", reason: `the answer is not JSON (${messageOf(thrown)})` };
  }
}

function fileSender({ transport, title }: ClientOptions, open: () => FileSink): Send {
  return async (request, signal) => {
    if (transport.download === undefined) {
      throw new GrowthosError({ code: "NETWORK_REFUSED", what: `${title} cannot serve files here`, exit: "source" });
    }
    const sink = open();
    const response = await transport.download(request, (chunk) => sink.write(chunk), signal);
    return response.status >= 200 && response.status <= 299 ? { response, file: sink.end() } : { response };
  };
}

async function withRetries(
  options: Talk,
  signal: AbortSignal | undefined,
  once: () => Promise<Answer>,
): Promise<Answer> {
  let waits = 0;
  // A vendor that asks for too long a wait is asked once more after the longest one: the figure may be absurd, or others let go.
  let longWaits = 0;
  try {
    return await pRetry(once, {
      retries: options.limits.tries - 1,
      minTimeout: 0,
      maxTimeout: 0,
      shouldConsumeRetry: ({ error }) => codeOf(error) !== WAIT,
      shouldRetry: ({ error }) =>
        codeOf(error) === RETRY || (codeOf(error) === WAIT && waits <= MAX_WAITS && longWaits <= 1),
      onFailedAttempt: async ({ error, retriesConsumed, retriesLeft }) => {
        const code = codeOf(error);
        if (code === WAIT) waits += 1;
        if (code === WAIT && secondsOf(error) > MAX_WAIT_SECONDS) longWaits += 1;
        if (code === WAIT && waits <= MAX_WAITS && longWaits <= 1) await pauseAsTold(options, error, signal);
        if (code === RETRY && retriesLeft > 0) await pause(options, backoff(retriesConsumed), signal);
      },
    });
  } catch (thrown) {
    throw givenUp(options, thrown);
  }
}

/** Exponential ceiling of a back-off, milliseconds. */
function backoff(failures: number): { readonly atLeastMs: number; readonly jitterMs: number } {
  return { atLeastMs: 0, jitterMs: Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures) };
}

/** The wait that the vendor asked for. */
function secondsOf(error: unknown): number {
  return Number((error as { cause?: { seconds?: number } }).cause?.seconds ?? 1);
}

/** A wait that cannot be kept (the source's time-out) says what the vendor asked for. */
async function pauseAsTold(options: Talk, error: unknown, signal: AbortSignal | undefined): Promise<void> {
  const atLeastMs = Math.min(secondsOf(error), MAX_WAIT_SECONDS) * 1000;
  try {
    await pause(options, { atLeastMs, jitterMs: FIRST_BACKOFF_MS }, signal);
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || thrown.code !== "SOURCE_TIMEOUT") throw thrown;
    throw new GrowthosError({
      ...thrown.parts,
      why: `${options.title} asks to wait until ${comeBack(options, error)}`,
    });
  }
}

/** The moment from which on the vendor answers again, as it says itself. */
function comeBack({ clock }: Talk, error: unknown): string {
  const at = new Date(clock.now() + secondsOf(error) * 1000);
  return Number.isNaN(at.getTime()) ? "some day" : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Full jitter: anything between the floor and floor + jitter, so that many clients do not come back together. */
async function pause(
  options: Talk,
  { atLeastMs, jitterMs }: { readonly atLeastMs: number; readonly jitterMs: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const share = Number.parseInt(options.random.hex(4), 16) / 0xffff_ffff;
  await options.clock.sleep(Math.round(atLeastMs + jitterMs * share), signal);
}

interface Try {
  readonly request: HttpRequest;
  readonly send: Send;
  /** The short-lived token, for a grant. */
  readonly token: Secret | null;
  readonly note: (label: string, usage: readonly Usage[]) => void;
}

async function attempt(options: Talk, one: Try, signal?: AbortSignal): Promise<Answer> {
  const { sent, line } = await exchange(options, one, signal);
  try {
    const answer = judged(options, one, sent);
    if (answer.outcome !== "read") line(0);
    return { ...answer, log: answer.outcome === "read" ? line : () => {} };
  } catch (thrown) {
    line(0);
    throw thrown;
  }
}

/** Sends once. `line` logs the call: source, endpoint, status, duration, size, records, cost. */
async function exchange(
  options: Talk,
  { request, send, token, note }: Try,
  signal?: AbortSignal,
): Promise<{ readonly sent: Sent; readonly line: (records: number) => void }> {
  const started = options.clock.elapsed();
  const call = { source: options.source, label: request.label, host: new URL(request.url).host };
  const took = () => Math.round(options.clock.elapsed() - started);
  try {
    const {
      carry: _carry,
      after: _after,
      attempt: _attempt,
      ifLost: _ifLost,
      ...rest
    } = authorize(request, options.auth, token);
    const sent = await send(rest, signal);
    const usage = options.usage?.(sent.response) ?? [];
    note(request.label ?? "", usage);
    const { status, body } = sent.response;
    const fields = { ...call, status, ms: took(), bytes: sent.file?.bytes ?? Buffer.byteLength(body) };
    return { sent, line: (records) => options.log.info("http", { ...fields, records, cost: costOf(usage) }) };
  } catch (thrown) {
    const status = thrown instanceof GrowthosError ? thrown.code : "failed";
    options.log.info("http", { ...call, status, ms: took(), bytes: 0, records: 0 });
    signal?.throwIfAborted();
    throw networkFailure(options, thrown);
  }
}

/** The vendor's own price of a request, where it names one. */
function costOf(usage: readonly Usage[]): number | undefined {
  const [priced] = usage;
  if (priced === undefined) return undefined;
  return priced.kind === "bucket" ? priced.requested : priced.kind === "remaining" ? priced.taken : priced.percent;
}

function judged(options: Talk, { request, token }: Try, sent: Sent): Omit<Answer, "log"> {
  const { response } = sent;
  const verdict = verdictOf(options, response, token !== null);
  if (verdict.next === "accept") return { outcome: "read", reason: "", body: bodyOf(options, request, sent), response };
  const reason = clean(options, verdict.reason);
  if (verdict.next === "shrink" || verdict.next === "skip")
    return { outcome: verdict.next, reason, body: null, response };
  const what = `${options.title} answered HTTP ${response.status} to ${request.label ?? "a request"}`;
  if (verdict.next === "retry") throw passing(RETRY, what, verdict.reason);
  if (verdict.next === "wait") throw passing(WAIT, what, verdict.reason, { seconds: verdict.seconds });
  const isAuth = verdict.next === "reauth" || verdict.code === "API_AUTH";
  throw new GrowthosError({
    code: verdict.next === "reauth" ? REAUTH : verdict.code,
    what: clean(options, isAuth ? `${options.title} refused the credentials` : what),
    why: `HTTP ${response.status}, ${reason}`,
    hint: verdict.hint ?? (isAuth ? authHint(options.source) : undefined),
    exit: isAuth ? "auth" : "source",
  });
}

/** With a token that can be renewed, a bare 401 is a reason to renew it. */
function verdictOf(options: Talk, response: HttpResponse, isRenewable: boolean): Verdict {
  const verdict = options.classify?.(response) ?? classifyStatus(response, options.clock.now());
  const isRefused = response.status === 401 && verdict.next === "abort" && verdict.code === "API_AUTH";
  return isRefused && isRenewable ? { next: "reauth", reason: verdict.reason, ...hintOf(verdict.hint) } : verdict;
}

function hintOf(hint: string | undefined): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}

function authHint(source: string): string {
  return `run \`growthos connect ${source}\`, or put fresh ${source.toUpperCase()}_… credentials into the environment or .env; then \`growthos sync --source ${source}\``;
}

function bodyOf(options: Talk, request: HttpRequest, { response, file }: Sent): unknown {
  if (file !== undefined) return file;
  return request.expect === "text" ? response.body : parsedBody(options, response);
}

/** A page that is not JSON (a proxy's HTML, a cut connection) is a failure that may pass. */
function parsedBody(options: Talk, response: HttpResponse): unknown {
  try {
    return parseJson(response.body);
  } catch (thrown) {
    const start = clean(options, response.body.slice(0, 60).replace(/\s+/g, " "));
    throw passing(
      RETRY,
      `${options.title} answered with something that is not JSON`,
      `${messageOf(thrown)}: "${start}"`,
    );
  }
}

function networkFailure(options: Talk, thrown: unknown): GrowthosError {
  const isFinal = thrown instanceof GrowthosError && (thrown.code === "NETWORK_REFUSED" || thrown.parts.exit === "io");
  if (isFinal) return thrown;
  return passing(RETRY, `${options.title} could not be reached`, clean(options, messageOf(thrown)), thrown);
}

function passing(code: string, what: string, why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({ code, what, why, exit: "source", cause });
}

/** The last failure of a request that was tried as often as the vendor's limits say. */
function givenUp(options: Talk, thrown: unknown): unknown {
  if (!(thrown instanceof GrowthosError)) return thrown;
  if (thrown.code === REAUTH) return new GrowthosError({ ...thrown.parts, code: "API_AUTH" });
  if (thrown.code !== RETRY && thrown.code !== WAIT) return thrown;
  if (thrown.code === WAIT && secondsOf(thrown) > MAX_WAIT_SECONDS) return tooLong(options, thrown);
  const waited = thrown.code === WAIT;
  return new GrowthosError({
    ...thrown.parts,
    code: waited ? "API_THROTTLED" : "API_BROKEN",
    what: clean(options, thrown.parts.what),
    why: `${clean(options, thrown.parts.why ?? "")}; gave up after ${waited ? `${MAX_WAITS} waits` : `${options.limits.tries} tries`}`,
    hint: LATER,
  });
}

/** Hours of waiting are not for a program that people look at: it ends, and says when to come back. */
function tooLong(options: Talk, thrown: GrowthosError): GrowthosError {
  const until = comeBack(options, thrown);
  return new GrowthosError({
    ...thrown.parts,
    code: "API_THROTTLED",
    what: clean(options, thrown.parts.what),
    why: `${clean(options, thrown.parts.why ?? "")}; it asks to wait until ${until}, longer than the ${MAX_WAIT_SECONDS / 60} minutes that are waited`,
    hint: `run the same command again after ${until}: nothing of this slice was written`,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof GrowthosError ? error.code : undefined;
}

function clean(options: Talk, text: string): string {
  return redact(text, options.known);
}
