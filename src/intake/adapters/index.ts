import type { Adapter, IntakeSource } from "../types.js";
import { fulfilments } from "./fulfilments.js";
import { payouts } from "./payouts.js";
import { pixel } from "./pixel.js";
import { shopier } from "./shopier.js";
import { shopifyWebhooks } from "./shopify_webhooks.js";
import { webhooks } from "./webhooks.js";

/** Every adapter by its source; of the generic one the path of the id in a body can be chosen. */
export function adaptersOf({ idPath }: { readonly idPath: string | null }): Readonly<Record<IntakeSource, Adapter>> {
  return { shopify_webhooks: shopifyWebhooks, shopier, webhooks: webhooks({ idPath }), payouts, fulfilments, pixel };
}
