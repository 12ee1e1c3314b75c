import type { HttpResponse } from "../http/types.js";
import { type Node, project } from "./graphql.js";
import { type Field, parseQuery } from "./graphql-parse.js";
import { gid } from "./shopify-order.js";

/** Types of the objects that a file puts on lines of their own, by the member that holds them. */
const CHILDREN: Readonly<Record<string, string>> = { lineItems: "LineItem", variants: "ProductVariant" };

/** A bulk operation of the demo: done as soon as somebody looks. */
export interface Bulk {
  /** The id tells the document, so that no state is needed. */
  readonly idOf: (document: string) => string;
  /** The operation as `bulkOperation` shows it. */
  readonly show: (id: string) => Node;
  /** The file behind its address. */
  readonly file: (path: string) => HttpResponse;
}

/** Answers bulk documents over the root; `origin` is where the files are served. */
export function bulkOf(root: () => Node, origin: string): Bulk {
  let newest: { readonly key: string; readonly lines: readonly Node[] } | undefined;
  // The file is asked for right after the look at the operation: keeping one saves making it twice.
  const linesOf = (key: string) => {
    if (newest?.key !== key) newest = { key, lines: linesFor(root(), Buffer.from(key, "base64url").toString("utf8")) };
    return newest.lines;
  };
  return {
    idOf: (document) => gid("BulkOperation", Buffer.from(document).toString("base64url")),
    show: (id) => {
      const key = id.slice(id.lastIndexOf("/") + 1);
      const lines = linesOf(key);
      const roots = lines.filter((line) => line["__parentId"] === undefined).length;
      const url = lines.length === 0 ? null : `${origin}/bulk/${key}.jsonl`;
      const counts = { objectCount: String(lines.length), rootObjectCount: String(roots), fileSize: null };
      return { id, status: "COMPLETED", errorCode: null, ...counts, url, partialDataUrl: null };
    },
    file: (path) => {
      const lines = linesOf(path.replace(/^\/bulk\/|\.jsonl$/g, ""));
      const body = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      return { status: 200, headers: { "content-type": "application/jsonl" }, body };
    },
  };
}

function linesFor(root: Node, document: string): readonly Node[] {
  const parsed = parseQuery(document, {});
  if (parsed.problem !== undefined) return [];
  const answer = project(root, parsed.fields.map(unpaged));
  return Object.values(answer).flatMap((list) => nodesOf(list).flatMap(unfolded));
}

/** A bulk document asks for everything. */
function unpaged(field: Field): Field {
  const isList = field.fields.some(({ name }) => name === "edges");
  const args = isList ? { ...field.args, first: Number.MAX_SAFE_INTEGER } : field.args;
  return { ...field, args, fields: field.fields.map(unpaged) };
}

function nodesOf(list: unknown): readonly Node[] {
  const edges = (list as { readonly edges?: readonly { readonly node: Node }[] } | null)?.edges ?? [];
  return edges.map(({ node }) => node);
}

/** A root and, on lines of their own, its children. */
function unfolded(node: Node): readonly Node[] {
  const own = Object.entries(node).filter(([name]) => CHILDREN[name] === undefined);
  const children = Object.entries(CHILDREN).flatMap(([name, type]) =>
    nodesOf(node[name]).map((child) => ({ ...child, __typename: type, __parentId: node["id"] })),
  );
  return [Object.fromEntries(own), ...children];
}
