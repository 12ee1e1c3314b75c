import type { HttpResponse, Verdict } from "./types.js";

/** The longest that one wait may take; who asks for more is asked again after it, once. Seconds. */
export const MAX_WAIT_SECONDS = 900;

/** Wait after a 429 that does not say how long. Seconds. */
const DEFAULT_WAIT_SECONDS = 5;

/** What to do next by the HTTP status alone, first match wins; a connector's own `classify` is asked before. */
const TABLE: readonly { readonly from: number; readonly to: number; readonly verdict: Verdict }[] = [
  { from: 200, to: 299, verdict: { next: "accept" } },
  { from: 300, to: 399, verdict: { next: "abort", code: "API_REFUSED", reason: "an unexpected redirect" } },
  { from: 401, to: 401, verdict: { next: "abort", code: "API_AUTH", reason: "the credentials were refused" } },
  { from: 403, to: 403, verdict: { next: "abort", code: "API_AUTH", reason: "permission was denied" } },
  { from: 407, to: 407, verdict: { next: "abort", code: "API_REFUSED", reason: "a proxy wants credentials" } },
  { from: 408, to: 408, verdict: { next: "retry", reason: "the server timed out" } },
  { from: 410, to: 410, verdict: { next: "abort", code: "API_REFUSED", reason: "this API version has been retired" } },
  { from: 425, to: 425, verdict: { next: "retry", reason: "too early" } },
  { from: 429, to: 429, verdict: { next: "wait", seconds: DEFAULT_WAIT_SECONDS, reason: "too many requests" } },
  { from: 400, to: 499, verdict: { next: "abort", code: "API_REFUSED", reason: "the request was refused" } },
  { from: 501, to: 501, verdict: { next: "abort", code: "API_REFUSED", reason: "not implemented" } },
  { from: 500, to: 599, verdict: { next: "retry", reason: "the server failed" } },
];

/** The next action after a response. `now` (ms since 1970 UTC) is needed for a `Retry-After` that is a date. */
export function classifyStatus(response: HttpResponse, now: number): Verdict {
  const row = TABLE.find(({ from, to }) => response.status >= from && response.status <= to);
  const verdict: Verdict = row?.verdict ?? { next: "abort", code: "API_BROKEN", reason: "an impossible status" };
  const asked = retryAfterSeconds(response.headers["retry-after"], now);
  const mayWait = verdict.next === "wait" || (verdict.next === "retry" && response.status === 503);
  if (!mayWait || asked === undefined) return verdict;
  return { next: "wait", seconds: asked, reason: verdict.reason };
}

/** `Retry-After` in seconds (a number or an HTTP date), not below 0; undefined when absent or unreadable. */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(seconds, 0);
}
