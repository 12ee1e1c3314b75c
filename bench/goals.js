// The table "Goals" of bench/RESULTS.md: how far what is promised about crashes, damage and hostile input is shown, and by which command.
import { readSection, writeResults } from "./results.js";

/** The goals for 1.0 (how many, of what), and the command that counts towards each. Nothing of it may go wrong once. */
export const GOALS = [
  { id: "points", what: "injected fault points", goal: 2_000, by: "test:faults" },
  { id: "kills", what: "random kills", goal: 10_000, by: "soak" },
  { id: "power", what: "power cuts", goal: 500, by: "soak" },
  { id: "mutants", what: "seeded mistakes found by the harness", goal: 20, by: "test:faults" },
  { id: "flips", what: "flipped bits found", goal: 12_000, by: "test:faults" },
  { id: "rows", what: "rows of the fault matrix as tests", goal: 120, by: "test:faults" },
  { id: "bugs", what: "named bugs of other tools as tests", goal: 54, by: "test:faults" },
  { id: "fuzz", what: "mutants of bodies, files and questions", goal: 5_000_000, by: "fuzz" },
  { id: "injection", what: "injections into reports, in a real browser", goal: 1_600, by: "test:faults" },
  { id: "restarts", what: "crash and restart schedules = one full refresh", goal: 1_000, by: "soak" },
  { id: "lock", what: "lock cycles, 5 % of them killed", goal: 10_000, by: "soak" },
  { id: "readers", what: "reads during publishes", goal: 10_000, by: "soak" },
];

const HEADING = "Goals";
const count = (number) => number.toLocaleString("en-US");

/** Puts numbers into the table, `[{ id, reached, wrong }]`; those of other commands stay as they were. */
export function writeGoals(reached) {
  const today = new Date().toISOString().slice(0, 10);
  const old = new Map(
    readSection(HEADING).flatMap((line) => {
      const cells = line.split("|").map((cell) => cell.trim());
      return cells.length < 8 ? [] : [[cells[1], line]];
    }),
  );
  const rows = GOALS.map(({ id, what, goal, by }) => {
    const now = reached.find((one) => one.id === id);
    const none = `| ${what} | ${count(goal)} | – | – | \`npm run ${by}\` | – |`;
    if (now === undefined) return old.get(what) ?? none;
    const short = now.reached < goal ? ", short" : "";
    return `| ${what} | ${count(goal)} | ${count(now.reached)}${short} | ${count(now.wrong)} | \`npm run ${by}\` | ${today} |`;
  });
  writeResults(HEADING, "npm run soak, npm run fuzz, npm run test:faults", [
    "Wanted for 1.0, and reached by the newest run of each command; a run that is longer reaches more. Nothing of it may go wrong once.",
    "",
    "| what | wanted | reached | wrong | by | on |",
    "|---|---|---|---|---|---|",
    ...rows,
  ]);
}

/** A goal's number beside what was reached, in words. */
export function beside(reached, goal) {
  return reached >= goal ? "reached" : `${count(reached)} of ${count(goal)}`;
}

/** Prints cells in aligned columns; the first row is the head. */
export function printTable(cells) {
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    );
}
