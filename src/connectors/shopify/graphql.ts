import { GrowthosError } from "../../base/errors.js";
import { parseJson } from "../../http/json.js";
import type { HttpRequest } from "../../http/types.js";
import { flagAt, isObject, type JsonObject, listAt, objectAt, textAt, valueAt } from "../shape.js";
import type { Slice } from "../types.js";

/** Admin API version in use. Served until the day in `index.ts`; an unknown one is silently answered by another. */
export const API_VERSION = "2026-10";

/** A GraphQL request as it is sent: the operation name is also the label of the log line. */
export interface Operation {
  readonly operationName: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, string | number | boolean | null>>;
}

/** Sends operations of one shop. */
export type Ask = (operation: Operation, carry?: unknown) => HttpRequest;

/** The endpoint of a shop; `shop` is its name with or without `.myshopify.com`. */
export function askShop(shop: string): Ask {
  const host = shop.endsWith(".myshopify.com") ? shop : `${shop}.myshopify.com`;
  return (operation, carry) => ({
    method: "POST",
    url: `https://${host}/admin/api/${API_VERSION}/graphql.json`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(operation),
    label: operation.operationName,
    ...(carry === undefined ? {} : { carry }),
  });
}

/** The operation of a request made by `askShop`. */
export function operationOf(request: HttpRequest): Operation {
  const body = parseJson(request.body ?? "");
  return {
    operationName: textAt(body, "operationName"),
    query: textAt(body, "query"),
    variables: objectAt(body, "variables") as Operation["variables"],
  };
}

/** The search text of a slice: half-open, so that two neighbouring slices share no record. */
export function updatedWithin(slice: Slice, precision: "instant" | "day" = "instant"): string {
  if (slice.kind !== "since") throw wrongSlice(slice);
  const since = precision === "instant" ? slice.since : `${slice.since.slice(0, 10)}T00:00:00.000Z`;
  const until = precision === "instant" ? slice.until : dayAfter(slice.until);
  return `updated_at:>='${since}' updated_at:<'${until}'`;
}

function dayAfter(instant: string): string {
  const midnight = Date.parse(`${instant.slice(0, 10)}T00:00:00Z`);
  return `${new Date(midnight + 86_400_000).toISOString().slice(0, 10)}T00:00:00.000Z`;
}

function wrongSlice(slice: Slice): GrowthosError {
  return new GrowthosError({
    code: "BAD_SLICE",
    what: `Shopify cannot read a slice of kind ${slice.kind}`,
    exit: "bug",
  });
}

/** A page of a connection: its nodes and the request for the next page, null on the last. */
export interface ConnectionPage {
  readonly nodes: readonly JsonObject[];
  readonly rest: HttpRequest | null;
}

/** Reads `data.<root>`, and asks for a smaller page when Shopify finds the query too expensive. */
export function readConnection(ask: Ask, root: string, body: unknown, asked: HttpRequest): ConnectionPage {
  const operation = operationOf(asked);
  const smaller = smallerPage(body, operation);
  if (smaller !== null) return { nodes: [], rest: ask(smaller) };
  const path = `data.${root}`;
  const nodes = listAt(body, `${path}.nodes`).map((_, index) => objectAt(body, `${path}.nodes.${index}`));
  for (const [index, node] of nodes.entries()) requireNode(node, body, `${path}.nodes.${index}`);
  if (!flagAt(body, `${path}.pageInfo.hasNextPage`)) return { nodes, rest: null };
  const after = textAt(body, `${path}.pageInfo.endCursor`);
  return { nodes, rest: ask({ ...operation, variables: { ...operation.variables, after } }) };
}

function requireNode(_node: JsonObject, body: unknown, path: string): void {
  textAt(body, `${path}.id`);
  textAt(body, `${path}.updatedAt`);
}

/** The same page with half as many objects, when the answer says that the query costs too much; null otherwise. */
function smallerPage(body: unknown, operation: Operation): Operation | null {
  if (!hasErrorCode(body, "MAX_COST_EXCEEDED")) return null;
  const first = Number(operation.variables["first"] ?? 1);
  if (first <= 1) {
    throw new GrowthosError({
      code: "API_REFUSED",
      what: `Shopify finds the query ${operation.operationName} too expensive even for one object`,
      hint: "report this: the selection has to be split",
      exit: "source",
    });
  }
  return { ...operation, variables: { ...operation.variables, first: Math.floor(first / 2) } };
}

/** True when one of the GraphQL errors bears the code. */
export function hasErrorCode(body: unknown, code: string): boolean {
  const errors = isObject(body) ? body["errors"] : undefined;
  return Array.isArray(errors) && errors.some((error) => valueAt(error, "extensions.code") === code);
}
