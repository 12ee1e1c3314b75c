// The least that lands envelopes: read with their columns named, written as growthos writes them. No check, no hash, no fsync.
import { DuckDBInstance } from "@duckdb/node-api";

const [, , from, to] = process.argv;
const instance = await DuckDBInstance.create(":memory:", { memory_limit: "1024MB" });
const connection = await instance.connect();
const columns = ["_key", "_slice", "_run_id", "_fetched_at", "_api_version", "_hash", "payload"];
await connection.run(
  `copy (select * from read_json('${from}', format = 'newline_delimited', columns = {${columns.map((name) => `${name}: 'VARCHAR'`).join(", ")}}, maximum_object_size = 33554432)) to '${to}' (format parquet, compression zstd, row_group_size 16384)`,
);
