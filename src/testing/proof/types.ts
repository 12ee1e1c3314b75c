/** What the goals are about: what went wrong, in one of these ways. */
export type Kind = "lost" | "twice" | "mixed" | "two owners" | "manual repair";

/** One thing that must not happen, and did. */
export interface Violation {
  readonly kind: Kind;
  readonly what: string;
}

/** What a part of the soak is told. */
export interface SoakTask {
  /** Decides every moment and every shape; which call a kill then hits is up to the machine. */
  readonly seed: number;
  /** True when the part's time is over. */
  readonly isOver: () => boolean;
  /** Hears of progress: how many so far. */
  readonly say: (reached: number, violations: number) => void;
  /** Runs a rig with a seeded mistake, which the part must report. */
  readonly isBroken?: boolean;
}

/** What it did. */
export interface SoakOutcome {
  readonly reached: number;
  readonly violations: readonly Violation[];
  /** What is to be said beside the number. */
  readonly notes: readonly string[];
}

/** A part of `npm run soak`. */
export interface SoakPart {
  readonly name: string;
  /** What is counted, as a plural. */
  readonly unit: string;
  /** The number of reliability.md 5. */
  readonly goal: number;
  /** Its share of the time when all parts run. */
  readonly share: number;
  readonly run: (task: SoakTask) => Promise<SoakOutcome>;
}
