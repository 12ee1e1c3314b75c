import { GrowthosError } from "../base/errors.js";
import type { HttpRequest, Transport } from "../http/types.js";
import { fxResponder } from "./fx.js";
import { ga4Responder } from "./ga4.js";
import { bigqueryResponder } from "./ga4_events.js";
import { googleResponder } from "./google_ads.js";
import { metaResponder } from "./meta_ads.js";
import { jsonResponse, type Responder } from "./respond.js";
import { shopifyResponder } from "./shopify.js";
import type { DemoOptions, World } from "./types.js";
import { makeWorld } from "./world.js";

/** Hosts and who answers for them. */
const VENDORS: readonly (readonly [host: RegExp, respond: (world: World) => Responder])[] = [
  [/^[a-z0-9-]+\.myshopify\.com$/, shopifyResponder],
  [/^graph\.facebook\.com$/, metaResponder],
  [/^googleads\.googleapis\.com$/, googleResponder],
  [/^analyticsdata\.googleapis\.com$/, ga4Responder],
  [/^data-api\.ecb\.europa\.eu$/, fxResponder],
  [/^bigquery\.googleapis\.com$/, bigqueryResponder],
  [/^oauth2\.googleapis\.com$/, () => () => jsonResponse(200, GOOGLE_TOKEN)],
];

const GOOGLE_TOKEN = { access_token: "demo", expires_in: 3599, token_type: "Bearer" };

/**
 * A network in which one invented shop exists at all four vendors. The world is made at the first request; every request
 * is answered from it alone, so the same request always gets the same bytes. Credentials are neither needed nor looked at.
 * Throws `DEMO_HOST` for an address that the demo does not have.
 */
export function demoTransport(options: DemoOptions): Transport {
  let world: World | undefined;
  const responders = new Map<string, Responder>();

  function responderFor(host: string): Responder {
    const known = responders.get(host);
    if (known !== undefined) return known;
    const vendor = VENDORS.find(([pattern]) => pattern.test(host));
    if (vendor === undefined) throw unknownHost(host);
    world ??= makeWorld(options);
    const responder = vendor[1](world);
    responders.set(host, responder);
    return responder;
  }

  const send = async (request: HttpRequest, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    return responderFor(new URL(request.url).host)(request);
  };
  return {
    send,
    download: async (request, sink, signal) => {
      const response = await send(request, signal);
      if (response.status !== 200) return response;
      sink(Buffer.from(response.body));
      return { ...response, body: "" };
    },
  };
}

function unknownHost(host: string): GrowthosError {
  return new GrowthosError({
    code: "DEMO_HOST",
    what: `the demo has no ${host}`,
    why: "it answers for Shopify, Meta Ads, Google Ads and Google Analytics 4 only",
    hint: "set transport to network for this source",
    exit: "usage",
  });
}
