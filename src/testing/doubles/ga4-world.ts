import { addDays, daysOf, type ISODate, isoDate } from "../../base/dates.js";

/** What happened to one combination of dimensions on one day, before anything is summed. Money in dollars. */
export interface Ga4Cell {
  readonly names: Readonly<Record<string, string>>;
  readonly amounts: Readonly<Record<string, number>>;
  /** Who came: the same person may be in many cells. */
  readonly users: readonly string[];
}

/** Sessions, items and transactions do not stand in one report. */
export type Ga4Family = "sessions" | "items" | "transactions";

/** Family and day -> cells. */
export type Ga4World = Map<string, Ga4Cell[]>;

/** The last day of the world; it is 60 days long. */
export const LAST_DAY = isoDate("2026-02-08");

const ENTRANCES = [
  ["Direct", "(direct)", "(none)", "(direct)"],
  ["Organic Search", "google", "organic", "(organic)"],
  ["Paid Social", "facebook", "paid_social", "winter"],
  ["Paid Search", "google", "cpc", "brand"],
  ["Email", "klaviyo", "email", "newsletter"],
  ["Referral", "blog.example", "referral", "(referral)"],
] as const;

/** A world that is always the same. */
export function makeGa4World(): Ga4World {
  const world: Ga4World = new Map();
  for (const [index, day] of daysOf({ from: addDays(LAST_DAY, -59), to: LAST_DAY }).entries()) {
    world.set(`sessions ${day}`, sessions(day, index));
    world.set(`items ${day}`, items(day, index));
    world.set(`transactions ${day}`, transactions(day, index));
  }
  return world;
}

function sessions(day: ISODate, index: number): Ga4Cell[] {
  return ENTRANCES.flatMap(([group, source, medium, campaign], way) =>
    [0, 1, 2].map((page): Ga4Cell => {
      const count = 10 + ((index * 7 + way * 5 + page * 3) % 23);
      const purchases = Math.floor(count / 12);
      return {
        names: {
          date: day.replaceAll("-", ""),
          sessionDefaultChannelGroup: group,
          // Who came first by another way keeps that one: the two scopes never agree.
          firstUserDefaultChannelGroup: ENTRANCES[(way + page) % ENTRANCES.length]?.[0] ?? group,
          sessionSource: source,
          sessionMedium: medium,
          sessionSourceMedium: `${source} / ${medium}`,
          sessionCampaignName: campaign,
          landingPagePlusQueryString: `/page-${page}?gclid=${day}-${way}`,
        },
        amounts: {
          sessions: count,
          engagedSessions: Math.floor(count * 0.6),
          newUsers: Math.floor(count / 2),
          keyEvents: purchases,
          itemViewEvents: count + 3,
          addToCarts: Math.floor(count / 4),
          checkouts: Math.floor(count / 8),
          ecommercePurchases: purchases,
          purchaseRevenue: purchases * 25.5,
        },
        users: Array.from({ length: count - 2 }, (_, who) => `u${(index * 31 + way * 13 + page * 7 + who) % 97}`),
      };
    }),
  );
}

function items(day: ISODate, index: number): Ga4Cell[] {
  return [1, 2, 3, 4].map((id) => ({
    names: { date: day.replaceAll("-", ""), itemId: `SKU-${id}`, itemName: `Item ${id}` },
    amounts: {
      itemsViewed: 20 + ((index + id) % 9),
      itemsAddedToCart: 5 + ((index + id) % 3),
      itemsPurchased: 1 + (id % 2),
      itemRevenue: 12.75 * (1 + (id % 2)),
    },
    users: [],
  }));
}

function transactions(day: ISODate, index: number): Ga4Cell[] {
  // Every tenth day nobody bought: a report without rows.
  const count = index % 10 === 9 ? 0 : 3 + (index % 4);
  return Array.from({ length: count }, (_, number) => ({
    names: {
      date: day.replaceAll("-", ""),
      transactionId: `56789012345678901${String(index * 10 + number).padStart(3, "0")}`,
      sessionSource: number === 0 ? "google" : "(direct)",
      sessionMedium: number === 0 ? "cpc" : "(none)",
      sessionCampaignName: number === 0 ? "Brand" : "(direct)",
    },
    amounts: {
      purchaseRevenue: 25.5,
      refundAmount: number === 0 ? 5.1 : 0,
      shippingAmount: 4.9,
      taxAmount: 2.04,
    },
    users: [],
  }));
}
