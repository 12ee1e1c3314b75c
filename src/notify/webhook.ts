import { createHmac } from "node:crypto";
import type { Severity } from "../alerts/types.js";
import { isoInstant } from "../base/clock.js";
import type { Secret } from "../base/secret.js";
import type { Client } from "../http/client.js";
import type { Message, Sink } from "./types.js";

/** Where a generic webhook goes, and the secret that both sides know. */
export interface WebhookOptions {
  readonly url: string;
  /** `whsec_` and base64, as Standard Webhooks writes it, or any text. */
  readonly secret: Secret;
  readonly least: Severity;
}

/**
 * A webhook as Standard Webhooks describes it: `webhook-id` is the same in every attempt, so that a receiver can drop a repeat;
 * `webhook-timestamp` is that of the attempt; `webhook-signature` is HMAC-SHA-256 over id, timestamp and body.
 * Source: standardwebhooks.com, specification 1.0.
 */
export function webhookSink(client: Client, { url, secret, least }: WebhookOptions): Sink {
  return {
    id: "webhook",
    least,
    send: async (message, { at }) => {
      const body = webhookBody(message, at);
      const timestamp = Math.floor(at / 1000);
      const headers = {
        "content-type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signatureOf({ id: message.id, timestamp, body }, secret),
      };
      await client.ask({ method: "POST", url, headers, body, label: "alerts", expect: "text" });
    },
  };
}

/** `v1,<base64>` over `<id>.<timestamp>.<body>`. */
export function signatureOf(
  { id, timestamp, body }: { readonly id: string; readonly timestamp: number; readonly body: string },
  secret: Secret,
): string {
  const text = secret.reveal();
  const key = text.startsWith("whsec_") ? Buffer.from(text.slice("whsec_".length), "base64") : Buffer.from(text);
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

function webhookBody({ shop, day, tellings }: Message, at: number): string {
  const alerts = tellings.map(({ status, alert }) => ({ status, ...alert }));
  return JSON.stringify({ type: "growthos.alerts", timestamp: isoInstant(at), data: { shop, day, alerts } });
}
