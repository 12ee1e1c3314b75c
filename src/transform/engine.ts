import type { Files } from "../base/files.js";
import { quoteName, quoteText } from "../base/ids.js";
import type { Macro } from "./macros.js";
import type { Model } from "./types.js";

/** The engines that can run the models of a build; `duckdb` is the one of this machine, and the default. */
export const ENGINES = ["duckdb", "motherduck", "clickhouse"] as const;
/** One of them. */
export type EngineId = (typeof ENGINES)[number];

/**
 * Another place where the intermediate and mart models of a build run. Staging, figures of `computed.ts`, checks and the published file stay
 * on this machine: an engine is given staged rows as Parquet and gives marts back as Parquet, so that whatever reads a build reads the same
 * file, whoever made it.
 */
export interface Engine {
  readonly id: Exclude<EngineId, "duckdb">;
  /** For messages: what it is and where, without secrets. */
  readonly place: string;
  /** Asks for nothing but a sign of life; gives the engine's version. Errors: as of `open`. */
  check(): Promise<string>;
  /** A place of its own for one build. Throws `ENGINE_UNREACHABLE` (exit source), `ENGINE_REFUSED` (auth), `ENGINE_FAILED` (source). */
  open(job: EngineJob): Promise<EngineSession>;
}

/** What an engine is told of a build. */
export interface EngineJob {
  readonly buildId: string;
  readonly files: Files;
  /** The folder of the SQL: `sql/` of the package. */
  readonly sqlFolder: string;
  readonly macros: readonly Macro[];
  /** The values behind `getvariable('…')`. */
  readonly variables: Readonly<Record<string, string | number>>;
}

/** A column with its type as DuckDB writes it. */
export interface EngineColumn {
  readonly name: string;
  readonly type: string;
}

/** A relation on its way to or from an engine; the name may have a schema, as in `seeds.channel_rules`. */
export interface EngineTable {
  readonly relation: string;
  readonly columns: readonly EngineColumn[];
  /** Parquet, absolute. */
  readonly path: string;
}

/** One build on an engine. Every call may throw what `open` may. */
export interface EngineSession {
  /** `json`: lists travel as JSON text, to an engine that has no list that is null; absent: as they are. */
  readonly lists?: "json";
  /** Why this model cannot run there, for people; null when it can. It then runs here, on what came back. */
  refuses(model: Model): string | null;
  /** Makes a table of the rows of a file. */
  load(table: EngineTable): Promise<void>;
  /** Runs a model and keeps its rows as a table of these columns. All that it reads is there. */
  run(model: Model, columns: readonly EngineColumn[]): Promise<void>;
  /** Writes the rows of a table to a file; the types may be wider than those of the columns. */
  unload(table: EngineTable): Promise<void>;
  /** Makes these tables of this build the ones that others see there, and removes builds that nobody sees any more. */
  publish(relations: readonly string[]): Promise<void>;
  /** Removes what this build left there, unless it was published. */
  close(): Promise<void>;
}

/** A relation's name, quoted; it may have a schema. */
export function quoteRelation(relation: string): string {
  return relation.split(".").map(quoteName).join(".");
}

/** A text of SQL with the session variables as literals: other engines have none. */
export function withVariables(sql: string, variables: EngineJob["variables"]): string {
  return sql.replace(/\bgetvariable\('(\w+)'\)/g, (call, name: string) => {
    const value = variables[name];
    if (value === undefined) return call;
    if (typeof value === "number") return String(value);
    const text = quoteText(value);
    return name === "as_of" ? `cast(${text} as date)` : text;
  });
}
