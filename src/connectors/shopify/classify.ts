import { messageOf } from "../../base/errors.js";
import { parseJson } from "../../http/json.js";
import type { HttpResponse, Verdict } from "../../http/types.js";
import { isObject, valueAt } from "../shape.js";
import { API_VERSION, hasErrorCode } from "./graphql.js";

const HINTS: Readonly<Record<string, string>> = {
  ACCESS_DENIED:
    "give the app the scopes read_orders, read_all_orders, read_customers, read_products and read_inventory; without access to personal data set personalData: false",
  SHOP_INACTIVE: "the shop is closed or frozen: open it in the Shopify admin",
};

/** Shopify says most things with status 200: throttled, denied and broken queries are in `errors`. */
export function classifyShopify(response: HttpResponse): Verdict | undefined {
  if (response.status === 200) {
    return classifyBody(response.body) ?? classifyVersion(response) ?? classifyBulk(response.body);
  }
  if (response.status === 429) return throttled(parsed(response.body));
  if (response.status >= 300 && response.status < 400) return moved(response.headers["location"] ?? "");
  if (response.status === 403) {
    if (response.body.startsWith("<?xml")) return { ...BROKEN_FILE };
    return { next: "abort", code: "API_AUTH", reason: "permission was denied", hint: HINTS["ACCESS_DENIED"] };
  }
  if (response.status === 402) return refusal("the shop is frozen for lack of payment", "SHOP_INACTIVE");
  if (response.status === 404) return { ...refusal("there is no such shop"), hint: "check sources.shopify.shop" };
  if (response.status === 423) return refusal("the shop is locked", "SHOP_INACTIVE");
  if (response.status === 430) return { next: "wait", seconds: 60, reason: "Shopify's protection refused the call" };
  return undefined;
}

function classifyBody(text: string): Verdict | undefined {
  if (!text.includes('"errors"')) return undefined;
  const body = parsed(text);
  const errors = isObject(body) ? body["errors"] : undefined;
  if (errors === undefined || (Array.isArray(errors) && errors.length === 0)) return undefined;
  if (hasErrorCode(body, "THROTTLED")) {
    return throttled(body) ?? { next: "wait", seconds: 2, reason: "throttled by query cost" };
  }
  if (hasErrorCode(body, "ACCESS_DENIED")) {
    return { next: "abort", code: "API_AUTH", reason: firstMessage(errors), hint: HINTS["ACCESS_DENIED"] };
  }
  if (hasErrorCode(body, "INTERNAL_SERVER_ERROR")) return { next: "retry", reason: firstMessage(errors) };
  if (hasErrorCode(body, "MAX_COST_EXCEEDED")) return { next: "shrink", reason: firstMessage(errors) };
  return refusal(firstMessage(errors));
}

/** The address of a bulk file is signed for a week; after that the storage refuses it. */
const BROKEN_FILE = {
  next: "abort",
  code: "API_BROKEN",
  reason: "the file of the bulk operation is not served any more",
  hint: "run the same command again: it starts a new one",
} as const;

/** A bulk operation that failed: what it left behind is never used, smaller ones are started instead. */
function classifyBulk(text: string): Verdict | undefined {
  if (!text.includes('"bulkOperation"')) return undefined;
  const operation = valueAt(parsed(text), "data.bulkOperation");
  const status = valueAt(operation, "status");
  const code = valueAt(operation, "errorCode");
  if (status === "FAILED") {
    const reason = `the bulk operation failed: ${typeof code === "string" ? code : "no reason was given"}`;
    if (code !== "ACCESS_DENIED") return { next: "shrink", reason };
    return { next: "abort", code: "API_AUTH", reason, hint: HINTS["ACCESS_DENIED"] };
  }
  if (status === "CANCELED" || status === "EXPIRED") {
    const reason = `the bulk operation ${status === "CANCELED" ? "was cancelled" : "expired"}`;
    return { next: "abort", code: "API_BROKEN", reason, hint: "run the same command again: it starts a new one" };
  }
  return undefined;
}

/** Undefined for what is not JSON: the client then calls it broken and tries again. */
function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** Waits until the bucket holds what the query asked for; undefined when the answer does not tell. */
function throttled(body: unknown): Verdict | undefined {
  const cost = valueAt(body, "extensions.cost");
  const wanted = Number(valueAt(cost, "requestedQueryCost"));
  const available = Number(valueAt(cost, "throttleStatus.currentlyAvailable"));
  const rate = Number(valueAt(cost, "throttleStatus.restoreRate"));
  const seconds = Math.ceil((wanted - available) / rate);
  if (!Number.isFinite(seconds)) return undefined;
  return { next: "wait", seconds: Math.max(1, seconds), reason: "throttled by query cost" };
}

/** A renamed shop redirects to its own name; credentials do not follow, people can. */
function moved(location: string): Verdict {
  const domain = /^https:\/\/([a-z0-9-]+)\.myshopify\.com\//.exec(location)?.[1];
  const hint = domain === undefined ? "check sources.shopify.shop" : `set sources.shopify.shop to ${domain}`;
  return { ...refusal("the shop answers under another name"), hint };
}

/** A retired version is answered silently by another one, whose fields may differ. */
function classifyVersion(response: HttpResponse): Verdict | undefined {
  const served = response.headers["x-shopify-api-version"];
  if (served === undefined || served === API_VERSION) return undefined;
  return { ...refusal(`version ${API_VERSION} was asked for, ${served} answered`), hint: "install a newer growthos" };
}

function firstMessage(errors: unknown): string {
  if (typeof errors === "string") return errors.slice(0, 300);
  const message = valueAt(errors, "0.message");
  return typeof message === "string" ? message.slice(0, 300) : "errors without a message";
}

function refusal(reason: string, hint?: keyof typeof HINTS): Extract<Verdict, { next: "abort" }> {
  return { next: "abort", code: "API_REFUSED", reason, hint: hint === undefined ? undefined : HINTS[hint] };
}
