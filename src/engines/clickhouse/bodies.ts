import { GrowthosError } from "../../base/errors.js";
import { PORTABLE_FUNCTIONS } from "../../transform/portability.js";
import { type Call, rewriteCalls, sign, spaced, type Token, tokensOf } from "./tokens.js";

/** What an engine reads in the place of a function that models call. */
export interface Body {
  readonly parameters: readonly string[];
  readonly expression: readonly Token[];
}

/** The bodies of one engine by `name/number of arguments`. */
export type Bodies = ReadonlyMap<string, Body>;

const BODY = /^create function (\w+) as \(([^)]*)\) ->\s*([\s\S]+)$/;

/** Reads `sql/engines/<engine>.sql`. Throws `ENGINE_BODIES` (exit bug) for anything but `create function name as (…) -> expression`. */
export function readBodies(text: string): Bodies {
  const statements = text
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.replace(/^(\s*(--[^\n]*)?\n)*/, "").trim())
    .filter((statement) => statement !== "");
  return new Map(
    statements.map((statement) => {
      const [, name, list = "", expression = ""] = BODY.exec(statement) ?? [];
      if (name === undefined) throw bodyError(statement);
      const parameters = list.split(",").map((one) => one.trim());
      return [`${name}/${parameters.length}`, { parameters, expression: tokensOf(expression) }] as const;
    }),
  );
}

/** The call as the body says it, in parentheses; undefined when there is no body. `rewrite` is what calls inside a body go through. */
export function bodyOf(
  bodies: Bodies,
  { name, given }: Pick<Call, "name" | "given">,
  rewrite: (call: Call) => readonly Token[] | undefined,
): readonly Token[] | undefined {
  const body = bodies.get(`${name.text}/${given.length}`);
  if (body === undefined) return undefined;
  const expression = rewriteCalls(body.expression, rewrite);
  const filled = expression.flatMap((token, index) => {
    const isName = token.kind === "word" && expression[index - 1]?.text !== ".";
    const argument = isName ? given[body.parameters.indexOf(token.text)] : undefined;
    if (argument === undefined) return [token];
    // A row is named to reach its columns; anything longer keeps together.
    return argument.length === 1 ? spaced(argument, token.before) : grouped(argument, token.before);
  });
  return grouped(filled, name.before);
}

function grouped(tokens: readonly Token[], before: string): readonly Token[] {
  return [{ ...sign("("), before }, ...spaced(tokens, ""), sign(")")];
}

/** True inside a body for the names that mean the engine's own function there. */
export function isEnginesOwn({ name }: Call): boolean {
  return PORTABLE_FUNCTIONS.has(name.text);
}

function bodyError(statement: string): GrowthosError {
  return new GrowthosError({
    code: "ENGINE_BODIES",
    what: "a file in sql/engines holds something that is not a function",
    why: statement.slice(0, 80),
    hint: "write `create function name as (arguments) -> expression;`",
    exit: "bug",
  });
}
