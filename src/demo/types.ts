import type { DateRange, ISODate } from "../base/dates.js";

/** What the simulator is asked for. `asOf` is the first day that has not happened yet. */
export interface DemoOptions {
  readonly seed: number;
  readonly days: number;
  readonly asOf: ISODate;
  /** What goes wrong; default: the answer key. Tests leave events out to see what they do. */
  readonly events?: readonly DemoEvent[];
}

/** One day of the window with its circumstances; all factors are against an ordinary day. */
export interface DemoDay {
  readonly day: ISODate;
  /** Days since the start of the window. */
  readonly index: number;
  readonly traffic: number;
  readonly conversion: number;
  readonly spend: number;
  /** The Black Friday sale is on. */
  readonly sale: boolean;
  readonly events: readonly DemoEvent[];
}

/** A stream of uniform numbers in [0, 1). */
export type Stream = () => number;

/** The stream of a name: the same (seed, name, part) always gives the same numbers, whatever was drawn before. */
export type Streams = (name: string, part: number | string) => Stream;

/** Turns expected amounts into whole counts per key, carrying the fraction to the next day, so that weeks hold no dice noise. */
export type Rounder = (key: string, expected: number) => number;

/** Where a sale truly came from: the last touch before the order. */
export type Channel = "meta" | "google" | "organic" | "email" | "direct" | "affiliate";

/** The six groups that GA4 reports. */
export type ChannelGroup = "Paid Social" | "Paid Search" | "Organic Search" | "Email" | "Direct" | "Referral";

/** One way into the shop: what GA4 calls source / medium / campaign. */
export interface Entrance {
  readonly id: string;
  readonly channel: Channel;
  readonly group: ChannelGroup;
  readonly source: string;
  readonly medium: string;
  /** `utm_campaign`; null when there is none. */
  readonly campaign: string | null;
  /** The ad campaign that pays for these sessions; null when unpaid. */
  readonly ad: AdCampaign | null;
  /** Sessions of people who never bought, per ordinary day at the start; 0 for ads, whose spend decides. */
  readonly newSessions: number;
  /** Share of those sessions that order. */
  readonly converts: number;
  /** Share of all orders by known customers that come in here. */
  readonly returningShare: number;
}

/** An advertising campaign and its ordinary day at the start of the window. Money in cents. */
export interface AdCampaign {
  readonly platform: "meta_ads" | "google_ads";
  readonly id: string;
  readonly name: string;
  /** Meta objective, or Google advertising channel type. */
  readonly objective: string;
  readonly spendCents: number;
  readonly clickCents: number;
  /** Clicks per impression. */
  readonly clickRate: number;
}

/** One sellable form of a product. */
export interface Variant {
  readonly id: number;
  readonly inventoryItemId: number;
  readonly sku: string;
  readonly title: string;
  readonly priceCents: number;
  /** Null where the merchant never entered it. */
  readonly costCents: number | null;
}

/** A product of the catalogue. */
export interface Product {
  readonly id: number;
  readonly handle: string;
  readonly title: string;
  readonly category: "apparel" | "beauty" | "home" | "electronics" | "food";
  readonly vendor: string;
  /** How often it is put into a basket, relative to the others. */
  readonly weight: number;
  readonly variants: readonly Variant[];
}

/** A place where customers live. `taxBps`: sales tax in hundredths of a percent. */
export interface Place {
  readonly country: string;
  readonly countryName: string;
  readonly province: string | null;
  readonly city: string;
  readonly zip: string;
  readonly taxBps: number;
  readonly weight: number;
}

/** A person with an account. `ordersPerDay`: expected orders per ordinary day while active. */
export interface Customer {
  readonly id: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone: string | null;
  readonly street: string;
  readonly place: Place;
  readonly ordersPerDay: number;
  readonly createdAt: number;
}

/** One line of an order. Money in cents; `discountCents` and `taxCents` are for the whole line. */
export interface Line {
  readonly id: number;
  readonly product: Product;
  readonly variant: Variant;
  readonly quantity: number;
  readonly unitCents: number;
  readonly discountCents: number;
  readonly taxCents: number;
}

/** Goods given back on one line; `goodsCents` is after discounts, without tax. */
export interface RefundLine {
  readonly line: Line;
  readonly quantity: number;
  readonly goodsCents: number;
  readonly taxCents: number;
}

/** Money given back on one day. Instants are ms since 1970 UTC. */
export interface Refund {
  readonly id: number;
  readonly at: number;
  readonly day: ISODate;
  readonly lines: readonly RefundLine[];
  readonly shippingCents: number;
  readonly restocked: boolean;
  readonly note: string;
}

/** What becomes of an order. */
export type OrderKind = "normal" | "test" | "gift" | "cancelled" | "pending";

/** One order. Money in cents, instants in ms since 1970 UTC, `day` in the shop's time zone. */
export interface Order {
  readonly id: number;
  /** Running number: `#1001` … */
  readonly number: number;
  readonly kind: OrderKind;
  readonly at: number;
  readonly day: ISODate;
  /** Null: bought as a guest without an e-mail address. */
  readonly customer: Customer | null;
  /** 1 for the first order of a customer; 0 for guests. */
  readonly customerIndex: number;
  readonly place: Place;
  /** Null: entered by staff (point of sale, draft order), there was no session. */
  readonly entrance: Entrance | null;
  readonly sourceName: "web" | "pos" | "shopify_draft_order";
  /** Did GA4 see the purchase? */
  readonly tracked: boolean;
  readonly code: { readonly text: string; readonly percent: number } | null;
  readonly lines: readonly Line[];
  readonly shippingCents: number;
  readonly refunds: readonly Refund[];
  readonly cancelledAt: number | null;
  readonly fulfilledAt: number | null;
  readonly updatedAt: number;
}

/** A day of one ad campaign: what was bought, and what the platform claims to have caused. */
export interface AdDay {
  readonly day: ISODate;
  readonly entrance: Entrance;
  readonly campaign: AdCampaign;
  readonly spendCents: number;
  readonly impressions: number;
  readonly clicks: number;
  /** True landings. */
  readonly sessions: number;
  /** Orders that truly came from it, and their goods value after discounts. */
  readonly orders: number;
  readonly orderCents: number;
  readonly claimedOrders: number;
  readonly claimedCents: number;
}

/** A day of one entrance as GA4 reports it. */
export interface TrafficDay {
  readonly day: ISODate;
  readonly entrance: Entrance;
  readonly sessions: number;
  readonly engagedSessions: number;
  readonly users: number;
  readonly newUsers: number;
  readonly productViews: number;
  readonly addToCarts: number;
  readonly checkouts: number;
  readonly purchases: number;
  readonly revenueCents: number;
}

/** The one ground truth; each responder shows its own side of it. */
export interface World {
  readonly options: DemoOptions;
  readonly from: ISODate;
  readonly to: ISODate;
  readonly timeZone: string;
  readonly currency: string;
  readonly products: readonly Product[];
  /** In order of their first purchase. */
  readonly customers: readonly Customer[];
  /** In order of creation. */
  readonly orders: readonly Order[];
  readonly adDays: readonly AdDay[];
  readonly trafficDays: readonly TrafficDay[];
}

/**
 * What was put into the demo data on purpose: the answer key. Alerts, reports and questions can be marked against it.
 * A day outside every event is quiet: whatever is reported about it is a false alarm.
 */
export interface DemoEvent {
  readonly id: string;
  /** `anomaly`: something broke, must be noticed. `season`: expected every year, must not be called a fault. `ramp`: a young shop's first weeks. */
  readonly kind: "anomaly" | "season" | "ramp";
  readonly title: string;
  /** In the shop's time zone, both ends included. */
  readonly days: DateRange;
  /** What the simulator does. */
  readonly causes: readonly Cause[];
  /** What a reader of the reports must see, against what `BASES` says for the kind. */
  readonly signs: readonly Sign[];
  /** One sentence: why it happened. */
  readonly story: string;
}

/** A multiplier inside the simulator. */
export interface Cause {
  readonly on:
    | { readonly what: "conversion" /** Funnel step at which people are lost. */; readonly step: "cart" | "checkout" }
    | { readonly what: "spend" }
    | { readonly what: "ga4_tracking" }
    | {
        readonly what: "refunds";
        readonly product: string /** Orders of these days come back. */;
        readonly sold: DateRange;
      };
  /** Only this channel or campaign; undefined: the whole shop. */
  readonly channel?: Channel;
  readonly campaign?: string;
  /** For refunds: the share of the sold lines that comes back. */
  readonly factor: number;
}

/** An expected movement of a metric of the catalog, as a ratio to the level before: 0.6 = -40 %. */
export interface Sign {
  readonly metric: string;
  readonly channel?: Channel;
  readonly direction: "up" | "down" | "unchanged";
  readonly about: number;
}
