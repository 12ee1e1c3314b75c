import { listAt, textAt } from "../shape.js";
import type { Probe } from "../types.js";
import { type Ask, hostOf } from "./graphql.js";
import { SHOP_QUERY } from "./queries.js";
import { SCOPES } from "./sign-ins.js";

/** Is this the shop itself (not another name of it), and may the app read what the streams need? */
export function probesOf(ask: Ask, shop: string): readonly Probe[] {
  const request = (operationName: string) =>
    ask({ operationName, query: SHOP_QUERY.replace("query Shop", `query ${operationName}`), variables: {} });
  return [
    { name: "shop", request: request("Shop"), read: (body) => readShop(body, hostOf(shop)) },
    { name: "scopes", request: request("Scopes"), read: readScopes },
  ];
}

/** A shop that was renamed still answers to its old name, by a redirect that credentials may not follow. */
function readShop(body: unknown, host: string): ReturnType<Probe["read"]> {
  const domain = textAt(body, "data.shop.myshopifyDomain");
  const [name, currency, timeZone] = ["name", "currencyCode", "ianaTimezone"].map((member) =>
    textAt(body, `data.shop.${member}`),
  ) as [string, string, string];
  const message = `${name} (${domain}) answers; ${currency}, ${timeZone}`;
  if (domain === host) return { ok: true, message, facts: { currency, timeZone } };
  const fix = `set sources.shopify.shop to ${domain.replace(/\.myshopify\.com$/, "")}`;
  return { ok: false, message: `${host} is another name of ${domain}`, fix };
}

function readScopes(body: unknown): ReturnType<Probe["read"]> {
  const path = "data.currentAppInstallation.accessScopes";
  const granted = listAt(body, path).map((_, index) => textAt(body, `${path}.${index}.handle`));
  const missing = SCOPES.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return { ok: true, message: `all scopes are granted: ${SCOPES.join(", ")}` };
  const history = missing.includes("read_all_orders") ? "; only orders of the last 60 days are seen" : "";
  const fix = `give the app ${missing.join(", ")} in its configuration, release the version and install it again`;
  return { ok: false, message: `missing scopes: ${missing.join(", ")}${history}`, fix };
}
