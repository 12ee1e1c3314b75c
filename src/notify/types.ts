import type { Telling } from "../alerts/lifecycle.js";
import type { Severity } from "../alerts/types.js";
import type { ISODate } from "../base/dates.js";

/** The ways out; of e-mail one per recipient. */
export type SinkId = "slack" | "webhook" | `email:${string}`;

/** What is told through one sink: kept in the outbox until the sink has taken it. */
export interface Message {
  /** Made of what is told, where and to whom: the same for every attempt, so that a receiver knows a repeat. */
  readonly id: string;
  readonly sink: SinkId;
  readonly shop: string;
  /** Last complete day of the judged figures. */
  readonly day: ISODate;
  readonly tellings: readonly Telling[];
  /** A report: the file of the workspace's `outbox/` that is sent as it stands. */
  readonly letter?: string;
}

/** One attempt to hand a message over. */
export interface Attempt {
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** An earlier attempt ended without an answer, so the receiver may have the message already. */
  readonly mayRepeat: boolean;
}

/** A way out. `send` returns when the receiver has said that it took the message, with its words where it is a text, and throws otherwise. */
export interface Sink {
  readonly id: SinkId;
  /** Alerts below are not sent here. */
  readonly least: Severity;
  send(message: Message, attempt: Attempt): Promise<unknown>;
}

/** What happens to messages; events of the same journal as the alerts', so that an alert and its message are durable together. */
export type OutboxEvent =
  | { readonly kind: "queued"; readonly message: Message }
  /** Durable before the first byte goes out. */
  | { readonly kind: "sending"; readonly id: string }
  | { readonly kind: "sent"; readonly id: string /** The receiver's words. */; readonly reply?: string }
  /** The receiver said that it did not take it, or (`isOpen`) the line broke, so that nobody knows. */
  | {
      readonly kind: "failed";
      readonly id: string;
      readonly why: string;
      readonly isOpen: boolean;
      /** The receiver does not want this message, now or later. */
      readonly isRefused?: true;
    }
  | { readonly kind: "given_up"; readonly id: string; readonly why: string };
