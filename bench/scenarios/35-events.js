import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { generateStagedEvents } from "../generate-events.js";
import { measure, row } from "../measure.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** DuckDB's own limit, MB; the process needs some more. */
const MEMORY_MB = 1024;
/** Times the CPU time that ten times the events may take: what fits into the memory at first is spilled then. */
const GROWTH = 13;

// What a build does from staged events on: the same SQL, tables and temporary tables as in a build, in one transaction of a file of its own.
const ENTRY = `
import { diskFiles } from "./src/warehouse/disk.ts";
import { openDatabase } from "./src/warehouse/duckdb.ts";
import { quoteName } from "./src/base/ids.ts";
import { isStagedPerPart, withAncestors } from "./src/transform/graph.ts";
import { createMacros } from "./src/transform/macros.ts";
import { setVariables } from "./src/transform/meta.ts";
import { readProject } from "./src/transform/project.ts";
import { emptySelect } from "./src/transform/stage.ts";
const [, , folder, sqlFolder, memory] = process.argv;
const db = await openDatabase({ path: folder + "/marts.duckdb", memoryLimitMb: Number(memory), tempFolder: folder + "/spill" });
const project = await readProject(db, diskFiles, sqlFolder);
await setVariables(db, { asOf: "2026-01-02", timeZone: "UTC", currency: "USD", weekEndsOn: 7, fiscalYearEndMonth: 12, costs: {}, sources: [] });
await createMacros(db, project.macros);
const ws = { name: "none", root: "/", id: "", files: diskFiles, at: () => "/" };
const told = [];
await db.run("begin");
for (const model of withAncestors(project.models, ["fact_sessions", "fact_event_items"], new Set())) {
  const name = quoteName(model.relation);
  const began = performance.now();
  if (isStagedPerPart(model)) {
    const path = folder + "/" + model.relation + ".parquet";
    const empty = await emptySelect(db, { ws, project }, model);
    const rows = diskFiles.stat(path) === undefined ? empty : "select * from (" + empty + ") union all by name select *, 1 as _load from read_parquet('" + path + "')";
    await db.run("create or replace temp view " + name + " as " + rows);
  } else {
    await db.run("create " + (model.layer === "intermediate" ? "temp table" : "table") + " " + name + " as " + model.sql);
    told.push(model.relation + " " + Math.round(performance.now() - began) + " ms");
  }
}
const counts = await db.one("select (select count(*) from fact_events) as events, (select count(*) from fact_sessions) as sessions, (select count(*) from fact_event_items) as items");
await db.run("commit");
await db.close();
diskFiles.write(folder + "/told.txt", told.join("\\n") + "\\n" + JSON.stringify(counts) + "\\n");
`;

/**
 * Marts of events, sessions and items from staged events, within ${MEMORY_MB} MB (what does not fit is spilled): so many events, and ten times
 * as many. The second row's ratio is of the two CPU times, which other work on the machine disturbs less: ten would be linear.
 */
export async function scenario({ folder, orders: events }) {
  const program = join(root, "dist/bench-events.js");
  await build({
    stdin: { contents: ENTRY, resolveDir: root, loader: "ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["@duckdb/*"],
    outfile: program,
    banner: { js: "import {createRequire as __cr} from 'node:module'; const require = __cr(import.meta.url);" },
  });
  const rows = [];
  for (const count of [events, 10 * events]) {
    const place = join(folder, `events-${count}`);
    mkdirSync(place);
    await generateStagedEvents(place, count);
    const ours = await measure([program, place, join(root, "sql"), String(MEMORY_MB)]);
    rmSync(place, { recursive: true });
    rows.push(ours);
  }
  rmSync(program);
  const [few, many] = rows;
  return [
    row(`events: ${events} to sessions and items`, few),
    row(`events: ${10 * events} to sessions and items`, many, { reference: few, most: GROWTH, by: "cpuMs" }),
  ];
}
