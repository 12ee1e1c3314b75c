// The shared project as dbt would have it: one file per model and test.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes a dbt project into the folder; it builds into `database`. */
export function writeDbtProject(folder, { models, checks }, database) {
  for (const name of ["models", "tests"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(
    join(folder, "dbt_project.yml"),
    "name: peers\nversion: '1.0'\nprofile: peers\nflags:\n  send_anonymous_usage_stats: false\n",
  );
  writeFileSync(
    join(folder, "profiles.yml"),
    `peers:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: ${database}
      threads: 2
      settings: { TimeZone: UTC }
`,
  );
  for (const { name, kind, sql, reads } of models)
    writeFileSync(join(folder, `models/${name}.sql`), file(`{{ config(materialized='${kind}') }}\n`, sql, reads));
  for (const { name, sql, reads } of checks)
    writeFileSync(join(folder, `tests/${name}.sql`), file("{{ config(severity='warn') }}\n", sql, reads));
}

function file(head, sql, reads) {
  const after = reads.map((name) => `-- depends_on: {{ ref('${name}') }}\n`).join("");
  return `${head}${after}{% raw %}${sql}{% endraw %}\n`;
}
