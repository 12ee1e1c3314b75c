import { existsSync, readFileSync } from "node:fs";
import type { Reporter } from "vitest/node";

interface Goals {
  readonly GOALS: readonly { readonly id: string; readonly what: string; readonly goal: number; readonly by: string }[];
  readonly beside: (reached: number, goal: number) => string;
  readonly writeGoals: (reached: readonly { id: string; reached: number; wrong: number }[]) => void;
}

/** The sums of what was counted, by goal. */
export function sumsOf(lines: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const line of lines.split("\n").filter(Boolean)) {
    const [what = "", number = "0"] = line.split(" ");
    sums.set(what, (sums.get(what) ?? 0) + Number(number));
  }
  return sums;
}

/**
 * Prints at the end of `npm run test:faults` how far each goal was reached by the tests that ran. With `GOALS=write` in the environment, and
 * when nothing failed, the numbers go into the table of `bench/RESULTS.md`.
 */
export function goalsReporter(file: string): Reporter {
  return {
    onTestRunEnd: async (_modules, _errors, reason) => {
      const place = new URL("../../../bench/goals.js", import.meta.url).href;
      const { GOALS, beside, writeGoals } = (await import(place)) as Goals;
      const sums = sumsOf(existsSync(file) ? readFileSync(file, "utf8") : "");
      const told = GOALS.flatMap(({ id, what, goal }) => {
        const reached = sums.get(id);
        return reached === undefined
          ? []
          : [{ id, reached, line: `${what}: ${reached}, goal ${goal}: ${beside(reached, goal)}` }];
      });
      if (told.length > 0)
        console.log(`\nGoals, by the tests of this run:\n${told.map(({ line }) => `  ${line}`).join("\n")}`);
      if (process.env["GOALS"] !== "write") return;
      if (reason === "passed") writeGoals(told.map(({ id, reached }) => ({ id, reached, wrong: 0 })));
      else console.log("  not written: a test failed");
    },
  };
}
