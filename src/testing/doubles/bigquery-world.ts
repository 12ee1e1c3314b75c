/** Twenty days of a GA4 property's events, as its export has them. Hand-made: every oddity that an export is known for is in it once. */
import { addDays, daysOf, type ISODate, isoDate } from "../../base/dates.js";
import type { TableRow } from "../../demo/bigquery-run.js";
import { EXPORT_COLUMNS } from "./bigquery-judge.js";

/** Zone of the property. */
export const PROPERTY_ZONE = "America/New_York";
/** Last day of the export by default. */
export const LAST_EXPORT_DAY = isoDate("2026-02-08");
/** Days in the export. */
export const EXPORT_DAYS = 20;

/** A table that tests may change. */
export interface WorldTable {
  readonly columns: readonly string[];
  rows: readonly TableRow[];
}

/** Tables of the dataset by name. */
export type ExportWorld = Map<string, WorldTable>;

/** Columns that tables of the first days do not have. */
export const NEW_COLUMNS = [
  "batch_page_id",
  "batch_ordering_id",
  "batch_event_index",
  "session_traffic_source_last_click",
];

const OLD_COLUMNS = [
  ...["event_date", "event_timestamp", "event_name", "event_params", "event_bundle_sequence_id", "user_id"],
  ...["user_pseudo_id", "user_properties", "device", "geo", "ecommerce", "items"],
];

const COLUMNS = EXPORT_COLUMNS ?? [...OLD_COLUMNS, ...NEW_COLUMNS];

/** `2026-02-08` as `20260208`. */
export function suffixOf(day: ISODate): string {
  return day.replaceAll("-", "");
}

/**
 * The export as of the morning after `last`: that day only streams in, the day before is fresh and streaming, the one before has its
 * daily table and the stream too, one is over the daily limit and has the stream only, the first five lack newer columns.
 */
export function makeExport(last: ISODate): ExportWorld {
  const world: ExportWorld = new Map();
  const days = daysOf({ from: addDays(last, 1 - EXPORT_DAYS), to: last });
  for (const [index, day] of days.entries()) {
    const columns = index < 5 ? COLUMNS.filter((name) => !NEW_COLUMNS.includes(name)) : COLUMNS;
    const table = (name: string, rows = eventsOf(day, index)) =>
      world.set(`${name}${suffixOf(day)}`, { columns, rows });
    const back = EXPORT_DAYS - 1 - index;
    if (back <= 2 || back === 8) table("events_intraday_");
    if (back === 1) table("events_fresh_");
    if (back >= 2 && back !== 8) table("events_");
    table("pseudonymous_users_", []);
  }
  // Names that only look like a day's table.
  world.set(`events_${suffixOf(last)}_copy`, { columns: COLUMNS, rows: eventsOf(last, 0) });
  world.set(`my_events_${suffixOf(last)}`, { columns: COLUMNS, rows: eventsOf(last, 0) });
  return world;
}

/** How many events of a name a day has, duplicates included: what tests expect. */
export const PER_DAY = {
  purchase: 3,
  add_to_cart: 1,
  page_view: 6,
  view_item: 1,
  view_search_results: 1,
  no_search_results: 1,
  funnel: 3,
};

const ITEM = { item_id: "SKU-1", item_name: "Tea towel", item_category: "home", item_variant: null };

function eventsOf(day: ISODate, index: number): readonly TableRow[] {
  const start = midnight(day);
  const end = midnight(addDays(day, 1)) - 1;
  const noon = start + 12 * 3_600_000_000;
  const known = { ga_session_id: 1000 + index };
  const item = { items: [{ ...ITEM, price: 20.05, quantity: 2 }] };
  const money = { currency: "USD", ...known };
  const paid = (id: string | null, revenue: number) => ({
    ...item,
    ecommerce: { transaction_id: id, purchase_revenue: revenue, purchase_revenue_in_usd: revenue },
  });
  const make = (name: string, at: number, params: Params, more: object = {}) => event(day, { name, at, params }, more);
  // A number where others send a text.
  const id = { ...money, transaction_id: 9000 + index };
  const empty = index % 2 === 0 ? "no_search_results" : "view_search_results_no_results";
  const term: Params = index % 2 === 0 ? { no_search_results_term: "yak wool" } : { search_term: "yak wool" };
  return [
    make("page_view", start, { ...known, page_referrer: "https://www.google.com/" }),
    make("page_view", noon, known),
    // The same event twice: nothing in it tells the two apart.
    make("page_view", noon + 1, known),
    make("page_view", noon + 1, known),
    make("page_view", noon + 2, {}, { user_pseudo_id: null }),
    make("view_item", noon + 3, money, item),
    make("add_to_cart", noon + 4, money, item),
    make("view_search_results", noon + 5, { ...known, search_term: "tea", page_title: "Suchergebnisse" }),
    make(empty, noon + 6, { ...known, ...term, page_title: "Keine Treffer" }),
    make("purchase", noon + 10, id, paid(String(9000 + index), 40.1)),
    make("purchase", noon + 90_000_000, id, paid(String(9000 + index), 40.1)),
    make("purchase", noon + 200_000_000, money, { ...paid(null, 5), user_pseudo_id: null }),
    make("scroll", noon + 11, known),
    make("session_start", start, known),
    make("remove_from_cart", noon + 12, money, item),
    // From the shop's server: no session, and what was paid back is no revenue.
    make(
      "refund",
      noon + 300_000_000,
      { currency: "USD" },
      {
        ecommerce: { transaction_id: String(9000 + index), refund_value: 20.05 },
        user_pseudo_id: null,
      },
    ),
    make("page_view", end, known),
  ];
}

type Params = Readonly<Record<string, string | number>>;

function event(
  day: ISODate,
  { name, at, params }: { readonly name: string; readonly at: number; readonly params: Params },
  more: object,
): TableRow {
  const page: Params = { page_title: "Northpine", page_location: "https://northpine.example/?q=a%20b", ...params };
  return {
    event_date: suffixOf(day),
    event_timestamp: at,
    event_name: name,
    event_params: Object.entries(page).map(([key, value]) => ({ key, value: valueOf4(value) })),
    event_bundle_sequence_id: 77,
    batch_page_id: 1,
    batch_ordering_id: 1,
    batch_event_index: 1,
    user_id: null,
    user_pseudo_id: "100.200",
    user_properties: [{ key: "WebUserId", value: { ...valueOf4("U-1"), set_timestamp_micros: at } }],
    device: { category: "mobile", operating_system: "iOS" },
    geo: { country: "United States", city: "Zürich 🏔" },
    ecommerce: null,
    items: [],
    ...more,
  };
}

/** Exactly one of the four is set. */
function valueOf4(value: string | number) {
  const isText = typeof value === "string";
  return {
    string_value: isText ? value : null,
    int_value: isText ? null : value,
    float_value: null,
    double_value: null,
  };
}

/** The first instant of a day in the property's zone, microseconds since 1970 UTC. */
export function midnight(day: ISODate): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  for (const hours of [4, 5]) {
    const at = utc + hours * 3_600_000;
    const local = new Intl.DateTimeFormat("en-GB", {
      timeZone: PROPERTY_ZONE,
      hour: "2-digit",
      day: "2-digit",
      hourCycle: "h23",
    });
    const parts = Object.fromEntries(local.formatToParts(at).map(({ type, value }) => [type, value]));
    if (parts["hour"] === "00" && parts["day"] === day.slice(8)) return at * 1000;
  }
  throw new Error(`${day} has no midnight`);
}
