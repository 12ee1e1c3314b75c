import { isoInstant } from "../../base/clock.js";
import { listAt, objectAt, textAt, valueAt } from "../shape.js";
import type { Probe } from "../types.js";
import { graphUrl } from "./graph.js";
import { accountRequest } from "./objects.js";

const DAY_MS = 86_400_000;
/** A token that ends sooner than this is warned about. */
const WARN_DAYS = 7;

const NEW_TOKEN =
  "make a new token for the system user in Business settings (ads_read), then run `growthos connect meta_ads` or set META_ADS_TOKEN to it";

/** Questions about the connection: the token and its end, what it may read, and each ad account. */
export function metaProbes(accounts: readonly string[]): readonly Probe[] {
  return [TOKEN, PERMISSIONS, ...accounts.map(accountProbe)];
}

const TOKEN: Probe = {
  name: "token",
  request: { method: "GET", url: graphUrl("debug_token", {}), label: "debug_token", tokenParameter: "input_token" },
  read: (body, now) => {
    const data = objectAt(body, "data");
    if (data["is_valid"] !== true) {
      const why = String(valueAt(data, "error.message") ?? "no reason was given");
      return { ok: false, message: `the token is not valid: ${why}`, fix: NEW_TOKEN };
    }
    const ends = ["expires_at", "data_access_expires_at"]
      .map((name) => Number(data[name] ?? 0))
      .filter((end) => end > 0);
    if (ends.length === 0) return { ok: true, message: "the token is valid and does not expire" };
    const end = Math.min(...ends) * 1000;
    const days = Math.floor((end - now) / DAY_MS);
    const message = `the token is valid until ${isoInstant(end).slice(0, 10)}`;
    if (days >= WARN_DAYS) return { ok: true, message };
    return {
      ok: true,
      message: `${message}, ${days < 1 ? "less than a day" : `${days} days`} from now`,
      fix: NEW_TOKEN,
    };
  },
};

/** ads_management includes reading. */
const READING: ReadonlySet<string> = new Set(["ads_read", "ads_management"]);

const PERMISSIONS: Probe = {
  name: "permissions",
  request: { method: "GET", url: graphUrl("me/permissions", {}), label: "permissions" },
  read: (body) => {
    const granted = listAt(body, "data")
      .map((_, index) => objectAt(body, `data.${index}`))
      .filter(({ status }) => status === "granted")
      .map((row) => textAt(row, "permission"));
    if (granted.some((name) => READING.has(name))) return { ok: true, message: `granted: ${granted.join(", ")}` };
    return {
      ok: false,
      message: `ads_read is missing (granted: ${granted.join(", ") || "nothing"})`,
      fix: "make the system user's token again with ads_read, then run `growthos connect meta_ads` or set META_ADS_TOKEN to it",
    };
  },
};

/** Meta's numbers for the state of an account; its past can be read in every one. */
const ACCOUNT_STATES: Readonly<Record<string, string>> = {
  "1": "active",
  "2": "disabled",
  "3": "unsettled",
  "7": "pending risk review",
  "8": "pending settlement",
  "9": "in grace period",
  "100": "pending closure",
  "101": "closed",
};

function accountProbe(id: string): Probe {
  return {
    name: `account act_${id}`,
    request: accountRequest(id),
    read: (body) => {
      const number = textAt(body, "account_status");
      const state = ACCOUNT_STATES[number] ?? `state ${number}`;
      const currency = textAt(body, "currency");
      const message = `${textAt(body, "name")}: ${state}, ${currency}, ${textAt(body, "timezone_name")}`;
      const facts = { currency };
      if (state === "active") return { ok: true, message, facts };
      return { ok: true, message, facts, fix: "look at the account in Ads Manager: it spends nothing in this state" };
    },
  };
}
