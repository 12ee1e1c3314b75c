import { type Adapter, MAX_BODY_BYTES } from "../types.js";
import { firstId, idOf, isObject } from "./members.js";
import { provenanceIn } from "./provenance.js";

const TOPIC = /^[a-z0-9][a-z0-9._/-]{0,99}$/;

/** Headers in which senders name a delivery; the first that is there counts. */
const IDS = ["webhook-id", "x-webhook-id", "x-event-id", "x-request-id"] as const;

/**
 * Any JSON under any topic. What happened is named by the body's `event_id`, the delivery by a header or the body's `id` path; without
 * either the body itself is the identity. A body may be `{ data, provenance }`, which says where it is from.
 */
export function webhooks({ idPath }: { readonly idPath: string | null }): Adapter {
  return {
    source: "webhooks",
    title: "Webhooks",
    headers: [...IDS, "content-type"],
    isKnownByBody: false,
    maxBytes: MAX_BODY_BYTES,
    read: ({ topic, headers }, body) => {
      if (topic === null || !TOPIC.test(topic)) return { reason: "unknown_topic", why: topic ?? "no topic was given" };
      if (!isObject(body) && !Array.isArray(body))
        return { reason: "wrong_shape", why: "neither an object nor a list" };
      const delivery = IDS.map((name) => idOf(headers[name])).find((id) => id !== null) ?? null;
      return {
        events: [
          {
            topic,
            account: firstId(body, ["account", "account_id"]),
            deliveryId: delivery,
            eventId: firstId(body, [...(idPath === null ? [] : [idPath]), "event_id"]),
            provenance: provenanceIn(body),
            body,
          },
        ],
      };
    },
  };
}
