import type { Secret } from "../base/secret.js";

/** A request as a value; the same request twice in one walk is an error. Secrets are never in it: `Auth` adds them. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute URL with its query. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body as text (JSON, form); undefined for none. */
  readonly body?: string;
  /** Instead of `body`: bytes that may be more than memory holds, read anew for every try; the headers say how many. */
  readonly upload?: () => Iterable<Uint8Array>;
  /** Short name for the log line, e.g. `orders`. */
  readonly label?: string;
  /** Never sent: what `read` needs to finish records that span several responses (plain JSON values). */
  readonly carry?: unknown;
  /** Never sent: seconds to wait before asking, for a job that is still under way. */
  readonly after?: number;
  /** Never sent: how often this was asked before; tells the polls of one job apart. */
  readonly attempt?: number;
  /**
   * Never sent, for a request that does something: what to ask when its answer is lost, because asking the same again might do it twice.
   * Null: nothing, the failure is the end.
   */
  readonly ifLost?: HttpRequest | null;
  /**
   * What the answer is. `json` (default); `text`: the body as it is; `file`: JSON lines (gzip or not) that go to disk as they arrive,
   * and `read` gets a `ReceivedFile`.
   */
  readonly expect?: "json" | "text" | "file";
  /** Never sent, and not absent with `file`: how its lines belong together. */
  readonly lines?: LineMembers;
  /** Never sent: the largest body of the answer, bytes after unpacking; set by the client from its `Limits`. A download has a limit of its own. */
  readonly maxBodyBytes?: number;
  /** No credentials are added: the address is signed by itself (a download). */
  readonly anonymous?: true;
  /** Never printed: a query parameter that takes the token as well (a question about the token itself). */
  readonly tokenParameter?: string;
}

/** Members of JSON lines of which some are roots and the others name theirs. */
export interface LineMembers {
  /** Of a root: its key. */
  readonly keyMember: string;
  /** Of any other line: the key of its parent. */
  readonly parentMember: string;
  /** `__typename` of such a line -> member of its root that it goes to. */
  readonly children: Readonly<Record<string, string>>;
  /** Of a root: a list; the keys of the roots where it is not empty are told. */
  readonly listMember?: string;
}

/** What `read` gets instead of a body when `expect` is `file`. */
export interface ReceivedFile {
  /** Bytes after decompression. */
  readonly bytes: number;
  /** Lines with something on them. */
  readonly lines: number;
  /** Lines that name a parent and do not stand below it; the others are kept in the line of their parent. */
  readonly strays: number;
  /** Keys of the roots whose `listMember` is not empty, sorted. */
  readonly filled: readonly string[];
}

/** A response whose body is whole: decoded strictly, within its size limit. */
export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The network. Implementations: `http/undici.ts` (real), `demo/transport.ts`, `http/replay.ts` (recorded). */
export interface Transport {
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse>;
  /**
   * Sends a request whose answer may be larger than memory: the decoded bytes of a 2xx answer go to `sink` as they arrive,
   * anything else comes back as the body. Absent where nothing large is ever served (recordings).
   */
  download?(request: HttpRequest, sink: (chunk: Uint8Array) => void, signal?: AbortSignal): Promise<HttpResponse>;
}

/** Credentials as data handed to the client: which header they go into, and where they come from. */
export type Auth =
  | { readonly kind: "none" }
  | { readonly kind: "header"; readonly name: string; readonly value: Secret }
  | {
      readonly kind: "bearer";
      readonly token: Secret;
      readonly extra?: Readonly<Record<string, Secret>>;
      /** Further secrets that the vendor takes as query parameters only (Meta's appsecret_proof). */
      readonly query?: Readonly<Record<string, Secret>>;
    }
  /** A short-lived token that the client fetches, keeps and renews; `header` defaults to `Authorization: Bearer`. */
  | {
      readonly kind: "grant";
      readonly grant: Grant;
      readonly header?: string;
      /** Further secret headers (Google's developer-token). */
      readonly extra?: Readonly<Record<string, Secret>>;
    };

/** How a short-lived access token is got (RFC 6749 4.4 and 6, RFC 7523, RFC 7519). Data only: `http/tokens.ts` does the asking. */
export type Grant =
  | {
      readonly kind: "client_credentials";
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: Secret;
    }
  | {
      readonly kind: "refresh_token";
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret?: Secret;
      readonly refreshToken: Secret;
    }
  | {
      readonly kind: "service_account";
      readonly tokenUrl: string;
      readonly email: string;
      /** PKCS#8 PEM, as in Google's key file. */
      readonly privateKey: Secret;
      readonly scopes: readonly string[];
    }
  /** Nobody is asked: what is signed here is the token itself (Snowflake's key pairs). */
  | { readonly kind: "key_pair"; readonly issuer: string; readonly subject: string; readonly privateKey: Secret };

/** A token as it is kept between requests and runs. */
export interface HeldToken {
  readonly accessToken: Secret;
  /** Milliseconds since 1970 UTC; null when the server names no lifetime. */
  readonly expiresAt: number | null;
  /** The refresh token to use next time, when the server gave a new one. */
  readonly refreshToken: Secret | null;
}

/** Where tokens are kept. `save` is durable before it returns: a new refresh token is saved before its access token is used. */
export interface TokenStore {
  load(): HeldToken | null;
  save(token: HeldToken): void;
  /** Runs `action` while no other process renews the same token. */
  exclusively<T>(action: () => Promise<T>): Promise<T>;
}

/** How fast a vendor lets us go, and how long to keep trying. */
export interface Limits {
  /** Starts per sliding window; what the vendor's own answers say (`Usage`) comes on top. */
  readonly perSecond?: number;
  readonly perMinute?: number;
  readonly perHour?: number;
  readonly perDay?: number;
  readonly concurrent: number;
  /** Tries in all for a failure that may pass (5xx, cut connection). */
  readonly tries: number;
  /** Largest response body accepted, bytes after unpacking: a larger one ends with `ANSWER_TOO_LARGE` as soon as it is, and is not asked for again. */
  readonly maxBodyBytes: number;
}

/**
 * What a response says about the quota, in the vendor's own terms. The client waits before it would be exceeded.
 * `bucket`: points that refill at a rate (Shopify); `percent`: share of a sliding quota used up (Meta); `remaining`: what is left of a
 * fixed window (GA4 tokens), with what one request took.
 */
export type Usage =
  | {
      readonly kind: "bucket";
      readonly name: string;
      readonly available: number;
      readonly maximum: number;
      readonly restorePerSecond: number;
      /** What a request with this label asks for in advance. */
      readonly requested: number;
    }
  | { readonly kind: "percent"; readonly name: string; readonly percent: number; readonly regainSeconds: number }
  | {
      readonly kind: "remaining";
      readonly name: string;
      readonly remaining: number;
      readonly taken: number;
      /** Seconds until the window begins anew, at most. */
      readonly renewsWithinSeconds: number;
    };

/** What to do after a response, decided by the connector's `classify` or by the HTTP status alone. */
export type Verdict =
  | { readonly next: "accept" }
  | { readonly next: "retry"; readonly reason: string }
  /** The token is no longer taken: renew it once and ask again, then give up with `API_AUTH`. */
  | { readonly next: "reauth"; readonly reason: string; readonly hint?: string }
  /** Too much was asked for at once: the stream's `shrink` makes smaller requests of it. */
  | { readonly next: "shrink"; readonly reason: string }
  /** This account has nothing to give (cancelled, a manager): the walk goes on with `read(null)`, and the reason is a warning. */
  | { readonly next: "skip"; readonly reason: string }
  | { readonly next: "wait"; readonly seconds: number; readonly reason: string }
  | {
      readonly next: "abort";
      readonly reason: string;
      readonly code: "API_AUTH" | "API_REFUSED" | "API_BROKEN";
      readonly hint?: string;
    };
