"""Loads orders as dlt's own documentation loads CSV files into DuckDB, each order once: python load_dlt.py <inbox> <database>."""
import sys

import dlt
from dlt.sources.filesystem import filesystem, read_csv_duckdb

inbox, database = sys.argv[1:]
files = filesystem(
    bucket_url=inbox,
    file_glob="orders-*.csv",
    incremental=dlt.sources.incremental("modification_date"),
)
orders = (files | read_csv_duckdb(chunk_size=50_000, use_pyarrow=True, all_varchar=True)).with_name("orders")
orders.apply_hints(primary_key="order_id", write_disposition="merge")
pipeline = dlt.pipeline(
    "peers",
    destination=dlt.destinations.duckdb(database),
    dataset_name="raw",
    pipelines_dir=database + ".state",
)
print(pipeline.run(orders))
