import Bottleneck from "bottleneck";
import pRetry from "p-retry";
import type { Clock } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import type { Random } from "../base/ids.js";
import type { Log } from "../base/log.js";
import { redact } from "../base/secret.js";
import { authorize, secretsOf } from "./auth.js";
import { classifyStatus, MAX_WAIT_SECONDS } from "./classify.js";
import { parseJson } from "./json.js";
import { createPace } from "./pace.js";
import type { Auth, HttpRequest, HttpResponse, Limits, Transport, Verdict } from "./types.js";

/** The one way to an API: authorised, paced, retried, classified, logged. */
export interface Client {
  /**
   * The parsed body and the response. Failures that may pass are retried; throws
   * `API_AUTH`, `API_REFUSED`, `API_BROKEN` (still failing after all tries), `NETWORK_REFUSED`, or the signal's reason.
   */
  json(
    request: HttpRequest,
    signal?: AbortSignal,
  ): Promise<{ readonly body: unknown; readonly response: HttpResponse }>;
}

/** What a client is made of. */
export interface ClientOptions {
  /** Source id, for log lines and messages. */
  readonly source: string;
  readonly title: string;
  readonly transport: Transport;
  readonly auth: Auth;
  readonly limits: Limits;
  readonly classify?: (response: HttpResponse) => Verdict | undefined;
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

interface Answer {
  readonly body: unknown;
  readonly response: HttpResponse;
}

/** A client for one source. One per run and source: its pace is the vendor's limit for that source. */
export function createClient(options: ClientOptions): Client {
  const limiter = new Bottleneck({ maxConcurrent: options.limits.concurrent });
  const pace = createPace(options.limits, options.clock);
  return {
    json: (request, signal) =>
      withRetries(options, signal, () =>
        limiter.schedule(async () => {
          signal?.throwIfAborted();
          await pace(signal);
          return attempt(options, request, signal);
        }),
      ),
  };
}

async function withRetries(
  options: ClientOptions,
  signal: AbortSignal | undefined,
  once: () => Promise<Answer>,
): Promise<Answer> {
  let waits = 0;
  try {
    return await pRetry(once, {
      retries: options.limits.tries - 1,
      minTimeout: 0,
      maxTimeout: 0,
      shouldConsumeRetry: ({ error }) => codeOf(error) !== WAIT,
      shouldRetry: ({ error }) => codeOf(error) === RETRY || (codeOf(error) === WAIT && waits <= MAX_WAITS),
      onFailedAttempt: async ({ error, retriesConsumed, retriesLeft }) => {
        const code = codeOf(error);
        if (code === WAIT) waits += 1;
        if (code === WAIT && waits <= MAX_WAITS) await pause(options, waitOf(error), signal);
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

function waitOf(error: unknown): { readonly atLeastMs: number; readonly jitterMs: number } {
  const seconds = Number((error as { cause?: { seconds?: number } }).cause?.seconds ?? 1);
  return { atLeastMs: Math.min(seconds, MAX_WAIT_SECONDS) * 1000, jitterMs: FIRST_BACKOFF_MS };
}

/** Full jitter: anything between the floor and floor + jitter, so that many clients do not come back together. */
async function pause(
  options: ClientOptions,
  { atLeastMs, jitterMs }: { readonly atLeastMs: number; readonly jitterMs: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const share = Number.parseInt(options.random.hex(4), 16) / 0xffff_ffff;
  await options.clock.sleep(Math.round(atLeastMs + jitterMs * share), signal);
}

async function attempt(options: ClientOptions, request: HttpRequest, signal?: AbortSignal): Promise<Answer> {
  const started = options.clock.elapsed();
  const note = (status: number | string, bytes: number) =>
    options.log.info("http", {
      source: options.source,
      label: request.label,
      status,
      ms: Math.round(options.clock.elapsed() - started),
      bytes,
    });
  let response: HttpResponse;
  try {
    const { carry: _carry, ...sent } = authorize(request, options.auth, null);
    response = await options.transport.send(sent, signal);
  } catch (thrown) {
    note(thrown instanceof GrowthosError ? thrown.code : "failed", 0);
    signal?.throwIfAborted();
    throw networkFailure(options, thrown);
  }
  note(response.status, Buffer.byteLength(response.body));
  return judged(options, request, response);
}

function judged(options: ClientOptions, request: HttpRequest, response: HttpResponse): Answer {
  const verdict = options.classify?.(response) ?? classifyStatus(response, options.clock.now());
  if (verdict.next === "accept") return { body: parsedBody(options, response), response };
  const what = `${options.title} answered HTTP ${response.status} to ${request.label ?? "a request"}`;
  if (verdict.next === "retry") throw passing(RETRY, what, verdict.reason);
  if (verdict.next === "wait") throw passing(WAIT, what, verdict.reason, { seconds: verdict.seconds });
  if (verdict.next !== "abort") throw passing(RETRY, what, verdict.reason);
  throw new GrowthosError({
    code: verdict.code,
    what: clean(options, verdict.code === "API_AUTH" ? `${options.title} refused the credentials` : what),
    why: clean(options, `HTTP ${response.status}, ${verdict.reason}`),
    hint: verdict.hint ?? (verdict.code === "API_AUTH" ? authHint(options.source) : undefined),
    exit: verdict.code === "API_AUTH" ? "auth" : "source",
  });
}

function authHint(source: string): string {
  return `set ${source.toUpperCase()}_TOKEN to a fresh token, then run \`growthos sync --source ${source}\``;
}

/** A page that is not JSON (a proxy's HTML, a cut connection) is a failure that may pass. */
function parsedBody(options: ClientOptions, response: HttpResponse): unknown {
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

function networkFailure(options: ClientOptions, thrown: unknown): GrowthosError {
  if (thrown instanceof GrowthosError && thrown.code === "NETWORK_REFUSED") return thrown;
  return passing(RETRY, `${options.title} could not be reached`, clean(options, messageOf(thrown)), thrown);
}

function passing(code: string, what: string, why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({ code, what, why, exit: "source", cause });
}

/** The last failure of a request that was tried as often as the vendor's limits say. */
function givenUp(options: ClientOptions, thrown: unknown): unknown {
  if (!(thrown instanceof GrowthosError) || (thrown.code !== RETRY && thrown.code !== WAIT)) return thrown;
  const waited = thrown.code === WAIT;
  return new GrowthosError({
    ...thrown.parts,
    code: waited ? "API_THROTTLED" : "API_BROKEN",
    what: clean(options, thrown.parts.what),
    why: `${clean(options, thrown.parts.why ?? "")}; gave up after ${waited ? `${MAX_WAITS} waits` : `${options.limits.tries} tries`}`,
    hint: "run the same command again later: nothing of this slice was written",
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof GrowthosError ? error.code : undefined;
}

function clean(options: ClientOptions, text: string): string {
  return redact(text, secretsOf(options.auth));
}
