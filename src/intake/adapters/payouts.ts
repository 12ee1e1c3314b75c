import { type ISODate, isISODate } from "../../base/dates.js";
import { type Adapter, MAX_BODY_BYTES, type Reading } from "../types.js";
import { isObject } from "./members.js";
import { provenanceIn } from "./provenance.js";

// Minor units of it fit into 64 bits with room to be summed: an amount that did not would stop every build.
const AMOUNT = /^-?\d{1,12}(?:\.\d{1,6})?$/;
// Days between these are counted one by one.
const [EARLIEST, LATEST] = ["2000-01-01", "2099-12-31"];

/**
 * Money that reached the bank: one payout, a list, or `{ items: [...] }`. The topic is who paid (`/hooks/payouts/stripe`). A payout that
 * comes again with another status is another event; the very same one is a repeat, so two equal ones need a `ref_id` each.
 */
export const payouts: Adapter = {
  source: "payouts",
  title: "Payouts",
  headers: ["content-type"],
  isKnownByBody: true,
  maxBytes: MAX_BODY_BYTES,
  read: ({ topic }, body) => {
    const items = itemsOf(body);
    const wrong = items.findIndex((item) => problemOf(item) !== null);
    if (items.length === 0) return { reason: "wrong_shape", why: "there is no payout in it" };
    if (wrong >= 0) return { reason: "wrong_shape", why: `payout ${wrong + 1}: ${problemOf(items[wrong])}` };
    return { events: items.map((item) => eventOf(item, topic ?? "payout")) } satisfies Reading;
  },
};

function eventOf(body: unknown, topic: string) {
  const day = dayOf(body);
  const event = { topic, account: null, deliveryId: null, eventId: null, provenance: provenanceIn(body), body };
  return day === null ? event : { ...event, day };
}

/** From its first payout on a ledger is known, however late it is told; what no calendar of a shop holds is no day. */
function dayOf(body: unknown): ISODate | null {
  const day = isObject(body) ? String(body["date"]).slice(0, 10) : "";
  return isISODate(day) && day >= EARLIEST && day <= LATEST ? day : null;
}

function itemsOf(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body;
  return isObject(body) && Array.isArray(body["items"]) ? body["items"] : [body];
}

/** What a payout cannot do without: an amount and its currency. Unknown is not zero. */
function problemOf(item: unknown): string | null {
  if (!isObject(item)) return "it is not an object";
  const { amount, currency } = item;
  if (!AMOUNT.test(String(amount)) || typeof amount === "boolean") return "amount is not a decimal";
  if (typeof currency !== "string" || !/^[A-Za-z]{3}$/.test(currency)) return "currency is not an ISO 4217 code";
  return null;
}
