import { join } from "node:path";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { sha256 } from "../base/hash.js";
import { quoteText } from "../base/ids.js";
import { sqlPath } from "../warehouse/read-parquet.js";
import type { Database } from "../warehouse/types.js";

/** The seeds and the types of their columns, in the order of the file; `seeds.<name>` is read from `sql/seeds/<name>.csv`. */
export const SEEDS = {
  category_margins: { category: "VARCHAR", margin: "DECIMAL(9,6)" },
  channel_rules: {
    priority: "INTEGER",
    kind: "VARCHAR",
    value: "VARCHAR",
    qualifier: "VARCHAR",
    channel_id: "VARCHAR",
  },
  cost_rates: { rate: "VARCHAR", value: "DECIMAL(18,6)" },
  task_limits: { limit_name: "VARCHAR", value: "INTEGER" },
  task_rules: {
    place: "INTEGER",
    task_kind: "VARCHAR",
    priority: "VARCHAR",
    value_over: "BIGINT",
    value_under: "BIGINT",
    count_over: "BIGINT",
    count_under: "BIGINT",
    items_over: "BIGINT",
    younger_than_hours: "BIGINT",
    older_than_hours: "BIGINT",
  },
  holidays: { holiday_date: "DATE", country: "VARCHAR", holiday_name: "VARCHAR" },
} as const;

/** The relations that the seeds become. */
export const SEED_RELATIONS: readonly string[] = Object.keys(SEEDS).map((name) => `seeds.${name}`);

/** Where the seed files lie. */
export interface SeedPlace {
  readonly files: Files;
  readonly sqlFolder: string;
}

/** Hash of a seed: its content and its types. */
export function seedHash(place: SeedPlace, relation: string): string {
  const name = relation.replace(/^seeds\./, "") as keyof typeof SEEDS;
  return sha256(JSON.stringify([SEEDS[name], place.files.digest(pathOf(place, name)).sha256]));
}

/** Loads every seed as a typed table; DuckDB reads the files. Throws `SEED_BAD` (exit usage) naming the file and what is wrong in it. */
export async function loadSeeds(db: Database, place: SeedPlace): Promise<void> {
  await db.run("create schema if not exists seeds");
  for (const [name, columns] of Object.entries(SEEDS)) {
    const path = pathOf(place, name);
    const types = Object.entries(columns).map(([column, type]) => `${quoteText(column)}: ${quoteText(type)}`);
    const options = `columns={${types.join(", ")}}, header=true, delim=',', quote='"', nullstr='', auto_detect=false, strict_mode=true`;
    try {
      await db.run(`create or replace table seeds.${name} as select * from read_csv([${sqlPath(path)}], ${options})`);
    } catch (cause) {
      throw seedError(path, cause);
    }
  }
}

function pathOf({ sqlFolder }: SeedPlace, name: string): string {
  return join(sqlFolder, "seeds", `${name}.csv`);
}

function seedError(path: string, cause: unknown): GrowthosError {
  const why = cause instanceof GrowthosError ? (cause.parts.why ?? cause.message) : String(cause);
  return new GrowthosError({ code: "SEED_BAD", what: `cannot read ${path}`, why, exit: "usage", cause });
}
