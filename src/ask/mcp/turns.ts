import { GrowthosError } from "../../base/errors.js";
import type { McpLimits, McpSources } from "./types.js";

/** Runs calls one after the other, each within its time; a call that is cancelled stops its statement, and no other one. */
export interface Turns {
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** One queue per server: statements share a connection, and stopping "the running one" must mean the right one. */
export function turnsOf(sources: Pick<McpSources, "build">, { timeMs }: McpLimits): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (work, cancelled) => {
      const turn = last.then(() =>
        bounded(work, sources, AbortSignal.any([cancelled, AbortSignal.timeout(timeMs)]), timeMs),
      );
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

async function bounded<T>(
  work: () => Promise<T>,
  sources: Pick<McpSources, "build">,
  stop: AbortSignal,
  timeMs: number,
): Promise<T> {
  if (stop.aborted) throw stopped(timeMs);
  const interrupt = () => void sources.build().then(({ db }) => db.interrupt());
  stop.addEventListener("abort", interrupt);
  try {
    return await work();
  } catch (thrown) {
    throw stop.aborted ? stopped(timeMs) : thrown;
  } finally {
    stop.removeEventListener("abort", interrupt);
  }
}

function stopped(timeMs: number): GrowthosError {
  return new GrowthosError({
    code: "STOPPED",
    what: "the call was stopped",
    why: `it was cancelled, or took longer than ${timeMs / 1000} s`,
    state: "nothing was changed",
    hint: "ask for fewer days or rows",
    exit: "usage",
  });
}
