import { type Field, parseQuery } from "./graphql-parse.js";

/**
 * The types that the demo shop answers, as text: `name` is a scalar, `name:Type` an object, `name:[Type]` a list,
 * `name:Type*` a connection (pageInfo, nodes, edges). Every name exists in the vendor's schema; a test compares them.
 */
export type GraphTypes = Readonly<Record<string, string>>;

/** What a field yields: a value, or a function of its arguments. Objects are read by field name. */
export interface Node {
  readonly [field: string]: unknown;
}

/** One error of a GraphQL answer. */
export interface GraphError {
  readonly message: string;
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly path?: readonly string[];
  readonly extensions: Readonly<Record<string, string>>;
}

/** The answer to a query: all of the data, or only errors. */
export type GraphAnswer = { readonly data: unknown } | { readonly errors: readonly GraphError[] };

/** The most that one page of a connection may hold. */
export const MAX_PAGE = 250;

type Shape = Readonly<Record<string, { readonly type: string | null; readonly form: "one" | "list" | "connection" }>>;

/** Makes the function that answers queries over a set of types; `root` is the node of type `QueryRoot`. */
export function graphServer(
  types: GraphTypes,
  root: Node,
): (query: string, variables: Readonly<Record<string, unknown>>) => GraphAnswer {
  const shapes = new Map(Object.entries(types).map(([name, text]) => [name, shapeOf(text)]));
  return (query, variables) => {
    const parsed = parseQuery(query, variables);
    if (parsed.problem !== undefined)
      return { errors: [{ message: parsed.problem, extensions: { code: "parseError" } }] };
    const path = [`query${parsed.name === "" ? "" : ` ${parsed.name}`}`];
    const errors = check(parsed.fields, { type: "QueryRoot", shapes, path });
    return errors.length > 0 ? { errors } : { data: project(root, parsed.fields) };
  };
}

function shapeOf(text: string): Shape {
  const fields = text.split(/\s+/).map((word) => {
    const [name = "", type] = word.split(":");
    if (type === undefined) return [name, { type: null, form: "one" }] as const;
    const form = type.startsWith("[") ? "list" : type.endsWith("*") ? "connection" : "one";
    return [name, { type: type.replace(/[[\]*]/g, ""), form }] as const;
  });
  return Object.fromEntries(fields);
}

interface Place {
  readonly type: string;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly path: readonly string[];
}

/** Errors of a selection before anything is answered: the vendor validates the document as a whole. */
function check(fields: readonly Field[], place: Place): readonly GraphError[] {
  return fields.flatMap((field) => {
    if (field.name === "__typename") return [];
    const type = field.on ?? place.type;
    const known = place.shapes.get(type)?.[field.name];
    if (known === undefined) return [undefinedField(field, { ...place, type })];
    const path = [...place.path, field.key];
    if (known.type === null) return field.fields.length > 0 ? [selectionMismatch(field, path, "must not")] : [];
    if (field.fields.length === 0) return [selectionMismatch(field, path, "must")];
    if (known.form !== "connection") return check(field.fields, { ...place, type: known.type, path });
    return [...checkPage(field, path), ...checkConnection(field.fields, { ...place, type: known.type, path })];
  });
}

function checkConnection(fields: readonly Field[], place: Place): readonly GraphError[] {
  return fields.flatMap((field) => {
    const path = [...place.path, field.key];
    if (field.name === "nodes") return check(field.fields, { ...place, path });
    if (field.name === "pageInfo") return check(field.fields, { ...place, type: "PageInfo", path });
    if (field.name !== "edges") return [undefinedField(field, { ...place, type: `${place.type}Connection` })];
    const node = field.fields.find((one) => one.name === "node");
    return node === undefined ? [] : check(node.fields, { ...place, path: [...path, "node"] });
  });
}

function checkPage(field: Field, path: readonly string[]): readonly GraphError[] {
  const first = field.args["first"] ?? field.args["last"];
  if (typeof first !== "number") {
    const message = `you must provide one of first or last`;
    return [{ message, path: [...path], extensions: { code: "BAD_REQUEST" } }];
  }
  if (first >= 0 && first <= MAX_PAGE) return [];
  const message = `${field.name}: first must be between 0 and ${MAX_PAGE}`;
  return [{ message, path: [...path], extensions: { code: "BAD_REQUEST" } }];
}

function undefinedField(field: Field, { type, path }: Place): GraphError {
  return {
    message: `Field '${field.name}' doesn't exist on type '${type}'`,
    locations: [{ line: field.line, column: 1 }],
    path: [...path, field.key],
    extensions: { code: "undefinedField", typeName: type, fieldName: field.name },
  };
}

function selectionMismatch(field: Field, path: readonly string[], verb: string): GraphError {
  return {
    message: `Field '${field.name}' ${verb} have selections`,
    locations: [{ line: field.line, column: 1 }],
    path: [...path],
    extensions: { code: "selectionMismatch", nodeName: field.name },
  };
}

/** The selected part of a node, in the order of the query. */
export function project(node: Node, fields: readonly Field[]): Node {
  // Assigned one by one: this runs some hundred thousand times in a first sync of the demo.
  const selected: Record<string, unknown> = {};
  for (const field of fields) {
    const value = field.name === "__typename" ? node["__typename"] : node[field.name];
    selected[field.key] = shown(typeof value === "function" ? value(field.args) : value, field.fields);
  }
  return selected;
}

function shown(value: unknown, fields: readonly Field[]): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => shown(item, fields));
  return typeof value === "object" ? project(value as Node, fields) : value;
}

/** Arguments of a connection. */
export type PageArgs = Readonly<Record<string, unknown>>;

/** One page of a list as a connection; the cursor is the position of a node in the list. */
export function pageOf<T>(list: readonly T[], args: PageArgs, show: (item: T) => Node): Node {
  const after = positionOf(args["after"]);
  const first = Number(args["first"] ?? MAX_PAGE);
  const items = list.slice(after, after + first);
  // Made when it is asked for: hardly any query wants all of it.
  const nodes = () => items.map(show);
  const cursor = (index: number) => Buffer.from(JSON.stringify({ at: after + index + 1 })).toString("base64");
  return {
    nodes,
    edges: () => items.map((item, index) => ({ node: () => show(item), cursor: () => cursor(index) })),
    pageInfo: {
      hasNextPage: after + first < list.length,
      hasPreviousPage: after > 0,
      startCursor: items.length === 0 ? null : cursor(0),
      endCursor: items.length === 0 ? null : cursor(items.length - 1),
    },
  };
}

function positionOf(cursor: unknown): number {
  if (typeof cursor !== "string") return 0;
  const text = Buffer.from(cursor, "base64").toString("utf8");
  return Number(/^\{"at":(\d+)\}$/.exec(text)?.[1] ?? 0);
}
