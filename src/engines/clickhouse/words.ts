/**
 * The text of a model in ClickHouse's words. Three things make it: settings that give SQL its usual meaning, the bodies of
 * `sql/engines/clickhouse.sql` in the place of functions, and the few rules below. Models know nothing of it.
 */
import { type Bodies, bodyOf, isEnginesOwn } from "./bodies.js";
import { type Call, callOf, depthsOf, rewriteCalls, spaced, type Token, textOf, tokensOf } from "./tokens.js";

/** What a translation needs beside the model. */
export interface Words {
  /** Of `sql/engines/clickhouse.sql`. */
  readonly bodies: Bodies;
  /** Values behind `getvariable('…')`. */
  readonly variables: Readonly<Record<string, string | number>>;
}

/** Settings of every statement: what standard SQL means, which is not ClickHouse's default. */
export const CLICKHOUSE_SETTINGS: Readonly<Record<string, string>> = {
  // An outer join and an aggregate over no rows give null, and so does a cast of it.
  join_use_nulls: "1",
  aggregate_functions_null_for_empty: "1",
  cast_keep_nullable: "1",
  // `where` and `group by` mean columns, not what the select list calls by the same name.
  prefer_column_name_to_alias: "1",
  union_default_mode: "DISTINCT",
  // Types that do not fit together are an error, and days before 1970 are days.
  use_variant_as_common_type: "0",
  enable_extended_results_for_datetime_functions: "1",
  // Accounts have time zones of their own.
  allow_nonconst_timezone_arguments: "1",
};

/** The statement of a model for ClickHouse; without its last `order by`, which a table would not keep. */
export function toClickHouse(sql: string, words: Words): string {
  const tokens = tokensOf(sql).map(withoutEscapes);
  return textOf(rewriteCalls(namedColumns(inOneDatabase(unordered(tokens))), (call) => callIn(words, call)));
}

/** The type of a column for ClickHouse; anything may be null. A list goes as JSON text, because there it could not be null. */
export function clickhouseType(type: string): string {
  const decimal = /^decimal(\(\d+, ?\d+\))$/i.exec(type)?.[1];
  const own = decimal === undefined ? TYPES[type.toLowerCase()] : `Decimal${decimal}`;
  return `Nullable(${own ?? "String"})`;
}

const TYPES: Readonly<Record<string, string>> = {
  varchar: "String",
  bigint: "Int64",
  integer: "Int32",
  hugeint: "Int128",
  double: "Float64",
  boolean: "Bool",
  date: "Date32",
  timestamptz: "DateTime64(6, 'UTC')",
  "timestamp with time zone": "DateTime64(6, 'UTC')",
};

/** In ClickHouse's texts a backslash begins an escape. */
function withoutEscapes(token: Token): Token {
  return token.kind === "text" ? { ...token, text: token.text.replaceAll("\\", "\\\\") } : token;
}

function unordered(tokens: readonly Token[]): readonly Token[] {
  const depths = depthsOf(tokens);
  const order = tokens.findLastIndex(
    ({ text }, index) => text === "order" && depths[index] === 0 && tokens[index + 1]?.text === "by",
  );
  return order < 0 ? tokens : tokens.slice(0, order);
}

/** A database has no schemas: `seeds.holidays` is one name there. */
function inOneDatabase(tokens: readonly Token[]): readonly Token[] {
  return tokens.flatMap((token, index) => {
    const isSchema = (at: number) =>
      /^(seeds|meta)$/.test(tokens[at]?.text ?? "") && tokens[at + 1]?.text === "." && tokens[at - 1]?.text !== ".";
    if (isSchema(index - 1) || isSchema(index - 2)) return [];
    const name = `"${token.text}.${tokens[index + 2]?.text}"`;
    return isSchema(index) ? [{ ...token, kind: "quoted" as const, text: name }] : [token];
  });
}

/** `o.currency` in a select list is called `currency`: of a join ClickHouse would call it by both words. Commas after the last one go. */
function namedColumns(tokens: readonly Token[]): readonly Token[] {
  const ends = (at: number) => /^(,|from|union|\)|)$/.test(tokens[at]?.text ?? "");
  return tokens.flatMap((token, index) => {
    if (token.text === "," && ends(index + 1) && tokens[index + 1]?.text !== ",") return [];
    const isColumn = token.kind === "word" && tokens[index - 1]?.text === "." && ends(index + 1);
    if (!isColumn || !/^(,|select|distinct)$/.test(tokens[index - 3]?.text ?? "") || !isSelected(tokens, index))
      return [token];
    return [token, { kind: "word" as const, text: "as", before: " " }, { ...token, before: " " }];
  });
}

/** True when the nearest keyword before it, on its own level, is `select`. */
function isSelected(tokens: readonly Token[], index: number): boolean {
  let depth = 0;
  for (let at = index; at >= 0 && depth >= 0; at -= 1) {
    const text = tokens[at]?.text ?? "";
    if (text === ")") depth += 1;
    if (text === "(") depth -= 1;
    if (depth === 0 && /^(select|from|on|where|by|having|values)$/.test(text)) return text === "select";
  }
  return false;
}

function callIn(words: Words, call: Call): readonly Token[] | undefined {
  return (
    variableOf(words, call) ?? bodyOf(words.bodies, call, (inner) => callInBody(words, inner)) ?? ownRule(words, call)
  );
}

function callInBody(words: Words, call: Call): readonly Token[] | undefined {
  if (isEnginesOwn(call) && call.name.text !== "getvariable") return undefined;
  return variableOf(words, call) ?? bodyOf(words.bodies, call, (inner) => callInBody(words, inner));
}

function variableOf({ variables }: Words, { name, given }: Call): readonly Token[] | undefined {
  if (name.text !== "getvariable") return undefined;
  const variable = given[0]?.[0]?.text.slice(1, -1) ?? "";
  const value = variables[variable];
  if (value === undefined) throw new Error(`no variable ${variable}`);
  const literal = typeof value === "number" ? `toInt64(${value})` : clickhouseText(value);
  return spaced(tokensOf(variable === "as_of" ? `toDate32(${literal})` : literal), name.before);
}

/** A text as ClickHouse reads it. */
export function clickhouseText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/** What is more than another expression: types, counts, functions of any number of arguments. */
function ownRule(words: Words, call: Call): readonly Token[] | undefined {
  const { name, given, over } = call;
  const inPlace = (text: string) => ({ ...name, text });
  const [first = [], ...rest] = given;
  switch (name.text) {
    case "cast":
      return castOf(words, call);
    // Counts are unsigned there, and do not fit into a column with other whole numbers.
    case "count":
    case "row_number":
    case "rank":
      return callOf(inPlace("toInt64"), [[...callOf({ ...name, before: "" }, given), ...over]]);
    // Before the first row there is null, which a column must be able to hold.
    case "lag":
    case "lead":
      return [...callOf(name, [callOf("toNullable", [first]), ...rest]), ...over];
    // Texts that are null are left out.
    case "concat":
      return callOf(inPlace("arrayStringConcat"), [callOf("array", given)]);
    case "date_part":
      return callOf(inPlace("toInt64"), [callOf(PARTS[first[0]?.text ?? ""] ?? "", rest)]);
    default:
      return undefined;
  }
}

const PARTS: Readonly<Record<string, string>> = {
  "'year'": "toYear",
  "'month'": "toMonth",
  "'day'": "toDayOfMonth",
  "'week'": "toISOWeek",
  "'isoyear'": "toISOYear",
  "'isodow'": "toDayOfWeek",
};

function castOf(words: Words, { name, given: [first = []] }: Call): readonly Token[] {
  const depths = depthsOf(first);
  const as = first.findLastIndex(({ text }, index) => text === "as" && depths[index] === 0);
  const [value, type] = [first.slice(0, as), textOf(first.slice(as + 1)).trim()];
  const scale = /^decimal\(\d+, ?(\d+)\)$/.exec(type)?.[1];
  const rounded = scale === undefined ? undefined : toScale(words, value, scale);
  const own = TYPES[type] ?? type;
  return callOf(name, [[...(rounded ?? value), ...tokensOf(` as ${own}`)]]);
}

/** ClickHouse cuts off where it makes a decimal of a fraction, SQL rounds. */
function toScale(words: Words, value: readonly Token[], scale: string): readonly Token[] | undefined {
  const [name] = tokensOf("to_scale");
  const given = [spaced(value, ""), tokensOf(scale)];
  return name === undefined ? undefined : bodyOf(words.bodies, { name, given }, (call) => callInBody(words, call));
}
