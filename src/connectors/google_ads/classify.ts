/** Google Ads' own error codes (`errorCode: { kind: NAME }`), and what to do about each. */
import type { HttpResponse, Verdict } from "../../http/types.js";
import { classifyGoogleError, googleErrorIn, reasonOf } from "../google.js";
import { isObject, type JsonObject, valueAt } from "../shape.js";

type Meaning =
  | { readonly next: "retry" | "skip" }
  | { readonly next: "abort"; readonly code: "API_AUTH" | "API_REFUSED" | "API_BROKEN"; readonly hint: string };

const refused = (hint: string): Meaning => ({ next: "abort", code: "API_REFUSED", hint });
const denied = (hint: string): Meaning => ({ next: "abort", code: "API_AUTH", hint });

const RETIRED = "update growthos: Google has switched off the API version that this one speaks";
const NO_TOKEN =
  "remove developerToken: since September 2026 access belongs to the Cloud project, not to a developer token";

/** Codes whose HTTP status says too little or the wrong thing. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  "queryError.REQUESTED_METRICS_FOR_MANAGER": { next: "skip" },
  "authorizationError.CUSTOMER_NOT_ENABLED": { next: "skip" },
  "authorizationError.USER_PERMISSION_DENIED": denied(
    "if access runs through a manager account, set loginCustomer to that manager (it is missing or another one); otherwise give this sign-in access to the account",
  ),
  "authorizationError.CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION": denied(
    "the Cloud project may read test accounts only: apply for Explorer access in the API Center of Google Ads, mostly granted at once",
  ),
  "authorizationError.DEVELOPER_TOKEN_NOT_APPROVED": denied(NO_TOKEN),
  "authorizationError.DEVELOPER_TOKEN_PROHIBITED": denied(NO_TOKEN),
  "requestError.CLOUD_PROJECT_NOT_FOUND": denied(
    "sign in again with a client or service account of a Cloud project that exists and has the Google Ads API enabled",
  ),
  "authenticationError.NOT_ADS_USER": denied(
    "this Google account has no Google Ads account: invite its e-mail address under Admin > Access and security, or sign in as another",
  ),
  "authenticationError.CUSTOMER_NOT_FOUND": refused(
    "check the ids in customers and loginCustomer: one of them does not exist",
  ),
  "authenticationError.OAUTH_TOKEN_REVOKED": denied(
    "the access was taken back: sign in again with `growthos connect google_ads`",
  ),
  "requestError.UNSUPPORTED_VERSION": refused(RETIRED),
  "requestError.EXPIRED_PAGE_TOKEN": {
    next: "abort",
    code: "API_BROKEN",
    hint: "run the same command again: this slice begins with its first page",
  },
  "quotaError.ACCESS_PROHIBITED": denied(
    "Google has closed the API to this Cloud project: see the API Center of Google Ads",
  ),
  "internalError.TRANSIENT_ERROR": { next: "retry" },
  "internalError.DEADLINE_EXCEEDED": { next: "retry" },
  "internalError.INTERNAL_ERROR": { next: "retry" },
};

/**
 * The verdict about an answer, undefined when the HTTP status decides. Errors come alone or in a list, and also with status 200
 * as the last chunk of a stream: what came before does not count, and the question is asked again.
 */
export function classifyGoogleAds(response: HttpResponse): Verdict | undefined {
  const error = googleErrorIn(response.body);
  if (error === undefined) return retired(response);
  if (response.status >= 400) return verdictOf(error, response.status);
  const late = verdictOf(error, Number(error["code"] ?? 500));
  return late.next === "wait" || late.next === "reauth"
    ? late
    : { next: "retry", reason: `the stream broke off: ${reasonOf(error, response.status)}` };
}

function verdictOf(error: JsonObject, status: number): Verdict {
  const meaning = codesOf(error)
    .map((code) => MEANINGS[code])
    .find((one) => one !== undefined);
  return meaning === undefined ? classifyGoogleError(error, status) : { ...meaning, reason: reasonOf(error, status) };
}

/** `queryError.UNRECOGNIZED_FIELD` …, of every detail. */
function codesOf(error: JsonObject): readonly string[] {
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  return list(error["details"])
    .flatMap((detail) => list(valueAt(detail, "errors")))
    .flatMap((one) => Object.entries(objectOr(valueAt(one, "errorCode"))))
    .map(([kind, name]) => `${kind}.${String(name)}`);
}

function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** A version that is gone for good has no error envelope any more: its addresses do not exist. */
function retired({ status }: HttpResponse): Verdict | undefined {
  if (status !== 404 && status !== 410) return undefined;
  const reason = `HTTP ${status}, the address does not exist any more`;
  return { next: "abort", code: "API_REFUSED", reason, hint: RETIRED };
}
