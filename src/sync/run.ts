import type { SyncOptions, SyncPlan, SyncReport } from "./types.js";

/** The plan that `runSync` would carry out now: reads the log, touches nothing. Throws `BAD_OPTIONS` for options a connector refuses. */
export function planSync(_options: SyncOptions): SyncPlan {
  throw new Error("not yet");
}

/**
 * Reads every configured source and commits what is complete: one commit per slice, so a failing source leaves the others in.
 * Does not throw for a failing source: its outcome says so and `exit` is `source` or `auth`.
 * Throws `LOCKED` when another run holds the lock, `BAD_OPTIONS` before anything is read.
 */
export async function runSync(_options: SyncOptions): Promise<SyncReport> {
  throw new Error("not yet");
}
