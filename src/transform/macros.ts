import { GrowthosError } from "../base/errors.js";
import type { Database } from "../warehouse/types.js";
import { parseAhead, readStatement } from "./statement.js";

/** One macro of `macros.sql`. */
export interface Macro {
  readonly name: string;
  /** The whole CREATE statement. */
  readonly sql: string;
  readonly functions: readonly string[];
  readonly variables: readonly string[];
}

/** Reads `macros.sql`. Throws `MACRO_SQL` (exit usage) for a statement that is not `create or replace temp macro name(…) as <expression>`. */
export async function readMacros(db: Database, text: string): Promise<readonly Macro[]> {
  const statements = text
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.replace(/^(\s*(--[^\n]*)?\n)*/, "").trim())
    .filter((statement) => statement !== "");
  const macros: Macro[] = [];
  const written = statements.map(macroOf);
  await parseAhead(
    db,
    written.map(({ select }) => select),
  );
  for (const { name, sql, select } of written) {
    const statement = await readStatement(db, select, "macros.sql");
    macros.push({ name, sql, functions: statement.functions, variables: statement.variables });
  }
  return macros;
}

/** The name of a macro, its statement, and its expression as a SELECT that can be parsed. */
function macroOf(sql: string): { readonly name: string; readonly sql: string; readonly select: string } {
  const match = /^create or replace temp macro (\w+)\([^)]*\) as\s+([\s\S]+)$/.exec(sql);
  const [name, body] = [match?.[1], match?.[2]];
  if (name === undefined || body === undefined || /^table\s/.test(body)) throw macroError(sql);
  return { name, sql, select: `select ${body}` };
}

/** Creates the macros for this connection; a published build does not hold them. */
export async function createMacros(db: Database, macros: readonly Macro[]): Promise<void> {
  // All in one statement: a connection is made for every build, and each round trip costs more than a macro.
  if (macros.length > 0) await db.run(macros.map(({ sql }) => sql).join(";\n"));
}

/** The macros that `functions` call, directly or through other macros, in the order of the file. */
export function macrosUsed(macros: readonly Macro[], functions: readonly string[]): readonly Macro[] {
  const byName = new Map(macros.map((macro) => [macro.name, macro]));
  const wanted = new Set<string>();
  const visit = (names: readonly string[]): void => {
    for (const name of names) {
      const macro = byName.get(name);
      if (macro === undefined || wanted.has(name)) continue;
      wanted.add(name);
      visit(macro.functions);
    }
  };
  visit(functions);
  return macros.filter((macro) => wanted.has(macro.name));
}

function macroError(sql: string): GrowthosError {
  return new GrowthosError({
    code: "MACRO_SQL",
    what: "sql/macros.sql holds something that is not a scalar macro",
    why: sql.slice(0, 80),
    hint: "write `create or replace temp macro name(arguments) as expression;`",
    exit: "usage",
  });
}
