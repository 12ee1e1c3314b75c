/** What GA4 can be asked for about the demo shop: sessions by where they came from, items by product, purchases by transaction. */
import { moneyOf } from "./orders.js";
import type { Entrance, Order, TrafficDay, World } from "./types.js";

/** A row of a view before it is summed. Money in cents. */
export interface Sight {
  readonly names: Readonly<Record<string, string>>;
  readonly amounts: Readonly<Record<string, number>>;
}

/** Dimensions and metrics that may stand in one report; every name is one of the vendor's. */
export interface Ga4View {
  readonly dimensions: readonly string[];
  /** Name -> type on the wire. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Everything seen, by day. */
  readonly sights: (world: World) => ReadonlyMap<string, readonly Sight[]>;
}

const COUNT = "TYPE_INTEGER";
const MONEY = "TYPE_CURRENCY";

const TRAFFIC_METRICS: Readonly<Record<string, { readonly type: string; readonly of: (day: TrafficDay) => number }>> = {
  sessions: { type: COUNT, of: (day) => day.sessions },
  engagedSessions: { type: COUNT, of: (day) => day.engagedSessions },
  totalUsers: { type: COUNT, of: (day) => day.users },
  activeUsers: { type: COUNT, of: (day) => day.users },
  newUsers: { type: COUNT, of: (day) => day.newUsers },
  itemViewEvents: { type: COUNT, of: (day) => day.productViews },
  addToCarts: { type: COUNT, of: (day) => day.addToCarts },
  checkouts: { type: COUNT, of: (day) => day.checkouts },
  ecommercePurchases: { type: COUNT, of: (day) => day.purchases },
  transactions: { type: COUNT, of: (day) => day.purchases },
  keyEvents: { type: COUNT, of: (day) => day.purchases },
  purchaseRevenue: { type: MONEY, of: (day) => day.revenueCents },
  totalRevenue: { type: MONEY, of: (day) => day.revenueCents },
};

const traffic: Ga4View = {
  dimensions: [
    "date",
    "sessionDefaultChannelGroup",
    "sessionSource",
    "sessionMedium",
    "sessionSourceMedium",
    "sessionCampaignName",
    "landingPagePlusQueryString",
  ],
  metrics: Object.fromEntries(Object.entries(TRAFFIC_METRICS).map(([name, { type }]) => [name, type])),
  sights: (world) =>
    // Combinations without a session are no rows.
    byDay(world.trafficDays.filter((row) => row.sessions > 0).map((row) => [row.day, trafficSight(row)])),
};

function trafficSight(row: TrafficDay): Sight {
  const { entrance } = row;
  return {
    names: {
      date: compact(row.day),
      sessionDefaultChannelGroup: entrance.group,
      ...sessionNames(entrance),
      sessionSourceMedium: `${entrance.source} / ${entrance.medium}`,
      landingPagePlusQueryString: landingPage(entrance),
    },
    amounts: Object.fromEntries(Object.entries(TRAFFIC_METRICS).map(([name, { of }]) => [name, of(row)])),
  };
}

function sessionNames({ source, medium, campaign, channel }: Entrance): Readonly<Record<string, string>> {
  return {
    sessionSource: source,
    sessionMedium: medium,
    sessionCampaignName: campaign ?? (channel === "direct" ? "(direct)" : "(not set)"),
  };
}

/** Ads and mails lead to the collection with their campaign in the address, everybody else comes to the front page. */
function landingPage({ source, medium, campaign }: Entrance): string {
  if (campaign === null) return "/";
  return `/collections/all?${new URLSearchParams({ utm_source: source, utm_medium: medium, utm_campaign: campaign })}`;
}

const items: Ga4View = {
  dimensions: ["date", "itemId", "itemName"],
  metrics: { itemsViewed: COUNT, itemsAddedToCart: COUNT, itemsPurchased: COUNT, itemRevenue: MONEY },
  sights: (world) => byDay(itemSights(world)),
};

/** What was bought is true; what was only looked at is shared out by how popular a product is. */
function itemSights(world: World): readonly Dated[] {
  const weights = world.products.reduce((sum, product) => sum + product.weight, 0);
  const looks = new Map<string, { views: number; carts: number }>();
  for (const { day, productViews, addToCarts } of world.trafficDays) {
    const { views, carts } = looks.get(day) ?? { views: 0, carts: 0 };
    looks.set(day, { views: views + productViews, carts: carts + addToCarts });
  }
  const bought = boughtByDay(world);
  return [...looks].flatMap(([day, { views, carts }]) =>
    world.products.flatMap((product): readonly Dated[] => {
      const { quantity, cents } = bought.get(`${day} ${product.id}`) ?? { quantity: 0, cents: 0 };
      const share = (amount: number) => Math.floor((amount * product.weight) / weights);
      const itemsAddedToCart = Math.max(quantity, share(carts));
      const itemsViewed = Math.max(itemsAddedToCart, share(views));
      if (itemsViewed === 0) return [];
      const names = { date: compact(day), itemId: String(product.id), itemName: product.title };
      return [
        [day, { names, amounts: { itemsViewed, itemsAddedToCart, itemsPurchased: quantity, itemRevenue: cents } }],
      ];
    }),
  );
}

function boughtByDay(world: World): ReadonlyMap<string, { readonly quantity: number; readonly cents: number }> {
  const bought = new Map<string, { quantity: number; cents: number }>();
  for (const order of seenOrders(world)) {
    for (const line of order.lines) {
      const key = `${order.day} ${line.product.id}`;
      const { quantity, cents } = bought.get(key) ?? { quantity: 0, cents: 0 };
      const paid = line.quantity * line.unitCents - line.discountCents;
      bought.set(key, { quantity: quantity + line.quantity, cents: cents + paid });
    }
  }
  return bought;
}

const transactions: Ga4View = {
  dimensions: ["date", "transactionId", "sessionSource", "sessionMedium", "sessionCampaignName"],
  metrics: { purchaseRevenue: MONEY, refundAmount: MONEY, shippingAmount: MONEY, taxAmount: MONEY },
  sights: (world) =>
    byDay(
      seenOrders(world).map((order) => [
        order.day,
        {
          names: {
            date: compact(order.day),
            transactionId: String(order.id),
            ...(order.entrance === null ? {} : sessionNames(order.entrance)),
          },
          // Like most shops, this one tells GA4 nothing about refunds.
          amounts: {
            purchaseRevenue: moneyOf(order).goods,
            refundAmount: 0,
            shippingAmount: order.shippingCents,
            taxAmount: order.lines.reduce((sum, line) => sum + line.taxCents, 0),
          },
        },
      ]),
    ),
};

/** Orders of the web shop whose purchase GA4 saw. Test orders send no events. */
function seenOrders(world: World): readonly Order[] {
  return world.orders.filter((order) => order.entrance !== null && order.kind !== "test" && order.tracked);
}

/** All of them; the first that has what was asked for answers. */
export const GA4_VIEWS: readonly Ga4View[] = [traffic, items, transactions];

/** The view for some names, or why there is none in the vendor's words. */
export function viewFor(
  dimensions: readonly string[],
  metrics: readonly string[],
): Ga4View | { readonly problem: string } {
  const has = (view: Ga4View, kind: "dimension" | "metric", name: string) =>
    kind === "dimension" ? view.dimensions.includes(name) : Object.hasOwn(view.metrics, name);
  const wanted = [
    ...dimensions.map((name) => ["dimension", name] as const),
    ...metrics.map((name) => ["metric", name] as const),
  ];
  const stranger = wanted.find(([kind, name]) => !GA4_VIEWS.some((view) => has(view, kind, name)));
  if (stranger !== undefined) return { problem: `Field ${stranger[1]} is not a valid ${stranger[0]}.` };
  const fitting = GA4_VIEWS.find((view) => wanted.every(([kind, name]) => has(view, kind, name)));
  return fitting ?? { problem: "The dimensions and metrics are incompatible." };
}

type Dated = readonly [day: string, sight: Sight];

function byDay(sights: readonly Dated[]): ReadonlyMap<string, readonly Sight[]> {
  const days = new Map<string, Sight[]>();
  for (const [day, sight] of sights) {
    const own = days.get(day);
    if (own === undefined) days.set(day, [sight]);
    else own.push(sight);
  }
  return days;
}

function compact(day: string): string {
  return day.replaceAll("-", "");
}
