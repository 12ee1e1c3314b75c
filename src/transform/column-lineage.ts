/**
 * Where the values of a column come from: syntax trees in, members of landed payloads out. Pure. It follows values, not conditions: what a
 * join, a `where` or the test of a `case` looks at is not part of a value, unless the value is made of nothing else.
 */

/** A member of a landed payload (`shopify.orders`, `lineItems.nodes.quantity`), or a column of a small table of the config or `sql/seeds`. */
export interface Origin {
  readonly relation: string;
  /** Dotted; lists are stepped into. Empty: the payload as a whole. */
  readonly path: string;
}

/** A node of DuckDB's own syntax tree, as `json_serialize_sql` gives it. */
export type TreeNode = Readonly<Record<string, unknown>>;

/** A value: where it comes from, by member where it is a struct or a list of structs. */
interface Value {
  readonly origins: readonly Origin[];
  readonly members?: ReadonlyMap<string, Value>;
}

/** The columns of a relation; `open` ones give any column that is asked for. */
interface Table {
  readonly columns: ReadonlyMap<string, Value>;
  readonly open?: string;
}

interface Scope {
  readonly relation: (name: string) => Table;
  readonly ctes: ReadonlyMap<string, Table>;
  readonly tables: ReadonlyMap<string, Table>;
  /** Parameters of lambdas, and columns of the same select list. */
  readonly names: ReadonlyMap<string, Value>;
}

const NOTHING: Value = { origins: [] };
const NO_TABLE: Table = { columns: new Map() };

/** Answers where a column of a relation comes from; relations are the models by name, everything else is landed or given. */
export function lineageOf(
  trees: ReadonlyMap<string, TreeNode>,
): (relation: string, column: string) => readonly Origin[] {
  const known = new Map<string, Table>();
  const relation = (name: string): Table => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const tree = trees.get(name);
    if (tree === undefined) return given(name);
    // Models read no circle; a name that comes back is answered with nothing.
    known.set(name, NO_TABLE);
    const table = tableOf(tree, { relation, ctes: new Map(), tables: new Map(), names: new Map() });
    known.set(name, table);
    return table;
  };
  return (name, column) => specific(columnIn(relation(name), column)?.origins ?? []);
}

/** Relations without a model: landed records, and small tables that people fill. */
function given(name: string): Table {
  const raw = /^raw\.(.+?)__(.+)$/.exec(name);
  if (raw === null) return { columns: new Map(), open: name.replace(/^meta\./, "config.") };
  return { columns: new Map([["payload", { origins: [{ relation: `${raw[1]}.${raw[2]}`, path: "" }] }]]) };
}

/** Without the whole of a payload where a member of it is named, in order. */
function specific(origins: readonly Origin[]): readonly Origin[] {
  const named = origins.filter(
    ({ relation, path }) => path !== "" || !origins.some((other) => other.relation === relation && other.path !== ""),
  );
  const key = ({ relation, path }: Origin) => `${relation} ${path}`;
  return [...new Map(named.map((origin) => [key(origin), origin])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, origin]) => origin);
}

function columnIn({ columns, open }: Table, name: string): Value | undefined {
  const found = columns.get(name.toLowerCase());
  return found ?? (open === undefined ? undefined : { origins: [{ relation: open, path: name }] });
}

function union(values: readonly Value[]): Value {
  const filled = values.filter(({ origins, members }) => origins.length > 0 || members !== undefined);
  const [first, second] = filled;
  if (first === undefined) return NOTHING;
  if (second === undefined) return first;
  const members = new Map<string, Value>();
  for (const { members: own } of filled)
    for (const [name, value] of own ?? [])
      members.set(name, union([...(members.has(name) ? [members.get(name) ?? NOTHING] : []), value]));
  const origins = filled.flatMap((value) => value.origins);
  return members.size === 0 ? { origins } : { origins, members };
}

function memberOf(value: Value, name: string): Value {
  if (value.members !== undefined) return value.members.get(name) ?? value.members.get(name.toLowerCase()) ?? NOTHING;
  return {
    origins: value.origins.map(({ relation, path }) => ({ relation, path: path === "" ? name : `${path}.${name}` })),
  };
}

function tableOf(node: TreeNode, outer: Scope): Table {
  const ctes = new Map(outer.ctes);
  for (const { key, value } of entriesOf(node["cte_map"]))
    ctes.set(key.toLowerCase(), tableOf(childOf(childOf(value, "query"), "node"), { ...outer, ctes }));
  if (node["type"] === "SET_OPERATION_NODE") return setOf(node, { ...outer, ctes });
  if (node["type"] !== "SELECT_NODE") return NO_TABLE;
  const tables = new Map([...outer.tables, ...tablesOf(childOf(node, "from_table"), { ...outer, ctes })]);
  const columns = new Map<string, Value>();
  const names = new Map(outer.names);
  for (const item of listOf(node["select_list"])) {
    const scope = { ...outer, ctes, tables, names };
    if (item["class"] === "STAR") for (const [name, value] of starOf(item, scope)) columns.set(name, value);
    else {
      const value = valueAt(item, scope);
      columns.set(nameOf(item, columns.size), value);
      names.set(nameOf(item, columns.size), value);
    }
  }
  return { columns };
}

/** Columns meet by place, or by name where the statement says so; what is taken away leaves no trace. */
function setOf(node: TreeNode, scope: Scope): Table {
  const sides = listOf(node["children"]);
  const parts = (sides.length > 0 ? sides : [childOf(node, "left"), childOf(node, "right")]).map((side) =>
    tableOf(side, scope),
  );
  const [first = NO_TABLE] = parts;
  if (!String(node["setop_type"]).startsWith("UNION")) return first;
  const isByName = node["setop_type"] === "UNION_BY_NAME";
  const names = isByName
    ? [...new Set(parts.flatMap(({ columns }) => [...columns.keys()]))]
    : [...first.columns.keys()];
  const at = ({ columns }: Table, name: string, place: number) =>
    (isByName ? columns.get(name) : [...columns.values()][place]) ?? NOTHING;
  return { columns: new Map(names.map((name, place) => [name, union(parts.map((part) => at(part, name, place)))])) };
}

function nameOf(item: TreeNode, place: number): string {
  const alias = String(item["alias"] ?? "");
  const last = (item["column_names"] as readonly string[] | undefined)?.at(-1);
  return (alias === "" ? (last ?? `column ${place}`) : alias).toLowerCase();
}

function starOf(item: TreeNode, { tables }: Scope): readonly (readonly [string, Value])[] {
  const of = String(item["relation_name"] ?? "").toLowerCase();
  const left = new Set(
    (item["exclude_list"] as readonly unknown[] | undefined)?.map((name) => String(name).toLowerCase()),
  );
  return [...tables]
    .filter(([alias]) => of === "" || alias === of)
    .flatMap(([, { columns }]) => [...columns])
    .filter(([name]) => !left.has(name));
}

/** The tables of a `from`, by alias. */
function tablesOf(from: TreeNode, scope: Scope): readonly (readonly [string, Table])[] {
  const alias = String(from["alias"] ?? "").toLowerCase();
  switch (from["type"]) {
    case "BASE_TABLE": {
      const schema = String(from["schema_name"] ?? "").toLowerCase();
      const name = String(from["table_name"]).toLowerCase();
      const table =
        schema === "" ? (scope.ctes.get(name) ?? scope.relation(name)) : scope.relation(`${schema}.${name}`);
      return [[alias === "" ? name : alias, table]];
    }
    case "JOIN": {
      const left = tablesOf(childOf(from, "left"), scope);
      const beside = { ...scope, tables: new Map([...scope.tables, ...left]) };
      return [...left, ...tablesOf(childOf(from, "right"), beside)];
    }
    case "SUBQUERY":
      return [[alias, renamed(tableOf(childOf(childOf(from, "subquery"), "node"), scope), from)]];
    case "TABLE_FUNCTION": {
      const value = valueAt(childOf(from, "function"), scope);
      return [[alias, renamed({ columns: new Map([[alias === "" ? "unnest" : alias, value]]) }, from)]];
    }
    default:
      return [];
  }
}

function renamed({ columns, ...rest }: Table, from: TreeNode): Table {
  const names = (from["column_name_alias"] as readonly string[] | undefined) ?? [];
  if (names.length === 0) return { columns, ...rest };
  return {
    ...rest,
    columns: new Map([...columns].map(([name, value], place) => [(names[place] ?? name).toLowerCase(), value])),
  };
}

function valueAt(node: TreeNode, scope: Scope): Value {
  switch (node["class"]) {
    case "COLUMN_REF":
      return resolved((node["column_names"] as readonly string[]) ?? [], scope);
    case "CONSTANT":
      return NOTHING;
    case "FUNCTION":
      return called(node, scope);
    case "CASE": {
      const checks = listOf(node["case_checks"]);
      const results = union([
        ...checks.map((check) => valueAt(childOf(check, "then_expr"), scope)),
        valueAt(childOf(node, "else_expr"), scope),
      ]);
      if (results.origins.length > 0) return results;
      return union(checks.map((check) => valueAt(childOf(check, "when_expr"), scope)));
    }
    case "SUBQUERY":
      return union([...tableOf(childOf(childOf(node, "subquery"), "node"), scope).columns.values()]);
    case "OPERATOR": {
      const [of, at] = listOf(node["children"]);
      if (node["type"] === "ARRAY_EXTRACT" && of !== undefined) return valueAt(of, scope);
      if (node["type"] === "STRUCT_EXTRACT" && of !== undefined && at !== undefined)
        return memberOf(valueAt(of, scope), constantOf(at));
      return below(node, scope);
    }
    default:
      return below(node, scope);
  }
}

/** Names from the inside out: lambda, table, column, column of the same list. */
function resolved(path: readonly string[], { names, tables }: Scope): Value {
  const [first = "", second, ...rest] = path;
  const inside = (value: Value, members: readonly string[]) => members.reduce(memberOf, value);
  const table = tables.get(first.toLowerCase());
  const column = table === undefined || second === undefined ? undefined : columnIn(table, second);
  if (column !== undefined) return inside(column, rest);
  const members = path.slice(1);
  for (const { columns } of tables.values()) {
    const found = columns.get(first.toLowerCase());
    // A parameter of a lambda hides the column; an earlier column of the list does not.
    if (found !== undefined && !names.has(`lambda ${first.toLowerCase()}`)) return inside(found, members);
  }
  const named = names.get(`lambda ${first.toLowerCase()}`) ?? names.get(first.toLowerCase());
  if (named !== undefined) return inside(named, members);
  const open = [...tables.values()].find((one) => one.open !== undefined);
  return open === undefined ? NOTHING : (columnIn(open, first) ?? NOTHING);
}

const STEPS_INTO = new Set(["->", "->>", "json_extract", "json_extract_string", "struct_extract"]);

function called(node: TreeNode, scope: Scope): Value {
  const name = String(node["function_name"]);
  const children = listOf(node["children"]);
  const [first, second] = children;
  if (name === "getvariable") return NOTHING;
  if (name === "struct_pack") {
    const members = new Map(children.map((child, place) => [nameOf(child, place), valueAt(child, scope)]));
    return { origins: [...members.values()].flatMap(({ origins }) => origins), members };
  }
  if (first === undefined) return NOTHING;
  if (second?.["class"] === "LAMBDA") {
    const list = valueAt(first, scope);
    return name === "list_filter" ? list : valueAt(childOf(second, "expr"), withParameter(second, list, scope));
  }
  if (STEPS_INTO.has(name) && second?.["class"] === "CONSTANT") {
    const steps = constantOf(second)
      .replace(/^\$\.?/, "")
      .split(".")
      .filter((step) => step !== "");
    return steps.map((step) => step.replace(/^"|"$/g, "")).reduce(memberOf, valueAt(first, scope));
  }
  if (name === "unnest") return valueAt(first, scope);
  return union(children.map((child) => valueAt(child, scope)));
}

/** The parameter stands for an element of the list; a second one is its place. */
function withParameter(lambda: TreeNode, list: Value, scope: Scope): Scope {
  const lhs = childOf(lambda, "lhs");
  const parameters = lhs["class"] === "COLUMN_REF" ? [lhs] : listOf(lhs["children"]);
  const names = new Map(scope.names);
  parameters.forEach((parameter, place) => {
    const [name = ""] = (parameter["column_names"] as readonly string[] | undefined) ?? [];
    names.set(`lambda ${name.toLowerCase()}`, place === 0 ? list : NOTHING);
  });
  return { ...scope, names };
}

/** Everything that an expression is made of. */
function below(node: TreeNode, scope: Scope): Value {
  const parts = Object.values(node).flatMap((member) =>
    Array.isArray(member) ? (member as readonly unknown[]) : [member],
  );
  return union(parts.filter(isExpression).map((part) => valueAt(part, scope)));
}

function isExpression(value: unknown): value is TreeNode {
  return typeof value === "object" && value !== null && "class" in value;
}

function constantOf(node: TreeNode): string {
  return String(childOf(node, "value")["value"] ?? "");
}

function childOf(node: TreeNode, name: string): TreeNode {
  const child = node[name];
  return typeof child === "object" && child !== null ? (child as TreeNode) : {};
}

function listOf(value: unknown): readonly TreeNode[] {
  return Array.isArray(value) ? (value as readonly TreeNode[]) : [];
}

function entriesOf(map: unknown): readonly { readonly key: string; readonly value: TreeNode }[] {
  return typeof map === "object" && map !== null
    ? ((map as { map?: { key: string; value: TreeNode }[] }).map ?? [])
    : [];
}
