// Runs one build with a DuckDB that writes down what it is asked, so that the same statements can be run without growthos around them.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DuckDBConnection, DuckDBInstance, DuckDBPreparedStatement } from "@duckdb/node-api";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The operations of a full build of workspace `main`, in order; the workspace is left as it was before apart from the caches. */
export async function recordBuild(project) {
  const operations = [];
  const restore = listen(operations);
  try {
    const { build: command, context } = await load(project, operations);
    await command.run(context, { positionals: [], options: {} });
    return operations;
  } finally {
    restore();
  }
}

/** growthos's own modules, bundled around the DuckDB package that this process has already loaded. */
async function load(project, operations) {
  const place = mkdtempSync(join(ROOT, "node_modules", ".growthos-bench-"));
  const outfile = join(place, "growthos.mjs");
  await build({
    stdin: {
      contents: `export { command as build } from "./src/cli/commands/build.js";
        export { createContext } from "./src/cli/context.js";
        export { realEffects } from "./src/cli/effects.js";
        export { createOutput } from "./src/cli/output.js";`,
      resolveDir: ROOT,
      loader: "ts",
    },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
  const { createContext, createOutput, realEffects, build: command } = await import(pathToFileURL(outfile).href);
  rmSync(place, { recursive: true });
  const effects = realEffects({ signal: new AbortController().signal, show: () => {}, secrets: [] });
  const files = {
    ...effects.files,
    rename: (from, to) => {
      operations.push({ kind: "rename", from, to });
      effects.files.rename(from, to);
    },
    makeFolder: (folder) => {
      operations.push({ kind: "folder", folder });
      effects.files.makeFolder(folder);
    },
  };
  const flags = { json: false, quiet: true, verbose: false, dryRun: false, input: false, color: false };
  const context = createContext({
    effects: { ...effects, files, cwd: project },
    flags: { workspace: undefined, config: undefined, asOf: undefined, ...flags },
    output: createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } }),
    packageFolder: ROOT,
    version: "0.0.0-bench",
  });
  return { build: command, context };
}

/** Patches the package's classes; returns the function that takes the patches off. */
function listen(operations) {
  const names = new WeakMap();
  let count = 0;
  const nameOf = (object) => {
    if (!names.has(object)) names.set(object, count++);
    return names.get(object);
  };
  const patches = [];
  const patch = (owner, method, around) => {
    const original = owner[method];
    owner[method] = around(original);
    patches.push(() => {
      owner[method] = original;
    });
  };
  patch(DuckDBInstance, "create", (original) => async (path, config) => {
    const instance = await original.call(DuckDBInstance, path, config);
    operations.push({ kind: "open", instance: nameOf(instance), path, config });
    return instance;
  });
  patch(
    DuckDBInstance.prototype,
    "connect",
    (original) =>
      async function connect() {
        const connection = await original.call(this);
        operations.push({ kind: "connect", instance: nameOf(this), connection: nameOf(connection) });
        return connection;
      },
  );
  patch(
    DuckDBInstance.prototype,
    "closeSync",
    (original) =>
      function closeSync() {
        operations.push({ kind: "close", instance: nameOf(this) });
        return original.call(this);
      },
  );
  for (const method of ["run", "runAndReadAll"]) {
    patch(
      DuckDBConnection.prototype,
      method,
      (original) =>
        function run(sql, ...rest) {
          operations.push({ kind: "run", connection: nameOf(this), sql });
          return original.call(this, sql, ...rest);
        },
    );
  }
  patch(
    DuckDBConnection.prototype,
    "disconnectSync",
    (original) =>
      function disconnectSync() {
        operations.push({ kind: "disconnect", connection: nameOf(this) });
        return original.call(this);
      },
  );
  patch(
    DuckDBConnection.prototype,
    "prepare",
    (original) =>
      async function prepare(sql) {
        const statement = await original.call(this, sql);
        const operation = { kind: "prepared", connection: nameOf(this), sql, values: [] };
        operations.push(operation);
        names.set(statement, operation);
        return statement;
      },
  );
  for (const method of ["bindNull", "bindVarchar", "bindBoolean", "bindBigInt", "bindDouble"]) {
    patch(
      DuckDBPreparedStatement.prototype,
      method,
      (original) =>
        function bind(index, value) {
          names.get(this)?.values?.push([method, index, typeof value === "bigint" ? String(value) : (value ?? null)]);
          return original.call(this, index, value);
        },
    );
  }
  return () => {
    for (const undo of patches) undo();
  };
}
