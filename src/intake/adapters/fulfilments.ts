import { type Adapter, MAX_BODY_BYTES } from "../types.js";
import { firstId, idOf, isObject } from "./members.js";
import { provenanceIn } from "./provenance.js";

/** Where an order's parcels are: `{ order_id, status, … }`. Every change is an event; the same words about the same order are a repeat. */
export const fulfilments: Adapter = {
  source: "fulfilments",
  title: "Fulfilment status",
  headers: ["webhook-id", "x-webhook-id"],
  isKnownByBody: true,
  maxBytes: MAX_BODY_BYTES,
  read: ({ topic, headers }, body) => {
    if (!isObject(body)) return { reason: "wrong_shape", why: "the body is not an object" };
    if (firstId(body, ["order_id", "external_id", "order_name", "order.id"]) === null)
      return { reason: "wrong_shape", why: "it names no order (order_id, external_id or order_name)" };
    if (idOf(body["status"]) === null) return { reason: "wrong_shape", why: "it has no status" };
    return {
      events: [
        {
          topic: topic ?? "fulfilment",
          account: null,
          deliveryId: idOf(headers["webhook-id"] ?? headers["x-webhook-id"]),
          eventId: firstId(body, ["event_id"]),
          provenance: provenanceIn(body),
          body,
        },
      ],
    };
  },
};
