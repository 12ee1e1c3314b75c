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
  if (response.status === 200) return classifyBody(response.body) ?? classifyVersion(response);
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
    return { next: "wait", seconds: throttleSeconds(body), reason: "throttled by query cost" };
  }
  if (hasErrorCode(body, "ACCESS_DENIED")) {
    return { next: "abort", code: "API_AUTH", reason: firstMessage(errors), hint: HINTS["ACCESS_DENIED"] };
  }
  if (hasErrorCode(body, "INTERNAL_SERVER_ERROR")) return { next: "retry", reason: firstMessage(errors) };
  // The reader asks again for a smaller page.
  if (hasErrorCode(body, "MAX_COST_EXCEEDED")) return { next: "accept" };
  return refusal(firstMessage(errors));
}

/** Undefined for what is not JSON: the client then calls it broken and tries again. */
function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** Seconds until the bucket holds what the query asked for. */
function throttleSeconds(body: unknown): number {
  const cost = valueAt(body, "extensions.cost");
  const wanted = Number(valueAt(cost, "requestedQueryCost"));
  const available = Number(valueAt(cost, "throttleStatus.currentlyAvailable"));
  const rate = Number(valueAt(cost, "throttleStatus.restoreRate"));
  const seconds = Math.ceil((wanted - available) / rate);
  return Number.isFinite(seconds) ? Math.max(1, seconds) : 2;
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
