// growthos's own models and checks of one build as plain SQL, and a database with everything that they read: so that another tool can run the very same.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { recordBuild } from "../record.js";

const MODEL = /^create (temp )?(table|view) "([^"]+)" as /;
const CHECK = /^select count\(\*\) as rows from \(([\s\S]*)\) as offending$/;

/**
 * Builds the project once and returns `{ models, checks, base }`. A model is `{ name, kind, isMart, sql, reads }` in the order of the build,
 * a check `{ name, sql, reads }` returns offending rows. `base(path)` writes the database in which they can be run: seeds, settings, coverage,
 * macros, and views of the staged Parquet. Settings of a connection are written into the SQL, because the other tools open several.
 */
export async function sharedProject(project) {
  const operations = (await recordBuild(project)).filter(({ kind }) => kind === "run" || kind === "prepared");
  const began = operations.findIndex(({ sql }) => sql === "begin");
  const connection = operations[began].connection;
  const ours = operations.filter((one) => one.connection === connection);
  const settings = settingsOf(ours.find(({ sql }) => sql.startsWith("set variable")).sql);
  const literal = (sql) => sql.replaceAll(/getvariable\('(\w+)'\)/g, (_, name) => `(${settings[name]})`);
  const computed = new Set(ours.flatMap(({ sql }) => /^create or replace temp table "([^"]+)"/.exec(sql)?.[1] ?? []));

  const found = ours.flatMap(({ sql }) => {
    const [start, temp, kind, name] = MODEL.exec(sql) ?? [];
    if (name === undefined || computed.has(name)) return [];
    return [{ name, kind, isMart: temp === undefined, sql: literal(sql.slice(start.length)) }];
  });
  const known = unique(found);
  // Comments name other models, too; only what was built before can be read.
  const reads = (sql, until) => {
    const words = new Set(sql.replaceAll(/--.*/g, "").match(/\w+/g));
    return known.slice(0, until).flatMap(({ name }) => (words.has(name) ? [name] : []));
  };
  const checks = new Set(ours.flatMap(({ sql }) => CHECK.exec(sql)?.[1] ?? []));
  return {
    models: known.map((model, index) => ({ ...model, reads: reads(model.sql, index) })),
    checks: [...checks].map((sql, index) => ({
      name: `check_${index + 1}`,
      sql: literal(sql),
      reads: reads(sql),
    })),
    base: (path) =>
      writeBase(
        path,
        ours.slice(
          0,
          ours.findIndex(({ sql }) => CHECK.test(sql)),
        ),
        literal,
      ),
  };
}

/** Everything that is not a model, as a database that stays: no temporary views, no temporary macros. */
async function writeBase(path, operations, literal) {
  mkdirSync(dirname(path), { recursive: true });
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  for (const { kind, sql, values } of operations) {
    if (!/^create|^drop/.test(sql) || MODEL.test(sql)) continue;
    // What the program computes itself (attribution by Markov, lifetimes) is given to the others as it came out.
    if (kind === "run" && sql.startsWith("create or replace temp table")) continue;
    const lasting = literal(sql).replaceAll(/create or replace temp (macro|view|table)/g, "create or replace $1");
    if (kind === "run") {
      await connection.run(lasting);
      continue;
    }
    const statement = await connection.prepare(lasting);
    for (const [method, index, value] of values) {
      if (method === "bindNull") statement.bindNull(index);
      else statement[method](index, method === "bindBigInt" ? BigInt(value) : value);
    }
    await statement.run();
  }
  connection.disconnectSync();
  instance.closeSync();
}

function settingsOf(sql) {
  return Object.fromEntries(
    [...sql.matchAll(/set variable "(\w+)" = (.*?)(?:;\n|$)/g)].map(([, name, to]) => [name, to]),
  );
}

/** Every statement is seen twice: as it is asked and as it is run. */
function unique(models) {
  return [...new Map(models.map((model) => [model.name, model])).values()];
}
