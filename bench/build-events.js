// What a build does from staged events on: the same SQL, tables and temporary tables as in a build, in one transaction of a file of its own.
// Bundled and run by scenarios/35-events.js: folder with the staged events, folder of the SQL, `limits.memoryMb` of the config.
import { quoteName } from "../src/base/ids.ts";
import { databaseMemory } from "../src/cli/database-memory.ts";
import { isStagedPerPart, withAncestors } from "../src/transform/graph.ts";
import { createMacros } from "../src/transform/macros.ts";
import { setVariables } from "../src/transform/meta.ts";
import { readProject } from "../src/transform/project.ts";
import { loadSeeds } from "../src/transform/seeds.ts";
import { emptySelect } from "../src/transform/stage.ts";
import { diskFiles } from "../src/warehouse/disk.ts";
import { openDatabase } from "../src/warehouse/duckdb.ts";

const WANTED = ["fact_sessions", "fact_event_items", "fact_tasks"];
const COUNTED = ["fact_events", "fact_sessions", "fact_event_items", "fact_cart_items", "fact_tasks"];
const LOOK_EVERY_MS = 100;

const [, , folder, sqlFolder, limit] = process.argv;
const memory = databaseMemory({ memoryMb: 24_000, processes: 1 }, { limits: { memoryMb: Number(limit) } });
const spill = `${folder}/spill`;
const db = await openDatabase({ path: `${folder}/marts.duckdb`, memoryLimitMb: memory.mb, tempFolder: spill });
const ws = { name: "none", root: "/", id: "", files: diskFiles, at: () => "/" };
const project = await readProject(db, diskFiles, sqlFolder);
await setVariables(db, {
  asOf: "2026-01-02",
  timeZone: "UTC",
  currency: "USD",
  weekEndsOn: 7,
  fiscalYearEndMonth: 12,
  costs: {},
  sources: [],
});
await createMacros(db, project.macros);

let spilled = 0;
const looking = setInterval(look, LOOK_EVERY_MS);
const told = [];
await db.run("begin");
await loadSeeds(db, { files: diskFiles, sqlFolder });
for (const model of withAncestors(project.models, WANTED, new Set())) await make(model);
const counts = COUNTED.map((name) => `(select count(*) from ${name}) as ${name}`);
const rows = await db.one(`select ${counts.join(", ")}`);
await db.run("commit");
clearInterval(looking);
await db.close();
diskFiles.write(`${folder}/told.json`, JSON.stringify({ models: told, rows, spilledMb: spilled / 2 ** 20 }));

async function make(model) {
  const name = quoteName(model.relation);
  if (isStagedPerPart(model)) {
    const path = `${folder}/${model.relation}.parquet`;
    const empty = await emptySelect(db, { ws, project }, model);
    const found = `select * from (${empty}) union all by name select *, 1 as _load from read_parquet('${path}')`;
    await db.run(`create or replace temp view ${name} as ${diskFiles.stat(path) === undefined ? empty : found}`);
    return;
  }
  const before = process.cpuUsage();
  await db.run(`create ${model.layer === "intermediate" ? "temp table" : "table"} ${name} as ${model.sql}`);
  const { user, system } = process.cpuUsage(before);
  told.push({ relation: model.relation, cpuMs: (user + system) / 1000, rssMb: process.memoryUsage.rss() / 2 ** 20 });
}

/** DuckDB's temporary files at their largest, bytes. */
function look() {
  const sizes = diskFiles.list(spill).map((name) => diskFiles.stat(`${spill}/${name}`)?.bytes ?? 0);
  spilled = Math.max(
    spilled,
    sizes.reduce((sum, size) => sum + size, 0),
  );
}
