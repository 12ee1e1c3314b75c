import { GrowthosError } from "../base/errors.js";

/** One finding of `doctor`. */
export interface Finding {
  readonly check: string;
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  /** What to do; absent when all is well. */
  readonly fix?: string;
}

/** A check whose failure is an error with a hint of its own. */
export async function attempt(check: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { check, status: "ok", message: await look() };
  } catch (thrown) {
    return failed(check, thrown);
  }
}

/** An error as a finding. Throws what is not a `GrowthosError`. */
export function failed(check: string, thrown: unknown): Finding {
  if (!(thrown instanceof GrowthosError)) throw thrown;
  const { what, why, hint } = thrown.parts;
  const message = why === undefined ? what : `${what}: ${why}`;
  return { check, status: "fail", message, ...(hint === undefined ? {} : { fix: hint }) };
}
