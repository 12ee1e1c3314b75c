// The least that turns the JSON lines of a bulk export into Parquet: "raw" keeps each line as text, "typed" reads every field by inference.
// No line is put under its parent, nothing is hashed, checked or made durable.
import { DuckDBInstance } from "@duckdb/node-api";

const [, , how, from, to] = process.argv;
const instance = await DuckDBInstance.create(":memory:", { memory_limit: "1024MB" });
const connection = await instance.connect();
const source =
  how === "raw"
    ? `select json::varchar as line from read_ndjson_objects('${from}', maximum_object_size = 16777216)`
    : `select * from read_json('${from}', format = 'newline_delimited', maximum_object_size = 16777216)`;
await connection.run(`copy (${source}) to '${to}' (format parquet, compression zstd, row_group_size 16384)`);
