// npm run fuzz [-- --minutes 8 --seed 7 --only bodies,csv,json,config,questions,events --write]
// npm run fuzz -- --repeat <file>   judges a failing input of an earlier run again
// Mutants of what reaches the program from outside: nothing of it may end a process, take longer than two seconds, or come out as something
// else than it is. Case n of a seed is always the same input. Ends with 1 when a case fails; --write puts the numbers into bench/RESULTS.md.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { bundle } from "./bundle.js";
import { beside, GOALS, printTable, writeGoals } from "./goals.js";
import { fastFolder, numberOf, optionsOf, refuse, wantedOf } from "./proof.js";
import { writeResults } from "./results.js";

process.env.TZ = "UTC";
const values = optionsOf({
  minutes: { type: "string", default: "3" },
  seed: { type: "string", default: String(Date.now() % 100_000) },
  only: { type: "string" },
  write: { type: "boolean", default: false },
  repeat: { type: "string" },
  // What the tests of this command run: readers with a mistake that must be found.
  broken: { type: "boolean", default: false },
});
const [minutes, seed] = [numberOf("minutes", values.minutes), numberOf("seed", values.seed)];
const outside = tmpdir();
const { remove } = fastFolder("fuzz");
const programs = await bundle({
  fuzz: 'export * from "./src/testing/proof/fuzz.ts"',
  entry: 'import "./src/testing/proof/fuzz-entry.ts"',
});
try {
  const { BROKEN, FUZZ_PARTS, judgedAlone, runFuzz } = await import(programs.paths.fuzz);
  const parts = values.broken ? BROKEN : FUZZ_PARTS;
  if (values.repeat !== undefined) await repeat(parts, judgedAlone);
  else await run(wantedOf(parts, values.only), runFuzz);
} finally {
  programs.remove();
  remove();
}

async function run(parts, runFuzz) {
  // Failing inputs outlive the run: they are what it is for.
  const kept = mkdtempSync(join(outside, "growthos-fuzz-failures-"));
  const shares = parts.reduce((sum, { share }) => sum + share, 0);
  console.error(`${minutes} minutes, seed ${seed}; failing inputs are kept in ${kept}`);
  const rows = [];
  for (const part of parts) {
    const start = Date.now();
    const endsAt = start + (minutes * 60_000 * part.share) / shares;
    let told = start;
    const say = ({ cases }) => {
      if (Date.now() - told < 15_000) return;
      told = Date.now();
      console.error(`${part.name}: ${cases} cases, ${Math.max(0, Math.round((endsAt - told) / 1000))} s left`);
    };
    const { reads } = await part.load();
    const task = { entry: programs.paths.entry, seed, endsAt, folder: kept, say };
    rows.push({ part, reads, ...(await runFuzz(part, task)), seconds: (Date.now() - start) / 1000 });
  }
  report(rows);
}

function report(rows) {
  const of = (failures, kind) => String(failures.filter((failure) => failure.kind === kind).length);
  const head = ["reader", "cases", "a second", "taken", "refused", "crashes", "hangs", "wrong"];
  const cells = rows.map(({ reads, cases, taken, refused, failures, seconds }) => [
    reads,
    String(cases),
    String(Math.round(cases / seconds)),
    String(taken),
    String(refused),
    ...["crash", "hang", "wrong"].map((kind) => of(failures, kind)),
  ]);
  printTable([head, ...cells]);
  const reached = rows.reduce((sum, { cases }) => sum + cases, 0);
  const failures = rows.flatMap((row) => row.failures);
  const { goal } = GOALS.find(({ id }) => id === "fuzz");
  console.log(`${reached} cases; goal ${goal}: ${beside(reached, goal)}`);
  // Many mutants find the same: a few of each reader are enough to look at.
  for (const { kind, target, why, file, ...failure } of rows.flatMap((row) => row.failures.slice(0, 5))) {
    console.log(`\n${kind} of ${target}, case ${failure.case}: ${why}\n  the input is in ${file}`);
    console.log(`to repeat: npm run fuzz -- --repeat ${file}`);
  }
  process.exitCode = failures.length === 0 ? 0 : 1;
  if (!values.write || values.broken) return;
  const table = [head, head.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |`);
  // A run of some readers says nothing about the others: they keep their section.
  if (values.only === undefined)
    writeResults("Fuzz", `npm run fuzz -- --minutes ${minutes} --seed ${seed}`, [`${reached} cases.`, "", ...table]);
  writeGoals([{ id: "fuzz", reached, wrong: failures.length }]);
}

async function repeat(parts, judgedAlone) {
  const name = basename(values.repeat).split("-")[0];
  if (parts.every((part) => part.name !== name)) refuse(`${values.repeat} is no failing input of this command`);
  const { isHung, isAnswered, why, end } = await judgedAlone(name, {
    entry: programs.paths.entry,
    file: values.repeat,
  });
  console.log(isHung ? "hang: it did not end" : isAnswered ? (why ?? "nothing is wrong with it") : `crash: ${end}`);
  process.exitCode = isAnswered && why === null ? 0 : 1;
}
