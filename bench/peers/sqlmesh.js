// The shared project as SQLMesh would have it: one file per model.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes a SQLMesh project into the folder; it builds into `database`. */
export function writeSqlmeshProject(folder, { models }, database) {
  mkdirSync(join(folder, "models"), { recursive: true });
  writeFileSync(
    join(folder, "config.yaml"),
    `gateways:
  local:
    connection:
      type: duckdb
      database: ${database}
default_gateway: local
model_defaults:
  dialect: duckdb
  start: 2026-01-01
disable_anonymized_analytics: true
`,
  );
  const names = new Set(models.map(({ name }) => name));
  for (const { name, kind, sql } of models) {
    const head = `MODEL (name main.${name}, kind ${kind === "view" ? "VIEW" : "FULL"});\n\n`;
    writeFileSync(join(folder, `models/${name}.sql`), head + qualified(sql, names));
  }
}

/** SQLMesh finds what a model reads by schema and name. */
function qualified(sql, names) {
  return sql.replaceAll(/\b(from|join)(\s+)(\w+)\b(?!\s*[.(])/gi, (all, word, space, name) =>
    names.has(name) ? `${word}${space}main.${name}` : all,
  );
}
