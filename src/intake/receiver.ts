/**
 * The server that is pushed to, apart from the one that shows reports: limits first, then the signature over the raw bytes, then the spool,
 * then 200. It says as little as it can: a refusal has a status and a constant word, never a reason that helps to guess.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { isoInstant } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import { parseJson } from "../http/json.js";
import { type Admitted, admit } from "./admission.js";
import { rateOf } from "./rate.js";
import type { Endpoint, ReceiverOptions, Receives } from "./receiver-types.js";
import type { Answer } from "./script.js";
import { signedBy } from "./signatures.js";
import { spoolLine } from "./spool-line.js";
import type { Delivery } from "./types.js";

/** A receiver that listens. */
export interface Receiving {
  readonly origin: string;
  /** Settles when everything that was accepted is durable and the server has ended. */
  readonly ended: Promise<void>;
  /** What became of requests so far: status -> how many. */
  readonly counts: ReadonlyMap<number, number>;
}

const DRAIN_MS = 5_000;
const MOST_CONNECTIONS = 512;
/** Of one address, so that one alone cannot take all of them. */
const MOST_OF_ONE = 256;
const WORDS: Readonly<Record<number, string>> = {
  400: "bad request",
  401: "unauthorized",
  405: "method not allowed",
  413: "too large",
  415: "unsupported media type",
  421: "unknown host",
  429: "too many requests",
  503: "try again later",
};

/** Starts to listen. Throws `PORT_TAKEN`. */
export async function receive(options: ReceiverOptions): Promise<Receiving> {
  const { clock, limits, timeouts = { headers: 5_000, request: 10_000 } } = options;
  const counts = new Map<number, number>();
  const rates = {
    all: rateOf(clock, limits.perSecond),
    address: rateOf(clock, limits.perAddress),
    pixelAll: rateOf(clock, limits.pixelPerSecond),
    pixelAddress: rateOf(clock, limits.pixelPerAddress),
  };
  const receives = { ...options, rates, pixelDay: { day: "", taken: 0 }, ownHosts: [] as readonly string[] };
  const checking = Math.min(1_000, timeouts.headers);
  const server = createServer(
    { connectionsCheckingInterval: checking, maxHeaderSize: 8 * 1024 },
    (request, response) => {
      response.on("finish", () => counts.set(response.statusCode, (counts.get(response.statusCode) ?? 0) + 1));
      void handle(request, response, receives);
    },
  );
  server.headersTimeout = timeouts.headers;
  server.requestTimeout = timeouts.request;
  server.keepAliveTimeout = timeouts.headers;
  server.maxHeadersCount = 64;
  server.maxConnections = MOST_CONNECTIONS;
  if (!options.behindProxy) limitConnections(server);
  await listening(server, options);
  const { port } = server.address() as { readonly port: number };
  receives.ownHosts = [...options.hosts, "127.0.0.1", "localhost"].flatMap((host) => [host, `${host}:${port}`]);
  return { origin: `http://${options.host}:${port}`, ended: untilEnd(server, options), counts };
}

function listening(server: Server, { host, port }: ReceiverOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new GrowthosError({
          code: "PORT_TAKEN",
          what: `cannot listen on ${host}:${port}`,
          why: messageOf(cause),
          hint: "set another `intake.port` in growthos.config.ts, or give --port",
          exit: "usage",
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
}

function limitConnections(server: Server): void {
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const who = socket.remoteAddress ?? "";
    const count = (open.get(who) ?? 0) + 1;
    open.set(who, count);
    socket.once("close", () => {
      const left = (open.get(who) ?? 1) - 1;
      if (left === 0) open.delete(who);
      else open.set(who, left);
    });
    if (count > MOST_OF_ONE) socket.destroy();
  });
}

async function untilEnd(server: Server, { signal, spool, clock }: ReceiverOptions): Promise<void> {
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  server.close();
  server.closeIdleConnections();
  const drained = new AbortController();
  void clock.sleep(DRAIN_MS, drained.signal).then(
    () => server.closeAllConnections(),
    () => undefined,
  );
  await closed;
  drained.abort();
  await spool.close();
}

async function handle(request: IncomingMessage, response: ServerResponse, receives: Receives): Promise<void> {
  try {
    const admitted = admit(request, receives);
    if ("status" in admitted) return reply(response, admitted.status, admitted);
    const body = await bodyOf(request, admitted.endpoint.adapter.maxBytes);
    if (typeof body === "number") return reply(response, body, { headers: { connection: "close" } });
    const delivery = verified(request, { body, admitted, receives });
    if (typeof delivery === "number") return reply(response, delivery);
    await receives.spool.accept(spoolLine(delivery));
    reply(response, admitted.isPublic ? 204 : 200, admitted);
  } catch (thrown) {
    receives.log.warn("intake.refused", { reason: messageOf(thrown) });
    // A sender that went away in the middle of its body hears nothing; everybody else is told to come back.
    reply(response, 503, { headers: { "retry-after": "5" } });
  }
}

function reply(response: ServerResponse, status: number, { headers = {}, body }: Partial<Answer> = {}): void {
  if (response.headersSent || response.destroyed) return;
  const word = WORDS[status];
  const ending = status === 413 || status === 408 ? { connection: "close" } : {};
  response.writeHead(status, {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(word === undefined ? {} : { "content-type": "text/plain" }),
    ...ending,
    ...headers,
  });
  response.end(body ?? (word === undefined ? undefined : `${word}\n`));
}

/** The whole body, or the status for which it is refused; nothing beyond the limit is kept. */
function bodyOf(request: IncomingMessage, maxBytes: number): Promise<Buffer | number> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        request.pause();
        chunks.length = 0;
        resolve(413);
      } else chunks.push(chunk);
    });
    request.once("end", () => resolve(bytes === 0 ? 400 : Buffer.concat(chunks)));
    request.once("error", reject);
    request.once("close", () => reject(new Error("the connection was closed")));
  });
}

interface Verifying {
  readonly body: Buffer;
  readonly admitted: Extract<Admitted, { readonly endpoint: Endpoint }>;
  readonly receives: Receives;
}

/** The delivery, or the status for which it is refused. */
function verified(request: IncomingMessage, { body, admitted, receives }: Verifying): Delivery | number {
  const { endpoint, source, topic, isPublic } = admitted;
  const { adapter, scheme, secrets, account } = endpoint;
  const now = receives.clock.now();
  const kept = adapter.headers.flatMap((name) => {
    const value = request.headers[name];
    return typeof value === "string" ? [[name, value.slice(0, 500)] as const] : [];
  });
  const delivery: Delivery = {
    source,
    topic,
    receivedAt: isoInstant(now),
    headers: Object.fromEntries(kept),
    body,
    by: isPublic ? "public" : "signed",
  };
  if (isPublic) return isPixelEvent(delivery, endpoint) ? delivery : 400;
  const given = request.headers[scheme.header];
  const by = signedBy({ scheme, secrets, given: typeof given === "string" ? given : undefined, body, now });
  if (by === null) return 401;
  if (by > 0) receives.log.info("intake.previous_secret", { source });
  const claimed = claimedAccount(delivery);
  return claimed !== null && account !== null && claimed !== account ? 401 : delivery;
}

/** What anybody may send is looked at before it is kept: nothing is quarantined of it, or the quarantine would be theirs to fill. */
function isPixelEvent(delivery: Delivery, { adapter, account }: Endpoint): boolean {
  let body: unknown;
  try {
    body = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(delivery.body));
  } catch {
    // No JSON: the caller answers 400.
    return false;
  }
  const reading = adapter.read(delivery, body);
  return "events" in reading && reading.events.every((event) => account === null || event.account === account);
}

/** The account that the headers claim; those of bodies are looked at when they are parsed. */
function claimedAccount({ source, headers }: Delivery): string | null {
  if (source === "shopify_webhooks") return headers["x-shopify-shop-domain"]?.toLowerCase() ?? null;
  return source === "shopier" ? (headers["shopier-account-id"] ?? null) : null;
}
