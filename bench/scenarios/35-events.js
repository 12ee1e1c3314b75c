import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { generateStagedEvents } from "../generate-events.js";
import { measure, row } from "../measure.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** A fiftieth, a tenth … of the events: 1, 5, 10 and 50 million with `--orders 50000000`. */
const PARTS = [50, 10, 5, 1];
/** Times the CPU time of the smallest per event. */
const GROWTH = 1.2;
/** Models below this are not worth a line, CPU ms. */
const TOLD_MS = 100;

/**
 * Marts of events, sessions, items and tasks from staged events, the whole process within `limits.memoryMb` of the config (`--memory`; what does not fit
 * is spilled), for parts of `--orders` events and for all. The ratio is of the CPU times per event, which other work on the machine disturbs less than
 * the time: 1 is linear.
 */
export async function scenario({ folder, orders: most, memoryMb }) {
  const program = join(root, "dist/bench-events.js");
  await build({
    entryPoints: [join(root, "bench/build-events.js")],
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["@duckdb/*"],
    outfile: program,
    banner: { js: "import {createRequire as __cr} from 'node:module'; const require = __cr(import.meta.url);" },
  });
  const runs = [];
  for (const part of PARTS) runs.push(await measured(program, { folder, events: Math.floor(most / part), memoryMb }));
  rmSync(program);
  return runs.map(({ what, ours, events }) => {
    const [first] = runs;
    const isWithin = ours.peakMb <= memoryMb;
    if (events === first.events) return row(what, ours, { target: `≤ ${memoryMb} MB`, isMet: isWithin });
    // What as many events would take at the cost of the first.
    const scaled = (events / first.events) * first.ours.cpuMs;
    return row(what, ours, {
      reference: { ...first.ours, cpuMs: scaled, wallMs: (events / first.events) * first.ours.wallMs },
      by: "cpuMs",
      target: `≤ ${GROWTH}x, ${memoryMb} MB`,
      isMet: isWithin && ours.cpuMs <= GROWTH * scaled,
    });
  });
}

async function measured(program, { folder, events, memoryMb }) {
  const place = join(folder, `events-${events}`);
  mkdirSync(place);
  await generateStagedEvents(place, events);
  const ours = await measure([program, place, join(root, "sql"), String(memoryMb)]);
  const { models, rows, spilledMb } = JSON.parse(readFileSync(join(place, "told.json"), "utf8"));
  rmSync(place, { recursive: true });
  for (const { relation, cpuMs, rssMb } of models.filter((model) => model.cpuMs >= TOLD_MS))
    console.error(
      `  ${relation.padEnd(28)} ${(cpuMs / 1000).toFixed(1).padStart(7)} s cpu  ${Math.round(rssMb)} MB after`,
    );
  console.error(`  ${JSON.stringify(rows)}`);
  return {
    events,
    ours,
    what: `events: ${events} to sessions and tasks, limit ${memoryMb} MB, ${Math.round(spilledMb)} MB spilled`,
  };
}
