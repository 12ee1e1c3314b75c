// The least that lands an exported table: each file's columns as they are, by inference, as one Parquet file. No event is chosen, no key made,
// nothing is hashed, checked or made durable.
import { DuckDBInstance } from "@duckdb/node-api";

const [, , target, ...files] = process.argv;
const instance = await DuckDBInstance.create(":memory:", { memory_limit: "1024MB" });
const connection = await instance.connect();
for (const [index, file] of files.entries()) {
  const source = file.endsWith(".parquet")
    ? `read_parquet('${file}')`
    : `read_json('${file}', format = 'newline_delimited', maximum_object_size = 16777216)`;
  await connection.run(
    `copy (select * from ${source}) to '${target}-${index}.parquet' (format parquet, compression zstd, row_group_size 16384)`,
  );
}
