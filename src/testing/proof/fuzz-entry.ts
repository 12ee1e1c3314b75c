// Cases of one reader in a process of its own: it may die of one, or never end with it. Before each case its number is put into a file.
import { openSync, readFileSync, writeSync } from "node:fs";
import { judgeOnce, runCases } from "./fuzz-cases.js";
import { BROKEN, FUZZ_PARTS } from "./fuzz-targets.js";

const [name = "", seed = "1", from = "0", endsAt = "0", place = "", once = ""] = process.argv.slice(2);
const part = [...FUZZ_PARTS, ...BROKEN].find((one) => one.name === name);
if (part === undefined) throw new Error(`no reader is called ${name}`);
const say = (what: object) => writeSync(1, `${JSON.stringify(what)}\n`);
const target = await part.load();

if (once === "") {
  const tally = { cases: 0, taken: 0, refused: 0 };
  const file = openSync(place, "w");
  const number = Buffer.alloc(16);
  let told = Date.now();
  await runCases({
    target,
    seed: Number(seed),
    from: Number(from),
    tally,
    isOver: () => {
      if (Date.now() - told > 250) {
        told = Date.now();
        say({ tally });
      }
      return Date.now() >= Number(endsAt);
    },
    begin: (at) => {
      number.write(String(at).padEnd(16));
      writeSync(file, number, 0, number.length, 0);
    },
    failed: ({ input, ...failure }) => say({ failure: { ...failure, input: Buffer.from(input).toString("base64") } }),
  });
  say({ tally, isDone: true });
} else {
  const why = await judgeOnce(target, readFileSync(once), () => say({ isReady: true }));
  say({ why });
}
// What a reader has opened (a database, a timer) must not keep the process.
process.exit(0);
