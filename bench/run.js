// npm run bench [-- --orders 1000000 --rounds 3 --workspaces 10,50 --memory 1024 --only build,start --keep]
// Every scenario measures growthos and a reference side by side in one run, in child processes, and prints medians and ratios.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeResults } from "./results.js";
import { markdownRows, printRows } from "./table.js";

const { values } = parseArgs({
  options: {
    orders: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "3" },
    workspaces: { type: "string", default: "10" },
    memory: { type: "string", default: "1024" },
    only: { type: "string" },
    keep: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

const folder = mkdtempSync(join(tmpdir(), "growthos-bench-"));
const options = {
  orders: Number(values.orders),
  rounds: Number(values.rounds),
  workspaces: values.workspaces.split(",").map(Number),
  memoryMb: Number(values.memory),
  folder,
};
const names = readdirSync(new URL("./scenarios", import.meta.url))
  .map((name) => name.replace(/\.js$/, ""))
  .sort();
const wanted = values.only?.split(",") ?? names.map(nameOf);

console.error(
  `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GB`,
);
console.error(`${options.orders} orders, ${options.rounds} rounds, in ${folder}`);
const rows = [];
try {
  for (const name of names) {
    if (!wanted.includes(nameOf(name))) continue;
    const { scenario } = await import(`./scenarios/${name}.js`);
    console.error(`${nameOf(name)} …`);
    rows.push(...(await scenario(options)));
  }
} finally {
  if (values.keep) console.error(`kept ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
if (values.json) console.log(JSON.stringify(rows, null, 2));
else printRows(rows);
// One section per choice of scenarios, so that each can be measured on its own day.
if (values.write)
  writeResults(`Cost: ${wanted.join(", ")}`, `npm run bench -- ${process.argv.slice(2).join(" ")}`, markdownRows(rows));

/** `20-build` is called `build`. */
function nameOf(file) {
  return file.replace(/^\d+-/, "");
}
