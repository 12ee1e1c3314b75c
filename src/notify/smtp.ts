/**
 * The door to mail servers. The three steps of nodemailer's connection are driven one by one, because only then is it known whether a
 * mail can have arrived: before its first byte is asked for it cannot.
 */
import { Readable } from "node:stream";
import MailComposer from "nodemailer/lib/mail-composer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { GrowthosError, messageOf } from "../base/errors.js";
import { sha256 } from "../base/hash.js";
import type { Secret } from "../base/secret.js";
import type { Letter, Mail, Mailer, MailLine } from "./email.js";

/** A mail server, and how to speak to it. */
export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  /** `tls`: encrypted from the first byte (RFC 8314); `starttls`: encrypted before anything is said, or nothing is; `none`: in the clear. */
  readonly security: "tls" | "starttls" | "none";
  /** Null: the server takes mail without a name. */
  readonly signIn: { readonly user: string; readonly password: Secret } | null;
  /** PEM of an authority that is trusted beside the usual ones. */
  readonly trusted?: string;
  readonly limits?: Partial<SmtpLimits>;
}

/** How long is waited for a server, ms. */
export interface SmtpLimits {
  readonly connectMs: number;
  /** Without a byte. RFC 5321, 4.5.3.2 allows minutes; nothing waits that long for an alert: the outbox tries again. */
  readonly idleMs: number;
  readonly totalMs: number;
}

/** Characters of a server's reply that are kept. */
const MOST_REPLY = 500;

const DEFAULTS: SmtpLimits = { connectMs: 10_000, idleMs: 30_000, totalMs: 90_000 };

/**
 * One connection per mail, unless a line is held. `send` throws `MAIL_DEFERRED` (4xx: another time), `MAIL_REFUSED` (5xx: not this mail), `MAIL_AUTH` (the
 * password), `MAIL_TLS` (no encrypted connection) and `MAIL_BROKEN` (no answer; with a cause when the mail may have arrived all the same).
 */
export function smtpMailer(options: SmtpOptions): Mailer {
  return {
    send: async (mail) =>
      void (await postAlone({ from: mail.from, to: mail.to, content: await composeMail(mail) }, options)),
    post: (letter) => postAlone(letter, options),
    line: () => smtpLine(options),
  };
}

async function postAlone(letter: Letter, options: SmtpOptions): Promise<string> {
  const line = smtpLine(options);
  try {
    return await line.post(letter);
  } finally {
    line.close();
  }
}

/** A connection that is open, and what its failing is told to: nothing while no letter is under way. */
interface OpenLine {
  readonly connection: SMTPConnection;
  onFailure: (error: unknown) => void;
}

function smtpLine(options: SmtpOptions): MailLine {
  const limits = { ...DEFAULTS, ...options.limits };
  let line: OpenLine | null = null;
  const leave = (left: OpenLine) => {
    if (line === left) line = null;
    left.connection.close();
  };
  const connect = (): OpenLine => {
    const made: OpenLine = {
      connection: new SMTPConnection(connectionOptions(options, limits)),
      onFailure: () => {},
    };
    made.connection.on("error", (error) => made.onFailure(error));
    made.connection.on("end", () => leave(made));
    return made;
  };
  return {
    post: async (letter) => {
      const isNew = line === null;
      const current = line ?? connect();
      line = current;
      const deadline = AbortSignal.timeout(limits.totalMs);
      let mayHaveArrived = false;
      try {
        return await new Promise<string>((resolve, reject) => {
          deadline.addEventListener("abort", () => reject(deadline.reason), { once: true });
          current.onFailure = reject;
          void (isNew ? signedIn(current.connection, options) : Promise.resolve())
            .then(() => handOver(current.connection, letter, () => (mayHaveArrived = true)))
            .then(resolve, reject);
        });
      } catch (thrown) {
        // What the server made of this letter's commands is not known: the next one begins anew.
        leave(current);
        throw mailError(thrown, options, mayHaveArrived);
      } finally {
        current.onFailure = () => {};
      }
    },
    close: () => {
      line?.connection.quit();
      if (line !== null) leave(line);
    },
  };
}

function connectionOptions({ host, port, security, trusted }: SmtpOptions, { connectMs, idleMs }: SmtpLimits) {
  return {
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    dnsTimeout: connectMs,
    connectionTimeout: connectMs,
    greetingTimeout: idleMs,
    socketTimeout: idleMs,
    // Also when the environment says that certificates are not to be looked at.
    tls: { rejectUnauthorized: true, ...(trusted === undefined ? {} : { ca: trusted }) },
  };
}

/** A mail as its bytes (RFC 5322), always the same ones; nothing in it can name a file or an address to be read. */
export async function composeMail({
  from,
  to,
  subject,
  text,
  html,
  images = [],
  messageId,
  at,
}: Mail): Promise<Buffer> {
  return new MailComposer({
    from,
    to,
    subject,
    text,
    ...(html === undefined ? {} : { html }),
    attachments: images.map(({ cid, png }, index) => ({
      cid,
      content: Buffer.from(png),
      contentType: "image/png",
      contentDisposition: "inline" as const,
      filename: `drawing-${index + 1}.png`,
    })),
    baseBoundary: sha256(messageId).slice(0, 24),
    messageId,
    date: new Date(at),
    // RFC 3834: so that nobody's absence note answers.
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

type Done = (error?: Error | null) => void;

/** A step of the connection as a promise. */
function step(run: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => run((error) => (error ? reject(error) : resolve())));
}

async function signedIn(connection: SMTPConnection, { signIn }: SmtpOptions): Promise<void> {
  await step((done) => connection.connect(done));
  if (signIn === null) return;
  const credentials = { user: signIn.user, pass: signIn.password.reveal() };
  await step((done) => connection.login({ credentials }, done));
}

/** The server's words about a letter that it took. */
function handOver(connection: SMTPConnection, { from, to, content }: Letter, begins: () => void): Promise<string> {
  // Read only when the server has said that it is ready for the content.
  const bytes = Readable.from(
    (function* () {
      begins();
      yield content;
    })(),
  );
  return new Promise((resolve, reject) =>
    connection.send({ from: addressOf(from), to: [to] }, bytes, (error, info) =>
      error ? reject(error) : resolve(String(info?.response ?? "").slice(0, MOST_REPLY)),
    ),
  );
}

/** `a@example.com` of `Name <a@example.com>`: what the server is told. */
function addressOf(text: string): string {
  return /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;
}

/** As nodemailer tells what went wrong. */
interface SmtpFailure {
  readonly code?: string;
  readonly responseCode?: number;
  /** During which command. */
  readonly command?: string;
}

function mailError(thrown: unknown, { host, port, security, signIn }: SmtpOptions, mayHaveArrived: boolean) {
  const { code = "", responseCode, command = "" } = thrown as SmtpFailure;
  const why = messageOf(thrown).replace(/\s+/g, " ").slice(0, 300);
  const server = `${host}:${port}`;
  const state = "the mail was not taken";
  if (code === "ETLS" || /^(CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(originalCode(thrown))) {
    const hint = `check \`security\` (${security}) and \`port\` under alerts.email`;
    return new GrowthosError({
      code: "MAIL_TLS",
      what: `no encrypted connection to ${server}`,
      why,
      state,
      hint,
      exit: "source",
    });
  }
  if (code === "EAUTH") {
    const hint = "run `growthos connect email`, or correct EMAIL_PASSWORD and `user` under alerts.email";
    const what = `${server} refused to sign in ${signIn?.user ?? ""}`;
    return new GrowthosError({ code: "MAIL_AUTH", what, why, state, hint, exit: "auth" });
  }
  if (responseCode !== undefined && responseCode >= 400) {
    // A server that does not want to talk now has not refused this mail.
    const isForGood = responseCode >= 500 && !/^(CONN|[EHL]+O|STARTTLS)$/.test(command);
    const what = `${server} ${isForGood ? "refused" : "put off"} the mail`;
    return new GrowthosError({ code: isForGood ? "MAIL_REFUSED" : "MAIL_DEFERRED", what, why, state, exit: "source" });
  }
  return new GrowthosError({
    code: "MAIL_BROKEN",
    what: `the connection to ${server} failed`,
    why,
    state: mayHaveArrived ? "whether the mail arrived is not known" : state,
    exit: "source",
    ...(mayHaveArrived ? { cause: thrown } : {}),
  });
}

/** The system's name for a failure under the one that nodemailer gave it. */
function originalCode(thrown: unknown): string {
  const { originalCode: code } = thrown as { readonly originalCode?: unknown };
  return typeof code === "string" ? code : "";
}
