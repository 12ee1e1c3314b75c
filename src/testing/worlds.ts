import { readdirSync, readFileSync } from "node:fs";
import { addDays, type Calendar, type DateRange, daysOf, type ISODate } from "../base/dates.js";
import { quoteName, quoteText } from "../base/ids.js";
import type { AnswerContext, SemanticQuery } from "../metrics/types.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Cell, Database } from "../warehouse/types.js";

/** A tiny shop whose numbers were worked out by hand: the answer to "is the number right?". At most 20 rows. */
export interface World {
  /** What is in it and how the expected numbers come about. */
  readonly comment: string;
  readonly as_of: ISODate;
  readonly week_ends_on?: number;
  /** Absent: a plain one whose weeks end on `week_ends_on`. */
  readonly calendar?: Calendar;
  /** Default UTC. */
  readonly time_zone?: string;
  readonly configured: readonly string[];
  /** `source.stream` -> the days that have landed. */
  readonly coverage: Readonly<Record<string, readonly DateRange[]>>;
  /** Relation -> rows; columns that are left out take the defaults below. */
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, Cell>>[]>>;
  readonly expect: readonly Expectation[];
}

/** One question with its answers: metric -> number, or `unknown: …` / `undefined: …` / `provisional: …` texts. */
export interface Expectation {
  readonly comment?: string;
  readonly query: Omit<SemanticQuery, "metrics">;
  readonly totals: Readonly<Record<string, Expected>>;
  /** The comparison's value, where the query compares. */
  readonly previous?: Readonly<Record<string, Expected>>;
  readonly change?: Readonly<Record<string, Expected>>;
  /** Row key -> metric -> value. */
  readonly rows?: Readonly<Record<string, Readonly<Record<string, Expected>>>>;
  readonly series?: Readonly<Record<string, Readonly<Record<string, Expected>>>>;
}

/** A number, or the status and reason of a value that is not there. */
export type Expected = number | string;

const GROUPS =
  "channel_id varchar, campaign_key varchar, category varchar, country varchar, region varchar, customer_type varchar";
const ORDER_NUMBERS = "order_value_cents bigint default 0, customer_order_index bigint";
const ADS = `channel_id varchar, impressions bigint default 0, clicks bigint default 0, conversions double default 0,
    conversion_value_cents bigint default 0, spend_cents bigint default 0, original_spend_cents bigint default 0`;
const MONEY =
  "currency varchar default 'USD', is_reporting_currency boolean default true, original_currency varchar, fx_date date";

const WITHIN_DAYS = `spend_date date, spend_at timestamptz, source varchar, campaign_key varchar, ${MONEY}, channel_id varchar,
    impressions bigint default 0, clicks bigint default 0, spend_cents bigint default 0`;

const COHORT = `cohort_size bigint, currency varchar default 'USD', spend_cents bigint default 0,
    ${[7, 30, 60, 90].map((days) => `retained_${days}d bigint default 0`).join(", ")},
    ${[7, 30, 60, 90, 180, 365].map((days) => `matured_${days}d bigint default 0`).join(", ")},
    ${[30, 60, 90, 180, 365].map((days) => `net_${days}d_cents bigint default 0`).join(", ")},
    contribution_30d_cents bigint default 0`;

/** The public relations that metrics read, with the columns of the contract and the defaults of a tiny world. */
const RELATIONS: Readonly<Record<string, string>> = {
  fact_orders: `order_id varchar, order_name varchar, source varchar default 'shopify', order_at timestamptz, order_date date, customer_id varchar, ${GROUPS}, ${MONEY},
    ${ORDER_NUMBERS}, is_new_customer boolean default false, is_returning_customer boolean default false, is_counted boolean default true,
    unit_count bigint default 1, gross_cents bigint default 0, discount_cents bigint default 0, refund_cents bigint default 0,
    net_cents bigint default 0, tax_cents bigint default 0, shipping_cents bigint default 0, total_cents bigint default 0,
    cogs_cents bigint default 0, shipping_cost_cents bigint default 0, ops_cost_cents bigint default 0,
    payment_fee_cents bigint default 0, contribution_cents bigint default 0`,
  fact_order_lines: `order_line_id varchar, order_id varchar, order_date date, product_key varchar, quantity bigint default 1,
    gross_cents bigint default 0, discount_cents bigint default 0, cogs_cents bigint default 0, ${GROUPS}, ${MONEY}, ${ORDER_NUMBERS},
    is_counted boolean default true`,
  fact_refunds: `refund_id varchar, order_id varchar, refund_at timestamptz, refund_date date, order_date date, refund_cents bigint default 0,
    cogs_returned_cents bigint default 0, ${GROUPS}, ${MONEY}, ${ORDER_NUMBERS}, is_new_customer boolean default false,
    is_returning_customer boolean default false, is_counted boolean default true`,
  fact_spend: `spend_date date, source varchar, account_id varchar, campaign_key varchar, ${MONEY}, ${ADS}, purchases double default 0,
    leads double default 0, installs double default 0`,
  fact_ad_spend: `spend_date date, source varchar, account_id varchar, campaign_key varchar, adset_key varchar,
    ad_key varchar, ${MONEY}, ${ADS}`,
  fact_spend_hours: WITHIN_DAYS,
  fact_spend_quarters: WITHIN_DAYS,
  fact_spend_hour_days: `spend_date date, source varchar, why_no_hours varchar, why_no_quarters varchar,
    spend_cents bigint default 0, hour_spend_cents bigint default 0`,
  fact_spend_intraday: `spend_date date, source varchar, campaign_key varchar, currency varchar, snapshot_at timestamptz,
    local_time varchar, spend_so_far_cents bigint, spend_cents bigint`,
  fact_traffic: `traffic_date date, source varchar default 'ga4', channel_id varchar, sessions bigint default 0,
    engaged_sessions bigint default 0, product_views bigint default 0, add_to_carts bigint default 0, checkouts bigint default 0,
    purchases bigint default 0, revenue_cents bigint default 0, currency varchar default 'USD'`,
  fact_events: `event_date date, event_key varchar, event_kind varchar, session_key varchar, user_pseudo_id varchar,
    transaction_id varchar, device_category varchar, default_branch_id varchar`,
  fact_web_activity: `activity_date date, activity_kind varchar, activity_at timestamptz, location_id varchar, session_key varchar,
    person_key varchar, is_repeat boolean default false, revenue_cents bigint default 0, cart_cents bigint default 0,
    currency varchar default 'USD', is_reporting_currency boolean default true, source varchar default 'ga4_events'`,
  fact_costs: `cost_date date, cost_id varchar, category varchar default 'other', amount_cents bigint default 0, ${MONEY}`,
  fact_ledger: `entry_id varchar, entry_kind varchar default 'sale', order_id varchar, cleared_date date, cleared_cents bigint,
    is_reporting_currency boolean default true, payer varchar, payout_id varchar, state varchar default 'CLEARED'`,
  fact_daily_metrics: "metric_date date, source varchar default 'files', metric_name varchar, value double",
  fact_data_quality: "source varchar, stream varchar, quality_date date, flag varchar, detail varchar",
  fact_restatements: `source varchar, stream varchar, measure varchar, metric_date date, value_before double, value_after double,
    value_change double, seen_date date, seen_at timestamptz`,
  fact_schema_changes: `source varchar, stream varchar, path varchar, change varchar, type_before varchar, type_after varchar,
    action varchar, seen_date date, seen_at timestamptz`,
  cohorts: `cohort_month date, ${COHORT}`,
  cohorts_weekly: `cohort_week date, ${COHORT}`,
  dim_customer: `customer_id varchar, first_order_date date, cohort_month date, acquisition_channel_id varchar, net_cents bigint default 0,
    p_alive double, expected_orders_12m double, expected_value_12m_cents bigint, expectation varchar default 'modelled'`,
  fact_lifetime_models: `basis varchar, horizon_days integer, customer_count bigint, repeater_count bigint, r double, alpha_weeks double,
    a double, b double, log_likelihood double, refused_because varchar, value_p double, value_q double, value_v double,
    value_refused_because varchar`,
  fact_repeat_holdout: `repeat_count bigint, horizon_days integer, customer_count bigint, expected_orders double, order_count bigint,
    squared_errors double`,
  dim_customer_segment: `customer_id varchar, as_of_date date, recency_days bigint, order_count bigint, net_cents bigint,
    currency varchar default 'USD', recency_score integer, frequency_score integer, monetary_score integer, segment varchar`,
  fact_availability: `relation varchar, source varchar, row_count bigint, first_date date, last_date date,
    missing_day_count bigint, empty_day_count bigint`,
  fact_gaps: "relation varchar, source varchar, first_date date, last_date date, gap_kind varchar, day_count bigint",
  fact_freshness: `source varchar, stream varchar, last_date date, behind_day_count bigint, warn_after_days bigint,
    error_after_days bigint, freshness varchar`,
  fact_volumes: `relation varchar, source varchar, volume_date date, volume bigint, usual_volume double, spread double,
    history_day_count bigint, verdict varchar`,
  fact_claims: "claim_date date, system varchar, orders double, amount_cents bigint, currency varchar default 'USD'",
  fact_reconciliation: `reconciled_date date, system varchar, kind varchar, step varchar, orders double, amount_cents bigint,
    currency varchar default 'USD'`,
  fact_touches: `order_id varchar, touch_id varchar, touch_position bigint default 1, touch_count bigint default 1, touch_source varchar,
    seen_by varchar, touched_at timestamptz, order_at timestamptz, order_date date, channel_id varchar, attribution_rule varchar,
    campaign_key varchar, confidence varchar default 'low', net_cents bigint default 0, currency varchar default 'USD',
    is_reporting_currency boolean default true`,
  fact_attribution: `order_id varchar, model varchar, touch_id varchar, order_date date, channel_id varchar, campaign_key varchar,
    adset_key varchar, ad_key varchar, credit_millionths bigint default 1000000, net_cents bigint default 0, order_at timestamptz,
    currency varchar default 'USD', is_reporting_currency boolean default true, is_attributed boolean default true,
    is_last_touch boolean default false`,
  fact_journeys: "journey_id varchar, order_id varchar, journey_date date, path varchar",
  fact_site_days: "event_date date, event_kind varchar, event_count bigint",
  fact_campaign_matches: `channel_id varchar, entity_level varchar default 'campaign', label varchar, match_kind varchar, match_score integer,
    entity_key varchar, entity_name varchar, decision varchar, is_used boolean, touch_count bigint`,
  dim_channel: "channel_id varchar, channel_name varchar, is_paid boolean, sort_order integer",
  dim_campaign: "campaign_key varchar, campaign_name varchar, channel_id varchar, campaign_status varchar",
  dim_ad_set: "adset_key varchar, adset_name varchar, campaign_key varchar",
  dim_ad: "ad_key varchar, ad_name varchar, adset_key varchar, campaign_key varchar",
  dim_location: "location_id varchar, location_name varchar",
  dim_product: "product_key varchar, product_name varchar, category varchar",
};

const META = [
  "create schema meta",
  `create table meta.build (build_id varchar, input_hash varchar, as_of date, time_zone varchar, currency varchar,
    week_ends_on integer, fiscal_year_end_month integer, fiscal_periods varchar, fiscal_last_week varchar,
    fiscal_year_named_by varchar)`,
  "create table meta.coverage (source varchar, stream varchar, day date)",
  `create table meta.sources (source varchar, stream varchar, rows bigint, first_day date, last_day date,
    last_loaded_at timestamptz)`,
  "create table meta.configured (source varchar)",
  "create schema seeds",
  "create table seeds.holidays (holiday_date date, country varchar, holiday_name varchar)",
];

/** Every world of `fixtures/worlds`, by file name. */
export function readWorlds(): readonly (readonly [string, World])[] {
  const folder = new URL("../../fixtures/worlds/", import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), "utf8")) as World] as const);
}

/** A database in memory that holds a world. Close it. */
export async function openWorld(world: Omit<World, "expect" | "comment">): Promise<Database> {
  const db = await openDatabase({ threads: 2 });
  for (const statement of META) await db.run(statement);
  for (const [relation, columns] of Object.entries(RELATIONS)) {
    await db.run(`create table ${quoteName(relation)} (${columns})`);
    await insert(db, quoteName(relation), world.tables[relation] ?? []);
  }
  const unknown = Object.keys(world.tables).filter((relation) => RELATIONS[relation] === undefined);
  if (unknown.length > 0) throw new Error(`worlds have no relation ${unknown.join(", ")}`);
  await insert(db, "meta.build", [buildRow(world)]);
  await insert(
    db,
    "meta.configured",
    world.configured.map((source) => ({ source })),
  );
  for (const [name, ranges] of Object.entries(world.coverage)) {
    const [source = "", stream = ""] = name.split(".");
    await insert(db, "meta.sources", [{ source, stream, rows: 1, last_loaded_at: "2026-02-09 06:00:00+00" }]);
    const days = ranges.flatMap(daysOf);
    await insert(
      db,
      "meta.coverage",
      days.map((day) => ({ source, stream, day })),
    );
  }
  return db;
}

function buildRow({ as_of, time_zone = "UTC", calendar, week_ends_on = 7 }: Omit<World, "expect" | "comment">) {
  return {
    ...{ build_id: "build-1", input_hash: "hash-1", as_of, time_zone, currency: "USD" },
    week_ends_on: calendar?.weekEndsOn ?? week_ends_on,
    fiscal_year_end_month: calendar?.fiscalYearEndMonth ?? null,
    fiscal_periods: calendar?.periods ?? null,
    fiscal_last_week: calendar?.lastWeek ?? null,
    fiscal_year_named_by: calendar?.yearNamedBy ?? null,
  };
}

type InsertedRow = Readonly<Record<string, Cell>>;

/** One statement per set of columns; a column that a row leaves out takes its default. */
async function insert(db: Database, relation: string, rows: readonly InsertedRow[]): Promise<void> {
  const bySignature = new Map<string, InsertedRow[]>();
  for (const row of rows) {
    const columns = Object.keys(row).map(quoteName).join(", ");
    bySignature.set(columns, [...(bySignature.get(columns) ?? []), row]);
  }
  const literal = (cell: Cell) => (typeof cell === "string" ? quoteText(cell) : String(cell));
  for (const [columns, alike] of bySignature) {
    const values = alike.map((row) => `(${Object.values(row).map(literal).join(", ")})`);
    await db.run(`insert into ${relation} (${columns}) values ${values.join(", ")}`);
  }
}

/** The context of a world's answers. */
export function worldContext(world: Pick<World, "as_of" | "week_ends_on" | "time_zone">): AnswerContext {
  return {
    shop: "Tiny",
    currency: "USD",
    timeZone: world.time_zone ?? "UTC",
    asOf: world.as_of,
    lastCompleteDay: addDays(world.as_of, -1),
    buildId: "build-1",
    inputHash: "hash-1",
    weekEndsOn: world.week_ends_on ?? 7,
  };
}
