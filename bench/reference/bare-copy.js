// The least that lands a file: every column as text, zstd, row groups as growthos writes them. No hash, no check, no fsync.
import { DuckDBInstance } from "@duckdb/node-api";

const [, , from, to] = process.argv;
const instance = await DuckDBInstance.create(":memory:", { memory_limit: "1024MB" });
const connection = await instance.connect();
await connection.run(
  `copy (select to_json(r) as payload from read_csv('${from}', all_varchar = true) as r) to '${to}' (format parquet, compression zstd, row_group_size 16384)`,
);
