import { GrowthosError } from "../base/errors.js";
import type { Database } from "../warehouse/types.js";

/** What a statement says about itself, read out of DuckDB's own syntax tree. */
export interface Statement {
  /** Base tables, `schema.name` or `name`; common table expressions are left out. */
  readonly relations: readonly string[];
  readonly ctes: readonly string[];
  readonly functions: readonly string[];
  readonly tableFunctions: readonly string[];
  /** Names given to `getvariable`. */
  readonly variables: readonly string[];
  /** True when the outermost select list holds a star. */
  readonly endsWithStar: boolean;
}

type Node = Readonly<Record<string, unknown>>;

/** What was read before, by its text: a command plans, builds and explains with the same two hundred statements. */
const read = new Map<string, Statement>();
const MOST_READ = 1_000;

/**
 * Parses one statement with `json_serialize_sql`, which knows SELECT only: DDL, COPY, ATTACH, PRAGMA and CALL are refused by it.
 * Throws `MODEL_SQL` for anything but exactly one SELECT.
 */
export async function readStatement(db: Database, sql: string, path: string): Promise<Statement> {
  const known = read.get(sql);
  if (known !== undefined) return known;
  const statement = await parseStatement(db, sql, path);
  if (read.size >= MOST_READ) read.clear();
  read.set(sql, statement);
  return statement;
}

/** Syntax trees, as JSON, of statements that will be read. */
const trees = new Map<string, string>();

/** Parses statements in one go, which costs a third of one by one; what each says, or what is wrong with it, is told by `readStatement`. */
export async function parseAhead(db: Database, statements: readonly string[]): Promise<void> {
  const unknown = [...new Set(statements)].filter((sql) => !read.has(sql));
  trees.clear();
  const rows = await db.all(
    `select json_serialize_sql(sql) as tree from (select unnest(from_json($1::varchar, '["VARCHAR"]')) as sql)`,
    [JSON.stringify(unknown)],
  );
  for (const [index, sql] of unknown.entries()) trees.set(sql, String(rows[index]?.["tree"]));
}

async function treeOf(db: Database, sql: string): Promise<string> {
  const ahead = trees.get(sql);
  trees.delete(sql);
  return ahead ?? String((await db.one("select json_serialize_sql($1::varchar) as tree", [sql]))["tree"]);
}

async function parseStatement(db: Database, sql: string, path: string): Promise<Statement> {
  const tree = JSON.parse(await treeOf(db, sql)) as Node;
  if (tree["error"] === true) throw notOneSelect(path, refusal(tree));
  const statements = tree["statements"] as readonly Node[];
  if (statements.length !== 1) throw notOneSelect(path, `it holds ${statements.length} statements`);
  const root = (statements[0] as { node: Node }).node;
  const found = {
    tables: [] as Node[],
    ctes: new Set<string>(),
    calls: [] as Node[],
    tableCalls: [] as Node[],
    shows: 0,
  };
  collect(root, found);
  if (found.shows > 0) throw notOneSelect(path, "DESCRIBE, SHOW and SUMMARIZE are not SELECT");
  const names = found.tables.map(tableName).filter((name) => !found.ctes.has(name));
  return {
    relations: sortedUnique(names),
    ctes: [...found.ctes],
    functions: sortedUnique(found.calls.map((call) => String(call["function_name"]))),
    tableFunctions: sortedUnique(found.tableCalls.map((call) => String((call["function"] as Node)["function_name"]))),
    variables: sortedUnique(
      found.calls.filter((call) => call["function_name"] === "getvariable").map(constantArgument),
    ),
    endsWithStar: hasStar(root),
  };
}

interface Found {
  readonly tables: Node[];
  readonly ctes: Set<string>;
  readonly calls: Node[];
  readonly tableCalls: Node[];
  shows: number;
}

function collect(value: unknown, found: Found): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found);
    return;
  }
  if (value === null || typeof value !== "object") return;
  const node = value as Node;
  if (node["type"] === "BASE_TABLE") found.tables.push(node);
  if (node["type"] === "TABLE_FUNCTION") found.tableCalls.push(node);
  if (node["type"] === "SHOW_REF") found.shows += 1;
  if (node["class"] === "FUNCTION" || node["class"] === "WINDOW") found.calls.push(node);
  for (const [name, member] of Object.entries(node)) {
    if (name === "cte_map")
      for (const { key } of (member as { map: { key: string }[] }).map) found.ctes.add(key.toLowerCase());
    collect(member, found);
  }
}

function tableName(node: Node): string {
  const schema = String(node["schema_name"] ?? "");
  const name = String(node["table_name"]).toLowerCase();
  return schema === "" ? name : `${schema.toLowerCase()}.${name}`;
}

function constantArgument(call: Node): string {
  const [first] = call["children"] as readonly Node[];
  return String((first?.["value"] as Node | undefined)?.["value"]);
}

function hasStar(root: Node): boolean {
  if (root["type"] === "SET_OPERATION_NODE") {
    const sides = (root["children"] as readonly Node[] | undefined) ?? [root["left"] as Node, root["right"] as Node];
    return sides.some(hasStar);
  }
  const list = (root["select_list"] as readonly Node[] | undefined) ?? [];
  return list.some((item) => item["class"] === "STAR");
}

function refusal(tree: Node): string {
  const message = String(tree["error_message"]);
  return /only select/i.test(message) ? "a model is one SELECT: no DDL, COPY, ATTACH, PRAGMA or CALL" : message;
}

function notOneSelect(path: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "MODEL_SQL",
    what: `sql/${path} is not exactly one SELECT`,
    why,
    hint: "one file is one relation; put a second statement into a file of its own",
    exit: "usage",
  });
}

/** Names without repetition, in order. */
export function sortedUnique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
