import { messageOf } from "../base/errors.js";
import { parseJson } from "../http/json.js";
import type { HttpResponse, Verdict } from "../http/types.js";
import { isObject, valueAt } from "./shape.js";

/** Wait after an exhausted quota that does not say how long, seconds: token buckets refill hourly. */
const QUOTA_WAIT_SECONDS = 60;

/** Google's error envelope, shared by Ads and Analytics; a stream wraps it in a list. */
export function classifyGoogle(response: HttpResponse): Verdict | undefined {
  if (response.status < 400 || !response.body.includes('"error"')) return undefined;
  const body = parsed(response.body);
  const error = valueAt(Array.isArray(body) ? body[0] : body, "error");
  return isObject(error) ? byStatus(error, response.status) : undefined;
}

function byStatus(error: Readonly<Record<string, unknown>>, status: number): Verdict | undefined {
  const name = String(error["status"] ?? "");
  const reason = `${name || status}: ${String(error["message"]).slice(0, 300)}${detail(error)}`;
  if (status === 401 || name === "UNAUTHENTICATED") return { next: "abort", code: "API_AUTH", reason };
  if (status === 403 && name !== "RESOURCE_EXHAUSTED") {
    return {
      next: "abort",
      code: "API_AUTH",
      reason,
      hint: "give the account read access, and enable the API in its Cloud project",
    };
  }
  if (status === 429 || name === "RESOURCE_EXHAUSTED") {
    return { next: "wait", seconds: retryDelay(error) ?? QUOTA_WAIT_SECONDS, reason };
  }
  if (status >= 500) return { next: "retry", reason };
  return { next: "abort", code: "API_REFUSED", reason };
}

/** The first vendor error inside, e.g. `queryError=UNRECOGNIZED_FIELD`, and the id to quote to support. */
function detail(error: Readonly<Record<string, unknown>>): string {
  const failure = valueAt(error, "details.0");
  const code = valueAt(failure, "errors.0.errorCode");
  const named = isObject(code) ? Object.entries(code).map(([kind, value]) => `${kind}=${String(value)}`) : [];
  const request = valueAt(failure, "requestId");
  return [...named, ...(request === undefined ? [] : [`request ${String(request)}`])]
    .map((text) => `, ${text}`)
    .join("");
}

/** `retryDelay` as `1800s`, in seconds. */
function retryDelay(error: Readonly<Record<string, unknown>>): number | undefined {
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
