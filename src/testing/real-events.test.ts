/**
 * Public events, files in and marts out: every figure equals one that plain SQL finds in the file itself.
 * The data lies beside the repository (`../shared/data`); without it these tests say so and pass.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { quoteText } from "../base/ids.js";
import { buildShop, data, isThere } from "./real-shop.js";

if (!isThere) console.info(`skipped: real events, because there is no ${data}`);

describe.runIf(isThere)("real events", { timeout: 600_000 }, () => {
  it("a small shop: its events by kind, and everything that is told of its sessions", async () => {
    const path = join(data, "d2c_data_stack/ga4_events.csv");
    const db = await buildShop({ imports: [{ path, as: "events" }], timeZone: "UTC", lastDay: "2026-04-30" });
    const file = `read_csv(${quoteText(path)}, timestampformat = '%Y-%m-%d %H:%M:%S')`;
    const kinds = `('session_start', 'page_view', 'view_item', 'add_to_cart', 'begin_checkout', 'purchase')`;
    const byKind = await db.all(
      "select event_kind as kind, count(*)::int as n from fact_events group by all order by all",
    );
    expect(byKind.length).toBeGreaterThan(3);
    expect(byKind).toEqual(
      await db.all(
        `select event_name as kind, count(*)::int as n from ${file} where event_name in ${kinds} group by all order by all`,
      ),
    );
    const sessions = await db.all(
      `select session_key, started_at::varchar as started, page_views::int as pages, distinct_pages::int as different, item_views::int as items,
        cart_adds::int as carts, checkouts::int as desks, purchases::int as purchases, revenue_cents::int as revenue, is_bounced as bounced,
        entry_page as entry from fact_sessions order by all`,
    );
    expect(sessions.length).toBeGreaterThan(30);
    expect(sessions).toEqual(
      await db.all(
        `select user_pseudo_id || '.' || session_id as session_key, min(event_timestamp)::timestamptz::varchar as started,
          count(*) filter (event_name = 'page_view')::int as pages,
          count(distinct page_location) filter (event_name = 'page_view')::int as different,
          count(*) filter (event_name = 'view_item')::int as items, count(*) filter (event_name = 'add_to_cart')::int as carts,
          count(*) filter (event_name = 'begin_checkout')::int as desks, count(*) filter (event_name = 'purchase')::int as purchases,
          coalesce(sum(round(event_value * 100)) filter (event_name = 'purchase'), 0)::int as revenue,
          count(distinct page_location) filter (event_name = 'page_view') = 1
            and count(*) filter (event_name not in ('page_view', 'session_start')) = 0 as bounced,
          arg_min(page_location, event_timestamp) filter (event_name = 'page_view') as entry
        from ${file} where event_name in ${kinds} group by all order by all`,
      ),
    );
    await db.close();
  });

  it("a flattened GA4 export: its events by kind, sessions, purchases and revenue", async () => {
    const path = join(data, "fivetran_seeds/dbt_ga4_export/seeds/event_data.csv");
    const columns = {
      event_at: "timestamp",
      event_name: "name",
      event_id: "_fivetran_id",
      session_id: "param_ga_session_id",
      web_user_id: "user_id",
      transaction_id: "ecommerce_transaction_id",
      value: "ecommerce_purchase_revenue_in_usd",
    };
    const db = await buildShop({ imports: [{ path, as: "events", columns }], timeZone: "UTC", lastDay: "2024-09-10" });
    // Scrolls are no commerce, and "checkout" is no event of GA4: four of six.
    expect(await db.all("select event_kind, count(*)::int as n from fact_events group by all order by all")).toEqual(
      ["add_to_cart", "begin_checkout", "purchase", "view_item"].map((kind) => ({ event_kind: kind, n: 1 })),
    );
    const told = `from read_csv(${quoteText(path)}) where name in ('add_to_cart', 'begin_checkout', 'purchase', 'view_item')`;
    expect(
      await db.one(
        `select count(*)::int as sessions, sum(purchases)::int as purchases, sum(revenue_cents)::int as revenue,
          count(distinct person_key)::int as people from fact_sessions`,
      ),
    ).toEqual(
      await db.one(
        `select count(distinct user_pseudo_id || param_ga_session_id)::int as sessions, count(*) filter (name = 'purchase')::int as purchases,
          sum(round(ecommerce_purchase_revenue_in_usd * 100)) filter (name = 'purchase')::int as revenue, count(distinct user_id)::int as people ${told}`,
      ),
    );
    await db.close();
  });
});
