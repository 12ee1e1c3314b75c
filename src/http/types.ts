import type { Secret } from "../base/secret.js";

/** A request as a value; the same request twice in one walk is an error. Secrets are never in it: `Auth` adds them. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  /** Absolute URL with its query. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body as text (JSON, form); undefined for none. */
  readonly body?: string;
  /** Short name for the log line, e.g. `orders`. */
  readonly label?: string;
  /** Never sent: what `read` needs to finish records that span several responses (plain JSON values). */
  readonly carry?: unknown;
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
}

/** Credentials as data handed to the client: which header or parameter they go into. */
export type Auth =
  | { readonly kind: "none" }
  | { readonly kind: "header"; readonly name: string; readonly value: Secret }
  | { readonly kind: "bearer"; readonly token: Secret };

/** How fast a vendor lets us go, and how long to keep trying. */
export interface Limits {
  readonly perSecond?: number;
  readonly perMinute?: number;
  readonly perHour?: number;
  readonly perDay?: number;
  readonly concurrent: number;
  /** Tries in all for a failure that may pass (5xx, cut connection). */
  readonly tries: number;
  /** Largest response body accepted, bytes. */
  readonly maxBodyBytes: number;
}

/** What to do after a response, decided by the connector's `classify` or by the HTTP status alone. */
export type Verdict =
  | { readonly next: "accept" }
  | { readonly next: "retry"; readonly reason: string }
  | { readonly next: "wait"; readonly seconds: number; readonly reason: string }
  | {
      readonly next: "abort";
      readonly reason: string;
      readonly code: "API_AUTH" | "API_REFUSED" | "API_BROKEN";
      readonly hint?: string;
    };
