/**
 * An S3-compatible store behind `Objects`: signed, retried, listed to the end. What S3 promises and this relies on: reads and lists after a
 * write see it (since 2020), and a PUT with `If-None-Match: *` answers 412 when the key is taken, 409 when another such PUT is under way.
 */
import type { Clock } from "../../base/clock.js";
import { GrowthosError, messageOf } from "../../base/errors.js";
import { sha256 } from "../../base/hash.js";
import type { Random } from "../../base/ids.js";
import type { Objects } from "../../base/objects.js";
import type { HttpRequest, HttpResponse, Transport } from "../types.js";
import { type ListPage, member, readListPage } from "./list.js";
import { rfc3986, type S3Credentials, signed } from "./sign.js";

/** Where the store is and how it is reached. */
export interface S3Options {
  /** `https://host`, without a path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before every key, without slashes at its ends; empty for none. */
  readonly prefix: string;
  /** The bucket in the path, as most S3-compatible stores want it; else in the host name, as AWS does. */
  readonly isPathStyle: boolean;
  readonly credentials: S3Credentials;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
}

interface Asked {
  readonly method: HttpRequest["method"];
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly sha256: string; readonly bytes: number; readonly read: () => Iterable<Uint8Array> };
  /** Takes the bytes of a good answer; called for every try. */
  readonly open?: () => (chunk: Uint8Array) => void;
  /** Statuses that are an answer, beside 2xx. */
  readonly also: readonly number[];
}

const TRIES = 6;
const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;
const EMPTY = sha256("");

/** Opens a store; asks nothing yet. Failures that may pass are tried again for some seconds; then `STORE_BROKEN`, `STORE_AUTH`, `STORE_REFUSED`. */
export function s3Objects(options: S3Options): Objects {
  // What our clock lacks, learnt from an answer that says so.
  const skew = { ms: 0 };
  const ask = (asked: Asked) => answered(options, skew, asked);
  const at = (key: string) => (options.prefix === "" ? key : `${options.prefix}/${key}`);
  const get = async (key: string) => {
    const chunks: Uint8Array[] = [];
    const open = () => {
      chunks.length = 0;
      return (chunk: Uint8Array) => void chunks.push(chunk);
    };
    const { status } = await ask({ method: "GET", key: at(key), open, also: [404] });
    return status === 404 ? null : Buffer.concat(chunks);
  };
  return {
    place: `s3://${options.bucket}${options.prefix === "" ? "" : `/${options.prefix}`}`,
    get,
    download: async (key, open) => (await ask({ method: "GET", key: at(key), open, also: [404] })).status !== 404,
    put: async (key, body) => void (await ask({ method: "PUT", key: at(key), body, also: [] })),
    putIfAbsent: async (key, text) => {
      const bytes = Buffer.from(text, "utf8");
      const body = { sha256: sha256(bytes), bytes: bytes.length, read: () => [bytes] };
      const headers = { "if-none-match": "*" };
      const { status } = await ask({ method: "PUT", key: at(key), body, headers, also: [412] });
      if (status !== 412) return true;
      // An attempt of our own may have arrived although its answer did not.
      const there = await get(key);
      return there !== null && Buffer.compare(there, bytes) === 0;
    },
    list: async (prefix, after) => {
      const found: Awaited<ReturnType<Objects["list"]>>[number][] = [];
      for (let next: string | null = ""; next !== null; ) {
        const { page, now }: { page: ListPage; now: number } = await listed(
          options,
          ask,
          { prefix: at(prefix), ...(after === undefined ? {} : { "start-after": at(after) }) },
          next,
        );
        for (const { key, ...rest } of page.objects)
          found.push({ key: key.slice(at("").length), ...rest, ageMs: now - rest.modifiedMs });
        next = page.next;
      }
      return found.sort((a, b) => (a.key < b.key ? -1 : 1));
    },
    remove: async (key) => void (await ask({ method: "DELETE", key: at(key), also: [404] })),
  };
}

async function listed(
  { clock }: S3Options,
  ask: (asked: Asked) => Promise<HttpResponse>,
  which: Readonly<Record<string, string>>,
  token: string,
): Promise<{ readonly page: ListPage; readonly now: number }> {
  const query = {
    "list-type": "2",
    "encoding-type": "url",
    ...which,
    ...(token === "" ? {} : { "continuation-token": token }),
  };
  const { body, headers } = await ask({ method: "GET", key: "", query, also: [] });
  const now = Date.parse(headers["date"] ?? "");
  return { page: readListPage(body), now: Number.isNaN(now) ? clock.now() : now };
}

async function answered(options: S3Options, skew: { ms: number }, asked: Asked): Promise<HttpResponse> {
  let why = "";
  for (let tries = 1; tries <= TRIES; tries++) {
    options.signal?.throwIfAborted();
    const outcome = await once(options, skew.ms, asked);
    if (typeof outcome !== "string") {
      const { status, body } = outcome;
      if ((status >= 200 && status <= 299) || asked.also.includes(status)) return outcome;
      const code = member(body, "Code") ?? "";
      why = `HTTP ${status}${code === "" ? "" : ` ${code}`}: ${(member(body, "Message") ?? "").slice(0, 300)}`;
      const isSkewed = code === "RequestTimeTooSkewed" && skew.ms === 0;
      if (isSkewed) skew.ms = Date.parse(outcome.headers["date"] ?? "") - options.clock.now() || 0;
      // 409: another conditional PUT of this key is under way. RequestTimeout: the body came too slowly.
      const mayPass = status >= 500 || [408, 409, 425, 429].includes(status) || isSkewed || code === "RequestTimeout";
      if (!mayPass || status === 501) throw refusal(options, asked, status, why);
    } else why = outcome;
    const ceiling = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** tries);
    const share = Number.parseInt(options.random.hex(4), 16) / 0xffff_ffff;
    if (tries < TRIES) await options.clock.sleep(Math.round(ceiling * share), options.signal);
  }
  throw new GrowthosError({
    code: "STORE_BROKEN",
    what: `the store at ${new URL(options.endpoint).host} does not answer`,
    why: `${why}; gave up after ${TRIES} tries`,
    hint: "run the same command again later; what was committed before stands",
    exit: "io",
  });
}

/** One attempt; the reason when no answer came. Signed anew each time, because a signature is good for minutes. */
async function once(options: S3Options, skewMs: number, asked: Asked): Promise<HttpResponse | string> {
  const { credentials, region, clock, transport, signal } = options;
  const url = addressOf(options, asked);
  const { body } = asked;
  const bodySha256 = body?.sha256 ?? EMPTY;
  const headers = signed(
    { method: asked.method, url, headers: asked.headers ?? {}, bodySha256 },
    { credentials, region, now: clock.now() + skewMs },
  );
  const length: Record<string, string> = asked.method === "PUT" ? { "content-length": String(body?.bytes ?? 0) } : {};
  const request: HttpRequest = {
    method: asked.method,
    url: url.href,
    // What is stored is compared byte by byte: nobody may pack it on the way.
    headers: { ...headers, ...length, accept: "*/*", "accept-encoding": "identity" },
    ...(body === undefined ? {} : { upload: body.read }),
  };
  try {
    if (asked.open === undefined || transport.download === undefined) return await transport.send(request, signal);
    return await transport.download(request, asked.open(), signal);
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof GrowthosError && thrown.code === "NETWORK") return thrown.parts.why ?? messageOf(thrown);
    throw thrown;
  }
}

function addressOf(options: S3Options, { key, query = {} }: Asked): URL {
  const { endpoint, bucket, isPathStyle } = options;
  const path = key.split("/").map(rfc3986).join("/");
  const url = new URL(endpoint);
  if (!isPathStyle) url.hostname = `${bucket}.${url.hostname}`;
  url.pathname = isPathStyle ? `/${bucket}/${path}` : `/${path}`;
  url.search = Object.entries(query)
    .map(([name, value]) => `${name}=${rfc3986(value)}`)
    .join("&");
  return url;
}

const HINTS: readonly { readonly of: RegExp; readonly hint: string }[] = [
  { of: /NoSuchBucket/, hint: "create the bucket, or correct `store.url`" },
  { of: /SignatureDoesNotMatch|InvalidAccessKeyId/, hint: "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" },
  { of: /ExpiredToken/, hint: "get new temporary credentials (AWS_SESSION_TOKEN)" },
  { of: /RequestTimeTooSkewed/, hint: "set this machine's clock" },
  { of: /AuthorizationHeaderMalformed|PermanentRedirect|IllegalLocation/, hint: "correct `store.region`" },
  {
    of: /HTTP 501|NotImplemented/,
    hint: "the store cannot do what is asked of it: use one that knows conditional puts",
  },
];

function refusal(options: S3Options, asked: Asked, status: number, why: string): GrowthosError {
  const isDenied = status === 401 || status === 403;
  return new GrowthosError({
    code: isDenied ? "STORE_AUTH" : "STORE_REFUSED",
    what: `the store refused ${asked.method} ${options.bucket}/${asked.key}`,
    why,
    state: "what was committed before stands",
    hint:
      HINTS.find(({ of }) => of.test(why))?.hint ??
      (isDenied
        ? "allow s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and s3:DeleteObject below the prefix"
        : "check `store` in growthos.config.ts"),
    exit: isDenied ? "auth" : "usage",
  });
}
