/** Asking again: after failures that may pass, and after the waits that a vendor asks for. */
import pRetry from "p-retry";
import type { Clock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import type { Random } from "../base/ids.js";
import { redact, type Secret, withoutAddresses } from "../base/secret.js";
import { MAX_WAIT_SECONDS } from "./classify.js";
import type { Limits } from "./types.js";

/** What asking again needs of a client, and every secret seen so far: none may stand in a message. */
export interface Asking {
  readonly title: string;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: Random;
  readonly known: readonly Secret[];
}

/** Throttled answers accepted for one request before giving up: they are not failures, but they must end. */
const MAX_WAITS = 12;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

/** A failure after which the same request may be tried again. */
export const RETRY = "API_TRY_AGAIN";
/** The vendor asks to wait: the cause has the `seconds`. */
export const WAIT = "API_WAIT";
/** A token was refused that can be renewed. */
export const REAUTH = "API_TOKEN_REFUSED";
/** What to do about a failure that did not pass. */
export const LATER = "run the same command again later: nothing of this slice was written";

/** Asks as often as the vendor's limits say. Throws `API_BROKEN`, `API_THROTTLED`, `API_AUTH`, and what may not be tried again as it is. */
export async function withRetries<T>(
  options: Asking,
  signal: AbortSignal | undefined,
  once: () => Promise<T>,
): Promise<T> {
  const kept = { waits: 0, longWaits: 0 };
  try {
    return await pRetry(() => afterWaits(options, signal, kept, once), {
      retries: options.limits.tries - 1,
      minTimeout: 0,
      maxTimeout: 0,
      shouldRetry: ({ error }) => codeOf(error) === RETRY,
      onFailedAttempt: async ({ error, retriesConsumed, retriesLeft }) => {
        if (codeOf(error) === RETRY && retriesLeft > 0) await pause(options, backoff(retriesConsumed), signal);
      },
    });
  } catch (thrown) {
    throw givenUp(options, thrown);
  }
}

/** Waits that the vendor asked for, over all tries of a request. */
interface Waits {
  waits: number;
  longWaits: number;
}

/** Asks, and again after each wait that the vendor asks for: a wait is no failure, also in the last try. */
async function afterWaits<T>(
  options: Asking,
  signal: AbortSignal | undefined,
  kept: Waits,
  once: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await once();
    } catch (thrown) {
      if (codeOf(thrown) !== WAIT) throw thrown;
      kept.waits += 1;
      if (secondsOf(thrown) > MAX_WAIT_SECONDS) kept.longWaits += 1;
      // A vendor that asks for too long a wait is asked once more after the longest one: the figure may be absurd, or others let go.
      if (kept.waits > MAX_WAITS || kept.longWaits > 1) throw thrown;
      await pauseAsTold(options, thrown, signal);
    }
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
async function pauseAsTold(options: Asking, error: unknown, signal: AbortSignal | undefined): Promise<void> {
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
function comeBack({ clock }: Asking, error: unknown): string {
  const at = new Date(clock.now() + secondsOf(error) * 1000);
  return Number.isNaN(at.getTime()) ? "some day" : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Full jitter: anything between the floor and floor + jitter, so that many clients do not come back together. */
async function pause(
  options: Asking,
  { atLeastMs, jitterMs }: { readonly atLeastMs: number; readonly jitterMs: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const share = Number.parseInt(options.random.hex(4), 16) / 0xffff_ffff;
  await options.clock.sleep(Math.round(atLeastMs + jitterMs * share), signal);
}

/** The last failure of a request that was tried as often as the vendor's limits say. */
function givenUp(options: Asking, thrown: unknown): unknown {
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
function tooLong(options: Asking, thrown: GrowthosError): GrowthosError {
  const until = comeBack(options, thrown);
  return new GrowthosError({
    ...thrown.parts,
    code: "API_THROTTLED",
    what: clean(options, thrown.parts.what),
    why: `${clean(options, thrown.parts.why ?? "")}; it asks to wait until ${until}, longer than the ${MAX_WAIT_SECONDS / 60} minutes that are waited`,
    hint: `run the same command again after ${until}: nothing of this slice was written`,
  });
}

/** A failure that `withRetries` knows what to do about, by its code. */
export function passing(code: string, what: string, why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({ code, what, why, exit: "source", cause });
}

/** The code of one of our errors. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof GrowthosError ? error.code : undefined;
}

/** A text without the secrets and the people that it may repeat: vendors quote what they refuse. */
export function clean(options: Asking, text: string): string {
  return withoutAddresses(redact(text, options.known));
}
