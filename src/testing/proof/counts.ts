import { appendFileSync } from "node:fs";

/** What tests count for the goals in `bench/goals.js`, by the ids there. */
export type Counted = "points" | "mutants" | "flips" | "rows" | "bugs" | "injection";

/** Adds to what this run has shown; `npm run test:faults` prints the sums at its end. Any other run does not ask for them. */
export function counted(what: Counted, number = 1): void {
  const file = process.env["GROWTHOS_COUNTS"];
  if (file !== undefined && number > 0) appendFileSync(file, `${what} ${number}\n`);
}
