import type { HttpRequest } from "../../http/types.js";
import { isObject, textAt, valueAt } from "../shape.js";

/** Graph API version in use; an older one is answered with error 2635 once it is retired. */
export const API_VERSION = "v26.0";

/** The only host; it answers reading and the questions about the token. */
export const GRAPH_HOST = "graph.facebook.com";

/** Address of a node or an edge with its parameters, e.g. `act_1/insights`. */
export function graphUrl(path: string, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(`https://${GRAPH_HOST}/${API_VERSION}/${path}`);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.toString();
}

/** The address with one parameter changed. */
export function withParameter(address: string, name: string, value: string): string {
  const url = new URL(address);
  url.searchParams.set(name, value);
  return url.toString();
}

/**
 * The next page of a list, rebuilt from the cursor, because `paging.next` carries the access token; null on the last page.
 * Throws `API_SHAPE` when there is a next page without a cursor.
 */
export function nextPage(body: unknown, asked: HttpRequest): HttpRequest | null {
  if (!isObject(valueAt(body, "paging")) || valueAt(body, "paging.next") === undefined) return null;
  const { after: _waited, attempt: _polled, ...request } = asked;
  return { ...request, url: withParameter(asked.url, "after", textAt(body, "paging.cursors.after")) };
}

/** Rows per page of a request. */
export function limitOf(asked: HttpRequest): number {
  return Number(new URL(asked.url).searchParams.get("limit") ?? "0");
}

/** Pages are not made smaller than what the vendor serves by itself. */
const SMALLEST_PAGE = 25;

/** The same page with half as many rows, from the same cursor on; null when it is small already. */
export function halfPage(asked: HttpRequest): HttpRequest | null {
  const limit = limitOf(asked);
  if (limit <= SMALLEST_PAGE) return null;
  const half = Math.max(SMALLEST_PAGE, Math.floor(limit / 2));
  return { ...asked, url: withParameter(asked.url, "limit", String(half)) };
}
