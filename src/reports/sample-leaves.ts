/** The measures that the sample shop is made of. Imported by tests only. */
import { type DateRange, daysBetween, type ISODate, isoDate } from "../base/dates.js";
import type { MetricId } from "../metrics/types.js";
import type { SampleGroup } from "./sample-groups.js";

/** Orders per day, average value in cents, spend per day in cents, share of new customers in percent. */
export const CHANNELS = [
  { key: "meta", label: "Meta Ads", paid: true, orders: 9, value: 7400, spend: 21000, fresh: 70, sessions: 420 },
  { key: "google", label: "Google Ads", paid: true, orders: 7, value: 8100, spend: 14500, fresh: 55, sessions: 300 },
  { key: "email", label: "Email", paid: false, orders: 5, value: 6900, spend: 0, fresh: 8, sessions: 120 },
  {
    key: "organic_search",
    label: "Organic search",
    paid: false,
    orders: 4,
    value: 7900,
    spend: 0,
    fresh: 45,
    sessions: 210,
  },
  { key: "direct", label: "Direct", paid: false, orders: 3, value: 9100, spend: 0, fresh: 30, sessions: 160 },
  { key: "(none)", label: "Unattributed", paid: undefined, orders: 1, value: 6500, spend: 0, fresh: 40, sessions: 0 },
] as const;

/** What measures are reckoned for. */
export type Channel = SampleGroup;

/** The measures of one channel on one day, by the number of days since 1970; whole numbers, with a weekly wave and slow growth. */
function leaf(id: MetricId, channel: Channel, number: number): number {
  const wave = [3, 1, 0, 0, 2, 4, 5][number % 7] ?? 0;
  const growth = (number - 20_300) / 60;
  const orders = Math.max(0, Math.round(channel.orders + (channel.orders * (wave + growth)) / 12 - (number % 3)));
  const value = channel.value + ((number * 37 + channel.orders * 11) % 900) - 450;
  switch (id) {
    case "orders":
      return orders;
    case "gross_revenue":
      return orders * value + orders * 610;
    case "discounts":
      return orders * 610;
    case "returns":
      return number % 4 === 0 ? Math.round((orders * value) / 6) : 0;
    case "new_customers":
      return Math.round((orders * channel.fresh) / 100);
    case "spend":
      return channel.spend === 0 ? 0 : channel.spend + wave * 900 + Math.round(growth * 1500) + (number % 5) * 310;
    case "sessions":
      return channel.sessions + wave * 14 + (number % 6) * 5;
    case "web_revenue":
      return orders * value;
    case "web_purchases":
      return orders;
    case "web_visits":
      return orders * 30 + wave * 8;
    case "web_visitors":
      return orders * 21 + wave * 5;
    case "repeat_visitors":
      return orders * 6;
    case "abandoned_carts":
      return Math.round(orders / 2) + (number % 3);
    case "searches":
      return orders * 4 + (number % 5);
    case "failed_searches":
      return orders + (number % 2);
    case "product_views":
      return Math.round(leaf("sessions", channel, number) * 0.6);
    case "add_to_carts":
      return Math.round(leaf("sessions", channel, number) * 0.15);
    case "checkouts":
      return Math.round(leaf("sessions", channel, number) * 0.08);
    case "purchases":
      return Math.round(leaf("sessions", channel, number) * 0.03);
    case "cogs":
      return Math.round(orders * value * 0.45);
    case "shipping_cost":
      return Math.round(orders * value * 0.08);
    case "ops_cost":
      return Math.round(orders * value * 0.05);
    case "payment_fees":
      // What the other costs leave of a contribution of 34 %, so that the ladder adds up to the cent.
      return (
        orders * value -
        ["cogs", "shipping_cost", "ops_cost", "contribution_before_returns"].reduce(
          (all, part) => all + leaf(part, channel, number),
          0,
        )
      );
    case "clicks":
      return channel.spend === 0 ? 0 : channel.sessions + wave * 9;
    case "impressions":
      return channel.spend === 0 ? 0 : channel.sessions * 60;
    case "conversions":
      return channel.spend === 0 ? 0 : orders + 2;
    case "conversion_value":
      return channel.spend === 0 ? 0 : (orders + 2) * value;
    case "returning_orders":
      return orders - leaf("new_customers", channel, number);
    case "units":
      return orders * 2;
    case "contribution_before_returns":
      return Math.round(orders * value * 0.34);
    case "entered_costs":
      // One shop's rent, not one of each channel.
      return { direct: 6500, rent: 5000, tools: 1500 }[channel.key] ?? 0;
    case "cleared_net_revenue":
      // Banks rest at the weekend.
      return number % 7 < 5
        ? ({ direct: 10, shopify_payments: 8, paypal: 2 }[channel.key] ?? 0) * (24_000 + (number % 5) * 730)
        : 0;
    case "cogs_returned":
      return number % 4 === 0 ? Math.round((orders * value) / 15) : 0;
    default:
      return 0;
  }
}

const SUMS = new Map<string, readonly number[]>();
const EPOCH = isoDate("2023-01-01");
const FIRST_NUMBER = daysBetween(isoDate("1970-01-01"), EPOCH);
const SUMMED_DAYS = 1500;

/** A measure over a range by sums from the first day on: series of years ask for each day many times. */
export function sumOf(id: MetricId, channel: Channel, range: DateRange): number {
  const key = `${id} ${channel.key} ${channel.label}`;
  let sums = SUMS.get(key);
  if (sums === undefined) {
    let all = 0;
    sums = [0, ...Array.from({ length: SUMMED_DAYS }, (_, day) => (all += leaf(id, channel, FIRST_NUMBER + day)))];
    SUMS.set(key, sums);
  }
  return (sums[placeOf(range.to) + 1] ?? 0) - (sums[placeOf(range.from)] ?? 0);
}

const PLACES = new Map<ISODate, number>();

/** Days since the epoch of the sums; remembered, since dates are texts. */
function placeOf(day: ISODate): number {
  const known = PLACES.get(day);
  if (known !== undefined) return known;
  const place = daysBetween(EPOCH, day);
  PLACES.set(day, place);
  return place;
}
