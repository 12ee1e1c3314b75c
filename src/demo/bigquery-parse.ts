/** Reads the part of GoogleSQL that this shop's BigQuery knows. Anything else is a syntax error, as a wrong statement should be. */

/** A value of a select list or a condition. */
export type Expression =
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "null" }
  | { readonly kind: "path"; readonly alias: string; readonly path: readonly string[] }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly args: readonly Expression[] /** Of a cast. */;
      readonly type?: string;
    }
  /** The number of a row among those with the same values. */
  | { readonly kind: "row_number"; readonly partition: readonly Expression[]; readonly order: Expression | null }
  /** `(select … from unnest(list) as x where … limit 1)`. */
  | {
      readonly kind: "first";
      readonly value: Expression;
      readonly list: Expression;
      readonly alias: string;
      readonly where: Condition;
    };

/** Comparisons that must all hold. */
export type Condition = readonly (
  | { readonly left: Expression; readonly equals: Expression }
  | { readonly left: Expression; readonly parameter: string }
)[];

/** One `select`. */
export interface Select {
  /** `star`: every column of the source. */
  readonly columns: readonly ({ readonly star: string } | { readonly name: string; readonly value: Expression })[];
  /** A table in backticks, with `.INFORMATION_SCHEMA.COLUMNS` when asked for; or the name of the `with` part. Null: no `from`. */
  readonly from: { readonly name: string; readonly quoted: boolean; readonly alias: string } | null;
  readonly where: Condition;
}

/** A statement: a select, from a union when it has a `with` part. */
export interface Statement {
  readonly with: { readonly name: string; readonly selects: readonly Select[] } | null;
  readonly select: Select;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

const TOKEN = /\s+|`[^`]*`|'(?:[^'\\]|\\.)*'|@\w+|\w+|[(),.=*]/gy;

/** The statement, or what is wrong with it. */
export function parseStatement(query: string): Statement | { readonly problem: string } {
  const tokens = tokensOf(query);
  if (tokens === null) return { problem: "Syntax error: Illegal input character" };
  const reader: Reader = { tokens, at: 0 };
  try {
    const parsed = statement(reader);
    if (reader.at < tokens.length) return { problem: unexpected(reader) };
    return parsed;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return { problem: thrown.message };
    throw thrown;
  }
}

function tokensOf(query: string): readonly string[] | null {
  const tokens: string[] = [];
  let end = 0;
  for (const match of query.matchAll(TOKEN)) {
    if (match.index !== end) return null;
    end += match[0].length;
    if (match[0].trim() !== "") tokens.push(match[0]);
  }
  return end === query.length ? tokens : null;
}

function statement(reader: Reader): Statement {
  if (!takes(reader, "with")) return { with: null, select: select(reader) };
  const name = identifier(reader);
  demand(reader, "as", "(");
  const selects = [select(reader)];
  while (takes(reader, "union")) {
    demand(reader, "all");
    selects.push(select(reader));
  }
  demand(reader, ")");
  return { with: { name, selects }, select: select(reader) };
}

function select(reader: Reader): Select {
  demand(reader, "select");
  const columns = list(reader, column);
  const from = takes(reader, "from") ? source(reader) : null;
  return { columns, from, where: takes(reader, "where") ? condition(reader) : [] };
}

function column(reader: Reader): Select["columns"][number] {
  if (reader.tokens[reader.at + 1] === "." && reader.tokens[reader.at + 2] === "*") {
    const star = identifier(reader);
    demand(reader, ".", "*");
    return { star };
  }
  const value = expression(reader);
  return { value, name: takes(reader, "as") ? identifier(reader) : "f0_" };
}

function source(reader: Reader): NonNullable<Select["from"]> {
  const first = next(reader);
  const quoted = first.startsWith("`");
  const names = [quoted ? first.slice(1, -1) : first];
  while (takes(reader, ".")) names.push(identifier(reader));
  demand(reader, "as");
  return { name: names.join("."), quoted, alias: identifier(reader) };
}

function condition(reader: Reader): Condition {
  const one = (): Condition[number] => {
    const left = expression(reader);
    if (takes(reader, "=")) return { left, equals: expression(reader) };
    demand(reader, "in", "unnest", "(");
    const parameter = next(reader);
    if (!parameter.startsWith("@")) throw new SyntaxError(`Syntax error: Expected a parameter but got ${parameter}`);
    demand(reader, ")");
    return { left, parameter: parameter.slice(1) };
  };
  const all = [one()];
  while (takes(reader, "and")) all.push(one());
  return all;
}

function expression(reader: Reader): Expression {
  const token = next(reader);
  if (token.startsWith("'")) return { kind: "text", value: token.slice(1, -1).replaceAll(/\\(.)/g, "$1") };
  if (token === "(") return first(reader);
  if (/^\d+$/.test(token)) return { kind: "text", value: token };
  if (!/^[a-z_]\w*$/i.test(token)) throw back(reader);
  const word = token.toLowerCase();
  if (word === "null") return { kind: "null" };
  if (word === "row_number") return rowNumber(reader);
  if (takes(reader, "(")) return call(reader, word);
  const path: string[] = [];
  while (takes(reader, ".")) path.push(identifier(reader));
  if (path.length === 0) throw new SyntaxError(`Unrecognized name: ${token}`);
  return { kind: "path", alias: token, path };
}

function call(reader: Reader, name: string): Expression {
  const args = [expression(reader)];
  if (name === "cast" || name === "safe_cast") {
    demand(reader, "as");
    const type = identifier(reader).toLowerCase();
    demand(reader, ")");
    return { kind: "call", name, args, type };
  }
  while (takes(reader, ",")) args.push(expression(reader));
  demand(reader, ")");
  return { kind: "call", name, args };
}

function rowNumber(reader: Reader): Expression {
  demand(reader, "(", ")", "over", "(", "partition", "by");
  const partition = list(reader, expression);
  const order = takes(reader, "order") ? ordering(reader) : null;
  demand(reader, ")");
  return { kind: "row_number", partition, order };
}

function ordering(reader: Reader): Expression {
  demand(reader, "by");
  return expression(reader);
}

function first(reader: Reader): Expression {
  demand(reader, "select");
  const value = expression(reader);
  demand(reader, "from", "unnest", "(");
  const elements = expression(reader);
  demand(reader, ")", "as");
  const alias = identifier(reader);
  demand(reader, "where");
  const where = condition(reader);
  demand(reader, "limit", "1", ")");
  return { kind: "first", value, list: elements, alias, where };
}

function list<T>(reader: Reader, one: (reader: Reader) => T): readonly T[] {
  const items = [one(reader)];
  while (takes(reader, ",")) items.push(one(reader));
  return items;
}

function identifier(reader: Reader): string {
  const token = next(reader);
  if (!/^[a-z_]\w*$/i.test(token)) throw back(reader);
  return token;
}

function takes(reader: Reader, word: string): boolean {
  if (reader.tokens[reader.at]?.toLowerCase() !== word) return false;
  reader.at += 1;
  return true;
}

function demand(reader: Reader, ...words: readonly string[]): void {
  for (const word of words) if (!takes(reader, word)) throw new SyntaxError(unexpected(reader));
}

function next(reader: Reader): string {
  const token = reader.tokens[reader.at];
  if (token === undefined) throw new SyntaxError(unexpected(reader));
  reader.at += 1;
  return token;
}

function back(reader: Reader): SyntaxError {
  reader.at -= 1;
  return new SyntaxError(unexpected(reader));
}

function unexpected({ tokens, at }: Reader): string {
  return `Syntax error: Unexpected ${tokens[at] ?? "end of statement"}`;
}
