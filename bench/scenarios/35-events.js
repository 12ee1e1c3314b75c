import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { generateStagedEvents } from "../generate-events.js";
import { measure, row } from "../measure.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What the process takes beside it: Node and DuckDB's code 110, and 200 to 320 that DuckDB does not count (vectors, Parquet and compression buffers). */
const BESIDE_MB = 450;
/** Times the CPU time that ten times the events may take: 20 % more per event. */
const GROWTH = 12;
/** Models below this are not worth a line, CPU ms. */
const TOLD_MS = 100;

/**
 * Marts of events, sessions, items and tasks from staged events within `limits.memoryMb` of the config (`--memory`; what does not fit is spilled): so many
 * events, and ten times as many. The second row's ratio is of the two CPU times, which other work on the machine disturbs less: ten is linear.
 */
export async function scenario({ folder, orders: events, memoryMb }) {
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
  const few = await measured(program, { folder, events, memoryMb });
  const many = await measured(program, { folder, events: 10 * events, memoryMb });
  rmSync(program);
  return [
    row(few.what, few.ours, { target: `≤ ${memoryMb + BESIDE_MB} MB`, isMet: isWithin(few, memoryMb) }),
    row(many.what, many.ours, {
      reference: few.ours,
      by: "cpuMs",
      target: `≤ ${GROWTH}x, ${memoryMb + BESIDE_MB} MB`,
      isMet: isWithin(many, memoryMb) && many.ours.cpuMs <= GROWTH * few.ours.cpuMs,
    }),
  ];
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
    ours,
    what: `events: ${events} to sessions and tasks, limit ${memoryMb} MB, ${Math.round(spilledMb)} MB spilled`,
  };
}

function isWithin({ ours }, memoryMb) {
  return ours.peakMb <= memoryMb + BESIDE_MB;
}
