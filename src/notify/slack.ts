import type { Severity } from "../alerts/types.js";
import type { Secret } from "../base/secret.js";
import type { Client } from "../http/client.js";
import { paragraphsOf, subjectOf } from "./text.js";
import type { Message, Sink } from "./types.js";

/** Slack cuts messages above 40,000 characters. */
const MOST_CHARACTERS = 30_000;

/**
 * A Slack incoming webhook. Its address is the credential. Slack knows no repeats, so a message that may be one says so.
 * Source: Slack, "Sending messages using incoming webhooks" (`{"text": …}`, answered with 200 and `ok`).
 */
export function slackSink(client: Client, { url, least }: { readonly url: Secret; readonly least: Severity }): Sink {
  return {
    id: "slack",
    least,
    send: async (message, { mayRepeat }) => {
      const body = JSON.stringify({ text: slackText(message, mayRepeat) });
      const headers = { "content-type": "application/json" };
      await client.ask({ method: "POST", url: url.reveal(), headers, body, label: "alerts", expect: "text" });
    },
  };
}

/** Said of a message whose first attempt got no answer. */
export const REPEAT = "_This may be a repeat: an earlier attempt ended without an answer._";

/** Slack's three special characters as entities. */
export function entities(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Slack's three special characters are written as entities, so that a campaign's name cannot mention a channel. */
export function slackText(message: Message, mayRepeat: boolean): string {
  const repeat = mayRepeat ? [REPEAT] : [];
  const text = [`*${entities(subjectOf(message))}*`, ...paragraphsOf(message).map(entities), ...repeat].join("\n\n");
  return text.slice(0, MOST_CHARACTERS);
}
