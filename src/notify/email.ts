import type { Severity } from "../alerts/types.js";
import { paragraphsOf, subjectOf } from "./text.js";
import type { Sink } from "./types.js";

/** A mail before it is encoded. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The same in every attempt: mailboxes drop a second mail with the same one. */
  readonly messageId: string;
}

/** Hands mails to a server; resolves when the server has taken it. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}

/** Alerts by e-mail, through whatever speaks SMTP. */
export function emailSink(
  mailer: Mailer,
  { from, to, least }: { readonly from: string; readonly to: readonly string[]; readonly least: Severity },
): Sink {
  return {
    id: "email",
    least,
    send: async (message, { mayRepeat }) => {
      const repeat = mayRepeat ? ["This may be a repeat: an earlier attempt ended without an answer."] : [];
      const text = [...paragraphsOf(message), ...repeat].join("\n\n");
      // A header ends at a line break: names of campaigns must not begin another one.
      const subject = subjectOf(message).replace(/\s+/g, " ").slice(0, 200);
      await mailer.send({ from, to, subject, text, messageId: `<${message.id}@growthos>` });
    },
  };
}
