// The sums behind every metric of the catalog, window and the one before, as one statement for the bare engine: each fact is read
// once and grouped by period. node bare-metrics.js <build.duckdb> <from> <to> [out.json]
import { writeFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";

const [path, from, to, out] = process.argv.slice(2);
const DAY = 86_400_000;
const days = (Date.parse(to) - Date.parse(from)) / DAY + 1;
const first = new Date(Date.parse(from) - days * DAY).toISOString().slice(0, 10);

/** Rows of both periods; `p` is true for the window, `d` the day's number in its period. */
const rows = (fact, column) =>
  `(select *, ${column} >= date '${from}' as p, ${column} - if(${column} >= date '${from}', date '${from}', date '${first}') as d
    from ${fact} where ${column} between date '${first}' and date '${to}')`;
const sums = (columns) => columns.map((column) => `coalesce(sum(${column}), 0)::bigint as ${column}`).join(", ");
const cohortColumns = [
  "cohort_size",
  "spend_cents",
  ...[7, 30, 60, 90].map((n) => `retained_${n}d`),
  ...[7, 30, 60, 90, 180, 365].map((n) => `matured_${n}d`),
  ...[30, 60, 90, 180, 365].map((n) => `net_${n}d_cents`),
];
const orderColumns = [
  "gross_cents",
  "discount_cents",
  "tax_cents",
  "shipping_cents",
  "cogs_cents",
  "shipping_cost_cents",
  "ops_cost_cents",
  "payment_fee_cents",
  "contribution_cents",
  "unit_count",
];

const STATEMENT = `
with
orders as (
  select p, count(*) as orders, ${sums(orderColumns)},
    count(*) filter (where not is_reporting_currency) as foreign_rows,
    count(*) filter (where is_new_customer) as new_customers,
    count(*) filter (where is_returning_customer) as returning_orders,
    coalesce(sum(order_value_cents) filter (where is_new_customer), 0)::bigint as new_value,
    count(distinct customer_id) as customers,
    count(distinct customer_id) filter (where is_returning_customer) as returning_customers,
    coalesce(sum(gross_cents * d), 0)::bigint as gross_moment, coalesce(sum(discount_cents * d), 0)::bigint as discount_moment
  from ${rows("fact_orders", "order_date")} where is_counted group by p
),
refunds as (
  select p, ${sums(["refund_cents", "cogs_returned_cents"])}, coalesce(sum(refund_cents * d), 0)::bigint as refund_moment,
    coalesce(sum(refund_cents) filter (where is_new_customer), 0)::bigint as new_refunds
  from ${rows("fact_refunds", "refund_date")} where is_counted group by p
),
spend as (
  select p, ${sums(["spend_cents", "impressions", "clicks", "conversion_value_cents"])}, sum(conversions::decimal(38, 9)) as conversions,
    sum(purchases::decimal(38, 9)) as claimed_purchases, sum(leads::decimal(38, 9)) as leads, sum(installs::decimal(38, 9)) as installs
  from ${rows("fact_spend", "spend_date")} group by p
),
traffic as (
  select p, ${sums(["sessions", "engaged_sessions", "product_views", "add_to_carts", "checkouts", "purchases"])}
  from ${rows("fact_traffic", "traffic_date")} group by p
),
cohort as (
  select p, ${sums(cohortColumns)}
  from ${rows("cohorts", "cohort_month")} group by p
)
select * from (values (true), (false)) as periods(p)
left join orders using (p) left join refunds using (p) left join spend using (p) left join traffic using (p) left join cohort using (p)
order by p desc`;

const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
const connection = await instance.connect();
const found = (await connection.runAndReadAll(STATEMENT)).getRowObjectsJson();
if (out !== undefined) writeFileSync(out, JSON.stringify(found));
