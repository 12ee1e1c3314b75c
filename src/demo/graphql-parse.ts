/** A field of a GraphQL selection whose fragments, variables and directives are resolved. */
export interface Field {
  readonly name: string;
  /** The key in the answer: the alias, or the name. */
  readonly key: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly fields: readonly Field[];
  readonly line: number;
  /** The type that an inline fragment names, for fields inside it. */
  readonly on?: string;
}

/** One query. `problem`: why the document cannot be read, as the vendor would say it. */
export type Parsed =
  | { readonly name: string; readonly fields: readonly Field[]; readonly problem?: undefined }
  | { readonly problem: string; readonly line: number };

interface FragmentSpread {
  readonly fragment: string;
}
interface Selected extends Omit<Field, "fields"> {
  readonly selections: readonly Selection[];
}
type Selection = Selected | FragmentSpread;

/**
 * Reads the query language as far as API clients use it: one operation, variables, arguments, aliases, fragments,
 * `@include` and `@skip`. Fields of an inline fragment count as part of the selection around it, and know its type.
 */
export function parseQuery(text: string, variables: Readonly<Record<string, unknown>>): Parsed {
  const reader: Reader = { tokens: tokensOf(text), variables, at: 0 };
  const fragments = new Map<string, readonly Selection[]>();
  let operation: { readonly name: string; readonly selections: readonly Selection[] } | undefined;
  while (more(reader)) {
    const { text: word, line } = next(reader);
    if (word === "fragment") {
      const name = next(reader).text;
      skipTo(reader, "{");
      fragments.set(name, readSelections(reader));
    } else if (word === "query" || word === "{") {
      const name = word === "query" && isName(reader) ? next(reader).text : "";
      if (word === "query") skipTo(reader, "{");
      operation = { name, selections: readSelections(reader) };
    } else {
      return { problem: `syntax error, unexpected ${JSON.stringify(word)} at line ${line}`, line };
    }
  }
  if (operation === undefined) return { problem: "A query is required", line: 1 };
  return { name: operation.name, fields: inlined(operation.selections, fragments) };
}

/** Puts fragments in place; the same field twice becomes one. */
function inlined(
  selections: readonly Selection[],
  fragments: ReadonlyMap<string, readonly Selection[]>,
): readonly Field[] {
  const fields = new Map<string, Field>();
  for (const selection of selections) {
    const found = "fragment" in selection ? inlined(fragments.get(selection.fragment) ?? [], fragments) : [selection];
    for (const one of found) {
      const { key, name, args, line, on } = one;
      const below = "selections" in one ? inlined(one.selections, fragments) : one.fields;
      const all = [...(fields.get(key)?.fields ?? []), ...below];
      fields.set(key, { key, name, args, line, fields: all, ...(on === undefined ? {} : { on }) });
    }
  }
  return [...fields.values()];
}

interface Token {
  readonly text: string;
  readonly line: number;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|\.\.\.|\$?[\w.+-]+|[{}()[\]:!=@]/g;
const END: Token = { text: "", line: 0 };

function tokensOf(text: string): readonly Token[] {
  return text.split("\n").flatMap((line, index) => {
    const words = line.replace(/^([^"#]*)#.*$/, "$1").match(TOKEN) ?? [];
    return words.map((word) => ({ text: word, line: index + 1 }));
  });
}

/** A walk over the tokens. */
interface Reader {
  readonly tokens: readonly Token[];
  readonly variables: Readonly<Record<string, unknown>>;
  at: number;
}

function more(reader: Reader): boolean {
  return reader.at < reader.tokens.length;
}

function next(reader: Reader): Token {
  return reader.tokens[reader.at++] ?? END;
}

/** Steps over the token when it is the next one. */
function take(reader: Reader, wanted: string): boolean {
  const found = reader.tokens[reader.at]?.text === wanted;
  if (found) reader.at += 1;
  return found;
}

function isName(reader: Reader): boolean {
  return /^\w+$/.test(reader.tokens[reader.at]?.text ?? "");
}

function skipTo(reader: Reader, wanted: string): void {
  while (more(reader) && !take(reader, wanted)) reader.at += 1;
}

function readSelections(reader: Reader): readonly Selection[] {
  const found: Selection[] = [];
  while (more(reader) && !take(reader, "}")) found.push(...readSelection(reader));
  return found;
}

function readSelection(reader: Reader): readonly Selection[] {
  const { text: word, line } = next(reader);
  if (word === "...") return readFragment(reader);
  const name = take(reader, ":") ? next(reader).text : word;
  const args = readArgs(reader);
  const keep = isIncluded(reader);
  const selections = take(reader, "{") ? readSelections(reader) : [];
  return keep ? [{ name, key: word, args, line, selections }] : [];
}

function readFragment(reader: Reader): readonly Selection[] {
  const inline = take(reader, "on");
  const name = isName(reader) ? next(reader).text : "";
  const keep = isIncluded(reader);
  if (!inline && name !== "") return keep ? [{ fragment: name }] : [];
  skipTo(reader, "{");
  const selections = readSelections(reader);
  if (!keep) return [];
  return selections.map((one) => (name === "" || "fragment" in one ? one : { ...one, on: name }));
}

function readArgs(reader: Reader): Readonly<Record<string, unknown>> {
  const args: Record<string, unknown> = {};
  if (!take(reader, "(")) return args;
  while (more(reader) && !take(reader, ")")) {
    const name = next(reader).text;
    skipTo(reader, ":");
    args[name] = readValue(reader);
  }
  return args;
}

function readValue(reader: Reader): unknown {
  const { text: word } = next(reader);
  if (word.startsWith("$")) return reader.variables[word.slice(1)] ?? null;
  if (word.startsWith('"')) return JSON.parse(word);
  if (word === "[") return readList(reader);
  if (word === "null") return null;
  if (word === "true" || word === "false") return word === "true";
  return /^-?\d/.test(word) ? Number(word) : word;
}

function readList(reader: Reader): readonly unknown[] {
  const items: unknown[] = [];
  while (more(reader) && !take(reader, "]")) items.push(readValue(reader));
  return items;
}

/** False when a directive leaves the selection out. */
function isIncluded(reader: Reader): boolean {
  let keep = true;
  while (take(reader, "@")) {
    const directive = next(reader).text;
    const condition = readArgs(reader)["if"] === true;
    if (directive === "include" ? !condition : condition) keep = false;
  }
  return keep;
}
