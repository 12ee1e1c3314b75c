import { Readable } from "node:stream";
import { Agent, type Dispatcher, request as send } from "undici";
import { GrowthosError, messageOf, systemCode } from "../base/errors.js";
import { decodeBody, refused, tooLarge, unpackTo } from "./body.js";
import type { HttpRequest, HttpResponse, Transport } from "./types.js";

/** Time-outs in milliseconds, size in bytes. */
export interface NetworkOptions {
  readonly connectMs?: number;
  readonly headersMs?: number;
  /** Longest silence while the body arrives. */
  readonly idleMs?: number;
  /** Longest time for one request, redirects included. */
  readonly totalMs?: number;
  readonly maxBodyBytes?: number;
  /** Longest time for one download, and its largest size after unpacking. */
  readonly downloadMs?: number;
  readonly maxDownloadBytes?: number;
  /** Plain http to this machine: for tests against a local server only. */
  readonly allowLoopback?: boolean;
  /** An authority (PEM) to trust instead of the usual ones; for tests. */
  readonly trusted?: string;
}

const DEFAULTS = {
  connectMs: 10_000,
  headersMs: 60_000,
  idleMs: 30_000,
  totalMs: 120_000,
  maxBodyBytes: 256 * 1024 * 1024,
  downloadMs: 2 * 3_600_000,
  maxDownloadBytes: 64 * 1024 ** 3,
  allowLoopback: false,
};
const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);
/** Certificate failures: asking again cannot help, and no switch turns the check off. */
const TLS_CODE = /CERT|SSL|TLS|SELF_SIGNED|ISSUER/;

/** The real network. Redirects by hand, because `fetch` sends vendors' token headers to whatever host a redirect names. */
export function undiciTransport(options: NetworkOptions = {}): Transport & { close(): Promise<void> } {
  const { trusted, ...own } = options;
  const settings = { ...DEFAULTS, ...own };
  const agent = new Agent({
    // Said aloud: else NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would let everybody read along.
    connect: {
      timeout: settings.connectMs,
      rejectUnauthorized: true,
      ...(trusted === undefined ? {} : { ca: trusted }),
    },
    headersTimeout: settings.headersMs,
    bodyTimeout: settings.idleMs,
  });
  const within = async (
    request: HttpRequest,
    read: Read,
    limit: { readonly ms: number; readonly signal: AbortSignal | undefined },
  ): Promise<HttpResponse> => {
    const deadline = AbortSignal.timeout(limit.ms);
    const stop = limit.signal === undefined ? deadline : AbortSignal.any([limit.signal, deadline]);
    try {
      return await follow({ agent, settings, request, read }, stop);
    } catch (thrown) {
      limit.signal?.throwIfAborted();
      throw networkError(thrown, deadline.aborted ? `no complete answer within ${limit.ms} ms` : undefined);
    }
  };
  return {
    close: () => agent.close(),
    send: (request, signal) => within(request, whole, { ms: settings.totalMs, signal }),
    download: (request, sink, signal) =>
      within(request, (answer, own) => streamed(answer, own, sink), { ms: settings.downloadMs, signal }),
  };
}

type Settings = Required<Omit<NetworkOptions, "trusted">>;

/** How the body of the last answer is taken. */
type Read = (answer: Dispatcher.ResponseData, settings: Settings) => Promise<HttpResponse>;

interface Asked {
  readonly agent: Agent;
  readonly settings: Settings;
  readonly request: HttpRequest;
  readonly read: Read;
}

async function follow({ agent, settings, request, read }: Asked, signal: AbortSignal): Promise<HttpResponse> {
  let url = allowedUrl(request.url, settings);
  for (let hops = 0; ; hops++) {
    const answer = await send(url, {
      dispatcher: agent,
      method: request.method,
      headers: { accept: "application/json", "accept-encoding": "gzip", "user-agent": "growthos", ...request.headers },
      body: request.upload === undefined ? request.body : Readable.from(request.upload(), { objectMode: false }),
      signal,
    });
    const maxBodyBytes = Math.min(settings.maxBodyBytes, request.maxBodyBytes ?? settings.maxBodyBytes);
    if (!REDIRECTS.has(answer.statusCode)) return read(answer, { ...settings, maxBodyBytes });
    await answer.body.dump();
    const target = redirectTarget(request, url, answer.headers["location"]);
    if (hops === MAX_REDIRECTS) throw refused(`more than ${MAX_REDIRECTS} redirects`);
    url = allowedUrl(target.href, settings);
  }
}

function redirectTarget(request: HttpRequest, from: URL, location: string | string[] | undefined): URL {
  if (typeof location !== "string" || !URL.canParse(location, from.href)) throw refused("a redirect without a target");
  const target = new URL(location, from.href);
  if (request.method !== "GET") throw refused(`a redirect of a ${request.method} to ${target.origin}`);
  if (target.origin !== from.origin) throw refused(`a redirect from ${from.origin} to ${target.origin}`);
  return target;
}

function allowedUrl(text: string, settings: Settings): URL {
  const url = new URL(text);
  const local = settings.allowLoopback && url.protocol === "http:" && LOOPBACK.has(url.hostname);
  if (url.protocol !== "https:" && !local) throw refused(`${url.protocol}//${url.host} is not https`);
  return url;
}

async function whole(answer: Dispatcher.ResponseData, settings: Settings): Promise<HttpResponse> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    if (bytes > settings.maxBodyBytes) throw tooLarge(`the body is larger than ${settings.maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  const headers = plainHeaders(answer.headers);
  const body = await decodeBody(Buffer.concat(chunks), headers["content-encoding"], settings.maxBodyBytes);
  return { status: answer.statusCode, headers, body };
}

/** The body of a good answer to `sink` as it arrives, unpacked strictly and within the limits; any other answer as usual. */
async function streamed(
  answer: Dispatcher.ResponseData,
  settings: Settings,
  sink: (chunk: Uint8Array) => void,
): Promise<HttpResponse> {
  if (answer.statusCode < 200 || answer.statusCode > 299) return whole(answer, settings);
  const headers = plainHeaders(answer.headers);
  await unpackTo(answer.body, headers["content-encoding"], settings.maxDownloadBytes, sink);
  return { status: answer.statusCode, headers, body: "" };
}

function plainHeaders(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(", ") : value] as const],
    ),
  );
}

function networkError(thrown: unknown, why: string | undefined): GrowthosError {
  if (thrown instanceof GrowthosError) return thrown;
  const code = systemCode(thrown) ?? "";
  if (TLS_CODE.test(code)) return refused(`the connection is not safe (${code}: ${messageOf(thrown)})`);
  return new GrowthosError({
    code: "NETWORK",
    what: "the connection failed",
    why: why ?? `${code} ${messageOf(thrown)}`.trim(),
    exit: "source",
    cause: thrown,
  });
}
