import { fx } from "./fx/index.js";
import { ga4 } from "./ga4/index.js";
import { ga4Events } from "./ga4_events/index.js";
import { googleAds } from "./google_ads/index.js";
import { metaAds } from "./meta_ads/index.js";
import { shopify } from "./shopify/index.js";
import type { Connector } from "./types.js";

/** Every source that is read through an API. The id is also the folder, the raw schema prefix and the name in the config. */
export const CONNECTORS = [shopify, metaAds, googleAds, ga4, ga4Events, fx] as const satisfies readonly Connector[];

/** The connector with that id; undefined when there is none. */
export function connectorById(id: string): Connector | undefined {
  const all: readonly Connector[] = CONNECTORS;
  return all.find((connector) => connector.id === id);
}
