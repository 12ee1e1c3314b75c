/** Reports on their way out: composed once, kept in the workspace's outbox, sent as they stand there. */
import { canonicalJson, sha256 } from "../base/hash.js";
import type { Secret } from "../base/secret.js";
import type { Client } from "../http/client.js";
import type { Mailer } from "./email.js";
import type { Way } from "./outbox.js";
import { entities, REPEAT } from "./slack.js";
import type { Message, OutboxEvent, SinkId } from "./types.js";

/** Reads a file of the outbox. */
export type ReadLetter = (name: string) => Uint8Array;

/** Which report goes to whom. */
export interface Addressed {
  readonly sink: SinkId;
  readonly workspace: string;
  readonly shop: string;
  /** Last complete day of its figures. */
  readonly day: Message["day"];
  readonly page: string;
  /** What its figures were made of: the same report is not sent twice, a restated one is. */
  readonly inputs: string;
}

/** The message about a report; its id is the digest of what is sent and to whom. */
export function letterMessage({
  sink,
  workspace,
  shop,
  day,
  page,
  inputs,
}: Addressed): Message & { readonly letter: string } {
  const id = `msg_${sha256(canonicalJson([workspace, sink, day, page, inputs])).slice(0, 24)}`;
  const name = `${day}-${page}-${id.slice(4, 12)}.${sink === "slack" ? "slack.txt" : "eml"}`;
  return { id, sink, shop, day, tellings: [], letter: name };
}

/** Ids that were ever put into the outbox. */
export function queuedIds(events: readonly { readonly kind: string }[]): ReadonlySet<string> {
  return new Set(
    (events as readonly OutboxEvent[]).flatMap((event) => (event.kind === "queued" ? [event.message.id] : [])),
  );
}

/** A report by e-mail to one person. */
export function letterWay(
  mailer: Mailer,
  { from, to }: { readonly from: string; readonly to: string },
  read: ReadLetter,
): Way {
  return {
    id: `email:${to}`,
    send: (message) => mailer.post({ from, to, content: read(message.letter ?? "") }),
  };
}

/** A report's summary to Slack; Slack knows no repeats, so a message that may be one says so. */
export function slackLetterWay(client: Client, url: Secret, read: ReadLetter): Way {
  return {
    id: "slack",
    send: async (message, { mayRepeat }) => {
      const text = entities(Buffer.from(read(message.letter ?? "")).toString("utf8"));
      const body = JSON.stringify({ text: mayRepeat ? `${text}\n\n${REPEAT}` : text });
      const headers = { "content-type": "application/json" };
      await client.ask({ method: "POST", url: url.reveal(), headers, body, label: "report", expect: "text" });
    },
  };
}
