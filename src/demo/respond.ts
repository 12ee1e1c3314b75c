import type { HttpRequest, HttpResponse } from "../http/types.js";

/** One vendor's side of the demo world. */
export type Responder = (request: HttpRequest) => HttpResponse;

/** A response with a JSON body. */
export function jsonResponse(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(body),
  };
}

/** The JSON object of a request body; empty when there is none or it is not an object. */
export function readJson(body: string | undefined): Readonly<Record<string, unknown>> {
  if (body === undefined || !/^\s*\{/.test(body)) return {};
  return JSON.parse(body) as Readonly<Record<string, unknown>>;
}
