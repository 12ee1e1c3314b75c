import { messageOf } from "../base/errors.js";
import { canonicalJson, hmac256, sha256 } from "../base/hash.js";
import { parseJson } from "../http/json.js";
import { provenanceOf } from "./adapters/provenance.js";
import { type PersonalPolicy, protectBody, storable } from "./personal.js";
import type { Adapter, Delivery, Envelope, IntakeEvent, RejectionReason } from "./types.js";

/** One event, ready to land. */
export interface EventRow {
  readonly key: string;
  /** The same for the same body of the same topic and account. */
  readonly hash: string;
  readonly receivedAt: string;
  /** The day that it is about, by UTC where nothing else is said. */
  readonly day: string;
  readonly apiVersion: string;
  /** An `Envelope` as JSON text. */
  readonly payload: string;
}

/** What became of a delivery: rows, or the reason for which it waits in quarantine. */
export type ReadDelivery =
  | { readonly rows: readonly EventRow[] }
  | { readonly reason: RejectionReason; readonly why: string };

/** How deliveries are read. */
export interface ReadContext {
  readonly adapter: Adapter;
  /** The account that the config names; an event of another is not taken. Null: any. */
  readonly account: string | null;
  readonly personal: PersonalPolicy;
}

/**
 * Reads a delivery: strict UTF-8, strict JSON without loss (at most 64 levels, no key twice), the adapter's topics, the account, personal
 * data. Pure; never throws for what was sent.
 */
export function readDelivery(delivery: Delivery, { adapter, account, personal }: ReadContext): ReadDelivery {
  const body = parsedBody(delivery.body);
  if ("why" in body) return { reason: "not_json", why: body.why };
  const reading = adapter.read(delivery, body.value);
  if ("reason" in reading) return reading;
  const stranger = reading.events.find(
    (event) => account !== null && event.account !== null && event.account !== account,
  );
  if (stranger !== undefined) return { reason: "foreign_account", why: `${stranger.account} is not ${account}` };
  return { rows: reading.events.map((event) => rowOf(event, delivery, { adapter, account, personal })) };
}

function parsedBody(bytes: Uint8Array): { readonly value: unknown } | { readonly why: string } {
  try {
    return { value: parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch (thrown) {
    return { why: messageOf(thrown).slice(0, 300) };
  }
}

function rowOf(event: IntakeEvent, delivery: Delivery, { adapter, account, personal }: ReadContext): EventRow {
  const { topic, deliveryId, eventId } = event;
  const whose = event.account ?? account;
  // Keyed, because a short body can be guessed from its hash.
  const hash = hmac256(personal.salt, canonicalJson([whose, topic, event.body]));
  const identity = eventId !== null ? `e:${eventId}` : deliveryId !== null ? `d:${deliveryId}` : `b:${hash}`;
  const envelope: Envelope = {
    topic,
    account: whose === null ? null : storable(whose),
    delivery_id: deliveryId,
    event_id: eventId === null ? null : storable(eventId),
    received_at: delivery.receivedAt,
    provenance: provenanceOf(adapter, delivery, event.provenance),
    body: protectBody(event.body, personal),
  };
  return {
    key: plainKey(`${whose ?? ""}|${topic}|${identity}`),
    hash,
    receivedAt: delivery.receivedAt,
    day: event.day ?? delivery.receivedAt.slice(0, 10),
    apiVersion: delivery.headers["x-shopify-api-version"] ?? delivery.headers["shopier-api-version"] ?? "1",
    payload: JSON.stringify(envelope),
  };
}

/** Ids come from outside: what is no printable text, or has half a character, is taken by its hash. */
function plainKey(key: string): string {
  return /^[\x20-\x7e]{1,500}$/.test(key) ? key : `#${sha256(key)}`;
}
