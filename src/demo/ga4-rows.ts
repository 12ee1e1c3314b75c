/** Rows of GA4's export as its tables have them. */
import { addDays, type DateRange, type ISODate } from "../base/dates.js";
import type { Member } from "./branches.js";
import type { Line, Product, World } from "./types.js";

/** Days before the end of the world for which the demo's property exported its events. */
const EXPORTED_DAYS = 30;

/** The days of the demo's export. */
export function exportedDays({ from, to }: World): DateRange {
  const first = addDays(to, 1 - EXPORTED_DAYS);
  return { from: first < from ? from : first, to };
}

/** One visit. */
export interface Visit {
  readonly day: ISODate;
  /** Ms since 1970 UTC; events are placed around it. */
  readonly at: number;
  /** `user_pseudo_id`; null where cookies were refused. */
  readonly visitor: string | null;
  readonly device: "desktop" | "mobile";
  readonly country: string;
  readonly city: string;
  /** Who has signed in by then. */
  readonly member: Member | null;
}

/** A product and how many pieces of it. */
export interface Wanted {
  readonly product: Product;
  readonly quantity: number;
}

type Params = Readonly<Record<string, string | number>>;

/** A row of the export. */
export type EventRow = ReturnType<typeof eventRow>;

const SHOP = "https://northpine.example";
/** GA4 counts a visit after half an hour as another one. */
const SESSION_MS = 1_800_000;

/** An event so many seconds from the visit's instant; negative: before it. */
export function eventRow(visit: Visit, name: string, seconds: number, params: Params = {}) {
  const at = visit.at + seconds * 1000;
  const session: Params = visit.visitor === null ? {} : { ga_session_id: Math.floor(visit.at / SESSION_MS) };
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
    items: [] as readonly object[],
  };
}

/** The visit's first two events: it begins, and its entry page is seen. */
export function arrival(visit: Visit, path: string, seconds = 0): readonly EventRow[] {
  const landed = { page_location: `${SHOP}${path}` };
  const from = { page_referrer: "https://www.google.com/" };
  return [
    eventRow(visit, "session_start", seconds, landed),
    eventRow(visit, "page_view", seconds, { ...landed, ...from }),
  ];
}

/** A page of the shop is seen. */
export function pageView(visit: Visit, seconds: number, path: string): EventRow {
  return eventRow(visit, "page_view", seconds, { page_location: `${SHOP}${path}` });
}

/** The page of a product. */
export function pathOf({ handle }: Product): string {
  return `/products/${handle}`;
}

/** An event about products, at their cheapest variant's price. */
export function itemsRow(visit: Visit, name: string, seconds: number, wanted: readonly Wanted[]): EventRow {
  const items = wanted.map(({ product, quantity }) => {
    const [variant] = product.variants;
    const price = (variant?.priceCents ?? 0) / 100;
    return { ...itemBase(product), item_variant: variant?.title ?? null, price, quantity };
  });
  return { ...eventRow(visit, name, seconds, { currency: "USD" }), items };
}

/** A line of an order as an item. */
export function itemOf({ product, variant, unitCents, quantity }: Line) {
  return { ...itemBase(product), item_variant: variant.title, price: unitCents / 100, quantity };
}

function itemBase(product: Product) {
  return { item_id: String(product.id), item_name: product.title, item_category: product.category };
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
