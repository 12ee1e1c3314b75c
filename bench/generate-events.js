// Staged events of an invented shop, the same for the same number: what stands in the warehouse after landing and staging GA4's export.
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** Days over which the sessions are spread. */
const DAYS = 90;
/** Events of a session; a visitor has three sessions. */
const PER_SESSION = 6;

/** Columns that every kind has; `s` is the session, `j` the event's place in it. */
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
  case when v % 10 = 0 and j > 1 then 'W' || (v % 5000) end as web_user_id,
  case when v % 3 = 0 then (1 + v % 40)::varchar end as default_branch_id,
  case when v % 10 = 0 then 'C' || (v % 2000) end as web_customer_id,
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

/** Staged relation -> its own columns, and which events are of its kind. */
const KINDS = {
  funnel: [`'session_start' as event_name, ${ITEMS}`, "j = 0"],
  page_view: ["'page_view' as event_name", "j in (1, 2, 3) or (j = 5 and s % 10 > 4)"],
  view_item: [`'view_item' as event_name, ${ITEMS}`, "j = 4"],
  add_to_cart: [`'add_to_cart' as event_name, ${ITEMS}`, "j = 5 and s % 10 in (0, 1)"],
  view_search_results: [
    "'view_search_results' as event_name, 'term ' || s % 3001 as search_term",
    "j = 5 and s % 10 = 2",
  ],
  no_search_results: ["'no_search_results' as event_name, 'vain ' || s % 307 as search_term", "j = 5 and s % 10 = 3"],
  // Every hundredth page of thanks is loaded again in the next session.
  purchase: [
    `'purchase' as event_name, 'T' || (s - case when s % 1000 = 14 then 10 else 0 end) as transaction_id,
     (1000 + s % 50000)::bigint as revenue_cents, ${ITEMS}`,
    "j = 5 and s % 10 = 4",
  ],
};

/** Writes `stg_ga4_events__<kind>.parquet` files with `events` events in all into the folder. */
export async function generateStagedEvents(folder, events) {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: "2048MB",
    preserve_insertion_order: "false",
  });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  const sessions = Math.floor(events / PER_SESSION);
  const from = `(
    select s, j, s % ${Math.ceil(sessions / 3)} as v, '10' || (s % ${Math.ceil(sessions / 3)}) || '.17' as visitor,
      1759276800000000 + (s * ${DAYS * 86_400} // ${sessions}) * 1000000 + j * 30000000 as at_us
    from range(${sessions}) as sessions(s), range(${PER_SESSION}) as places(j))`;
  for (const [kind, [columns, which]] of Object.entries(KINDS)) {
    const path = join(folder, `stg_ga4_events__${kind}.parquet`);
    await connection.run(
      `copy (select ${COMMON}, ${columns} from ${from} where ${which}) to '${path}' (format parquet, compression zstd)`,
    );
  }
  connection.closeSync();
}
