import { GrowthosError } from "../base/errors.js";
import { parseJson } from "./json.js";
import type { HttpRequest, HttpResponse, Transport } from "./types.js";

/** One recorded exchange of `fixtures/http/<source>/`: what was asked and what came back. No credentials in either. */
export interface Exchange {
  readonly request: {
    readonly method: "GET" | "POST";
    readonly url: string;
    /** Members that a JSON body must have; what is left out (such as a long query) is not compared. */
    readonly json?: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** A JSON value, or text for bodies that are not JSON. */
    readonly json?: unknown;
    readonly text?: string;
  };
}

/** Answers only what was recorded; anything else is refused with `NETWORK_REFUSED`, naming the request. */
export function replayTransport(
  exchanges: readonly Exchange[],
): Transport & { readonly asked: readonly HttpRequest[] } {
  const asked: HttpRequest[] = [];
  return {
    asked,
    send: async (request) => {
      asked.push(request);
      const found = exchanges.find((exchange) => matches(exchange.request, request));
      if (found === undefined) throw unknownRequest(request);
      return responseOf(found);
    },
  };
}

function matches(recorded: Exchange["request"], asked: HttpRequest): boolean {
  if (recorded.method !== asked.method || sorted(recorded.url) !== sorted(asked.url)) return false;
  return recorded.json === undefined || holds(parseJson(asked.body ?? "null"), recorded.json);
}

function sorted(text: string): string {
  const url = new URL(text);
  url.searchParams.sort();
  return url.toString();
}

/** True when `value` has everything that `wanted` has; lists must be equal in length. */
function holds(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return value === wanted;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(wanted) !== Array.isArray(value)) return false;
  if (Array.isArray(wanted) && Array.isArray(value) && wanted.length !== value.length) return false;
  return Object.entries(wanted).every(([name, member]) => holds((value as Record<string, unknown>)[name], member));
}

function responseOf({ response }: Exchange): HttpResponse {
  return {
    status: response.status,
    headers: response.headers ?? {},
    body: response.text ?? JSON.stringify(response.json),
  };
}

function unknownRequest(request: HttpRequest): GrowthosError {
  return new GrowthosError({
    code: "NETWORK_REFUSED",
    what: `no recorded exchange answers ${request.method} ${request.url}`,
    why: request.body?.slice(0, 400),
    hint: "add the exchange under fixtures/http/<source>/",
    exit: "source",
  });
}
