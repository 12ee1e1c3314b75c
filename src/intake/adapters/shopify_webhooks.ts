import { type Adapter, MAX_BODY_BYTES } from "../types.js";
import { idOf, isObject } from "./members.js";
import { shapeProblem, shopifyCustomer, shopifyOrder } from "./shapes.js";

/** The topics that are known: those of the vendor's published samples, and the three of its privacy rules. */
const TOPICS: ReadonlySet<string> = new Set(
  `app/uninstalled bulk_operations/finish carts/create carts/update checkouts/create checkouts/update collections/create
   collections/update customers/create customers/delete customers/merge customers/update customers_email_marketing_consent/update
   disputes/create fulfillments/create fulfillments/update inventory_items/update inventory_levels/update order_transactions/create
   orders/cancelled orders/create orders/delete orders/edited orders/fulfilled orders/paid orders/partially_fulfilled orders/updated
   products/create products/delete products/update refunds/create returns/approve returns/close returns/request returns/update
   shop/update tender_transactions/create variants/in_stock customers/data_request customers/redact shop/redact`.split(
    /\s+/,
  ),
);

/** Topics whose bodies are whole orders and whole customers: the ones that staging reads. */
const ORDERS = /^orders\/(?:create|updated|paid|cancelled|fulfilled|partially_fulfilled)$/;
const CUSTOMERS = /^customers\/(?:create|update)$/;

/** Webhooks of the Admin API: REST-shaped bodies; what they are about is in headers, of which only the signature is signed. */
export const shopifyWebhooks: Adapter = {
  source: "shopify_webhooks",
  title: "Shopify webhooks",
  headers: [
    "x-shopify-topic",
    "x-shopify-shop-domain",
    "x-shopify-api-version",
    "x-shopify-webhook-id",
    "x-shopify-event-id",
    "x-shopify-triggered-at",
    "x-shopify-test",
  ],
  // Headers are not signed, so a copy with other ids is recognised by its body, which has its own `updated_at`.
  isKnownByBody: true,
  maxBytes: MAX_BODY_BYTES,
  read: ({ topic: asked, headers }, body) => {
    const topic = headers["x-shopify-topic"] ?? asked;
    if (topic === null || !TOPICS.has(topic)) return { reason: "unknown_topic", why: topic || "no topic was given" };
    if (!isObject(body)) return { reason: "wrong_shape", why: "the body is not an object" };
    const shape = ORDERS.test(topic) ? shopifyOrder : CUSTOMERS.test(topic) ? shopifyCustomer : null;
    const problem = shape === null ? null : shapeProblem(shape, body);
    if (problem !== null) return { reason: "wrong_shape", why: problem };
    return {
      events: [
        {
          topic,
          account: headers["x-shopify-shop-domain"]?.toLowerCase() ?? null,
          deliveryId: idOf(headers["x-shopify-webhook-id"]),
          eventId: idOf(headers["x-shopify-event-id"]),
          provenance: null,
          body,
        },
      ],
    };
  },
};
