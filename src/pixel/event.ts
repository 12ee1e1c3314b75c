/** What an event says, worked out the same in a browser, in Shopify's sandbox and on the shop's server. Small: every byte is delivered. */
import type { Attribution, PixelData, PixelEventName } from "./types.js";

const IDS = "product_id variant_id cart_token checkout_token order_id email";
const AMOUNTS = "quantity price value";
const MOST_TEXT = 200;
const MOST_URL = 1_000;

/** The members that are known and well formed, as texts; what is neither is left out, so that one bad member loses no event. */
export function dataOf(given: unknown): Record<string, string> {
  const data: Record<string, string> = {};
  const take = (names: string, shape: RegExp) => {
    for (const name of names.split(" ")) {
      const value = (given as Readonly<Record<string, unknown>> | null | undefined)?.[name];
      // Sums in floating point have digits that no currency has.
      const text = typeof value === "number" ? `${+value.toFixed(6)}` : value;
      if (typeof text === "string" && text.length <= MOST_TEXT && shape.test(text)) data[name] = text;
    }
  };
  take(IDS, /./);
  take(AMOUNTS, /^-?\d{1,15}(\.\d{1,6})?$/);
  take("currency", /^[a-z]{3}$/i);
  return data;
}

/** Names this checkout, so that it is one event whoever tells it; null where nothing names it: then the event needs an id of its own. */
export function eventIdOf(event: PixelEventName, { order_id: order, checkout_token: token }: PixelData): string | null {
  const named = event === "checkout_completed" ? (order ?? token) : event === "checkout_started" && token;
  // gid://shopify/Order/1001 and 1001 are one order.
  return named ? `${event}:${`${named}`.split("?")[0]?.split("/").pop()}` : null;
}

/** Members of an event; what else says where a visit came from stays in its landing page. */
const TOLD = /^(utm_(source|medium|campaign|content|term|id)|(fb|g|tt)clid|[gw]braid)$/;
/** What the channel rules know. Everything else in a link may be about a person, and is not sent. */
const KEPT = /^(utm_.+|gad_.+|.*cl(k|ick)?id|[gw]braid|epik|sccid|li_fat_id|awc|cjevent|_kx|ref|aff(iliate)?(_id)?)$/;

function wordsOf(href: string): [string, string][] {
  return [...new URLSearchParams(href.split("#")[0]?.split("?")[1])].filter(([name]) => KEPT.test(name));
}

/** A link without its fragment and without all parameters that do not say where a visit came from. */
export function cleanUrl(href: string): string {
  const words = new URLSearchParams(wordsOf(href)).toString();
  return `${href.split(/[?#]/)[0]}${words && "?"}${words}`.slice(0, MOST_URL);
}

/** Where a visit came from, when this page says so: by its link, or by the site before it. Null: it says nothing. */
export function attributionOf(href: string, referrer: string, at: string): Attribution | null {
  const words = wordsOf(href);
  if (!words[0] && (!referrer || hostOf(referrer) === hostOf(href))) return null;
  const told = words.filter(([name]) => TOLD.test(name)).map(([name, value]) => [name, value.slice(0, MOST_TEXT)]);
  return { ...Object.fromEntries(told), landing_page: cleanUrl(href), landed_at: at };
}

function hostOf(href: string): string | undefined {
  return href.split("/")[2];
}
