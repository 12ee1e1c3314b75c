import { GrowthosError } from "../../base/errors.js";
import { parseJson } from "../../http/json.js";
import type { HttpRequest } from "../../http/types.js";
import { flagAt, isObject, type JsonObject, listAt, objectAt, shapeError, textAt, valueAt } from "../shape.js";
import type { Slice } from "../types.js";

/** Admin API version in use. Served until the day in `index.ts`; an unknown one is silently answered by another. */
export const API_VERSION = "2026-10";

/** A GraphQL request as it is sent: the operation name is also the label of the log line. */
export interface Operation {
  readonly operationName: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** Sends operations of one shop. */
export type Ask = (operation: Operation, carry?: unknown) => HttpRequest;

/** The host of a shop; `shop` is its name with or without `.myshopify.com`. */
export function hostOf(shop: string): string {
  return shop.endsWith(".myshopify.com") ? shop : `${shop}.myshopify.com`;
}

/** The endpoint of a shop. */
export function askShop(shop: string): Ask {
  return (operation, carry) => ({
    method: "POST",
    url: `https://${hostOf(shop)}/admin/api/${API_VERSION}/graphql.json`,
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

/** Changes in `since` (included) to `until` (excluded); instants, ISO 8601 UTC. */
export interface Window {
  readonly since: string;
  readonly until: string;
}

/** The window of a slice; for a filter that knows whole days only it is widened to them. */
export function windowOf(slice: Slice, precision: "instant" | "day" = "instant"): Window {
  if (slice.kind !== "since") throw wrongSlice(slice);
  if (precision === "instant") return { since: slice.since, until: slice.until };
  return { since: midnight(Date.parse(slice.since)), until: midnight(Date.parse(slice.until) + DAY) };
}

/** The search text of a window: half-open, so that two neighbouring windows share no record. */
export function searchOf({ since, until }: Window, field = "updated_at"): string {
  return `${field}:>='${since}' ${field}:<'${until}'`;
}

/** Two windows that together are the window; none when it is too short to be worth it. Whole days stay whole. */
export function halves({ since, until }: Window, precision: "instant" | "day"): readonly Window[] {
  const [from, to] = [Date.parse(since), Date.parse(until)];
  if (to - from < 2 * (precision === "day" ? DAY : HOUR)) return [];
  const middle = from + Math.floor((to - from) / 2);
  const at = precision === "day" ? midnight(middle) : new Date(middle).toISOString();
  return [
    { since, until: at },
    { since: at, until },
  ];
}

const HOUR = 3_600_000;
const DAY = 86_400_000;

function midnight(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 10)}T00:00:00.000Z`;
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

/** Reads `data.<root>`; every node must have the members `wanted`. Throws `API_SHAPE`. */
export function readConnection(
  ask: Ask,
  root: string,
  { body, asked }: { readonly body: unknown; readonly asked: HttpRequest },
  wanted: readonly string[] = ["id", "updatedAt"],
): ConnectionPage {
  const path = `data.${root}`;
  const nodes = listAt(body, `${path}.nodes`).map((_, index) => nodeAt(body, `${path}.nodes.${index}`, wanted));
  if (!flagAt(body, `${path}.pageInfo.hasNextPage`)) return { nodes, rest: null };
  const operation = operationOf(asked);
  const after = textAt(body, `${path}.pageInfo.endCursor`);
  return { nodes, rest: ask({ ...operation, variables: { ...operation.variables, after } }) };
}

/** A node with the members that it cannot be read without. An `updatedAt` of null is strange but harmless: no cursor comes from rows. */
export function nodeAt(body: unknown, path: string, wanted: readonly string[] = ["id", "updatedAt"]): JsonObject {
  for (const name of wanted) {
    const isUnknownTime = name === "updatedAt" && valueAt(body, `${path}.${name}`) === null;
    if (!isUnknownTime) textAt(body, `${path}.${name}`);
  }
  return objectAt(body, path);
}

/** A whole number at the path; Shopify prints 64-bit ones as text. Throws `API_SHAPE`. */
export function countAt(body: unknown, path: string): number {
  const count = Number(textAt(body, path));
  if (!Number.isSafeInteger(count) || count < 0) throw shapeError(path, "a whole number", count);
  return count;
}

/** True when one of the GraphQL errors bears the code. */
export function hasErrorCode(body: unknown, code: string): boolean {
  const errors = isObject(body) ? body["errors"] : undefined;
  return Array.isArray(errors) && errors.some((error) => valueAt(error, "extensions.code") === code);
}
