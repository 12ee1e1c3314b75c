import type { Telling } from "../alerts/lifecycle.js";
import type { Severity } from "../alerts/types.js";
import type { ISODate } from "../base/dates.js";

/** The ways out. */
export type SinkId = "slack" | "webhook" | "email";

/** What is told through one sink: kept in the outbox until the sink has taken it. */
export interface Message {
  /** The same for every attempt: by it a receiver knows a repeat. */
  readonly id: string;
  readonly sink: SinkId;
  readonly shop: string;
  /** Last complete day of the judged figures. */
  readonly day: ISODate;
  readonly tellings: readonly Telling[];
}

/** One attempt to hand a message over. */
export interface Attempt {
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** An earlier attempt ended without an answer, so the receiver may have the message already. */
  readonly mayRepeat: boolean;
}

/** A way out. `send` returns when the receiver has said that it took the message, and throws otherwise. */
export interface Sink {
  readonly id: SinkId;
  /** Alerts below are not sent here. */
  readonly least: Severity;
  send(message: Message, attempt: Attempt): Promise<void>;
}

/** What happens to messages; events of the same journal as the alerts', so that an alert and its message are durable together. */
export type OutboxEvent =
  | { readonly kind: "queued"; readonly message: Message }
  /** Durable before the first byte goes out. */
  | { readonly kind: "sending"; readonly id: string }
  | { readonly kind: "sent"; readonly id: string }
  /** The receiver said that it did not take it, or (`isOpen`) the line broke, so that nobody knows. */
  | { readonly kind: "failed"; readonly id: string; readonly why: string; readonly isOpen: boolean }
  | { readonly kind: "given_up"; readonly id: string; readonly why: string };
