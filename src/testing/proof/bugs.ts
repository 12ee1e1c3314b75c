/** A bug that another tool had, and the test that shows that growthos does not have it. */
export interface NamedBug {
  readonly id: string;
  /** Where it was reported: owner/repository#number, or the number of an advisory. */
  readonly seen: string;
  readonly what: string;
  /** Below `src`; the title of a test there has the id. Null: it cannot happen here, and `why` says so. */
  readonly test: string | null;
  readonly why?: string;
}

const table = (text: string): readonly NamedBug[] =>
  text
    .trim()
    .split("\n")
    .map((line) => {
      const [id = "", seen = "", what = "", test = "", why] = line.split("|").map((cell) => cell.trim());
      return { id, seen, what, test: test === "-" ? null : test, ...(why === undefined ? {} : { why }) };
    });

/** Data that was lost or never fetched, rows that were there twice, damage, and secrets: what other loaders and their databases got wrong. */
export const NAMED_BUGS: readonly NamedBug[] = table(`
B-01 | airbyte#85372 | a bulk result is dropped and the cursor moves | sync/fetch-slice.test.ts
B-02 | airbyte#29417 | committing one stream acknowledges the others | sync/vendor-bugs.test.ts
B-03 | airbyte#32817 | the cursor moves within an unsorted stream | connectors/shopify/pitfalls.test.ts
B-04 | airbyte#32976 | incremental reading misses what a full refresh finds | testing/faults/restarts.test.ts
B-05 | airbyte#4284 | the same page again and again | connectors/shopify/pitfalls.test.ts
B-06 | airbyte#28926 | updates of old rows never arrive | connectors/shopify/walks.test.ts
B-07 | airbyte#48857 | the events of a stream do not cover it | connectors/shopify/changes.test.ts
B-08 | airbyte#2828 | restated figures are never read again | testing/doubles/meta.test.ts
B-09 | posthog#66449 | provisional figures are frozen | testing/google-ads-sync.test.ts
B-10 | dlt#2269 | rows that are written late are skipped | connectors/shopify/walks.test.ts
B-11 | dlt#3998 | a run without rows empties the destination | sync/vendor-bugs.test.ts
B-12 | dlt#3025 | a load that fails leaves an empty table | sync/vendor-bugs.test.ts
B-13 | dlt#2586 | one page of several | connectors/shopify/pitfalls.test.ts
B-14 | dlt#2932 | an empty last page breaks, or never ends | connectors/shopify/pitfalls.test.ts
B-15 | dlt#1571 | a row without its cursor is lost, or spoils it | connectors/shopify/pitfalls.test.ts
B-16 | sqlmesh#5739 | a single day has no rows, midnight is lost | testing/doubles/bigquery.test.ts
B-17 | sqlmesh#3433 | part of the last day is missing | testing/doubles/bigquery.test.ts
B-18 | sqlmesh#5843 | a rebuild that fails leaves a hole | testing/faults/pipeline-faults.test.ts
B-19 | sqlmesh#5236 | a model without rows, and no warning | transform/build.test.ts
B-20 | meltano#8316 | a new stream is read whole at every run | sync/vendor-bugs.test.ts
B-21 | tap-github#196 | everything is read again although nothing changed | sync/run.test.ts
B-22 | evidence#3044 | a first row without values decides the types | sync/vendor-bugs.test.ts | the other half, a source that was removed stays in the reports, is meant here: what landed is kept until gc is told to forget it
B-23 | dlt#4052 | the data is in and the cursor is not | testing/faults/every-fault.test.ts
B-24 | dlt#3023 | rows twice after the end of a process | testing/faults/kills.test.ts
B-25 | dlt#971 | rows of one moment twice at the edge of a page | sync/notes.test.ts
B-26 | dlt#4023 | rows that no load tells of are visible | warehouse/raw-views.test.ts
B-27 | dbt-duckdb#533 | two builds at once double rows | testing/fault-rows.test.ts
B-28 | airbyte#4923 | an inclusive cursor repeats rows | warehouse/raw-views.test.ts
B-29 | airbyte#45674 | children are read again at every run | sync/run.test.ts
B-30 | meltano#7083 | the lock does not cover the whole command | testing/fault-rows.test.ts
B-31 | ducklake#680 | a power cut leaves an empty file that is read | testing/faults/every-fault.test.ts
B-32 | duckdb#14990 | a copy that failed leaves a broken file in place | warehouse/write-part.test.ts
B-33 | duckdb#12335 | Parquet is never synced | warehouse/findings.test.ts
B-34 | duckdb#25432 | the torn end of a .wal is forgotten in silence | warehouse/publish.test.ts
B-35 | duckdb#22124 | a .wal that cannot be replayed | warehouse/publish.test.ts
B-36 | duckdb#8592 | writes behind a cut .wal are lost | warehouse/publish.test.ts
B-37 | duckdb-java#16 | a sync that fails, and work goes on | testing/faults/every-fault.test.ts
B-38 | duckdb-node-neo#257 | a crash when one connection is used at once by several | warehouse/duckdb.test.ts
B-39 | duckdb-node#69 | a crash on a platform without bindings | - | bindings are published for Linux, macOS and Windows only: elsewhere the install ends, not a run
B-40 | duckdb#26064 | home_directory leads around the allowed folders | warehouse/duckdb.test.ts
B-41 | CVE-2024-41672 | sniff_csv reads outside of the allowed folders | warehouse/duckdb.test.ts
B-42 | CVE-2025-64429 | the database's own encryption is weak | testing/proof/bugs.test.ts
B-43 | duckdb#24454 | deep JSON ends the process | warehouse/findings.test.ts
B-44 | duckdb#25948 | nested JSON takes all memory | warehouse/findings.test.ts
B-45 | duckdb#18767 | the offset of an instant is dropped | warehouse/findings.test.ts
B-46 | duckdb-node-neo#99 | large integers lose digits | http/json.test.ts
B-47 | dbt-duckdb#513 | several writers at once | warehouse/duckdb.test.ts
B-48 | restic#3984 | a process that stood still loses its lock | testing/fault-rows.test.ts
B-49 | codebase-memory-mcp#897 | an old .wal is replayed into a new database | warehouse/findings.test.ts
B-50 | airbyte#3177 | secrets in logs | cli/connections.test.ts
B-51 | airbyte#15576 | secrets in verbose logs | cli/connections.test.ts
B-52 | airbyte#13210 | secrets in an export that shall have none | warehouse/backup.test.ts
B-53 | airbyte#81344 | a credential that is not marked as one | connectors/conformance.test.ts
B-54 | GHSA-w62p-hx95-gf2c | a package of the database with malware | testing/proof/bugs.test.ts
`);
