import type { ZodType } from "zod";
import { type Adapter, type IntakeEvent, MAX_BODY_BYTES, type Reading } from "../types.js";
import { firstId, idOf, isObject } from "./members.js";
import { provenanceIn } from "./provenance.js";
import { plainOrder, plainRefund, shapeProblem } from "./shapes.js";

const TOPIC = /^[a-z0-9][a-z0-9._/-]{0,99}$/;

/** Headers in which senders name a delivery; the first that is there counts. */
const IDS = ["webhook-id", "x-webhook-id", "x-event-id", "x-request-id"] as const;

/** Topics that become rows of the marts: one record, a list of them, or either as the member `data`. */
const RECORDS: ReadonlyMap<string, ZodType> = new Map<string, ZodType>([
  ["orders", plainOrder],
  ["refunds", plainRefund],
]);

/**
 * Any JSON under any topic; `orders` and `refunds` must have their shape, each record of a list is an event. What happened is named by the body's `event_id`, the delivery by a header or the body's `id` path; without
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
      if (topic === null || !TOPIC.test(topic)) return { reason: "unknown_topic", why: topic || "no topic was given" };
      if (!isObject(body) && !Array.isArray(body))
        return { reason: "wrong_shape", why: "neither an object nor a list" };
      const delivery = IDS.map((name) => idOf(headers[name])).find((id) => id !== null) ?? null;
      const event = {
        topic,
        account: firstId(body, ["account", "account_id"]),
        deliveryId: delivery,
        eventId: firstId(body, [...(idPath === null ? [] : [idPath]), "event_id"]),
        provenance: provenanceIn(body),
        body,
      };
      const shape = RECORDS.get(topic);
      return shape === undefined ? { events: [event] } : recordsOf(event, shape, idPath);
    },
  };
}

/** Each record by itself. In a list the delivery's name tells them not apart, so a record is known by its own event id or by what it says. */
function recordsOf(event: IntakeEvent, shape: ZodType, idPath: string | null): Reading {
  const { body } = event;
  const data = isObject(body) && "data" in body ? body["data"] : body;
  const records: readonly unknown[] = Array.isArray(data) ? data : [data];
  if (records.length === 0) return { reason: "wrong_shape", why: `there is no record of ${event.topic} in it` };
  for (const [place, record] of records.entries()) {
    const problem = shapeProblem(shape, record);
    if (problem !== null) return { reason: "wrong_shape", why: `record ${place + 1}: ${problem}` };
  }
  if (!Array.isArray(data)) return { events: [{ ...event, body: data }] };
  const paths = [...(idPath === null ? [] : [idPath]), "event_id"];
  return {
    events: records.map((record) => ({ ...event, deliveryId: null, eventId: firstId(record, paths), body: record })),
  };
}
