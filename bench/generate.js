// A large invented shop, the same bytes for the same numbers: orders, spend and traffic files, tables of GA4's export, and the configs that import them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** Days of history; the day after the last one is 2026-01-01. */
const DAYS = 730;
const LAST = "2025-12-31";

const CONFIG = `import { defineConfig } from "growthos";
export default defineConfig({
  shop: { name: "Bench shop", currency: "USD", timeZone: "America/New_York" },
  asOf: "2026-01-02",
  sources: {
    files: {
      imports: [
        { path: "inbox/orders-*.csv", as: "orders" },
        { path: "inbox/spend-*.csv", as: "spend" },
        { path: "inbox/traffic-*.csv", as: "traffic" },
      ],
    },
  },
});
`;

const EXPORT_CONFIG = `import { defineConfig } from "growthos";
export default defineConfig({
  shop: { name: "Bench shop", currency: "USD", timeZone: "America/New_York" },
  asOf: "2026-01-02",
  sources: { ga4_events: { folder: "export", since: "2025-01-01" } },
});
`;

/** Makes a project folder with \`orders\` orders of ${DAYS} days, at most `fileOrders` in a file. Returns the path of the first. */
export async function generateShop(folder, orders, fileOrders = orders) {
  mkdirSync(join(folder, "inbox"), { recursive: true });
  writeFileSync(join(folder, "growthos.config.ts"), CONFIG);
  const range = { first: 0, count: orders, days: DAYS, last: LAST };
  const path = join(folder, "inbox/orders-0001.csv");
  for (let from = 0; from < orders; from += fileOrders) {
    const file = from === 0 ? path : join(folder, `inbox/orders-part-${from / fileOrders}.csv`);
    await copy(ordersSql(range, from, Math.min(fileOrders, orders - from)), file);
  }
  await copy(spendSql(range), join(folder, "inbox/spend-0001.csv"));
  await copy(trafficSql(range), join(folder, "inbox/traffic-0001.csv"));
  return path;
}

/** One more day of the same shop: about as many orders as the days before had. */
export async function generateNextDay(folder, orders) {
  const range = { first: orders, count: Math.ceil(orders / DAYS), days: 1, last: "2026-01-01" };
  await copy(ordersSql(range), join(folder, "inbox/orders-0002.csv"));
  await copy(spendSql(range), join(folder, "inbox/spend-0002.csv"));
  await copy(trafficSql(range), join(folder, "inbox/traffic-0002.csv"));
}

/** Makes a project folder with `events` events of GA4's BigQuery export, a table per day. `format` is `parquet` or `json`. Returns the paths. */
export async function generateExport(folder, { events, days, format }) {
  mkdirSync(join(folder, "export"), { recursive: true });
  writeFileSync(join(folder, "growthos.config.ts"), EXPORT_CONFIG);
  const perDay = Math.ceil(events / days);
  const paths = [];
  for (let day = 0; day < days; day++) {
    const date = new Date(Date.parse(LAST) - (days - 1 - day) * 86_400_000).toISOString().slice(0, 10);
    const path = join(folder, "export", `events_${date.replaceAll("-", "")}.${format}`);
    await copy(eventsSql({ first: day * perDay, count: perDay, date }), path, `format ${format}`);
    paths.push(path);
  }
  return paths;
}

async function copy(sql, path, how = "format csv, header") {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`copy (${sql}) to '${path.replaceAll("'", "''")}' (${how})`);
  connection.disconnectSync();
  instance.closeSync();
}

/** Orders `from` up to `from + some` of a shop that has `count` in these days. */
function ordersSql({ first, count, days, last }, from = 0, some = count) {
  return `
    with numbered as (
      select i, hash(i) as h, hash(i + 1000000007) as g, timestamp '${last} 23:59:59' - to_seconds(cast((${count} - 1 - (i - ${first})) * ${days}.0 * 86400 / ${count} as bigint)) as moment
      from range(${first + from}, ${first + from + some}) as t(i)
    )
    select
      'O' || lpad(cast(i as varchar), 10, '0') as order_id,
      strftime(moment, '%Y-%m-%dT%H:%M:%SZ') as ordered_at,
      'person' || (h % greatest(1, ${first + count} * 2 // 5)) || '@example.com' as email,
      'USD' as currency,
      'paid' as financial_status,
      printf('%.2f', unit * quantity + 4.95) as total,
      printf('%.2f', case when g % 10 = 0 then unit * quantity * 0.1 else 0 end) as discount,
      '4.95' as shipping,
      case g % 4 when 0 then 'google' when 1 then 'facebook' when 2 then 'newsletter' else '' end as utm_source,
      case g % 4 when 0 then 'cpc' when 1 then 'paid' when 2 then 'email' else '' end as utm_medium,
      case g % 3 when 0 then 'US' when 1 then 'CA' else 'GB' end as country,
      'SKU-' || (g % 500) as sku,
      'Product ' || (g % 500) as title,
      case g % 5 when 0 then 'apparel' when 1 then 'home' when 2 then 'beauty' when 3 then 'food' else 'electronics' end as category,
      quantity,
      printf('%.2f', unit) as unit_price
    from (select *, 5 + (h % 12000) / 100.0 as unit, 1 + g % 3 as quantity from numbered)
    order by i`;
}

function spendSql({ days, last }) {
  return `
    select cast(date '${last}' - d::integer as varchar) as spend_date, platform, 'campaign ' || c as campaign_name, 'USD' as currency,
      printf('%.2f', 50 + hash(d * 100 + c) % 20000 / 100.0) as spend,
      1000 + hash(d * 7 + c) % 90000 as impressions, 10 + hash(d * 3 + c) % 900 as clicks
    from range(${days}) as t(d), range(10) as u(c), (values ('meta'), ('google')) as p(platform)
    order by all`;
}

function trafficSql({ days, last }) {
  return `
    select cast(date '${last}' - d::integer as varchar) as traffic_date, g as channel_group, 500 + hash(d || g) % 5000 as sessions
    from range(${days}) as t(d), (values ('Paid Social'), ('Paid Search'), ('Organic Search'), ('Email'), ('Direct')) as c(g)
    order by all`;
}

/**
 * Rows as `bq extract` gives them, eight parameters each. Of twenty events thirteen are page views and three look at an item; three (sessions,
 * scrolls) are of no kind that growthos reads.
 */
function eventsSql({ first, count, date }) {
  const entry = (key, { text = "null", number = "null" }) =>
    `struct_pack(key := '${key}', value := struct_pack(string_value := (${text})::varchar, int_value := (${number})::bigint, float_value := null::double, double_value := null::double))`;
  const item = `struct_pack(item_id := 'SKU-' || g % 500, item_name := 'Product ' || g % 500, item_category := 'category ' || g % 12,
    item_variant := null::varchar, price := 5 + g % 12000 / 100.0::double, quantity := 1 + g % 3)`;
  return `
    with numbered as (
      select i, hash(i) as h, hash(i + 1000000007) as g, hash(i // 12) as visit, i % 20 as what, 'https://shop.example.com/products/' || hash(i) % 9973 as place
      from range(${first}, ${first + count}) as t(i)
    )
    select
      '${date.replaceAll("-", "")}' as event_date,
      epoch_us(timestamp '${date} 05:00:00') + (i - ${first}) * 86400000000 // ${count} as event_timestamp,
      case when what < 13 then 'page_view' when what < 16 then 'view_item' when what = 16 then case h % 10 when 0 then 'purchase' when 1 then 'view_search_results' else 'add_to_cart' end
        when what = 17 then 'session_start' else 'scroll' end as event_name,
      [${[
        entry("ga_session_id", { number: "visit % 4000000000" }),
        entry("ga_session_number", { number: "1 + visit % 9" }),
        entry("page_location", { text: "place || '?utm_campaign=spring-' || h % 40" }),
        entry("page_title", { text: "'Product ' || h % 9973 || ' | Bench shop'" }),
        entry("page_referrer", { text: "'https://shop.example.com/collections/' || g % 97" }),
        entry("engagement_time_msec", { number: "h % 60000" }),
        entry("currency", { text: "'USD'" }),
        entry("transaction_id", { text: "case when what = 16 then 'O' || i end" }),
      ].join(",\n        ")}] as event_params,
      i // 12 as event_bundle_sequence_id,
      null::varchar as user_id,
      (visit % 1000000000) || '.' || (1760000000 + visit % 9000000) as user_pseudo_id,
      [${entry("WebUserId", { text: "case when visit % 5 = 0 then 'person' || visit % 100000 end" })}] as user_properties,
      struct_pack(category := case when visit % 3 = 0 then 'desktop' else 'mobile' end, operating_system := 'iOS') as device,
      struct_pack(country := 'United States', city := 'City ' || visit % 300) as geo,
      case when what = 16 and h % 10 = 0 then struct_pack(transaction_id := 'O' || i, purchase_revenue := (g % 30000) / 100.0::double,
        purchase_revenue_in_usd := (g % 30000) / 100.0::double) end as ecommerce,
      case when what between 13 and 16 then [${item}] else [] end as items
    from numbered
    order by i`;
}
