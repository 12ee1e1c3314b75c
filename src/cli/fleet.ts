/** The same command for many workspaces: a few at a time, each by itself, and none stops another. */
import { EXIT, type Exit } from "../base/errors.js";
import { sha256 } from "../base/hash.js";

/** What came of one workspace. */
export interface MemberResult {
  readonly workspace: string;
  /** `killed`: it ended without a word (out of memory, a signal from outside). */
  readonly state: "done" | "failed" | "killed" | "interrupted" | "not started";
  /** As the command itself would have ended; 1 for what was killed. */
  readonly exitCode: number;
  /** Null: it was not started. */
  readonly elapsedMs: number | null;
  readonly error: { readonly code: string; readonly what: string } | null;
  /** What the command answered as JSON; null when it said nothing that can be read. */
  readonly answer: Readonly<Record<string, unknown>> | null;
}

/** How one process ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  /** The last of it. */
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** How many at a time, and how each is started. */
export interface FleetOptions {
  readonly parallel: number;
  /** Aborted: what runs is stopped by its own launch, what waits is not started. */
  readonly signal: AbortSignal;
  readonly launch: (workspace: string) => Promise<Ended>;
  /** Told as each ends. */
  readonly ended: (result: MemberResult) => void;
}

/** Runs all of them; the results are in the order of the names. A launch that throws is the failure of that workspace alone. */
export async function runFleet(names: readonly string[], options: FleetOptions): Promise<readonly MemberResult[]> {
  const results = new Map<string, MemberResult>();
  const waiting = [...names];
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      if (options.signal.aborted) continue;
      const result = await resultOf(name, options);
      results.set(name, result);
      options.ended(result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.parallel) }, worker));
  return names.map((name) => results.get(name) ?? notStarted(name));
}

async function resultOf(name: string, { launch, signal }: FleetOptions): Promise<MemberResult> {
  try {
    return memberResult(name, await launch(name), signal.aborted);
  } catch (thrown) {
    const what = thrown instanceof Error ? thrown.message : String(thrown);
    const error = { code: "NOT_STARTED", what: `the process could not be started: ${what}` };
    return { ...notStarted(name), state: "failed", exitCode: EXIT.bug.code, error };
  }
}

function notStarted(workspace: string): MemberResult {
  const exitCode = EXIT.interrupted.code;
  return { workspace, state: "not started", exitCode, elapsedMs: null, error: null, answer: null };
}

/** What a process said as what came of its workspace. */
export function memberResult(workspace: string, ended: Ended, isStopping: boolean): MemberResult {
  const { code, elapsedMs } = ended;
  const answer = answerOf(ended.stdout);
  const isKilled = code === null;
  if (isStopping && (isKilled || code === EXIT.interrupted.code)) {
    const exitCode = EXIT.interrupted.code;
    return { workspace, state: "interrupted", exitCode, elapsedMs, error: null, answer: null };
  }
  if (isKilled) {
    const error = {
      code: "KILLED",
      what: `ended by ${ended.signal ?? "a signal"}; the memory may have been too small`,
    };
    return { workspace, state: "killed", exitCode: EXIT.bug.code, elapsedMs, error, answer };
  }
  const state = code === EXIT.ok.code ? "done" : "failed";
  const error = state === "done" ? null : (errorIn(answer) ?? errorInTalk(ended.stderr));
  return { workspace, state, exitCode: code, elapsedMs, error, answer };
}

function answerOf(stdout: string): MemberResult["answer"] {
  try {
    const value: unknown = JSON.parse(stdout);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

function errorIn(answer: MemberResult["answer"]): MemberResult["error"] {
  const { code, what } = (answer?.["error"] ?? {}) as { readonly code?: unknown; readonly what?: unknown };
  return typeof code === "string" && typeof what === "string" ? { code, what } : null;
}

function errorInTalk(stderr: string): MemberResult["error"] {
  const match = /^error\[([A-Z0-9_]+)\]: (.*)$/m.exec(stderr);
  return match === null ? null : { code: match[1] ?? "", what: match[2] ?? "" };
}

/** From the least to the worst: what ends `run --all` when several workspaces end differently. */
const BY_WEIGHT: readonly Exit[] = [
  "ok",
  "alert",
  "locked",
  "source",
  "badData",
  "usage",
  "auth",
  "io",
  "damaged",
  "bug",
  "interrupted",
];

/** The worst of several exit codes; one that is not ours is a bug. */
export function worstExit(codes: readonly number[]): Exit {
  const weights = codes.map((code) => BY_WEIGHT.findIndex((name) => EXIT[name].code === code));
  const worst = Math.max(0, ...weights.map((weight) => (weight < 0 ? BY_WEIGHT.indexOf("bug") : weight)));
  return BY_WEIGHT[worst] ?? "bug";
}

/** Part `index` of `count`, 1-based, by a hash of the name: a workspace stays on its machine when others come and go. */
export function inShard(name: string, { index, count }: { readonly index: number; readonly count: number }): boolean {
  return Number.parseInt(sha256(name).slice(0, 8), 16) % count === index - 1;
}
