import { messageOf } from "../../base/errors.js";
import type { FuzzTarget, Judgement, OpenTarget } from "./fuzz-types.js";
import { mutantOf, shrunk } from "./mutate.js";

/** An input after which things were not as they must be. */
export interface Failure {
  readonly target: string;
  readonly seed: number;
  readonly case: number;
  /** It threw what no refusal is or took the process with it; it did not end; what came out is wrong. */
  readonly kind: "crash" | "hang" | "wrong";
  readonly why: string;
  readonly input: Uint8Array;
}

/** What a run over cases counted. */
export interface Tally {
  cases: number;
  taken: number;
  refused: number;
}

/** A run over the cases of one target, in this process. */
export interface CaseRun {
  readonly target: FuzzTarget;
  readonly seed: number;
  readonly from: number;
  /** True before a case when there shall be no more. */
  readonly isOver: (next: number) => boolean;
  /** Hears of each case before it is judged, so that somebody outside knows where it ended. */
  readonly begin: (at: number) => void;
  readonly failed: (failure: Failure) => void;
  readonly tally: Tally;
}

/** Judges cases one after the other until it is over. A failing input is made smaller as long as it fails in the same way. */
export async function runCases({ target, seed, from, isOver, begin, failed, tally }: CaseRun): Promise<void> {
  const open = await target.open();
  const sampled = { name: target.name, samples: target.samples(), words: target.words };
  try {
    for (let at = from; !isOver(at); at++) {
      begin(at);
      const input = mutantOf(sampled, seed, at);
      const found = await judged(open, input);
      tally.cases += 1;
      if (found === "taken") tally.taken += 1;
      else if (found === "refused") tally.refused += 1;
      else {
        const same = async (other: Uint8Array) => {
          const now = await judged(open, other);
          return typeof now === "object" && now.kind === found.kind;
        };
        const small = await shrunk(input, same);
        const last = await judged(open, small);
        const why = typeof last === "object" ? last.why : found.why;
        failed({ target: target.name, seed, case: at, kind: found.kind, why, input: small });
      }
    }
  } finally {
    await open.close?.();
  }
}

/** Judges one input, and calls `ready` before it does; null when nothing is wrong with it. */
export async function judgeOnce(target: FuzzTarget, input: Uint8Array, ready: () => void): Promise<string | null> {
  const open = await target.open();
  ready();
  try {
    const found = await judged(open, input);
    return typeof found === "string" ? null : `${found.kind}: ${found.why}`;
  } finally {
    await open.close?.();
  }
}

type Judged = "taken" | "refused" | { readonly kind: "crash" | "wrong"; readonly why: string };

async function judged(open: OpenTarget, input: Uint8Array): Promise<Judged> {
  let found: Judgement;
  try {
    found = await open.judge(input);
  } catch (thrown) {
    const where = thrown instanceof Error ? (thrown.stack ?? "").split("\n").slice(1, 3).join(" ").trim() : "";
    return { kind: "crash", why: `${messageOf(thrown)} ${where}`.slice(0, 600) };
  }
  return typeof found === "string" ? found : { kind: "wrong", why: found.wrong.slice(0, 600) };
}
