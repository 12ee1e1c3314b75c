import { type DocumentNode, Kind, type OperationDefinitionNode, parse, validate } from "graphql";
import { isConnection, isList, nodesOf, type Selected, selectedOf, type Walked } from "./shopify-cost.js";
import type { ShopifySchema } from "./shopify-schema.js";
import { at, type ShopNode } from "./shopify-world.js";

/** What becomes of the next operation. */
export interface Outcome {
  readonly status: "COMPLETED" | "FAILED" | "CANCELED" | "EXPIRED";
  readonly errorCode?: "ACCESS_DENIED" | "INTERNAL_SERVER_ERROR" | "TIMEOUT";
  /** Counts that are not those of the file. */
  readonly objectCount?: number;
  readonly rootObjectCount?: number;
}

/** A file of a million orders and more, made while it is sent: the first orders of the world over and over under new ids. */
export interface Huge {
  readonly orders: number;
  /** All orders first, then all of their lines; default: the lines of an order follow it. */
  readonly isScattered?: boolean;
}

/** A bulk operation of the shop. */
export interface BulkJob {
  readonly id: string;
  readonly query: string;
  readonly createdAt: number;
  status: string;
  /** A foreign one is done at this instant. */
  readonly endsAt: number | null;
  readonly outcome: Outcome;
  looks: number;
  readonly file: BulkFile;
}

/** Lines of a file and how many there are. */
export interface BulkFile {
  readonly objects: number;
  readonly roots: number;
  readonly chunks: () => Iterable<string | Uint8Array>;
}

/** At most this many run at a time, by version 2026-01. */
export const MAX_RUNNING = 5;

/** Why the vendor would refuse a bulk document; null when it is fine. */
export function bulkProblem({ schema }: ShopifySchema, text: string): string | null {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch (thrown) {
    return `Invalid bulk query: ${String(thrown)}`;
  }
  const [invalid] = validate(schema, document);
  if (invalid !== undefined) return `Invalid bulk query: ${invalid.message}`;
  const operation = document.definitions.find(
    (one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION,
  );
  if (operation?.operation !== "query") return "Bulk queries must be queries";
  const walked: Walked = { schema, fragments: new Map(), variables: {} };
  const found: Found = { connections: 0, problem: null };
  look(walked, selectedOf(walked, operation.selectionSet, "QueryRoot"), { depth: 0, inList: false }, found);
  if (found.problem !== null) return found.problem;
  if (found.connections === 0) return "Bulk queries must contain at least one connection.";
  return found.connections > 5 ? "Bulk queries cannot contain more than 5 connections." : null;
}

interface Found {
  connections: number;
  problem: string | null;
}

function look(
  walked: Walked,
  fields: readonly Selected[],
  place: { readonly depth: number; readonly inList: boolean },
  found: Found,
): void {
  for (const one of fields) {
    const name = one.field.name;
    const below = one.node.selectionSet;
    if (place.depth === 0 && (name === "node" || name === "nodes"))
      found.problem ??= `Bulk queries cannot use ${name}.`;
    if (below === undefined) continue;
    const type = one.field.type.toString().replace(/[[\]!]/g, "");
    if (!isConnection(one)) {
      look(walked, selectedOf(walked, below, type), { ...place, inList: place.inList || isList(one) }, found);
      continue;
    }
    found.connections += 1;
    if (place.inList)
      found.problem ??= `Queries that contain a connection field within a list field are not currently supported.`;
    if (place.depth === 2)
      found.problem ??= "Bulk queries cannot contain connections with a nesting depth greater than 2.";
    for (const [selection, nodeType] of nodesOf(walked, one)) {
      const inner = selectedOf(walked, selection, nodeType);
      const hasChildren = inner.some(isConnection);
      if (hasChildren && !inner.some(({ field }) => field.name === "id")) {
        found.problem ??= `The parent field for a nested connection must select the 'id' field.`;
      }
      look(walked, inner, { depth: place.depth + 1, inList: false }, found);
    }
  }
}

/** The file of an answer whose connections hold everything. Ungrouped lines come in no order that helps: children stand first here. */
export function bulkFile(data: unknown, grouped: boolean): BulkFile {
  const lines = Object.values(data as ShopNode).flatMap((list) =>
    nodes(list).flatMap((node) => unfold(node, undefined)),
  );
  const ordered = grouped ? lines : [...lines].reverse();
  const roots = lines.filter((line) => line["__parentId"] === undefined).length;
  return {
    objects: lines.length,
    roots,
    chunks: () => ordered.map((line) => `${JSON.stringify(line)}\n`),
  };
}

function nodes(connection: unknown): readonly ShopNode[] {
  const edges = (connection as { readonly edges: readonly { readonly node: ShopNode }[] }).edges;
  return edges.map(({ node }) => node);
}

function unfold(node: ShopNode, parent: unknown): readonly ShopNode[] {
  const isList = (value: unknown) => typeof value === "object" && value !== null && "edges" in value;
  const own = Object.entries(node).filter(([, value]) => !isList(value));
  const children = Object.values(node).filter(isList);
  const line = { ...Object.fromEntries(own), ...(parent === undefined ? {} : { __parentId: parent }) };
  return [line, ...children.flatMap((list) => nodes(list).flatMap((child) => unfold(child, node["id"])))];
}

/** Orders sent in one chunk, at least, and the digits that tell one copy of an order from the others. */
const CHUNK = 500;
const DIGITS = 8;

/** Lines of an order, and where its ids end in digits that every copy has for itself. */
interface Template {
  readonly bytes: Buffer;
  readonly places: readonly number[];
  readonly lines: number;
}

function templateOf(objects: readonly ShopNode[]): Template {
  const lines = objects.map((object) => `${JSON.stringify(object)}\n`);
  const text = lines.join("").replaceAll(/gid:\/\/shopify\/(?:Order|LineItem)\/\d+/g, `$&${"#".repeat(DIGITS)}`);
  const bytes = Buffer.from(text);
  const places: number[] = [];
  const mark = "#".repeat(DIGITS);
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + DIGITS)) places.push(at);
  return { bytes, places, lines: lines.length };
}

/** Some orders, one after the other; the places of each, because they share their digits. */
interface Chunk {
  readonly bytes: Buffer;
  readonly orders: readonly { readonly end: number; readonly places: readonly number[] }[];
}

function chunkOf(templates: readonly Template[]): Chunk {
  const rounds = Array.from({ length: Math.ceil(CHUNK / templates.length) }, () => templates).flat();
  let end = 0;
  const orders = rounds.map(({ bytes, places }) => {
    const start = end;
    end += bytes.length;
    return { end, places: places.map((place) => start + place) };
  });
  return { bytes: Buffer.concat(rounds.map(({ bytes }) => bytes)), orders };
}

/**
 * The file of a huge shop from the answer for a few orders; never in memory as a whole, and cheap enough not to be what is measured: each chunk
 * is the one before with other digits, so it is to be used before the next is taken.
 */
export function hugeFile(data: unknown, { orders, isScattered = false }: Huge): BulkFile {
  const unfolded = Object.values(data as ShopNode)
    .flatMap(nodes)
    .map((node) => unfold(node, undefined));
  // Ungrouped lines may come as all roots, then all children.
  const passes = isScattered
    ? [
        unfolded.map((objects) => templateOf(objects.slice(0, 1))),
        unfolded.map((objects) => templateOf(objects.slice(1))),
      ]
    : [unfolded.map(templateOf)];
  let objects = 0;
  for (let index = 0; index < orders; index++) objects += unfolded[index % unfolded.length]?.length ?? 0;
  return {
    objects,
    roots: orders,
    *chunks() {
      for (const { bytes, orders: inChunk } of passes.map(chunkOf)) {
        for (let start = 0; start < orders; start += inChunk.length) {
          const some = inChunk.slice(0, orders - start);
          for (const [index, { places }] of some.entries()) {
            const digits = String(start + index).padStart(DIGITS, "0");
            for (const place of places) bytes.write(digits, place, "latin1");
          }
          yield bytes.subarray(0, some.at(-1)?.end);
        }
      }
    },
  };
}

/** The operation as it is when somebody looks: created, running, then what its outcome says. */
export function looked(job: BulkJob, now: number): BulkJob {
  if (job.endsAt !== null) job.status = now >= job.endsAt ? "COMPLETED" : "RUNNING";
  else if (job.status === "CREATED" || job.status === "RUNNING") {
    job.looks += 1;
    job.status = job.looks >= 2 ? job.outcome.status : "RUNNING";
  }
  return job;
}

/** An operation as a node of the API. */
export function jobNode(job: BulkJob, url: string): ShopNode {
  const { outcome, file, status } = job;
  const isDone = status === "COMPLETED";
  return {
    __typename: "BulkOperation",
    id: job.id,
    status,
    query: job.query,
    type: "QUERY",
    createdAt: at(job.createdAt),
    errorCode: status === "FAILED" ? (outcome.errorCode ?? null) : null,
    objectCount: String(outcome.objectCount ?? file.objects),
    rootObjectCount: String(outcome.rootObjectCount ?? file.roots),
    fileSize: null,
    url: isDone && file.objects > 0 ? url : null,
    partialDataUrl: status === "FAILED" ? url : null,
  };
}
