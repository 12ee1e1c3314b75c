import { addDays, type ISODate } from "../base/dates.js";
import { ENTRANCES } from "./campaigns.js";
import { localInstant } from "./shop-time.js";
import { type OrderVisit, visitsOf } from "./shopify-order.js";
import type { Entrance, Order, World } from "./types.js";

/** Days before the end of the world since which the demo's shop has a pixel. */
const PIXEL_DAYS = 30;
/** Visits a day that led to no order; the true ones are far more, and tell no more. */
const BROWSING_VISITS = 24;
const SHOP = "https://northpine.example";

/** One event as the shop's pixel sends it. */
export interface PixelEvent {
  /** Ms since 1970 UTC. */
  readonly at: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * What the demo's pixel saw, oldest first: the visits of those orders that web analytics saw too (the others had refused), and
 * visits that led to nothing. It tells the same visits as the shop's own journey summary.
 */
export function pixelEvents(world: World): readonly PixelEvent[] {
  const first = addDays(world.to, 1 - PIXEL_DAYS);
  const since = localInstant(first, 0);
  const buying = world.orders
    .filter((order) => order.tracked && order.day >= first)
    .flatMap((order) => bought(world, order));
  const days = Array.from({ length: PIXEL_DAYS }, (_, index) => addDays(first, index)).filter(
    (day) => day >= world.from,
  );
  const browsing = days.flatMap((day) =>
    Array.from({ length: BROWSING_VISITS }, (_, index) => browsed(world, day, index)).flat(),
  );
  return [...browsing, ...buying]
    .filter(({ at }) => at >= since)
    .sort((a, b) => a.at - b.at || (String(a.body["event_id"]) < String(b.body["event_id"]) ? -1 : 1));
}

type Told = Pick<OrderVisit, "landingPage" | "referrer" | "at">;

function bought(world: World, order: Order): readonly PixelEvent[] {
  const visits = visitsOf(order);
  const last = visits.at(-1);
  if (last === undefined) return [];
  const visitor = `mx_${order.customer?.id ?? `g${order.id}`}`;
  const [line] = order.lines;
  const product = {
    product_id: String(line?.product.id),
    variant_id: String(line?.variant.id),
    currency: world.currency,
  };
  const checkout = { checkout_token: `chk${order.id.toString(36)}`, currency: world.currency };
  const paid = order.lines.reduce((sum, one) => sum + one.unitCents * one.quantity - one.discountCents, 0);
  const step = (event: string, seconds: number, data: Readonly<Record<string, unknown>>) =>
    told(visitor, last, { event, at: last.at + seconds * 1000, data, key: `${order.id}-${event}` });
  const email = order.customer === null ? {} : { email: order.customer.email };
  return [
    ...visits.map((visit, index) =>
      told(visitor, visit, { event: "page_viewed", at: visit.at, key: `${order.id}-${index}` }),
    ),
    step("product_viewed", 20, product),
    step("product_added_to_cart", 60, { ...product, quantity: line?.quantity ?? 1 }),
    step("checkout_started", 120, checkout),
    step("checkout_completed", 240, {
      ...checkout,
      ...email,
      order_id: String(order.id),
      value: (paid / 100).toFixed(2),
    }),
  ];
}

function browsed(world: World, day: ISODate, index: number): readonly PixelEvent[] {
  const place = (index * 5 + Number(day.slice(8)) * 3) % ENTRANCES.length;
  const entrance = ENTRANCES[place];
  if (entrance === undefined) return [];
  const at = localInstant(day, 8 * 3600 + index * 1800);
  const visit: Told = { at, ...linkOf(entrance) };
  const visitor = `mx_b${day.replaceAll("-", "")}${index}`;
  const product = world.products[(index * 7 + Number(day.slice(8))) % world.products.length];
  const key = `b${day}-${index}`;
  const page = told(visitor, visit, { event: "page_viewed", at, key });
  if (index % 2 === 1 || product === undefined) return [page];
  const data = { product_id: String(product.id), currency: world.currency };
  return [page, told(visitor, visit, { event: "product_viewed", at: at + 30_000, data, key: `${key}-product` })];
}

function linkOf({ channel, source, medium, campaign }: Entrance): Pick<Told, "landingPage" | "referrer"> {
  if (channel === "direct") return { landingPage: `${SHOP}/`, referrer: null };
  if (channel === "organic")
    return { landingPage: `${SHOP}/`, referrer: `https://www.${source === "bing" ? "bing" : "google"}.com/` };
  const tags = { utm_source: source, utm_medium: medium, ...(campaign === null ? {} : { utm_campaign: campaign }) };
  return { landingPage: `${SHOP}/?${new URLSearchParams(tags).toString()}`, referrer: null };
}

interface Happened {
  readonly event: string;
  readonly at: number;
  readonly key: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

function told(visitor: string, visit: Told, { event, at, key, data }: Happened): PixelEvent {
  const query = new URL(visit.landingPage).searchParams;
  return {
    at,
    body: {
      workspace_id: "demo",
      visitor_id: visitor,
      event_id: `px-${key}`,
      event,
      ...(data === undefined ? {} : { data }),
      attribution: {
        ...Object.fromEntries(query),
        landing_page: visit.landingPage,
        landed_at: new Date(visit.at).toISOString(),
      },
      context: { url: visit.landingPage, referrer: visit.referrer },
      // The others had refused.
      consent: { analytics: true },
      ts: new Date(at).toISOString(),
    },
  };
}
