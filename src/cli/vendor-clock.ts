/** This machine's clock against the vendor's (C03): told by the `Date` header of every answer. */
import { GrowthosError } from "../base/errors.js";
import type { HttpResponse, Transport } from "../http/types.js";
import type { Effects } from "./command.js";

/** A clock that is further off than this is worth a warning, seconds. */
const WARN_SKEW_SECONDS = 300;
/** Beyond this a signed assertion or a token's lifetime means something else to the vendor than to us, seconds. */
const REFUSE_SKEW_SECONDS = 3_600;

const SET_CLOCK = "set the clock of this machine (switch its time synchronisation on), then try again";

/** A network that looks at clocks on the way. */
export interface Watch {
  readonly transport: Transport;
  /** Seconds by which this machine is ahead of who answered last; null when no answer told. */
  skew(): number | null;
  /** Has anybody answered at all? */
  isReached(): boolean;
}

/** The same network, and the time of its last answer against ours. */
export function watched(transport: Transport, { clock }: Pick<Effects, "clock">): Watch {
  let skew: number | null = null;
  let isReached = false;
  const note = (response: HttpResponse) => {
    isReached = true;
    const theirs = Date.parse(response.headers["date"] ?? "");
    // A cache repeats the date of the first answer, and says how long ago that was.
    const age = Number(response.headers["age"] ?? 0) || 0;
    if (!Number.isNaN(theirs)) skew = Math.round((clock.now() - theirs) / 1000 - age);
    return response;
  };
  const { download } = transport;
  return {
    transport: {
      send: async (request, signal) => note(await transport.send(request, signal)),
      ...(download === undefined ? {} : { download: (...asked) => download(...asked) }),
    },
    skew: () => skew,
    isReached: () => isReached,
  };
}

/** Asks an address for its time only. Null when it does not tell, or cannot be reached: the next question says so properly. */
export async function skewAt(watch: Watch, url: string, signal?: AbortSignal): Promise<number | null> {
  try {
    await watch.transport.send({ method: "GET", url, label: "clock", anonymous: true }, signal);
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    return null;
  }
  return watch.skew();
}

/** What is wrong with a clock; null when nothing is, or nobody knows. Refused: no signature and no token is of use with it. */
export function skewProblem(
  seconds: number | null,
): { readonly isRefused: boolean; readonly message: string; readonly fix: string } | null {
  if (seconds === null || Math.abs(seconds) <= WARN_SKEW_SECONDS) return null;
  return { isRefused: Math.abs(seconds) > REFUSE_SKEW_SECONDS, message: skewText(seconds), fix: SET_CLOCK };
}

/** Looks at the vendor's clock before a consent. Throws `CLOCK_SKEW`. */
export async function requireClock(effects: Pick<Effects, "clock">, transport: Transport, url: string): Promise<void> {
  const problem = skewProblem(await skewAt(watched(transport, effects), url));
  if (problem?.isRefused !== true) return;
  throw new GrowthosError({
    code: "CLOCK_SKEW",
    what: problem.message,
    state: "nothing was signed, asked for or stored",
    hint: problem.fix,
    exit: "auth",
  });
}

/** A wrong clock in words. */
export function skewText(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60);
  const amount =
    minutes >= 2 * 1440
      ? `${Math.round(minutes / 1440)} days`
      : minutes >= 120
        ? `${Math.round(minutes / 60)} h`
        : `${minutes} min`;
  return `this machine's clock is ${amount} ${seconds > 0 ? "ahead of" : "behind"} the vendor's`;
}
