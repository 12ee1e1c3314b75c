import { messageOf } from "../base/errors.js";
import { parseJson } from "../http/json.js";
import type { HttpResponse, Verdict } from "../http/types.js";
import { isObject, type JsonObject, valueAt } from "./shape.js";

/** Wait after an exhausted quota that does not say how long, seconds: token buckets refill hourly. */
const QUOTA_WAIT_SECONDS = 60;

/** Google's error envelope, shared by Ads, Analytics and BigQuery; a stream wraps it in a list. */
export function classifyGoogle(response: HttpResponse): Verdict | undefined {
  if (response.status < 400) return undefined;
  const error = googleErrorIn(response.body);
  return error === undefined ? undefined : classifyGoogleError(error, response.status);
}

/** The error inside a body: of the envelope, or of the last chunk of a stream; undefined when there is none. */
export function googleErrorIn(body: string): JsonObject | undefined {
  if (!body.includes('"error"')) return undefined;
  const value = parsed(body);
  const chunks = Array.isArray(value) ? value : [value];
  const found = chunks.map((chunk) => valueAt(chunk, "error")).findLast(isObject);
  return found;
}

/** What to do about an error; `status` is the HTTP status, or the error's own code when it came late in a stream. */
export function classifyGoogleError(error: JsonObject, status: number): Verdict {
  const name = String(error["status"] ?? "");
  const reason = reasonOf(error, status);
  if (status === 401 || name === "UNAUTHENTICATED") {
    return { next: "reauth", reason };
  }
  const missing = missingScope(error);
  if (missing !== undefined) return { next: "abort", code: "API_AUTH", ...missing };
  if (status === 403 && name !== "RESOURCE_EXHAUSTED") {
    return { next: "abort", code: "API_AUTH", reason, hint: permissionHint(error) };
  }
  if (status === 429 || name === "RESOURCE_EXHAUSTED") {
    return { next: "wait", seconds: retryDelay(error) ?? QUOTA_WAIT_SECONDS, reason };
  }
  if (status >= 500) return { next: "retry", reason };
  return { next: "abort", code: "API_REFUSED", reason };
}

/** The error in one line: status, message, the vendor's own codes and the id to quote to support. */
export function reasonOf(error: JsonObject, status: number): string {
  return `${String(error["status"] ?? "") || status}: ${String(error["message"]).slice(0, 300)}${detail(error)}`;
}

/** What each API's tokens must be good for, and the source that asks for it. */
const SCOPES: Readonly<Record<string, readonly [source: string, scope: string]>> = {
  "googleads.googleapis.com": ["google_ads", "https://www.googleapis.com/auth/adwords"],
  "analyticsdata.googleapis.com": ["ga4", "https://www.googleapis.com/auth/analytics.readonly"],
  "bigquery.googleapis.com": ["ga4_events", "https://www.googleapis.com/auth/bigquery"],
};

/** A token that is good, but not for this API. Google names the API only, and people have to ask for a scope. */
function missingScope(error: JsonObject): { readonly reason: string; readonly hint: string } | undefined {
  const found = detailsOf(error).find((one) => valueAt(one, "reason") === "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
  if (found === undefined) return undefined;
  const service = String(valueAt(found, "metadata.service"));
  const [source = "<source>", scope = `of ${service}`] = SCOPES[service] ?? [];
  return {
    reason: `the token lacks the scope ${scope}`,
    hint: `sign in again and allow it: \`growthos connect ${source}\``,
  };
}

function detailsOf(error: JsonObject): readonly unknown[] {
  return Array.isArray(error["details"]) ? error["details"] : [];
}

/** An API that is switched off needs another remedy than an account that may not be read. */
function permissionHint(error: JsonObject): string {
  const disabled = detailsOf(error).find((one) => valueAt(one, "reason") === "SERVICE_DISABLED");
  if (disabled === undefined) return "give the account read access, and enable the API in its Cloud project";
  const service = String(valueAt(disabled, "metadata.service") ?? "the API");
  const project = String(valueAt(disabled, "metadata.consumer") ?? "").replace(/^projects\//, "");
  return `enable ${service} in the Cloud project ${project} (APIs & Services > Library), wait five minutes and try again`;
}

/** The first vendor error inside, e.g. `queryError=UNRECOGNIZED_FIELD`, and the id to quote to support. */
function detail(error: JsonObject): string {
  const failure = valueAt(error, "details.0");
  const code = valueAt(failure, "errors.0.errorCode");
  const named = isObject(code) ? Object.entries(code).map(([kind, value]) => `${kind}=${String(value)}`) : [];
  const request = valueAt(failure, "requestId");
  return [...named, ...(request === undefined ? [] : [`request ${String(request)}`])]
    .map((text) => `, ${text}`)
    .join("");
}

/** `retryDelay` as `1800s`, in seconds. */
function retryDelay(error: JsonObject): number | undefined {
  const delay = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(JSON.stringify(error))?.[1];
  return delay === undefined ? undefined : Number(delay);
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (thrown) {
    return messageOf(thrown);
  }
}
