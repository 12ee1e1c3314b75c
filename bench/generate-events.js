// Staged events of an invented shop, the same for the same number: what stands in the warehouse after landing and staging GA4's export.
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** Days over which the sessions are spread, up to two days before the build's `as_of`. */
const DAYS = 90;
/** Events of a session on average: half of the visits bounce after two, the others have ten. */
const PER_SESSION = 6;

/** Columns that every kind has; `s` is the session, `j` the event's place in it, `v` the visitor. */
const COMMON = `
  md5(s || '.' || j) || '-1' as _key,
  strftime(make_timestamp(at_us), '%Y-%m-%d') as _slice,
  make_timestamp(at_us)::date as event_date,
  make_timestamp(at_us)::timestamptz as event_at,
  'daily' as table_kind,
  (1 + j)::bigint as batch_page, 1::bigint as batch_ordering, 1::bigint as batch_event,
  visitor as user_pseudo_id,
  s::varchar as ga_session_id,
  visitor || '.' || s as session_key,
  case when v % 10 = 0 and j > 1 then 'W' || (v // 20) end as web_user_id,
  case when v % 3 = 0 then (1 + v % 40)::varchar end as default_branch_id,
  case when v % 10 = 0 then 'C' || (v // 40) end as web_customer_id,
  'Page ' || (s * 7 + j) % 997 as page_title,
  'https://shop.example/c/' || ((s * 7 + j * 3) % 997) || '?utm_source=x&gclid=' || s as page_location,
  case when v % 2 = 0 then 'mobile' else 'desktop' end as device_category,
  'Web' as device_operating_system,
  'Germany' as geo_country,
  'City ' || v % 500 as geo_city`;

const ITEMS = `'EUR' as currency,
  list_transform(range(1 + s % 3), lambda i: {
    'item_id': 'SKU-' || ((s * 31 + i * 17) % 9973), 'item_name': 'Product ' || ((s * 31 + i * 17) % 9973), 'item_category': 'Home',
    'item_variant': null, 'price_cents': (500 + (s * 37 + i) % 20000)::bigint, 'quantity': (1 + i % 3)::bigint
  }) as items`;

/**
 * Staged relation -> its own columns, and which events are of its kind. A long visit sees pages and a product, searches (a third in vain),
 * and may fill a cart (half), empty it (a sixth) and buy (a twelfth): most carts and searches end in nothing.
 */
const KINDS = {
  funnel: [
    `case j when 0 then 'session_start' when 7 then 'begin_checkout' else 'remove_from_cart' end as event_name, ${ITEMS}`,
    "j = 0 or (j = 7 and s % 4 = 3) or (j = 8 and s % 12 = 7)",
  ],
  page_view: [
    "'page_view' as event_name",
    "j in (1, 2, 3, 9) or (j = 6 and s % 4 <> 3) or (j = 7 and s % 4 <> 3) or (j = 8 and s % 12 <> 7 and s % 16 <> 11)",
  ],
  view_item: [`'view_item' as event_name, ${ITEMS}`, "j = 4"],
  add_to_cart: [`'add_to_cart' as event_name, ${ITEMS}`, "j = 6 and s % 4 = 3"],
  view_search_results: [
    "'view_search_results' as event_name, 'term ' || s % 3001 as search_term",
    "j = 5 and s % 6 <> 1",
  ],
  no_search_results: ["'no_search_results' as event_name, 'vain ' || s % 307 as search_term", "j = 5 and s % 6 = 1"],
  // Some pages of thanks are loaded again in a later session.
  purchase: [
    `'purchase' as event_name, 'T' || (s - case when s % 1000 = 123 then 16 else 0 end) as transaction_id,
     (1000 + s % 50000)::bigint as revenue_cents, ${ITEMS}`,
    "j = 8 and s % 16 = 11 and s % 12 <> 7",
  ],
};

/** Writes `stg_ga4_events__<kind>.parquet` files with about `events` events in all into the folder. */
export async function generateStagedEvents(folder, events) {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: "2048MB",
    preserve_insertion_order: "false",
  });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  const sessions = Math.floor(events / PER_SESSION);
  // Two visits of five are of somebody who never comes back, and is no user; the others come three times, a month apart.
  const regulars = Math.ceil(sessions / 3);
  const visitor = `case when s % 5 < 2 then 10 * ${sessions} + 10 * s + 1 else s % ${regulars} end`;
  const from = `(
    select s, j, v, '10' || v || '.17' as visitor,
      1759276800000000 + (s * ${DAYS * 86_400} // ${sessions}) * 1000000 + j * 30000000 as at_us
    from (select s, ${visitor} as v from range(${sessions}) as sessions(s)) as visits
    cross join range(10) as places(j)
    where j < 2 or s % 2 = 1)`;
  for (const [kind, [columns, which]] of Object.entries(KINDS)) {
    const path = join(folder, `stg_ga4_events__${kind}.parquet`);
    await connection.run(
      `copy (select ${COMMON}, ${columns} from ${from} where ${which}) to '${path}' (format parquet, compression zstd)`,
    );
  }
  connection.closeSync();
}
