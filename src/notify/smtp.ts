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
import type { Letter, Mail, Mailer } from "./email.js";

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

const DEFAULTS: SmtpLimits = { connectMs: 10_000, idleMs: 30_000, totalMs: 90_000 };

/**
 * One connection per mail. `send` throws `MAIL_DEFERRED` (4xx: another time), `MAIL_REFUSED` (5xx: not this mail), `MAIL_AUTH` (the
 * password), `MAIL_TLS` (no encrypted connection) and `MAIL_BROKEN` (no answer; with a cause when the mail may have arrived all the same).
 */
export function smtpMailer(options: SmtpOptions): Mailer {
  return {
    send: async (mail) => sendLetter({ from: mail.from, to: mail.to, content: await composeMail(mail) }, options),
    post: (letter) => sendLetter(letter, options),
  };
}

async function sendLetter(letter: Letter, options: SmtpOptions): Promise<void> {
  const limits = { ...DEFAULTS, ...options.limits };
  const connection = new SMTPConnection(connectionOptions(options, limits));
  const deadline = AbortSignal.timeout(limits.totalMs);
  let mayHaveArrived = false;
  try {
    await new Promise<void>((resolve, reject) => {
      deadline.addEventListener("abort", () => reject(deadline.reason), { once: true });
      connection.on("error", reject);
      void signedIn(connection, options)
        .then(() => handOver(connection, letter, () => (mayHaveArrived = true)))
        .then(resolve, reject);
    });
  } catch (thrown) {
    throw mailError(thrown, options, mayHaveArrived);
  } finally {
    connection.close();
  }
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

function handOver(connection: SMTPConnection, { from, to, content }: Letter, begins: () => void): Promise<void> {
  // Read only when the server has said that it is ready for the content.
  const bytes = Readable.from(
    (function* () {
      begins();
      yield content;
    })(),
  );
  return step((done) => connection.send({ from: addressOf(from), to: [to] }, bytes, done));
}

/** `a@example.com` of `Name <a@example.com>`: what the server is told. */
function addressOf(text: string): string {
  return /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;
}

/** As nodemailer tells what went wrong. */
interface SmtpFailure {
  readonly code?: string;
  readonly responseCode?: number;
}

function mailError(thrown: unknown, { host, port, security, signIn }: SmtpOptions, mayHaveArrived: boolean) {
  const { code = "", responseCode } = thrown as SmtpFailure;
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
    const isForGood = responseCode >= 500;
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
