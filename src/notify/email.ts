import type { Severity } from "../alerts/types.js";
import { paragraphsOf, subjectOf } from "./text.js";
import type { Sink } from "./types.js";

/** A mail before it is encoded. */
export interface Mail {
  /** An address, also as `Name <address>`. */
  readonly from: string;
  readonly to: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
  /** The same with a look; mail programs show one of the two. */
  readonly html?: string;
  /** Pictures that the HTML names as `cid:<cid>`. */
  readonly images?: readonly { readonly cid: string; readonly png: Uint8Array }[];
  /** The same in every attempt: mailboxes drop a second mail with the same one. */
  readonly messageId: string;
  /** When it is sent, milliseconds since 1970 UTC. */
  readonly at: number;
}

/** A mail that has been composed and addressed: its content goes out byte for byte. */
export interface Letter {
  readonly from: string;
  readonly to: string;
  readonly content: Uint8Array;
}

/** Hands mails to a server; resolves when the server has taken it. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
  /** The same with one that was composed before; resolves with the server's reply. */
  post(letter: Letter): Promise<string>;
  /** For many letters: one connection as long as it holds. Close it. */
  line(): MailLine;
}

/** One connection for many letters: opened when the first goes out, and anew after one that failed. */
export interface MailLine {
  /** As `Mailer.post`. */
  post(letter: Letter): Promise<string>;
  close(): void;
}

/** A subject longer than this is cut. */
const SUBJECT_CHARACTERS = 200;

/**
 * Alerts by e-mail to one person. Each recipient is a way out of their own: a server may take a mail for one and refuse or put off
 * another's, and nobody gets a mail twice because a colleague's was late.
 */
export function emailSink(
  mailer: Pick<Mailer, "send">,
  { from, to, least }: { readonly from: string; readonly to: string; readonly least: Severity },
): Sink {
  return {
    id: `email:${to}`,
    least,
    send: async (message, { at, mayRepeat }) => {
      const repeat = mayRepeat ? ["This may be a repeat: an earlier attempt ended without an answer."] : [];
      const text = [...paragraphsOf(message), ...repeat].join("\n\n");
      // A header ends at a line break: names of campaigns must not begin another one.
      const subject = subjectOf(message).replace(/[\s\p{Cc}]+/gu, " ");
      const short = [...subject].slice(0, SUBJECT_CHARACTERS).join("");
      await mailer.send({ from, to, subject: short, text, messageId: `<${message.id}@growthos>`, at });
    },
  };
}
