import Bottleneck from "bottleneck";
import type { Clock } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import type { Random } from "../base/ids.js";
import type { Log } from "../base/log.js";
import type { Secret } from "../base/secret.js";
import { authorize, secretsOf } from "./auth.js";
import { createBudget } from "./budget.js";
import { classifyStatus } from "./classify.js";
import { requireHost } from "./hosts.js";
import { parseJson } from "./json.js";
import { createPace } from "./pace.js";
import { clean, codeOf, LATER, passing, REAUTH, RETRY, WAIT, withRetries } from "./retries.js";
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
   * `API_BROKEN` (still failing after all tries), `API_THROTTLED`, `ANSWER_TOO_LARGE`, `NETWORK_REFUSED`, or the signal's reason.
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
    const sent = await send({ ...rest, maxBodyBytes: options.limits.maxBodyBytes }, signal);
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
  const isError = thrown instanceof GrowthosError;
  // Whose answer it was is not known below.
  if (isError && thrown.code === "ANSWER_TOO_LARGE")
    return new GrowthosError({ ...thrown.parts, what: `${options.title} sent an answer that is too large` });
  if (isError && (thrown.code === "NETWORK_REFUSED" || thrown.parts.exit === "io")) return thrown;
  return passing(RETRY, `${options.title} could not be reached`, clean(options, messageOf(thrown)), thrown);
}
