// The bare engine: runs recorded statements one after the other, with nothing around them but the renames and folders they rely on.
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";

const instances = new Map();
const connections = new Map();

const perform = {
  open: async ({ instance, path, config }) => void instances.set(instance, await DuckDBInstance.create(path, config)),
  connect: async ({ instance, connection }) =>
    void connections.set(connection, await instances.get(instance).connect()),
  run: async ({ connection, sql }) => void (await connections.get(connection).run(sql)),
  prepared: async ({ connection, sql, values }) => {
    const statement = await connections.get(connection).prepare(sql);
    for (const [method, index, value] of values) {
      if (method === "bindNull") statement.bindNull(index);
      else statement[method](index, method === "bindBigInt" ? BigInt(value) : value);
    }
    await statement.run();
    statement.destroySync();
  },
  disconnect: async ({ connection }) => connections.get(connection).disconnectSync(),
  close: async ({ instance }) => instances.get(instance).closeSync(),
  rename: async ({ from, to }) => renameSync(from, to),
  folder: async ({ folder }) => void mkdirSync(folder, { recursive: true }),
};

for (const operation of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  // Locks are growthos's own affair, and the pointer file is not there to be renamed.
  if (/\/locks\/|\/CURRENT/.test(JSON.stringify([operation.path, operation.from, operation.to]))) continue;
  if (operation.instance !== undefined && operation.kind !== "open" && !instances.has(operation.instance)) continue;
  if (operation.connection !== undefined && operation.kind !== "connect" && !connections.has(operation.connection))
    continue;
  await perform[operation.kind](operation);
}
