import type { Macro } from "./macros.js";
import type { Model } from "./types.js";

/**
 * Functions that intermediate and mart models may call beside the macros: each means the same in PostgreSQL, ClickHouse and BigQuery,
 * or is one line to rewrite. Everything else belongs into staging or, as one expression, into `macros.sql`.
 */
export const PORTABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  // arithmetic and comparison
  ..."+ - * / % || abs floor round ~~ !~~ between_and".split(" "),
  // text
  ..."lower upper length trim concat".split(" "),
  // dates
  ..."date_part date_trunc".split(" "),
  // aggregates and windows
  ..."sum min max count count_star row_number rank lag lead".split(" "),
  // session variables: parameters of the query on another engine
  "getvariable",
]);

/** A call that another engine may not know. */
export interface UnportableCall {
  readonly path: string;
  readonly call: string;
}

/** The calls in intermediate and mart models that are neither portable functions nor macros. */
export function unportableCalls(models: readonly Model[], macros: readonly Macro[]): readonly UnportableCall[] {
  const known = new Set(macros.map((macro) => macro.name));
  return models
    .filter((model) => model.layer === "intermediate" || model.layer === "marts")
    .flatMap((model) =>
      model.functions
        .filter((name) => !PORTABLE_FUNCTIONS.has(name) && !known.has(name))
        .map((call) => ({ path: model.path, call })),
    );
}
