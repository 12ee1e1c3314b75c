import { GrowthosError } from "../base/errors.js";
import { canonicalJson } from "../base/hash.js";
import { parseJson } from "./json.js";
import type { HttpRequest, HttpResponse, Transport } from "./types.js";

/** One recorded exchange of `fixtures/http/<source>/`: what was asked and what came back. No credentials in either. */
export interface Exchange {
  readonly request: {
    readonly method: "GET" | "POST";
    readonly url: string;
    /** A JSON body as a value, so that white space and key order do not matter. */
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
  const byRequest = new Map(exchanges.map((exchange) => [identityOf(exchange.request), exchange]));
  return {
    asked,
    send: async (request) => {
      asked.push(request);
      const json = request.body === undefined ? undefined : parseJson(request.body);
      const found = byRequest.get(identityOf({ method: request.method, url: request.url, json }));
      if (found === undefined) throw unknownRequest(request);
      return responseOf(found);
    },
  };
}

function identityOf(request: Exchange["request"]): string {
  const url = new URL(request.url);
  url.searchParams.sort();
  return canonicalJson([request.method, url.toString(), request.json ?? null]);
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
