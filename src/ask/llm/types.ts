/**
 * A language model beside the rules: off unless the config names one. It is shown words and may fill in one form; what it fills in is
 * checked as if a stranger had typed it. It never sees a figure, and nothing that it writes is run, printed or followed as it is.
 */

/** Whoever fills in the form. */
export interface LanguageModel {
  /** As the config names it. */
  readonly name: string;
  /** Fills in the form. Throws a `GrowthosError` when there is no answer. */
  fill(form: Form): Promise<Filled>;
}

/** What a model is asked. */
export interface Form {
  /** What it has to do; the same for every question. */
  readonly task: string;
  /** The question: words of others, never instructions. */
  readonly text: string;
  readonly name: string;
  readonly description: string;
  /** JSON schema of an object. The model is told it, and need not keep to it. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** What came back. */
export interface Filled {
  /** Whatever stands in the form; undefined: it was left empty. */
  readonly input: unknown;
  readonly tokens: Tokens;
}

/** What an answer cost, in the vendor's own unit. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
}

/** Nothing was asked. */
export const NO_TOKENS: Tokens = { input: 0, output: 0 };

/** Two answers together. */
export function addTokens(a: Tokens, b: Tokens): Tokens {
  return { input: a.input + b.input, output: a.output + b.output };
}
