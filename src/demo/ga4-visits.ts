import { addDays, type DateRange, type ISODate } from "../base/dates.js";
import type { TableRow } from "./bigquery-run.js";
import { localInstant } from "./shop-time.js";
import type { Line, Order, Product, World } from "./types.js";

/** Days before the end of the world for which the demo's property exported its events. */
const EXPORTED_DAYS = 30;
/** Visits per day of people who did not buy; what the property counts is more, an export of all of it would be slow. */
const BROWSING_VISITS = 24;
/** Every so many visits: a search, one that finds nothing, refused cookies. */
const EVERY = { search: 6, empty: 12, refused: 9 };
const TERMS = ["tea towel", "linen shirt", "gift card", "candle", "usb lamp"];
const SHOP = "https://northpine.example";

/** The days of the demo's export. */
export function exportedDays(world: World): DateRange {
  const from = addDays(world.to, 1 - EXPORTED_DAYS);
  const [later = from] = [from, world.from].sort().reverse();
  return { from: later, to: world.to };
}

/** Every event of a day of the demo's property, as rows of its table: visits that only looked, then those that bought. */
export function eventsOfDay(world: World, day: ISODate): readonly TableRow[] {
  const browsing = Array.from({ length: BROWSING_VISITS }, (_, index) => browse(world, day, index));
  const buying = world.orders
    .filter((order) => order.day === day && order.tracked && order.entrance !== null)
    .map((order) => buy(world, order));
  return [...browsing, ...buying].flat();
}

interface Visit {
  readonly day: ISODate;
  /** Ms since 1970 UTC. */
  readonly at: number;
  /** Null where cookies were refused. */
  readonly visitor: string | null;
  readonly country: string;
  readonly city: string;
}

type Params = Readonly<Record<string, string | number>>;

function browse(world: World, day: ISODate, index: number): readonly TableRow[] {
  const at = localInstant(day, 8 * 3600 + index * 1800);
  const visitor = index % EVERY.refused === 4 ? null : `${1_000_000 + (index % 17)}.${Math.floor(at / 86_400_000)}`;
  const visit = { day, at, visitor, country: "United States", city: "Portland" };
  const product = world.products[(index * 7 + Number(day.slice(8))) % world.products.length];
  const pages = Array.from({ length: 1 + (index % 4) }, (_, page) =>
    pageView(visit, page, page === 0 ? "/" : `/c/${page}`),
  );
  const item = product === undefined || index % 2 === 1 ? [] : [itemEvent(visit, "view_item", product, 0)];
  const cart = product === undefined || index % 8 !== 2 ? [] : [itemEvent(visit, "add_to_cart", product, 0)];
  const term = TERMS[index % TERMS.length] ?? "";
  const found = index % EVERY.search === 5 ? [event(visit, "view_search_results", 40, { search_term: term })] : [];
  const empty =
    index % EVERY.empty === 3 ? [event(visit, "no_search_results", 50, { no_search_results_term: term })] : [];
  return [...pages, ...item, ...cart, ...found, ...empty];
}

function buy(world: World, order: Order): readonly TableRow[] {
  const visitor = `${order.customer?.id ?? order.id}.${order.number}`;
  const { countryName, city } = order.place;
  const visit = { day: order.day, at: order.at, visitor, country: countryName, city };
  const looked = order.lines.flatMap((line, index) => [
    itemEvent(visit, "view_item", line.product, index - 60),
    { ...itemEvent(visit, "add_to_cart", line.product, index - 40), items: [itemOf(line)] },
  ]);
  const paid = order.lines.reduce((sum, line) => sum + line.unitCents * line.quantity - line.discountCents, 0);
  const bought = {
    ...event(visit, "purchase", 0, { transaction_id: String(order.number), currency: world.currency }),
    ecommerce: {
      transaction_id: String(order.number),
      purchase_revenue: paid / 100,
      purchase_revenue_in_usd: paid / 100,
    },
    items: order.lines.map(itemOf),
  };
  // Now and then the page with the thanks is loaded again.
  const again = order.number % 40 === 0 ? [{ ...bought, event_timestamp: bought.event_timestamp + 90_000_000 }] : [];
  return [pageView(visit, -70, "/"), ...looked, bought, ...again];
}

function pageView(visit: Visit, seconds: number, path: string): TableRow {
  const referrer: Params = seconds === 0 ? { page_referrer: "https://www.google.com/" } : {};
  return event(visit, "page_view", seconds, { page_location: `${SHOP}${path}`, ...referrer });
}

function itemEvent(visit: Visit, name: string, product: Product, seconds: number): TableRow {
  const [variant] = product.variants;
  const item = {
    ...itemBase(product),
    item_variant: variant?.title ?? null,
    price: (variant?.priceCents ?? 0) / 100,
    quantity: 1,
  };
  return { ...event(visit, name, seconds, { currency: "USD" }), items: [item] };
}

function itemBase(product: Product) {
  return { item_id: String(product.id), item_name: product.title, item_category: product.category };
}

function itemOf({ product, variant, unitCents, quantity }: Line) {
  return { ...itemBase(product), item_variant: variant.title, price: unitCents / 100, quantity };
}

function event(visit: Visit, name: string, seconds: number, params: Params) {
  const at = visit.at + seconds * 1000;
  const session: Params = visit.visitor === null ? {} : { ga_session_id: Math.floor(visit.at / 1_800_000) };
  const all: Params = { page_title: "Northpine", page_location: `${SHOP}/`, ...session, ...params };
  return {
    event_date: visit.day.replaceAll("-", ""),
    event_timestamp: at * 1000,
    event_name: name,
    event_params: Object.entries(all).map(([key, value]) => ({ key, value: paramValue(value) })),
    event_bundle_sequence_id: Math.floor(at / 1000) % 100_000,
    batch_page_id: visit.at,
    batch_ordering_id: 1,
    batch_event_index: Math.abs(seconds) + 1,
    user_id: null,
    user_pseudo_id: visit.visitor,
    user_properties: [],
    device: { category: visit.at % 3 === 0 ? "desktop" : "mobile", operating_system: "Web" },
    geo: { country: visit.country, city: visit.city },
    ecommerce: null,
    items: [],
  };
}

/** Exactly one of the four is set. */
function paramValue(value: string | number) {
  const text = typeof value === "string";
  return { string_value: text ? value : null, int_value: text ? null : value, float_value: null, double_value: null };
}
