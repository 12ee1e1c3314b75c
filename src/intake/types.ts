/**
 * Pushed data: what others send without being asked. A request is verified over its raw bytes, made durable in the spool, answered, and
 * only then parsed: `Delivery` is what was received, `IntakeEvent` what an adapter reads out of it, `Envelope` what lands.
 */

import type { ISODate } from "../base/dates.js";

/** Who may push. Each is the source of `raw.<source>__events`. */
export const INTAKE_SOURCES = ["shopify_webhooks", "shopier", "webhooks", "payouts", "fulfilments", "pixel"] as const;
/** One of them. */
export type IntakeSource = (typeof INTAKE_SOURCES)[number];

/** The stream of every intake source. */
export const EVENTS = "events";

/** One accepted request, or one document of a file, as it came. */
export interface Delivery {
  readonly source: IntakeSource;
  /** The end of the address that it came to (`/hooks/webhooks/orders`), or `--topic`; null when there was none. */
  readonly topic: string | null;
  /** ISO 8601 UTC. */
  readonly receivedAt: string;
  /** Only those that the adapter keeps; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** How it came: decides what is said about where the record is from. */
  readonly by: "signed" | "public" | "file";
}

/** One delivery that waits to be landed; without `delivery` it is a line of the spool that the disk has damaged. */
export interface Arrival {
  readonly id: string;
  readonly delivery: Delivery | null;
  /** The bytes as they stand in the spool; only looked at when damaged. */
  readonly line?: Uint8Array;
}

/** Where a record is from and how far it can be trusted (seed-001's `provenance_meta`). */
export interface Provenance {
  readonly origin_name: string;
  readonly origin_type: string;
  readonly license: string;
  /** 0 to 1: signed deliveries 1, files 0.9, what anybody may send 0.5. */
  readonly quality_score: number;
}

/** One event that an adapter found in a delivery. */
export interface IntakeEvent {
  readonly topic: string;
  /** Whose it is at the sender: a shop's domain, an account, a workspace. */
  readonly account: string | null;
  /** The sender's name for this attempt to deliver, repeated when it tries again. */
  readonly deliveryId: string | null;
  /** The sender's name for what happened, the same in several deliveries. */
  readonly eventId: string | null;
  /** The sender's own words about its origin; null: those of the adapter. */
  readonly provenance: Partial<Provenance> | null;
  /** The day that it is about; absent: the one on which it came. */
  readonly day?: ISODate;
  /** As parsed; numbers that a double would change are texts. */
  readonly body: unknown;
}

/** What an adapter makes of a delivery: its events, or why there are none. Whole or not at all. */
export type Reading =
  | { readonly events: readonly IntakeEvent[] }
  | { readonly reason: RejectionReason; readonly why: string };

/** Why a delivery waits in quarantine. */
export type RejectionReason = "not_json" | "unknown_topic" | "wrong_shape" | "foreign_account" | "damaged";

/** A source of pushed data: pure. */
export interface Adapter {
  readonly source: IntakeSource;
  readonly title: string;
  /** Header names in lower case that are kept with the body. */
  readonly headers: readonly string[];
  /** Two deliveries of one topic with the same body are one event, whatever their headers say: bodies hold their own time. */
  readonly isKnownByBody: boolean;
  /** Bytes of one body. */
  readonly maxBytes: number;
  read(delivery: Omit<Delivery, "body">, body: unknown): Reading;
}

/** What lands as `payload`; members in the words of the raw layer. */
export interface Envelope {
  readonly topic: string;
  readonly account: string | null;
  readonly delivery_id: string | null;
  readonly event_id: string | null;
  /** ISO 8601 UTC. */
  readonly received_at: string;
  readonly provenance: Provenance;
  readonly body: unknown;
}

/** Largest body of a webhook. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** Largest body of a pixel event. */
export const MAX_PIXEL_BYTES = 16 * 1024;
