// npm run soak [-- --minutes 8 --seed 7 --only kills,power,lock,readers,restarts --write]
// Kills, power cuts, contention, readers and restarts for as long as it is told. Ends with 1 when anything was lost, there twice, mixed,
// owned by two, or needed a hand. A number below its goal is printed, and is no failure. --write puts the numbers into bench/RESULTS.md.
import { bundle } from "./bundle.js";
import { beside, printTable, writeGoals } from "./goals.js";
import { fastFolder, numberOf, optionsOf, wantedOf } from "./proof.js";
import { writeResults } from "./results.js";

process.env.TZ = "UTC";
// GraphQL's library checks the kind of every object at every step otherwise.
process.env.NODE_ENV = "production";
const values = optionsOf({
  minutes: { type: "string", default: "3" },
  seed: { type: "string", default: String(Date.now() % 100_000) },
  only: { type: "string" },
  write: { type: "boolean", default: false },
  // What the tests of this command run: every rig has a mistake that must be found.
  broken: { type: "boolean", default: false },
});
const [minutes, seed] = [numberOf("minutes", values.minutes), numberOf("seed", values.seed)];
const { folder, remove } = fastFolder("soak");
const programs = await bundle({ soak: 'export * from "./src/testing/proof/soak.ts"' });
const { SOAK_PARTS, runPart } = await import(programs.paths.soak);
const parts = wantedOf(SOAK_PARTS, values.only);
const shares = parts.reduce((sum, { share }) => sum + share, 0);
console.error(`${minutes} minutes, seed ${seed}, in ${folder}`);

const rows = [];
let found = [];
try {
  for (const part of parts) rows.push(await one(part));
  found = rows.flatMap(({ part, violations }) => violations.map((violation) => ({ part, ...violation })));
} finally {
  programs.remove();
  // What was left by a violation is its evidence.
  if (found.length === 0) remove();
}
report();
process.exitCode = found.length === 0 ? 0 : 1;

async function one(part) {
  const endsAt = Date.now() + (minutes * 60_000 * part.share) / shares;
  let told = Date.now();
  const say = (reached, wrong) => {
    if (Date.now() - told < 15_000) return;
    told = Date.now();
    const left = Math.max(0, Math.round((endsAt - told) / 1000));
    console.error(`${part.name}: ${reached} ${part.unit}, ${wrong} violations, ${left} s left`);
  };
  const task = { seed, say, isOver: () => Date.now() >= endsAt, isBroken: values.broken };
  const start = Date.now();
  const outcome = await runPart(part, task);
  return { part, seconds: Math.round((Date.now() - start) / 1000), ...outcome };
}

function report() {
  const cells = rows.map(({ part, reached, violations, seconds }) => [
    part.unit,
    String(reached),
    violations.length === 0 ? "none" : kinds(violations),
    `${seconds} s`,
    String(part.goal),
    beside(reached, part.goal),
  ]);
  const head = ["what", "number", "violations", "time", "goal", "this run"];
  printTable([head, ...cells]);
  const notes = rows.flatMap(({ part, notes }) => notes.map((note) => `${part.unit}: ${note}.`));
  for (const note of notes) console.log(note);
  for (const { part, kind, what } of found.slice(0, 20)) {
    console.log(`\n${kind}, among ${part.unit}: ${what}`);
    console.log(`to repeat: npm run soak -- --only ${part.name} --seed ${seed} --minutes ${minutes}`);
  }
  if (found.length > 0) console.log(`\n${found.length} violations; what they left is in ${folder}`);
  if (!values.write || values.broken) return;
  const lines = [...[head, head.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |`), "", ...notes];
  // A run of some parts says nothing about the others: they keep their section.
  if (values.only === undefined) writeResults("Soak", `npm run soak -- --minutes ${minutes} --seed ${seed}`, lines);
  writeGoals(rows.map(({ part, reached, violations }) => ({ id: part.name, reached, wrong: violations.length })));
}

function kinds(violations) {
  const each = new Map();
  for (const { kind } of violations) each.set(kind, (each.get(kind) ?? 0) + 1);
  return [...each].map(([kind, times]) => `${times} ${kind}`).join(", ");
}
