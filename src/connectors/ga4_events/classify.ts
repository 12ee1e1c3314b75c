import { parseJson } from "../../http/json.js";
import type { HttpResponse, Verdict } from "../../http/types.js";
import { classifyGoogle } from "../google.js";
import { isObject, type JsonObject, valueAt } from "../shape.js";

/** Wait after a rate limit, seconds: it is counted per second and minute, and no answer says when to come back. */
const RATE_WAIT_SECONDS = 10;

/** Reasons that pass by themselves. */
const TRANSIENT: ReadonlySet<string> = new Set([
  "backendError",
  "internalError",
  "jobBackendError",
  "jobInternalError",
]);
const THROTTLED: ReadonlySet<string> = new Set(["rateLimitExceeded", "jobRateLimitExceeded"]);

/** Reasons that do not, and what to do about each. */
const FINAL: Readonly<Record<string, { readonly code: "API_AUTH" | "API_REFUSED"; readonly hint: string }>> = {
  accessDenied: {
    code: "API_AUTH",
    hint: "give the account the roles BigQuery Job User on the project and BigQuery Data Viewer on the dataset, and enable the BigQuery API",
  },
  notFound: {
    code: "API_REFUSED",
    hint: "check sources.ga4_events: project, dataset (analytics_<property id>) and location; a dataset is found in its own location only",
  },
  billingNotEnabled: {
    code: "API_REFUSED",
    hint: "link a billing account to the project, or name another one as sources.ga4_events.project",
  },
  bytesBilledLimitExceeded: {
    code: "API_REFUSED",
    hint: "raise sources.ga4_events.maximumBytesBilled (bytes), or begin later with `since`",
  },
  responseTooLarge: {
    code: "API_REFUSED",
    hint: "one day of this export is larger than BigQuery answers at once; report this",
  },
  quotaExceeded: {
    code: "API_REFUSED",
    hint: "the project's BigQuery quota is used up: run the command again tomorrow, or raise the quota in the Cloud console",
  },
  invalidQuery: { code: "API_REFUSED", hint: "the export's tables may have changed: look for a newer growthos" },
};

/** BigQuery's errors, by their reason: in the envelope, and of a job that failed although the answer is a 200. */
export function classifyBigQuery(response: HttpResponse): Verdict | undefined {
  const found = errorIn(response);
  if (found === undefined) return undefined;
  // Renewing the token is the client's business.
  if (response.status === 401) return undefined;
  return byReason(found) ?? classifyGoogle(response);
}

interface Found {
  readonly reason: string;
  readonly message: string;
}

function errorIn(response: HttpResponse): Found | undefined {
  const isRefusal = response.status >= 400 && response.body.includes('"error"');
  // An event may hold these words too: what decides is the place.
  if (!isRefusal && !response.body.includes('"errorResult"')) return undefined;
  const body = parsed(response.body);
  const error = isRefusal ? valueAt(body, "error") : valueAt(body, "status.errorResult");
  if (!isObject(error)) return undefined;
  const detail = isRefusal ? valueAt(error, "errors.0") : error;
  return { reason: text(detail, "reason"), message: text(error, "message").slice(0, 300) };
}

function byReason({ reason, message }: Found): Verdict | undefined {
  const told = `${reason}: ${message}`;
  if (THROTTLED.has(reason)) return { next: "wait", seconds: RATE_WAIT_SECONDS, reason: told };
  if (TRANSIENT.has(reason)) return { next: "retry", reason: told };
  // A limit that was set in the request has a reason of its own or only its words.
  const limited = /bytes billed/i.test(message) ? FINAL["bytesBilledLimitExceeded"] : undefined;
  const final = limited ?? FINAL[reason];
  return final === undefined ? undefined : { next: "abort", reason: told, ...final };
}

function text(value: unknown, name: string): string {
  return isObject(value) ? String((value as JsonObject)[name] ?? "") : "";
}

function parsed(body: string): unknown {
  try {
    return parseJson(body);
  } catch {
    // Not JSON: the HTTP status decides.
    return null;
  }
}
