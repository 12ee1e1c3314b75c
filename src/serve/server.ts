/**
 * One server for this machine alone: written reports, rendered anew with the templates as they are now, and the JSON API. It listens on
 * 127.0.0.1, answers only to its own name (a page elsewhere whose name was rebound to this address is refused), and only GET and HEAD.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Clock } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import { answerApi, errorOf } from "./api.js";
import type { ApiSources } from "./types.js";

/** What the server shows beside the API. */
export interface Site {
  /** A page as HTML, Markdown or JSON; null when it was not written. */
  page(name: string, format: "html" | "md" | "json", asOf: string | null): Promise<string | null>;
  /** Changes whenever something that pages are made of does. */
  version(): string;
}

/** How the server is started. */
export interface ServeOptions {
  readonly sources: ApiSources;
  readonly site: Site;
  /** 0: one that the system chooses. */
  readonly port: number;
  readonly clock: Clock;
  /** Ends the server. */
  readonly signal: AbortSignal;
}

/** A server that listens. */
export interface Serving {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** Settles when the server has ended. */
  readonly ended: Promise<void>;
}

const LOOK_MS = 500;
const MOST_URL = 2_048;
const MOST_LISTENERS = 16;
const TYPES = { html: "text/html", md: "text/markdown", json: "application/json" } as const;

/** Sent with everything. Pages bring a stricter policy of their own. */
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** Starts to listen. Throws `PORT_TAKEN`. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const listeners = new Set<ServerResponse>();
  let hosts: readonly string[] = [];
  const server = createServer({ connectionsCheckingInterval: 1_000 }, (request, response) => {
    void handle(request, response, { ...options, hosts, listeners });
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.maxHeadersCount = 64;
  server.maxConnections = 64;
  await listening(server, options.port);
  const { port } = server.address() as { readonly port: number };
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const ended = new Promise<void>((resolve) => server.once("close", resolve));
  const end = () => {
    server.close();
    server.closeAllConnections();
  };
  if (options.signal.aborted) end();
  options.signal.addEventListener("abort", end, { once: true });
  void tellOfChanges(options, listeners);
  return { origin: `http://127.0.0.1:${port}`, ended };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new GrowthosError({
          code: "PORT_TAKEN",
          what: `cannot listen on 127.0.0.1:${port}`,
          why: messageOf(cause),
          hint: "give another one with --port, or 0 for any that is free",
          exit: "usage",
          cause,
        }),
      ),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
}

interface Serves extends ServeOptions {
  readonly hosts: readonly string[];
  readonly listeners: Set<ServerResponse>;
}

async function handle(request: IncomingMessage, response: ServerResponse, serves: Serves): Promise<void> {
  const refused = refusal(request, serves);
  if (refused !== null) return replyJson(request, response, refused);
  // Put together, not resolved: "//" would be another host's address, and none.
  const url = new URL(`http://${serves.hosts[0]}${request.url}`);
  if (url.pathname === "/events") return listen(request, response, serves);
  if (url.pathname === "/") {
    response.writeHead(302, { ...HEADERS, location: "/index.html" }).end();
    return;
  }
  if (url.pathname.startsWith("/api/")) {
    const { status, body } = await answerApi(serves.sources, url.pathname.slice("/api".length), url.searchParams);
    return replyJson(request, response, { status, body });
  }
  await replyPage(request, response, { site: serves.site, path: url.pathname });
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

/** Why a request is not looked at any further. */
function refusal({ method, url = "", headers }: IncomingMessage, { hosts }: Serves): Reply | null {
  const no = (status: number, code: string, what: string) => ({ status, body: { error: { code, what } } });
  if (!hosts.includes(headers.host ?? ""))
    return no(421, "HOST_UNKNOWN", "this server answers to 127.0.0.1 and localhost only");
  if (headers.origin !== undefined && !hosts.some((host) => headers.origin === `http://${host}`))
    return no(403, "ORIGIN_FOREIGN", "pages of other sites may not ask this server");
  if (method !== "GET" && method !== "HEAD") return no(405, "METHOD_REFUSED", "this server only reads: GET and HEAD");
  if (url.length > MOST_URL || !url.startsWith("/"))
    return no(414, "URL_REFUSED", "the address is too long or no path");
  return null;
}

function replyJson({ method }: IncomingMessage, response: ServerResponse, { status, body }: Reply): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, { ...HEADERS, "content-type": "application/json; charset=utf-8" });
  response.end(method === "HEAD" ? undefined : text);
}

/** `/wbr.html` of the newest reports, `/2026-02-09/wbr.html` of a day's. */
async function replyPage(
  request: IncomingMessage,
  response: ServerResponse,
  { site, path }: { readonly site: Site; readonly path: string },
): Promise<void> {
  const [, asOf = null, name, format] =
    /^(?:\/(\d{4}-\d{2}-\d{2}))?\/([a-z0-9-]{1,60})\.(html|md|json)$/.exec(path) ?? [];
  try {
    const kind = format as keyof typeof TYPES | undefined;
    const text = name === undefined || kind === undefined ? null : await site.page(name, kind, asOf);
    if (text === null || kind === undefined) {
      const hint = "write reports with `growthos report`; GET /api/ lists the API";
      const what = `there is no ${path.slice(0, 80)}`;
      return replyJson(request, response, { status: 404, body: { error: { code: "PAGE_MISSING", what, hint } } });
    }
    response.writeHead(200, { ...HEADERS, "content-type": `${TYPES[kind]}; charset=utf-8` });
    response.end(request.method === "HEAD" ? undefined : text);
  } catch (thrown) {
    const { status, error } = errorOf(thrown);
    replyJson(request, response, { status, body: { error } });
  }
}

/** Server-sent events: one whenever a page would look different. */
function listen(request: IncomingMessage, response: ServerResponse, { listeners }: Serves): void {
  if (listeners.size >= MOST_LISTENERS) {
    const error = { code: "LISTENERS_MANY", what: `more than ${MOST_LISTENERS} pages are open` };
    replyJson(request, response, { status: 503, body: { error } });
    return;
  }
  response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream; charset=utf-8" });
  response.write(": listening\n\n");
  listeners.add(response);
  response.on("close", () => listeners.delete(response));
}

async function tellOfChanges(
  { site, clock, signal }: ServeOptions,
  listeners: ReadonlySet<ServerResponse>,
): Promise<void> {
  let seen = site.version();
  while (!signal.aborted) {
    try {
      await clock.sleep(LOOK_MS, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      throw thrown;
    }
    const now = site.version();
    if (now === seen) continue;
    seen = now;
    for (const listener of listeners) listener.write("event: change\ndata: 1\n\n");
  }
}
