// npm run bench:peers [-- --orders 200000 --rounds 3 --tools <folder> --only dlt,dbt,sqlmesh]
// growthos beside the tools that a team would pick instead: the same input, the same output (checked), in turn in one run.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { generateShop } from "./generate.js";
import { BIN, inTurn } from "./measure.js";
import { writeDbtProject } from "./peers/dbt.js";
import { sharedProject } from "./peers/project.js";
import { writeSqlmeshProject } from "./peers/sqlmesh.js";
import { installTools, LEFT_OUT } from "./peers/tools.js";
import { command, writeResults } from "./results.js";

const { values } = parseArgs({
  options: {
    orders: { type: "string", default: "200000" },
    rounds: { type: "string", default: "3" },
    tools: { type: "string", default: join(tmpdir(), "growthos-peers") },
    only: { type: "string" },
  },
});
const [orders, rounds] = [Number(values.orders), Number(values.rounds)];
const SUMS = `count(*)::varchar as rows, count(distinct order_id)::varchar as orders, sum(total::decimal(18, 2))::varchar as total`;
const HERE = fileURLToPath(new URL("./peers/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "growthos-bench-peers-"));
const tools = Object.fromEntries(installTools(values.tools, values.only?.split(",")).map((tool) => [tool.name, tool]));
const python = Object.values(tools)[0]?.bin("python");
if (python === undefined) throw new Error("none of the other tools can be installed here");

const rows = [];
/** What was compared, and what was not the same: a tool that rewrites SQL may mean something else by it. */
const notes = [];
try {
  rows.push(...(await started()));
  rows.push(...(await loaded()));
  rows.push(...(await built()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report();

/** Asking for the version: what every call costs before it does anything. */
async function started() {
  const calls = {
    growthos: () => run([process.execPath, BIN, "--version"]),
    ...(tools.dbt && { dbt: () => run([tools.dbt.bin("dbt"), "--version"]) }),
    ...(tools.sqlmesh && { sqlmesh: () => run([tools.sqlmesh.bin("sqlmesh"), "--version"]) }),
    ...(tools.dlt && { dlt: () => run([tools.dlt.bin("dlt"), "--version"]) }),
  };
  return await compared("start: print the version", calls, rounds);
}

/** One file of orders into the local warehouse, each order once; then the same folder again, with nothing new in it. */
async function loaded() {
  if (tools.dlt === undefined) return [];
  const project = join(folder, "load");
  await generateShop(project, orders);
  const database = join(folder, "dlt/orders.duckdb");
  const script = join(HERE, "load_dlt.py");
  const forget = () => {
    for (const place of [join(project, "workspaces"), join(folder, "dlt")])
      rmSync(place, { recursive: true, force: true });
    mkdirSync(join(folder, "dlt"));
  };
  const ours = () => run([process.execPath, BIN, "sync", "--quiet"], project);
  const theirs = () => run([tools.dlt.bin("python"), script, join(project, "inbox"), database], join(folder, "dlt"));
  const first = await compared(
    `load: ${orders} orders of a CSV file`,
    {
      growthos: () => {
        forget();
        return ours();
      },
      dlt: theirs,
    },
    rounds,
  );
  const again = await compared("load: the same file again", { growthos: ours, dlt: theirs }, rounds);
  const landed = join(project, "workspaces/main/landing/files/orders/*/*.parquet");
  const payload = "payload ->> '$.order_id' as order_id, payload ->> '$.total' as total";
  const [mine] = await ask(":memory:", `select ${SUMS} from (select ${payload} from read_parquet('${landed}'))`);
  const [others] = await ask(database, `select ${SUMS} from raw.orders`);
  same("what was loaded", mine, others);
  return [...first, ...again];
}

/** The same models and checks on the same staged files; then once more with nothing changed. */
async function built() {
  const project = join(folder, "build");
  await generateShop(project, orders);
  run([process.execPath, BIN, "sync", "--quiet"], project);
  const shared = await sharedProject(project);
  const warehouse = join(project, "workspaces/main/warehouse");
  const bases = { dbt: join(folder, "dbt-base.duckdb"), sqlmesh: join(folder, "sqlmesh-base.duckdb") };
  const databases = { dbt: join(folder, "dbt/warehouse.duckdb"), sqlmesh: join(folder, "mesh/warehouse.duckdb") };
  const write = { dbt: writeDbtProject, sqlmesh: writeSqlmeshProject };
  await shared.base(bases.dbt);
  cpSync(bases.dbt, bases.sqlmesh);
  const fresh = (name) => {
    const place = join(databases[name], "..");
    rmSync(place, { recursive: true, force: true });
    write[name](place, shared, databases[name]);
    cpSync(bases[name], databases[name]);
    return place;
  };
  const commands = {
    dbt: () => run([tools.dbt.bin("dbt"), "build", "--profiles-dir", "."], join(folder, "dbt")),
    sqlmesh: () => run([tools.sqlmesh.bin("sqlmesh"), "plan", "--auto-apply", "--no-prompts"], join(folder, "mesh")),
  };
  const others = Object.keys(commands).filter((name) => tools[name] !== undefined);
  const ours = () => run([process.execPath, BIN, "build", "--quiet"], project);
  const first = await compared(
    `build: ${shared.models.length} models, ${shared.checks.length} checks (SQLMesh: no checks)`,
    {
      growthos: () => {
        rmSync(warehouse, { recursive: true, force: true });
        mkdirSync(warehouse);
        return ours();
      },
      ...Object.fromEntries(
        others.map((name) => [
          name,
          () => {
            fresh(name);
            return commands[name]();
          },
        ]),
      ),
    },
    rounds,
  );
  const again = await compared(
    "build: nothing changed",
    { growthos: ours, ...Object.fromEntries(others.map((name) => [name, commands[name]])) },
    rounds,
  );
  const marts = shared.models.filter(({ isMart }) => isMart).map(({ name }) => name);
  const build = readdirSync(warehouse).find((name) => name.endsWith(".duckdb"));
  const mine = await contents(join(warehouse, build), marts);
  for (const name of others) {
    const theirs = new Map((await contents(databases[name], marts)).map((row) => [row.relation, JSON.stringify(row)]));
    const differing = mine.filter((row) => theirs.get(row.relation) !== JSON.stringify(row));
    const named = differing.map(({ relation }) => relation).join(", ");
    notes.push(
      `${name}: ${mine.length - differing.length} of ${mine.length} marts hold the same rows${named && `; not ${named}`}.`,
    );
  }
  return [...first, ...again];
}

/** Rows and a sum over the rows of each relation, whatever their order. */
async function contents(database, relations) {
  const each = relations.map(
    (name) =>
      `select '${name}' as relation, count(*)::varchar as rows, sum(hash(one)::hugeint)::varchar as sum from main.${name} as one`,
  );
  return await ask(database, each.join(" union all "));
}

async function ask(database, sql) {
  const instance = await DuckDBInstance.create(database, database === ":memory:" ? {} : { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  const found = await connection.runAndReadAll(sql);
  connection.disconnectSync();
  instance.closeSync();
  return found.getRowObjectsJson();
}

function same(what, mine, others) {
  const [left, right] = [mine, others].map((value) => JSON.stringify(value));
  if (left === right) return;
  throw new Error(`${what} is not the same: ${left} and ${right}`);
}

/** One row per tool; ratios are of CPU time, which other work on the machine disturbs least. */
async function compared(what, calls, times) {
  const measured = await inTurn(times, Object.values(calls));
  const [ours] = measured;
  return Object.keys(calls).map((tool, index) => ({
    what,
    tool,
    ...measured[index],
    wallRatio: measured[index].wallMs / ours.wallMs,
    cpuRatio: measured[index].cpuMs / ours.cpuMs,
  }));
}

function run(command, cwd = folder) {
  const out = join(folder, "usage.json");
  const env = { ...process.env, TZ: "UTC", NO_COLOR: "1", DO_NOT_TRACK: "1", RUNTIME__DLTHUB_TELEMETRY: "false" };
  const { status, stdout, stderr } = spawnSync(python, [join(HERE, "usage.py"), out, ...command], {
    cwd,
    env,
    encoding: "utf8",
  });
  if (status !== 0)
    throw new Error(
      `${command.map((part) => basename(part)).join(" ")} ended with ${status}\n${stdout.slice(-3000)}${stderr.slice(-3000)}`,
    );
  return JSON.parse(readFileSync(out, "utf8"));
}

function report() {
  const seconds = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
  const lines = [
    `${orders} orders of two years; ${rounds === 1 ? "one round" : `medians of ${rounds} rounds`}, in turn. A ratio above 1 is how many times growthos's figure the other tool needs.`,
    `growthos beside ${Object.values(tools)
      .map(({ packages }) => packages[0])
      .join(", ")}; left out: ${Object.entries(LEFT_OUT)
      .map(([name, why]) => `${name} (${why})`)
      .join(", ")}.`,
    ...notes,
    "",
    "| task | tool | time | CPU | peak | × time | × CPU |",
    "|---|---|---|---|---|---|---|",
    ...rows.map(
      ({ what, tool, wallMs, cpuMs, peakMb, wallRatio, cpuRatio }) =>
        `| ${what} | ${tool} | ${seconds(wallMs)} | ${seconds(cpuMs)} | ${Math.round(peakMb)} MB | ${wallRatio.toFixed(2)} | ${cpuRatio.toFixed(2)} |`,
    ),
  ];
  console.log(lines.join("\n"));
  writeResults("Beside other tools", command("bench:peers"), lines);
}
