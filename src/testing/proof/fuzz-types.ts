/** What the program made of an input: it took it, it said why not, or something went wrong (in words). */
export type Judgement = "taken" | "refused" | { readonly wrong: string };

/** A reader that is fuzzed, opened: it holds a database, or a catalog. */
export interface OpenTarget {
  /** Reads the input as the program would, and holds the result against what must be so. What it throws counts as a crash. */
  readonly judge: (input: Uint8Array) => Judgement | Promise<Judgement>;
  readonly close?: () => Promise<void>;
}

/** A reader that is fuzzed. */
export interface FuzzTarget {
  readonly name: string;
  /** What is read, in words. */
  readonly reads: string;
  /** Sound inputs that mutants are made of. */
  readonly samples: () => readonly Uint8Array[];
  /** Pieces that this kind of input is known to be broken by. */
  readonly words: readonly string[];
  readonly open: () => Promise<OpenTarget>;
}
