/**
 * Public data with figures that were computed twice elsewhere: files in, marts out, equal to the cent.
 * The data lies beside the repository (`../shared/data`); without it these tests say so and pass.
 */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inspectFile } from "../sync/files-inspect.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Database, Row } from "../warehouse/types.js";
import { buildShop, COMPLETE_JOURNEY, data, isThere } from "./real-shop.js";

if (!isThere) console.info(`skipped: real data, because there is no ${data}`);

interface Truth {
  readonly summary: Readonly<Record<string, number>>;
  readonly daily: readonly { readonly date: string; readonly orders: number; readonly revenue: number }[];
  readonly monthly: readonly {
    readonly month: string;
    readonly orders: number;
    readonly revenue: number;
    readonly new_orders: number;
    readonly returning_orders: number;
    readonly anonymous_orders: number;
    readonly aov: number;
  }[];
  readonly cohorts: readonly {
    readonly cohort: string;
    readonly size: number;
    readonly active: readonly (number | null)[];
    readonly orders: readonly (number | null)[];
    readonly revenue: readonly (number | null)[];
  }[];
  readonly ltv: Readonly<
    Record<string, { readonly cal_le: { readonly mature: number | null }; readonly customers_mature: number }>
  >;
}

function truthOf(path: string, variant: string): Truth {
  return JSON.parse(readFileSync(join(data, path), "utf8")).variants[variant];
}

const cents = (amount: number): number => Math.round(amount * 100);

/** Everything that the truth tells and the marts hold, compared. */
async function compare(db: Database, truth: Truth): Promise<void> {
  const counted = "from fact_orders where is_counted";
  const whole = await db.one(
    `select count(*) as orders, count(distinct customer_id) as customers, sum(gross_cents - discount_cents)::bigint as revenue,
      count(*) filter (where is_new_customer) as new_orders, count(*) filter (where is_returning_customer) as returning_orders ${counted}`,
  );
  const { summary } = truth;
  expect(whole).toEqual({
    orders: summary["orders"],
    customers: summary["customers"],
    revenue: cents(summary["revenue"] ?? 0),
    new_orders: summary["new_orders"],
    returning_orders: summary["returning_orders"],
  });
  expect(Number(whole["revenue"]) / Number(whole["orders"]) / 100).toBeCloseTo(summary["aov"] ?? 0, 6);
  const repeat = await db.one("select count(*) filter (where order_count > 1) as repeat from dim_customer");
  expect(repeat["repeat"]).toBe(summary["repeat_customers"]);

  const days = await db.all(
    `select strftime(order_date, '%Y-%m-%d') as date, count(*) as orders, sum(gross_cents - discount_cents)::bigint as revenue ${counted} group by order_date order by order_date`,
  );
  expect(days).toEqual(truth.daily.map(({ date, orders, revenue }) => ({ date, orders, revenue: cents(revenue) })));

  const months = await db.all(
    `select strftime(order_date, '%Y-%m') as month, count(*) as orders, sum(gross_cents - discount_cents)::bigint as revenue,
        count(*) filter (where is_new_customer) as new_orders, count(*) filter (where is_returning_customer) as returning_orders,
        count(*) filter (where is_anonymous) as anonymous_orders ${counted} group by 1 order by 1`,
  );
  expect(months).toEqual(
    truth.monthly.map((month) => ({
      month: month.month,
      orders: month.orders,
      revenue: cents(month.revenue),
      new_orders: month.new_orders,
      returning_orders: month.returning_orders,
      anonymous_orders: month.anonymous_orders,
    })),
  );

  const cohorts = await db.all(
    "select strftime(cohort_month, '%Y-%m') as cohort, month_index, active_customers, order_count, net_cents from cohort_months order by 1, 2",
  );
  expect(cohorts).toEqual(truth.cohorts.flatMap(monthsOf));
  await compareLifetimeValue(db, truth);
  await compareWeeks(db);
}

/** Weekly cohorts hold the same customers; whole cohorts come back more and are worth more the longer one looks. */
async function compareWeeks(db: Database): Promise<void> {
  const sums = [7, 30, 60, 90].flatMap((days) => [`sum(retained_${days}d)`, `sum(matured_${days}d)`]);
  const columns = ["sum(cohort_size)", ...sums, "sum(net_90d_cents)", "sum(contribution_30d_cents)"]
    .map((sum, index) => `${sum}::bigint as c${index}`)
    .join(", ");
  const [months, weeks] = [
    await db.one(`select ${columns} from cohorts`),
    await db.one(`select ${columns} from cohorts_weekly`),
  ];
  expect(weeks).toEqual(months);
  const odd = await db.all(
    `select cohort_month from cohorts where matured_90d = cohort_size and not (0 <= retained_7d and retained_7d <= retained_30d
      and retained_30d <= retained_60d and retained_60d <= retained_90d and retained_90d <= cohort_size
      and net_30d_cents <= net_60d_cents and net_60d_cents <= net_90d_cents)`,
  );
  expect(odd).toEqual([]);
}

function monthsOf(cohort: Truth["cohorts"][number]): readonly Row[] {
  return cohort.active.flatMap((active, index) =>
    active === null
      ? []
      : [
          {
            cohort: cohort.cohort,
            month_index: index,
            active_customers: active,
            order_count: cohort.orders[index] ?? 0,
            net_cents: cents(cohort.revenue[index] ?? 0),
          },
        ],
  );
}

/** Net per matured customer: summed over the cohorts first, divided last. */
async function compareLifetimeValue(db: Database, truth: Truth): Promise<void> {
  for (const days of [30, 60, 90, 180, 365]) {
    const row = await db.one(
      `select coalesce(sum(net_${days}d_cents), 0)::bigint as net, sum(matured_${days}d)::bigint as matured from cohorts`,
    );
    const expected = truth.ltv[String(days)];
    expect(row["matured"]).toBe(expected?.customers_mature);
    if (expected?.cal_le.mature === null || expected === undefined) expect(row["net"]).toBe(0);
    // The truth is printed with six digits: times the customers it must be the cents.
    else expect(Number(row["net"])).toBe(Math.round(expected.cal_le.mature * expected.customers_mature * 100));
  }
}

const fixtureTruth = fixtureTruths();

/** What `expected.json` says of each file; its orders files stand one level deeper than the others. */
function fixtureTruths(): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  if (!isThere) return {};
  const { files, ...others } = JSON.parse(readFileSync(join(data, "format_fixtures/expected.json"), "utf8"));
  return { ...files, ...others };
}

/** The sum of a column, by DuckDB's own sniffing reader: a second way to the same number. */
async function columnSum(path: string, header: string): Promise<number> {
  const db = await openDatabase({});
  const row = await db.one(
    `select sum(replace("${header}", ',', '')::decimal(18, 2))::double as sum from read_csv('${path}', all_varchar = true)`,
  );
  await db.close();
  return Number(row["sum"]);
}

describe.runIf(isThere)("public data with known answers", { timeout: 600_000 }, () => {
  it("CDNOW as a Shopify orders export", async () => {
    const db = await buildShop({
      inbox: ["cdnow_sample/as_shopify_orders_export_sample.csv"],
      timeZone: "America/Los_Angeles",
      lastDay: "1998-06-30",
    });
    await compare(db, truthOf("cdnow_sample/as_shopify_orders_export_sample.ground_truth.json", "all"));
    await db.close();
  });

  it("jaffle_shop: orders and payments in two files", async () => {
    const db = await buildShop({
      imports: [
        {
          path: join(data, "jaffle_shop/raw_orders.csv"),
          as: "orders",
          columns: { order_id: "id", customer_id: "user_id", ordered_at: "order_date" },
        },
        {
          path: join(data, "jaffle_shop/raw_payments.csv"),
          as: "order_lines",
          columns: { line_id: "id", order_id: "order_id", line_total: "amount" },
          amounts: "minor",
        },
      ],
      timeZone: "UTC",
      lastDay: "2018-04-09",
    });
    await compare(db, truthOf("jaffle_shop/ground_truth.json", "all"));
    await db.close();
  });

  it("completejourney: one row per line, 47,243 baskets", async () => {
    const db = await buildShop(COMPLETE_JOURNEY);
    await compare(db, truthOf("completejourney/ground_truth.json", "baskets"));
    await db.close();
  });

  it.each([
    ["79 columns", ["format_fixtures/shopify_orders_export_79col.csv"]],
    ["73 columns with byte order mark and CRLF", ["format_fixtures/shopify_orders_export_bom_crlf_73col.csv"]],
  ])("the Shopify layout fixture, %s", async (_, inbox) => {
    const expected = fixtureTruth["shopify_orders_export_79col.csv"] ?? {};
    const db = await buildShop({ inbox, timeZone: "America/Los_Angeles", lastDay: "2024-11-04" });
    const all = await db.one(
      `select count(*) as orders, sum(total_cents)::bigint as total, sum(refund_total_cents)::bigint as refunded, count(*) filter (where is_cancelled) as cancelled,
        count(distinct email_hash) as customers, count(*) filter (where email_hash is null) as without_email from stg_orders`,
    );
    expect(all).toEqual({
      orders: expected["orders"],
      total: cents(Number(expected["total"])),
      refunded: cents(Number(expected["refunded"])),
      cancelled: expected["cancelled"],
      customers: expected["customers_by_lowercase_email"],
      without_email: expected["orders_without_email"],
    });
    const valid = await db.one(
      "select count(*) as orders, sum(gross_cents - discount_cents)::bigint as revenue, sum(refund_cents)::bigint as refunds from fact_orders where is_counted",
    );
    const revenue = cents(Number(expected["valid_revenue"]));
    expect(valid).toEqual({ orders: expected["valid_orders"], revenue, refunds: 2500 });
    const statuses = await db.all("select financial_status, count(*) as orders from stg_orders group by 1");
    const byStatus = Object.fromEntries(statuses.map((row) => [row["financial_status"], row["orders"]]));
    expect(byStatus).toEqual(expected["by_status"]);
    expect(await db.one("select count(*) as lines, sum(quantity)::bigint as units from stg_order_lines")).toEqual({
      lines: 12,
      units: 15,
    });
    const days = await db.all(
      "select strftime(order_date, '%Y-%m-%d') as day, count(*) as orders from fact_orders where order_name in ('#1001', '#1002') group by 1 order by 1",
    );
    expect(days).toEqual([
      { day: "2024-01-31", orders: 1 },
      { day: "2024-02-01", orders: 1 },
    ]);
    await db.close();
  });

  it("two overlapping Shopify exports: an order in both counts once", async () => {
    const expected = fixtureTruth["both files together"] ?? {};
    const inbox = ["shopify_orders_export_79col.csv", "shopify_orders_export_part2_overlap.csv"].map(
      (name) => `format_fixtures/${name}`,
    );
    const db = await buildShop({ inbox, timeZone: "America/Los_Angeles", lastDay: "2024-11-05" });
    const found = await db.one("select count(*) as orders, sum(total_cents)::bigint as total from stg_orders");
    expect(found).toEqual({ orders: expected["orders"], total: cents(Number(expected["total"])) });
    expect(await db.one("select count(*) as lines from stg_order_lines")).toEqual({ lines: 13 });
    await db.close();
  });

  it("ad reports: sums equal the files', total rows are left out", async () => {
    const [meta, google] = [
      fixtureTruth["meta_ads_manager_daily.csv"] ?? {},
      fixtureTruth["google_ads_campaign_report.csv"] ?? {},
    ];
    const inbox = ["meta_ads_manager_daily.csv", "google_ads_campaign_report.csv"].map(
      (name) => `format_fixtures/${name}`,
    );
    const db = await buildShop({ inbox, timeZone: "America/Los_Angeles", lastDay: "2024-03-14" });
    const found = await db.all(
      `select source, sum(spend_cents)::bigint as spend, sum(impressions)::bigint as impressions, sum(clicks)::bigint as clicks, round(sum(conversions), 2) as conversions,
        sum(conversion_value_cents)::bigint as value, min(spend_date) as first, max(spend_date) as last from fact_spend group by source order by source`,
    );
    const period = { first: "2024-03-05", last: "2024-03-14" };
    expect(found).toEqual([
      {
        source: "google_ads",
        spend: cents(Number(google["cost"])),
        impressions: google["impressions"],
        clicks: google["clicks"],
        conversions: google["conversions"],
        value: cents(Number(google["conv_value"])),
        ...period,
      },
      {
        source: "meta_ads",
        spend: cents(Number(meta["spend"])),
        impressions: meta["impressions"],
        clicks: 0,
        conversions: meta["purchases"],
        value: cents(Number(meta["purchase_value"])),
        ...period,
      },
    ]);
    await db.close();
  });

  it("a GA4 report by week: its sums can be shown, its rows are not spread over days", async () => {
    const expected = fixtureTruth["ga4_traffic_acquisition.csv"] ?? {};
    const folder = mkdtempSync(join(tmpdir(), "growthos-real-"));
    const db = await openDatabase({});
    const context = {
      files: diskFiles,
      db,
      copyPath: join(folder, "table.txt"),
      shop: { currency: "USD", timeZone: "UTC" },
    };
    const path = join(data, "format_fixtures/ga4_traffic_acquisition.csv");
    const found = await inspectFile(context, { name: "ga4.csv", path, declared: null });
    expect(Number(found.findings?.totals["sessions"])).toBe(expected["sessions"]);
    expect(Number(found.findings?.totals["revenue"])).toBe(expected["revenue"]);
    expect(found.refusal?.code).toBe("FILE_GRAIN");
    await db.close();
  });

  it("a small shop in several tables: orders, lines, customers, spend, events and figures", async () => {
    const at = (name: string) => join(data, "d2c_data_stack", name);
    const db = await buildShop({
      imports: [
        { path: at("shopify_orders.csv"), as: "orders" },
        { path: at("shopify_order_lines.csv"), as: "order_lines" },
        { path: at("shopify_customers.csv"), as: "customers", columns: { country: "country_code" } },
        {
          path: at("meta_ads_ad_insights.csv"),
          as: "spend",
          columns: { conversions: "reported_conversions", conversion_value: "reported_conversion_value" },
        },
        { path: at("ga4_events.csv"), as: "events" },
        { path: join(data, "wbr_app/demo_uploads/1-wbr-sample-dataset.csv"), as: "daily_metrics" },
      ],
      timeZone: "UTC",
      lastDay: "2026-04-30",
    });
    // Sums of the columns of the files.
    const orders = await db.one(
      "select count(*) as orders, sum(gross_cents)::bigint as gross, sum(discount_cents)::bigint as discount, sum(total_cents)::bigint as total from stg_orders",
    );
    const column = (name: string, header: string) => columnSum(join(data, name), header);
    expect(orders).toEqual({
      orders: 30,
      gross: cents(await column("d2c_data_stack/shopify_orders.csv", "subtotal_price")),
      discount: cents(await column("d2c_data_stack/shopify_orders.csv", "total_discounts")),
      total: cents(await column("d2c_data_stack/shopify_orders.csv", "total_price")),
    });
    const spend = await db.one(
      "select sum(spend_cents)::bigint as spend, sum(clicks)::bigint as clicks from fact_spend",
    );
    expect(spend).toEqual({
      spend: cents(await column("d2c_data_stack/meta_ads_ad_insights.csv", "spend")),
      clicks: await column("d2c_data_stack/meta_ads_ad_insights.csv", "clicks"),
    });
    expect(
      await db.one("select count(*) as customers from dim_customer where order_count > 0 and length(customer_id) = 64"),
    ).toEqual({ customers: 10 });
    const metrics = await db.one(
      "select sum(value)::bigint as impressions, count(*) as days, min(metric_date) as first from fact_daily_metrics where metric_name = 'impressions'",
    );
    expect(metrics).toMatchObject({ first: "2020-01-05" });
    expect(metrics["impressions"]).toBe(await column("wbr_app/demo_uploads/1-wbr-sample-dataset.csv", "Impressions"));
    await db.close();
  });
});
