import { addDays, type DateRange, type ISODate } from "../base/dates.js";
import type { TableRow } from "./bigquery-run.js";
import { MEMBERS, type Member } from "./branches.js";
import { localInstant } from "./shop-time.js";
import type { Line, Order, Product, Refund, World } from "./types.js";

/** Days before the end of the world for which the demo's property exported its events. */
const EXPORTED_DAYS = 30;
/** Visits per day of people who did not buy; what the property counts is more, an export of all of it would be slow. */
const BROWSING_VISITS = 24;
/** Every so many visits: one of somebody who buys for a business, a search, one that finds nothing, refused cookies. */
const EVERY = { member: 4, search: 6, empty: 12, refused: 9 };
/** Every so many orders: one that a member placed, a page of thanks that is loaded again. */
const EVERY_ORDER = { member: 5, again: 40 };
const TERMS = ["tea towel", "linen shirt", "gift card", "candle", "usb lamp"];
const SHOP = "https://northpine.example";

/** The days of the demo's export. */
export function exportedDays(world: World): DateRange {
  const from = addDays(world.to, 1 - EXPORTED_DAYS);
  const [later = from] = [from, world.from].sort().reverse();
  return { from: later, to: world.to };
}

/** Every event of a day of the demo's property, as rows of its table: visits that only looked, those that bought, what was paid back. */
export function eventsOfDay(world: World, day: ISODate): readonly TableRow[] {
  const browsing = Array.from({ length: BROWSING_VISITS }, (_, index) => browse(world, day, index));
  const tracked = world.orders.filter((order) => order.tracked && order.entrance !== null);
  const buying = tracked.filter((order) => order.day === day).map((order) => buy(world, order));
  const refunds = tracked.flatMap((order) =>
    order.refunds.filter((refund) => refund.day === day).map((refund) => payBack(world, order, refund)),
  );
  return [...browsing, ...buying, refunds].flat();
}

interface Visit {
  readonly day: ISODate;
  /** Ms since 1970 UTC. */
  readonly at: number;
  /** Null where cookies were refused. */
  readonly visitor: string | null;
  readonly device: "desktop" | "mobile";
  readonly country: string;
  readonly city: string;
  /** Who has signed in by then. */
  readonly member: Member | null;
}

type Params = Readonly<Record<string, string | number>>;

/**
 * A visit without an order. Of a day's twenty-four six are members': the first leaves a whole cart at the desk, the second takes something
 * out of it again, the third and the last search in vain, the others look at many pages. They come with a computer or a phone by turns, so
 * that one of them is two visitors; who is not a member comes again within the week.
 */
function browse(world: World, day: ISODate, index: number): readonly TableRow[] {
  const at = localInstant(day, 8 * 3600 + index * 1800);
  const date = Math.floor(at / 86_400_000);
  const number = (index - 1) / EVERY.member;
  if (Number.isInteger(number)) {
    const member = MEMBERS[(date + number) % MEMBERS.length] ?? null;
    return memberVisit(world, visitOf(member, { day, at, isPhone: (date + number) % 2 === 1 }), number);
  }
  const visitor = index % EVERY.refused === 4 ? null : `${1_000_000 + (index % 17)}.${Math.floor(date / 7)}`;
  const device = at % 3 === 0 ? "desktop" : "mobile";
  const visit: Visit = { day, at, visitor, device, country: "United States", city: "Portland", member: null };
  const product = productAt(world, index * 7 + Number(day.slice(8)));
  const item =
    product === undefined || index % 2 === 1 || index % 8 === 4 ? [] : [itemEvent(visit, "view_item", product, 20)];
  const cart = product === undefined || index % 8 !== 2 ? [] : [itemEvent(visit, "add_to_cart", product, 30)];
  const term = TERMS[index % TERMS.length] ?? "";
  const found = index % EVERY.search === 5 ? [event(visit, "view_search_results", 40, { search_term: term })] : [];
  const empty =
    index % EVERY.empty === 3 ? [event(visit, "no_search_results", 50, { no_search_results_term: term })] : [];
  return [start(visit), ...pages(visit, 1 + (index % 4)), ...item, ...cart, ...found, ...empty];
}

function visitOf(
  member: Member | null,
  { day, at, isPhone }: { readonly day: ISODate; readonly at: number; readonly isPhone: boolean },
): Visit {
  const visitor = `${isPhone ? 3_000_000 : 2_000_000}.${member?.id ?? 0}`;
  const city = member?.branch.city ?? "Portland";
  return { day, at, visitor, device: isPhone ? "mobile" : "desktop", country: "United States", city, member };
}

function memberVisit(world: World, visit: Visit, number: number): readonly TableRow[] {
  // The first page is seen before signing in.
  const begin = [start({ ...visit, member: null }), pageView({ ...visit, member: null }, 0, "/")];
  const looked = [0, 1].flatMap((place) => {
    const product = productAt(world, Number(visit.day.slice(8)) + number * 3 + place * 5);
    return product === undefined ? [] : [product];
  });
  const carts = looked.map((product, place) => itemEvent(visit, "add_to_cart", product, 60 + place));
  const [first] = looked;
  const term = `${TERMS[number % TERMS.length] ?? ""} bulk`;
  if (number === 0) {
    const items = carts.flatMap((cart) => cart.items);
    const steps = ["view_cart", "begin_checkout"].map((name, place) => ({
      ...event(visit, name, 80 + place, { currency: "USD" }),
      items,
    }));
    return [...begin, ...looked.map((product) => itemEvent(visit, "view_item", product, 40)), ...carts, ...steps];
  }
  if (number === 1 && first !== undefined) return [...begin, ...carts, itemEvent(visit, "remove_from_cart", first, 90)];
  if (number === 2 || number === 5) {
    const searches = [0, 1, 2].map((place) =>
      event(visit, "view_search_results", 20 + place, { search_term: TERMS[(number + place) % TERMS.length] ?? "" }),
    );
    const vain = event(visit, "no_search_results", 50, { no_search_results_term: term });
    return [...begin, ...(number === 5 ? searches : []), vain];
  }
  return [
    ...begin,
    ...pages(visit, 5).slice(1),
    ...looked.map((product) => itemEvent(visit, "view_item", product, 70)),
  ];
}

function productAt(world: World, number: number): Product | undefined {
  return world.products[number % world.products.length];
}

function start(visit: Visit): TableRow {
  return event(visit, "session_start", 0, {});
}

function pages(visit: Visit, count: number): readonly TableRow[] {
  return Array.from({ length: count }, (_, page) => pageView(visit, page, page === 0 ? "/" : `/c/${page}`));
}

function buyerOf({ number, at, day, customer, id, place }: Order): Visit {
  const member = number % EVERY_ORDER.member === 0 ? (MEMBERS[number % MEMBERS.length] ?? null) : null;
  if (member !== null) return visitOf(member, { day, at, isPhone: number % 2 === 0 });
  const visitor = `${customer?.id ?? id}.${number}`;
  return {
    ...{ day, at, visitor, member, country: place.countryName, city: place.city },
    device: at % 3 === 0 ? "desktop" : "mobile",
  };
}

function buy(world: World, order: Order): readonly TableRow[] {
  const visit = buyerOf(order);
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
  const desk = ["begin_checkout", "add_shipping_info", "add_payment_info"].map((name, place) => ({
    ...event(visit, name, place * 5 - 20, { currency: world.currency }),
    items: bought.items,
  }));
  // Now and then the page with the thanks is loaded again.
  const again =
    order.number % EVERY_ORDER.again === 0 ? [{ ...bought, event_timestamp: bought.event_timestamp + 90_000_000 }] : [];
  return [pageView(visit, -70, "/"), ...looked, ...desk, bought, ...again];
}

/** The shop's server tells it: of the visitor it knows the browser, not the session. */
function payBack(world: World, order: Order, refund: Refund): TableRow {
  const visit = { ...buyerOf(order), day: refund.day, at: refund.at, member: null };
  const paid = refund.lines.reduce((sum, line) => sum + line.goodsCents, 0);
  const told = event(visit, "refund", 0, { transaction_id: String(order.number), currency: world.currency });
  return {
    ...told,
    event_params: told.event_params.filter(({ key }) => key !== "ga_session_id"),
    ecommerce: { transaction_id: String(order.number), refund_value: paid / 100 },
  };
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
    user_properties: propertiesOf(visit.member),
    device: { category: visit.device, operating_system: "Web" },
    geo: { country: visit.country, city: visit.city },
    ecommerce: null,
    items: [],
  };
}

function propertiesOf(member: Member | null) {
  if (member === null) return [];
  const { signsInAs, customer, branch } = member;
  const known: Params = { default_branch_id: branch.id, WebCustomerId: customer };
  const all = signsInAs === null ? known : { ...known, WebUserId: signsInAs };
  return Object.entries(all).map(([key, value]) => ({ key, value: paramValue(value) }));
}

/** Exactly one of the four is set. */
function paramValue(value: string | number) {
  const text = typeof value === "string";
  return { string_value: text ? value : null, int_value: text ? null : value, float_value: null, double_value: null };
}
