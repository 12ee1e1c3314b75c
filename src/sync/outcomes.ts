import { GrowthosError, messageOf } from "../base/errors.js";
import type { RunError, SyncReport } from "./types.js";

/** From the worst down: what the process exits with when several sources ended differently. */
const WORST_FIRST: readonly SyncReport["exit"][] = [
  "bug",
  "damaged",
  "io",
  "interrupted",
  "usage",
  "auth",
  "badData",
  "source",
  "ok",
];

/** The exit status of a run from those of its sources. */
export function worstExit(exits: readonly SyncReport["exit"][]): SyncReport["exit"] {
  return WORST_FIRST.find((exit) => exits.includes(exit)) ?? "ok";
}

/** A failure as it is kept in the run's record, and the exit status that it means. */
export function failed(
  thrown: unknown,
  signal: AbortSignal | undefined,
): { readonly error: RunError; readonly exit: SyncReport["exit"] } {
  if (signal?.aborted) {
    const error = {
      code: "INTERRUPTED",
      what: "the sync was interrupted",
      hint: "run it again: it goes on where it stopped",
    };
    return { error, exit: "interrupted" };
  }
  if (!(thrown instanceof GrowthosError)) return { error: { code: "BUG", what: messageOf(thrown) }, exit: "bug" };
  const { what, why, state, hint } = thrown.parts;
  return { error: { code: thrown.code, what, why, state, hint }, exit: exitOf(thrown) };
}

function exitOf(error: GrowthosError): SyncReport["exit"] {
  const { exit } = error.parts;
  return exit === "alert" || exit === "locked" || exit === "ok" ? "source" : exit;
}
