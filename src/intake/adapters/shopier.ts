import { type Adapter, MAX_BODY_BYTES } from "../types.js";
import { idOf, isObject } from "./members.js";
import { shapeProblem, shopierOrder, shopierRefund } from "./shapes.js";

const TOPICS: ReadonlySet<string> = new Set([
  "order.created",
  "order.addressUpdated",
  "order.fulfilled",
  "product.created",
  "product.updated",
  "refund.requested",
  "refund.updated",
]);

/** Webhooks of Shopier's REST API. The older form callback ("OSB") signs differently and is not one of them. */
export const shopier: Adapter = {
  source: "shopier",
  title: "Shopier webhooks",
  headers: [
    "shopier-event",
    "shopier-webhook-id",
    "shopier-timestamp",
    "shopier-account-id",
    "shopier-api-version",
    "shopier-delivery-id",
  ],
  isKnownByBody: true,
  maxBytes: MAX_BODY_BYTES,
  read: ({ topic: asked, headers }, body) => {
    const topic = headers["shopier-event"] ?? asked;
    if (topic === null || !TOPICS.has(topic)) return { reason: "unknown_topic", why: topic || "no event was given" };
    if (!isObject(body)) return { reason: "wrong_shape", why: "the body is not an object" };
    const shape = topic.startsWith("order.") ? shopierOrder : topic.startsWith("refund.") ? shopierRefund : null;
    const problem = shape === null ? null : shapeProblem(shape, body);
    if (problem !== null) return { reason: "wrong_shape", why: problem };
    // `Shopier-Webhook-Id` names the subscription in some accounts and the delivery in others: it is kept, but identifies nothing.
    return {
      events: [
        {
          topic,
          account: idOf(headers["shopier-account-id"]),
          deliveryId: idOf(headers["shopier-delivery-id"]),
          eventId: null,
          provenance: null,
          body,
        },
      ],
    };
  },
};
