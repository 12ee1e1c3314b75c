import { messageOf } from "../../base/errors.js";
import { parseJson } from "../../http/json.js";
import type { HttpResponse, Verdict } from "../../http/types.js";
import { isObject, valueAt } from "../shape.js";

const TOKEN_CODES: ReadonlySet<number> = new Set([102, 190]);
const PERMISSION_CODES: ReadonlySet<number> = new Set([3, 10, 294]);
const LIMIT_CODES: ReadonlySet<number> = new Set([4, 17, 32, 613]);
const PASSING_CODES: ReadonlySet<number> = new Set([-2, 1, 2, 99, 104, 960]);
/** Subcodes of the passing codes that are mistakes of ours, not of the moment. */
const CONFIG_SUBCODES: ReadonlySet<number> = new Set([1504041, 1504042]);

/** Meta's error envelope, whatever the status; the table is in the API's error documentation. */
export function classifyMeta(response: HttpResponse): Verdict | undefined {
  if (!response.body.includes('"error"')) return undefined;
  const error = valueAt(parsed(response.body), "error");
  return isObject(error) ? byCode(error, response) : undefined;
}

function byCode(error: Readonly<Record<string, unknown>>, response: HttpResponse): Verdict {
  const code = Number(error["code"]);
  const reason = `code ${code}${error["error_subcode"] === undefined ? "" : `/${error["error_subcode"]}`}: ${String(error["message"]).slice(0, 300)}`;
  if (TOKEN_CODES.has(code)) return { next: "abort", code: "API_AUTH", reason };
  if (PERMISSION_CODES.has(code) || (code >= 200 && code <= 299)) {
    return { next: "abort", code: "API_AUTH", reason, hint: "give the system user ads_read on the ad account" };
  }
  if (LIMIT_CODES.has(code) || (code >= 80_000 && code <= 80_014)) {
    return { next: "wait", seconds: regainSeconds(response), reason };
  }
  const passing = PASSING_CODES.has(code) && !CONFIG_SUBCODES.has(Number(error["error_subcode"]));
  if (passing || error["is_transient"] === true) return { next: "retry", reason };
  return { next: "abort", code: "API_REFUSED", reason };
}

/** The longest `estimated_time_to_regain_access` (minutes) of all entries of the usage header; five minutes without it. */
function regainSeconds(response: HttpResponse): number {
  const usage = parsed(response.headers["x-business-use-case-usage"] ?? "{}");
  const entries = isObject(usage) ? Object.values(usage).flat() : [];
  const minutes = entries.map((entry) => Number(valueAt(entry, "estimated_time_to_regain_access") ?? 0));
  return Math.max(0, ...minutes.filter(Number.isFinite)) * 60 || 300;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (thrown) {
    return messageOf(thrown);
  }
}
