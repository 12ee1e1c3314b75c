import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { type Clock, systemClock } from "../../base/clock.js";
import type { JsonObject } from "../../connectors/shape.js";
import type { Credentials } from "../../connectors/sign-in.js";
import type { HttpRequest, Transport } from "../../http/types.js";

/** A request as it arrived over the wire. */
export interface Arrived {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body as it came; absent in what a test made up. */
  readonly bytes?: Uint8Array;
  /** Milliseconds of the double's clock. */
  readonly at: number;
}

/** An answer; `json` is printed, `text` sent as it is, `chunks` sent one by one, each before the next is asked for. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  readonly chunks?: Iterable<string | Uint8Array>;
}

/** What goes wrong with one answer, on the wire. `answer` replaces it; the others damage the one that would have come. */
export type Fault =
  | { readonly kind: "answer"; readonly answer: Answer }
  /** The connection is reset before a byte, after the headers, or in the middle of the body. */
  | { readonly kind: "reset"; readonly when: "before" | "headers" | "body" }
  /** Content-Length promises more than comes. */
  | { readonly kind: "short" }
  /** The body ends early and nothing tells. */
  | { readonly kind: "cut" }
  /** gzip, cut, without trailer, or with a flipped byte, while the length is right. */
  | { readonly kind: "gzip"; readonly damage: "cut" | "trailer" | "flip" | "not_gzip" }
  /** A redirect. */
  | { readonly kind: "redirect"; readonly to: string; readonly status: number }
  /** Never answers. */
  | { readonly kind: "silence" }
  /** Answers a byte at a time, for ever. */
  | { readonly kind: "drip" }
  /** These bytes on the socket, whatever HTTP says of them, and then its end. */
  | { readonly kind: "raw"; readonly bytes: string }
  /** The answer that would have come, changed by the test; `text` and `json` of it as one text. */
  | { readonly kind: "edit"; readonly change: (body: string, request: Arrived) => string | Uint8Array };

/** A real HTTP server on loopback. */
export interface DoubleServer {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** Everything that arrived, in order. */
  readonly arrived: readonly Arrived[];
  /** The next requests that `wanted` picks (default: any) suffer the faults, one each. */
  fail(faults: readonly Fault[], wanted?: (request: Arrived) => boolean): void;
  /** Forgets the faults that did not happen yet. */
  mend(): void;
  close(): Promise<void>;
}

/** A vendor's double, ready for a connector: how to reach it, and the options and credentials it knows. */
export interface Double {
  /** Connector id. */
  readonly source: string;
  readonly options: JsonObject;
  readonly secrets: Credentials;
  /** Vendor host -> origin of the server that plays it. */
  readonly routes: Readonly<Record<string, string>>;
  readonly server: DoubleServer;
  close(): Promise<void>;
}

/** Starts a server that answers with `respond`; a throw in it is a 500 with the message, so that a test sees it. */
export async function startServer(
  respond: (request: Arrived) => Answer | Promise<Answer>,
  clock: Pick<Clock, "now"> = systemClock,
): Promise<DoubleServer> {
  const arrived: Arrived[] = [];
  const faults: { readonly fault: Fault; readonly wanted: (request: Arrived) => boolean }[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const request = await read(incoming, clock.now());
      arrived.push(request);
      outgoing.setHeader("date", new Date(request.at).toUTCString());
      const index = faults.findIndex(({ wanted }) => wanted(request));
      const [planned] = index < 0 ? [] : faults.splice(index, 1);
      if (planned?.fault.kind === "answer") return write(outgoing, planned.fault.answer);
      if (planned?.fault.kind === "edit")
        return edit(outgoing, planned.fault, request, await answered(respond, request));
      if (planned !== undefined) return suffer(outgoing, planned.fault, await answered(respond, request));
      write(outgoing, await answered(respond, request));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    fail: (list, wanted = () => true) => {
      for (const fault of list) faults.push({ fault, wanted });
    },
    mend: () => void faults.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Sends requests for vendors' hosts to the servers that play them; what has no route is refused. */
export function rerouted(transport: Transport, routes: Readonly<Record<string, string>>): Transport {
  const redirect = (request: HttpRequest): HttpRequest => {
    const url = new URL(request.url);
    const origin = routes[url.host];
    if (origin === undefined && url.hostname !== "127.0.0.1") throw new Error(`no double plays ${url.host}`);
    return { ...request, url: origin === undefined ? request.url : `${origin}${url.pathname}${url.search}` };
  };
  const { download } = transport;
  return {
    send: async (request, signal) => transport.send(redirect(request), signal),
    ...(download === undefined
      ? {}
      : { download: async (request, sink, signal) => download(redirect(request), sink, signal) }),
  };
}

async function read(incoming: IncomingMessage, at: number): Promise<Arrived> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const bytes = Buffer.concat(chunks);
  return {
    method: incoming.method ?? "",
    url: new URL(incoming.url ?? "/", "http://double"),
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    body: bytes.toString("utf8"),
    bytes,
    at,
  };
}

async function answered(respond: (request: Arrived) => Answer | Promise<Answer>, request: Arrived): Promise<Answer> {
  try {
    return await respond(request);
  } catch (thrown) {
    return { status: 500, text: `the double failed: ${thrown instanceof Error ? thrown.stack : String(thrown)}` };
  }
}

function bodyOf(answer: Answer): Buffer {
  if (answer.chunks !== undefined) return Buffer.concat(Array.from(answer.chunks, (chunk) => Buffer.from(chunk)));
  return Buffer.from(answer.text ?? JSON.stringify(answer.json ?? null));
}

function headersOf(answer: Answer): Record<string, string> {
  const type = answer.text === undefined ? "application/json; charset=utf-8" : "text/plain; charset=utf-8";
  return { "content-type": type, ...answer.headers };
}

function write(outgoing: ServerResponse, answer: Answer): void {
  outgoing.writeHead(answer.status ?? 200, headersOf(answer));
  if (answer.chunks === undefined) return void outgoing.end(bodyOf(answer));
  void (async () => {
    for (const chunk of answer.chunks ?? []) {
      if (!outgoing.write(chunk)) await new Promise((resolve) => outgoing.once("drain", resolve));
    }
    outgoing.end();
  })();
}

function edit(
  outgoing: ServerResponse,
  { change }: Extract<Fault, { kind: "edit" }>,
  request: Arrived,
  answer: Answer,
): void {
  const changed = Buffer.from(change(bodyOf(answer).toString("utf8"), request));
  outgoing.writeHead(answer.status ?? 200, headersOf(answer)).end(changed);
}

function suffer(
  outgoing: ServerResponse,
  fault: Exclude<Fault, { kind: "answer" } | { kind: "edit" }>,
  answer: Answer,
): void {
  const body = bodyOf(answer);
  const half = body.subarray(0, Math.floor(body.length / 2));
  const status = answer.status ?? 200;
  if (fault.kind === "silence") return;
  if (fault.kind === "raw") return void outgoing.socket?.end(fault.bytes);
  if (fault.kind === "drip") {
    outgoing.writeHead(status, headersOf(answer));
    const drop = setInterval(() => outgoing.write(" "), 20);
    return void outgoing.on("close", () => clearInterval(drop));
  }
  if (fault.kind === "redirect") return void outgoing.writeHead(fault.status, { location: fault.to }).end();
  if (fault.kind === "reset") {
    if (fault.when === "before") return void outgoing.socket?.resetAndDestroy();
    outgoing.writeHead(status, { ...headersOf(answer), "content-length": String(body.length) });
    if (fault.when === "body") outgoing.write(half);
    else outgoing.flushHeaders();
    setTimeout(() => outgoing.socket?.resetAndDestroy(), 20);
    return;
  }
  if (fault.kind === "gzip") {
    const packed = damaged(gzipSync(body), body, fault.damage);
    return void outgoing.writeHead(status, { ...headersOf(answer), "content-encoding": "gzip" }).end(packed);
  }
  outgoing.writeHead(status, {
    ...headersOf(answer),
    ...(fault.kind === "short" ? { "content-length": String(body.length) } : {}),
  });
  outgoing.write(half);
  if (fault.kind === "cut") outgoing.end();
  else setTimeout(() => outgoing.socket?.destroy(), 20);
}

function damaged(packed: Buffer, plain: Buffer, damage: Extract<Fault, { kind: "gzip" }>["damage"]): Buffer {
  if (damage === "not_gzip") return plain;
  if (damage === "cut") return packed.subarray(0, Math.floor(packed.length / 2));
  if (damage === "trailer") return packed.subarray(0, packed.length - 8);
  const flipped = Buffer.from(packed);
  const middle = Math.floor(packed.length / 2);
  flipped[middle] = (flipped[middle] ?? 0) ^ 0xff;
  return flipped;
}
