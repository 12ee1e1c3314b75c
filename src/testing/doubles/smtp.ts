import { type AddressInfo, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { type TestCertificate, testCertificate } from "../certificate.js";

/** A mail that the double has taken. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire, without the dots that SMTP adds. */
  readonly source: string;
  /** Names in lower case, folded lines joined. */
  readonly headers: ReadonlyMap<string, string>;
  /** Who had signed in; null for nobody. */
  readonly user: string | null;
  readonly isEncrypted: boolean;
}

/** What goes wrong with the next command of a kind (`EHLO`, `AUTH`, `MAIL`, `RCPT`, `DATA`), or with the content of the next mail. */
export type SmtpFault =
  /** This reply instead of the one that would have come. */
  | { readonly on: SmtpMoment; readonly reply: string }
  /** The line is cut, without a reply; `CONTENT`: after the mail was taken. */
  | { readonly on: SmtpMoment; readonly cut: true }
  /** No reply, ever. */
  | { readonly on: SmtpMoment; readonly silence: true }
  /** The reply that comes anyway, so many ms later. */
  | { readonly on: SmtpMoment; readonly lateMs: number }
  /** The beginning of a reply, and nothing after it. */
  | { readonly on: SmtpMoment; readonly stalls: string }
  /** A line of a reply every so many ms that never comes to its last one. */
  | { readonly on: SmtpMoment; readonly dripsMs: number };

type SmtpMoment = "EHLO" | "AUTH" | "MAIL" | "RCPT" | "DATA" | "CONTENT";

/** How the double is set up. */
export interface SmtpDoubleOptions {
  readonly user?: string;
  readonly password?: string;
  /** Default: it speaks in the clear and does not offer STARTTLS. */
  readonly security?: "tls" | "starttls";
}

/** A real SMTP server on loopback (RFC 5321, with AUTH PLAIN and STARTTLS) that keeps what it takes in memory. */
export interface SmtpDouble {
  readonly port: number;
  readonly taken: readonly TakenMail[];
  /** Commands as they came, `AUTH` without what follows. */
  readonly said: readonly string[];
  /** PEM of its certificate. */
  readonly certificate: string;
  fail(...faults: readonly SmtpFault[]): void;
  close(): Promise<void>;
}

interface Server {
  readonly options: SmtpDoubleOptions;
  readonly certificate: TestCertificate;
  readonly taken: TakenMail[];
  readonly said: string[];
  readonly faults: SmtpFault[];
}

/** Starts the double on a free port. */
export async function smtpDouble(options: SmtpDoubleOptions = {}): Promise<SmtpDouble> {
  const certificate = testCertificate({ name: "127.0.0.1", from: new Date("2020-01-01"), to: new Date("2049-01-01") });
  const server: Server = { options, certificate, taken: [], said: [], faults: [] };
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    converse(options.security === "tls" ? encrypted(socket, certificate) : socket, server, options.security === "tls");
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    taken: server.taken,
    said: server.said,
    certificate: certificate.cert,
    fail: (...faults) => void server.faults.push(...faults),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        listener.close(() => resolve());
      }),
  };
}

function encrypted(socket: Socket, { cert, key }: TestCertificate): Socket {
  const secure = new TLSSocket(socket, { isServer: true, cert, key });
  secure.on("error", () => socket.destroy());
  return secure;
}

interface Session {
  readonly socket: Socket;
  readonly isEncrypted: boolean;
  user: string | null;
  from: string;
  to: string[];
  /** Lines of the content while it comes. */
  content: string[] | null;
}

/** Speaks with one client until it goes; after STARTTLS the conversation begins anew, without a greeting. */
function converse(socket: Socket, server: Server, isEncrypted: boolean, greet = true): void {
  const session: Session = { socket, isEncrypted, user: null, from: "", to: [], content: null };
  let rest = "";
  const onData = (bytes: Buffer) => {
    rest += bytes.toString("latin1");
    for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (session.content === null && /^STARTTLS$/i.test(line) && !isEncrypted) {
        socket.removeListener("data", onData);
        socket.write("220 begin\r\n");
        return converse(encrypted(socket, server.certificate), server, true, false);
      }
      hear(line, session, server);
    }
  };
  socket.on("data", onData);
  if (greet) socket.write("220 double ESMTP\r\n");
}

function hear(line: string, session: Session, server: Server): void {
  if (session.content !== null) {
    hearContent(line, session, server);
    return;
  }
  const command = line.split(/[ :]/)[0]?.toUpperCase() ?? "";
  server.said.push(command === "AUTH" ? command : line);
  // A command that is not answered is not obeyed, so that the same words are never content.
  reply(command as SmtpMoment, session, server, () => replyTo(command, line, { session, server }));
  if (command === "QUIT") session.socket.end();
}

/** Writes what `usual` says, or what a fault puts in its place. */
function reply(moment: SmtpMoment, { socket }: Session, { faults }: Server, usual: () => string): void {
  const index = faults.findIndex(({ on }) => on === moment);
  const [fault] = index < 0 ? [] : faults.splice(index, 1);
  if (fault === undefined) socket.write(`${usual()}\r\n`);
  else if ("reply" in fault) socket.write(`${fault.reply}\r\n`);
  else if ("cut" in fault) socket.destroy();
  else if ("stalls" in fault) socket.write(fault.stalls);
  else if ("lateMs" in fault) {
    const text = usual();
    setTimeout(() => socket.write(`${text}\r\n`), fault.lateMs);
  } else if ("dripsMs" in fault) {
    const drip = setInterval(() => socket.write("250-wait\r\n"), fault.dripsMs);
    socket.on("close", () => clearInterval(drip));
  }
}

interface At {
  readonly session: Session;
  readonly server: Server;
}

function replyTo(command: string, line: string, { session, server }: At): string {
  const path = /<([^>]*)>/.exec(line)?.[1] ?? "";
  if (command === "EHLO") return extensions(session, server);
  if (command === "AUTH") return signIn(line, { session, server });
  if (command === "MAIL") {
    session.from = path;
    session.to = [];
    return server.options.user !== undefined && session.user === null ? "530 5.7.0 sign in first" : "250 2.1.0 ok";
  }
  if (command === "RCPT") {
    session.to.push(path);
    return "250 2.1.5 ok";
  }
  if (command === "DATA") {
    session.content = [];
    return "354 end with a dot";
  }
  return command === "QUIT" ? "221 bye" : command === "RSET" || command === "NOOP" ? "250 ok" : "502 5.5.2 unknown";
}

function extensions({ isEncrypted }: Session, { options }: Server): string {
  const lines = ["double"];
  if (options.security === "starttls" && !isEncrypted) lines.push("STARTTLS");
  if (options.user !== undefined) lines.push("AUTH PLAIN");
  return lines.map((text, index) => `250${index === lines.length - 1 ? " " : "-"}${text}`).join("\r\n");
}

/** AUTH PLAIN, RFC 4616. */
function signIn(line: string, { session, server }: At): string {
  const [, user, password] = Buffer.from(line.split(" ")[2] ?? "", "base64")
    .toString()
    .split("\0");
  if (user !== server.options.user || password !== server.options.password) return "535 5.7.8 wrong password";
  session.user = user ?? null;
  return "235 2.7.0 welcome";
}

function hearContent(line: string, session: Session, server: Server): void {
  const content = session.content ?? [];
  if (line !== ".") return void content.push(line.startsWith(".") ? line.slice(1) : line);
  session.content = null;
  const isRefused = server.faults.some((fault) => fault.on === "CONTENT" && "reply" in fault);
  const { from, to, user, isEncrypted } = session;
  const source = content.join("\r\n");
  if (!isRefused) server.taken.push({ from, to, source, headers: headersOf(content), user, isEncrypted });
  reply("CONTENT", session, server, () => "250 2.0.0 taken");
}

function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const head = lines.slice(0, lines.indexOf(""));
  const unfolded = head
    .join("\r\n")
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n");
  return new Map(
    unfolded.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
}
