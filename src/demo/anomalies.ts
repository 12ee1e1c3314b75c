import { addDays, type DateRange, daysOf, type ISODate, isoDate, isoWeekday, rangeLength } from "../base/dates.js";
import { PROSPECTING } from "./campaigns.js";
import type { Cause, Channel, DemoEvent, Sign } from "./types.js";

function days(from: string, to: string): DateRange {
  return { from: isoDate(from), to: isoDate(to) };
}

/** What the signs of an event are ratios to. */
export const BASES: Readonly<Record<DemoEvent["kind"], string>> = {
  anomaly: "the same days without the event",
  season: "an average day of 1 to 18 November 2025",
  ramp: "an average day of the four weeks after",
};

/** The product of the refund wave, by handle. */
const FAULTY_PRODUCT = "wireless-earbuds";

/** The answer key, in order of time. */
export const EVENTS: readonly DemoEvent[] = [
  {
    id: "opening_weeks",
    kind: "ramp",
    title: "The shop's first weeks",
    days: days("2025-08-13", "2025-08-31"),
    causes: [],
    signs: [
      { metric: "new_customer_share", direction: "up", about: 1.25 },
      { metric: "orders", direction: "down", about: 0.8 },
    ],
    story: "Nobody can return to a shop that has just opened: orders climb as customers come back.",
  },
  {
    id: "checkout_fault",
    kind: "anomaly",
    title: "Orders fall by 40 %",
    days: days("2025-10-08", "2025-10-14"),
    causes: [{ on: { what: "conversion", step: "checkout" }, factor: 0.6 }],
    signs: [
      { metric: "orders", direction: "down", about: 0.6 },
      { metric: "cvr", direction: "down", about: 0.6 },
      { metric: "sessions", direction: "unchanged", about: 1 },
      { metric: "blended_cac", direction: "up", about: 1.67 },
    ],
    story: "A payment method fails at checkout; visits and carts are as always.",
  },
  {
    id: "tracking_loss",
    kind: "anomaly",
    title: "GA4 loses 30 % of the sessions, the shop loses nothing",
    days: days("2025-10-22", "2025-10-28"),
    causes: [{ on: { what: "ga4_tracking" }, factor: 0.7 }],
    signs: [
      { metric: "sessions", direction: "down", about: 0.7 },
      { metric: "orders", direction: "unchanged", about: 1 },
      { metric: "cvr", direction: "up", about: 1.43 },
    ],
    story: "A consent banner blocks the tag: sessions, funnel steps and purchases in GA4 fall together.",
  },
  {
    id: "meta_overspend",
    kind: "anomaly",
    title: `${PROSPECTING.name} spends double for almost nothing`,
    days: days("2025-11-19", "2025-12-09"),
    causes: [
      { on: { what: "spend" }, campaign: PROSPECTING.name, factor: 2 },
      { on: { what: "conversion", step: "cart" }, campaign: PROSPECTING.name, factor: 0.55 },
    ],
    signs: [
      { metric: "spend", channel: "meta", direction: "up", about: 1.4 },
      { metric: "roas", channel: "meta", direction: "down", about: 0.7 },
    ],
    story: "The budget of the broad prospecting campaign was doubled before Black Friday into a tired audience.",
  },
  {
    id: "black_friday",
    kind: "season",
    title: "Black Friday to Cyber Monday",
    days: days("2025-11-28", "2025-12-01"),
    causes: [],
    signs: [
      { metric: "orders", direction: "up", about: 2.5 },
      { metric: "discounts", direction: "up", about: 11 },
      { metric: "aov", direction: "down", about: 0.88 },
    ],
    story: "The yearly sale, 20 % off with code BFCM20; the weeks beside it look weak only by comparison.",
  },
  {
    id: "december_peak",
    kind: "season",
    title: "Christmas trade, then the holidays",
    days: days("2025-12-02", "2025-12-31"),
    causes: [],
    signs: [{ metric: "orders", direction: "up", about: 1.35 }],
    story: "Orders peak around 12 December, end with the last delivery day and are lowest on the 25th.",
  },
  {
    id: "january_dip",
    kind: "season",
    title: "January dip",
    days: days("2026-01-01", "2026-01-29"),
    causes: [],
    signs: [{ metric: "new_customers", direction: "down", about: 0.9 }],
    story: "After the holidays people buy less; the level is back at the end of the month.",
  },
  {
    id: "google_overspend",
    kind: "anomaly",
    title: "Google spend up by 40 %",
    days: days("2026-01-07", "2026-01-27"),
    causes: [
      { on: { what: "spend" }, channel: "google", factor: 1.4 },
      { on: { what: "conversion", step: "cart" }, channel: "google", factor: 0.78 },
    ],
    signs: [
      { metric: "spend", channel: "google", direction: "up", about: 1.4 },
      { metric: "roas", channel: "google", direction: "down", about: 0.72 },
    ],
    story: "Automatic bidding was left without a limit in the cheapest weeks of the year.",
  },
  {
    id: "refund_wave",
    kind: "anomaly",
    title: "Wireless Earbuds come back",
    days: days("2026-01-12", "2026-01-18"),
    causes: [{ on: { what: "refunds", product: FAULTY_PRODUCT, sold: days("2025-12-08", "2026-01-10") }, factor: 0.4 }],
    signs: [
      { metric: "returns", direction: "up", about: 3.7 },
      { metric: "refund_rate", direction: "up", about: 3.7 },
    ],
    story: "A faulty batch sold before Christmas: four of ten pairs are sent back in one week.",
  },
  {
    id: "paid_social_slump",
    kind: "anomaly",
    title: "Paid social stops converting",
    days: days("2026-02-02", "2026-02-08"),
    causes: [
      { on: { what: "conversion", step: "cart" }, channel: "meta", factor: 0.4 },
      { on: { what: "spend" }, channel: "meta", factor: 1.35 },
    ],
    signs: [
      { metric: "cvr", channel: "meta", direction: "down", about: 0.4 },
      { metric: "spend", channel: "meta", direction: "up", about: 1.35 },
      { metric: "roas", channel: "meta", direction: "down", about: 0.3 },
      { metric: "blended_cac", direction: "up", about: 1.4 },
    ],
    story:
      "New landing pages for the Meta campaigns lost their add-to-cart button on phones, while the budget went up.",
  },
];

/** The events of a day. */
export function eventsOn(day: ISODate, events: readonly DemoEvent[] = EVENTS): readonly DemoEvent[] {
  return events.filter((event) => event.days.from <= day && day <= event.days.to);
}

/** Month and day between which nothing is usual in any year: the sale, Christmas, the holidays and January (the seasons of the key). */
const SEASON = { from: "11-19", to: "01-29" } as const;

/**
 * Weeks, ending on `weekEndsOn` (ISO weekday), that no event and no season touches and that follow such a week: nothing may be reported
 * there. Of a world that began earlier than the key the opening weeks and the seasons of its other years are left out too.
 */
export function quietWeeks(range: DateRange, weekEndsOn = 7): readonly DateRange[] {
  const weeks = daysOf(range)
    .filter((day) => isoWeekday(day) === weekEndsOn)
    .map((to) => ({ from: addDays(to, -6), to }))
    .filter((week) => addDays(week.from, -7) >= range.from);
  const opening = rangeLength(EVENTS[0]?.days ?? range);
  const isCalm = (day: ISODate) =>
    eventsOn(day).length === 0 &&
    day >= addDays(range.from, opening) &&
    day.slice(5) < SEASON.from &&
    day.slice(5) > SEASON.to;
  const calm = (from: ISODate) => daysOf({ from, to: addDays(from, 6) }).every(isCalm);
  return weeks.filter((week) => calm(week.from) && calm(addDays(week.from, -7)));
}

/** The multiplier of a measure under the events of a day, for one campaign and channel. */
export function effect(events: readonly DemoEvent[], wanted: EffectQuery): number {
  let factor = 1;
  for (const event of events) {
    for (const cause of event.causes) if (applies(cause, wanted)) factor *= cause.factor;
  }
  return factor;
}

/** Which multiplier: `step` narrows a conversion to one funnel step. */
export interface EffectQuery {
  readonly what: "conversion" | "spend" | "ga4_tracking";
  readonly step?: "cart" | "checkout";
  readonly channel?: Channel;
  readonly campaign?: string | null;
}

function applies(cause: Cause, wanted: EffectQuery): boolean {
  if (cause.on.what !== wanted.what) return false;
  if (cause.on.what === "conversion" && wanted.step !== undefined && cause.on.step !== wanted.step) return false;
  if (cause.channel !== undefined && cause.channel !== wanted.channel) return false;
  return cause.campaign === undefined || cause.campaign === wanted.campaign;
}

/** The refund waves among events: which product, sold when, comes back in which days, and to which share. */
export function refundWaves(events: readonly DemoEvent[]): readonly RefundWave[] {
  return events.flatMap((event) =>
    event.causes.flatMap(({ on, factor }) =>
      on.what === "refunds" ? [{ product: on.product, sold: on.sold, back: event.days, share: factor }] : [],
    ),
  );
}

/** Goods of one product that come back together. */
export interface RefundWave {
  readonly product: string;
  readonly sold: DateRange;
  readonly back: DateRange;
  readonly share: number;
}

/** The answer key as a Markdown table. */
export function answerKeyMarkdown(): string {
  const rows = EVENTS.map((event) => {
    const signs = event.signs.map(signText).join("; ");
    return `| ${event.days.from} … ${event.days.to} | ${event.kind} | ${event.title} | ${signs} | ${event.story} |`;
  });
  const bases = Object.entries(BASES).map(([kind, base]) => `${kind}: against ${base}`);
  return [
    `Signs are ratios. ${bases.join("; ")}.`,
    "",
    "| days | kind | what | what must be seen | why |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function signText(sign: Sign): string {
  const scope = sign.channel === undefined ? "" : ` (${sign.channel})`;
  if (sign.direction === "unchanged") return `\`${sign.metric}\`${scope} unchanged`;
  const percent = Math.round((sign.about - 1) * 100);
  return `\`${sign.metric}\`${scope} ${percent > 0 ? "+" : "−"}${Math.abs(percent)} %`;
}
