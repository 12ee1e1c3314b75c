/** What a build says about where orders came from: every model side by side, and what is not known (D-47, D-48, D-49). */
import type { DateRange } from "../base/dates.js";
import { quoteText } from "../base/ids.js";
import type { Cell, Database, Row } from "../warehouse/types.js";
import {
  ATTRIBUTION_MODELS,
  type AttributionModel,
  type Credit,
  creditsByModel,
  FOR_MODELS,
} from "./attribution-models.js";
import { type CampaignCredit, readCampaignCredits } from "./campaign-credits.js";
import { isOpen, readMatches } from "./journeys.js";

/** What one channel or campaign is given by each model. */
export interface AttributionLine {
  /** Null: unattributed, nobody saw a visit. */
  readonly channel: string | null;
  readonly title: string;
  readonly isPaid: boolean;
  /** Rows by campaign only; null there: no campaign is known. */
  readonly campaign: string | null;
  readonly byModel: Readonly<Record<AttributionModel, Credit>>;
  /** The highest less the lowest net revenue that any two models give. */
  readonly spreadCents: number;
}

/** What a platform claims beside what the shop can verify; channels with ad accounts only. */
export interface ClaimedChannel {
  readonly channel: string;
  readonly title: string;
  /** Null: the platform has not said. */
  readonly claimedOrders: number | null;
  readonly claimedCents: number | null;
  /** Orders of the shop with a touch of the channel, wherever it stands, and their net revenue. */
  readonly touched: Credit;
  /** Claimed orders over touched ones; null where one of them is not known or there are none. */
  readonly claimedPerTouched: number | null;
  readonly spendCents: number;
}

/** What is not known, counted. Shares are of all counted orders; null without orders. */
export interface Honesty {
  readonly orders: number;
  readonly cents: number;
  /** Orders of which nobody saw a visit. */
  readonly untouched: Credit;
  readonly untouchedShare: number | null;
  readonly direct: number;
  readonly withoutCampaign: number;
  readonly lowConfidence: number;
  readonly lowConfidenceShare: number | null;
  /** Orders on whose way several channels stand; models can differ about no others. */
  readonly severalChannels: number;
  /** Orders with touches of several paid channels: each of their platforms may claim them. */
  readonly overlap: number;
  readonly overlapShare: number | null;
  /** Net revenue that changes its channel between the two models that differ most, as a share of all. */
  readonly movedShare: number | null;
}

/** A way through the channels with how often it was walked. */
export interface Way {
  readonly steps: readonly string[];
  readonly journeys: number;
  readonly orders: number;
}

/** Stages from an ad to an order; null: nobody counted it. */
export interface Stage {
  readonly id: string;
  readonly title: string;
  readonly count: number | null;
  /** Of the stage before; null where one of them is not known or the one before is 0. */
  readonly rate: number | null;
}

/** How far a model is from a known truth; only a demo has one. */
export interface ModelError {
  readonly model: AttributionModel;
  /** Parts of orders that stand under another channel than the true one, added up. */
  readonly wrongOrders: number;
  readonly share: number | null;
}

/** The true channel of an order. */
export interface TrueChannel {
  readonly orderId: string;
  readonly channel: string;
}

/** Everything about a window. */
export interface Attribution {
  readonly window: DateRange;
  readonly lines: readonly AttributionLine[];
  readonly honesty: Honesty;
  readonly claims: readonly ClaimedChannel[];
  readonly campaigns: readonly CampaignCredit[];
  readonly ways: readonly Way[];
  readonly stages: readonly Stage[];
  /** Labels of visits that wait for a decision. */
  readonly openMatches: number;
  /** Null where nobody knows the truth. */
  readonly errors: readonly ModelError[] | null;
}

/** Whether the build is of a version that has these marts. */
export async function hasAttribution(db: Database): Promise<boolean> {
  const rows = await db.all("select 1 as one from duckdb_tables() where table_name = 'fact_attribution' limit 1");
  return rows.length > 0;
}

/** Reads all of it; lines are of channels, or of campaigns. Orders in another currency than the reporting one are left out. */
export async function readAttribution(
  db: Database,
  window: DateRange,
  {
    by = "channel",
    truth = null,
  }: { readonly by?: "channel" | "campaign"; readonly truth?: readonly TrueChannel[] | null } = {},
): Promise<Attribution> {
  const lines = await readLines(db, window, by);
  const channels = by === "channel" ? lines : await readLines(db, window, "channel");
  return {
    window,
    lines,
    honesty: await readHonesty(db, window, channels),
    claims: await readClaims(db, window),
    campaigns: await readCampaignCredits(db, window),
    ways: await readWays(db, window),
    stages: await readStages(db, window),
    openMatches: (await readMatches(db)).filter(isOpen).length,
    errors: truth === null ? null : await readErrors(db, window, truth),
  };
}

async function readLines(db: Database, window: DateRange, by: "channel" | "campaign"): Promise<AttributionLine[]> {
  const campaign = by === "campaign" ? "a.campaign_key" : "cast(null as varchar)";
  const rows = await db.all(
    `select a.channel_id, coalesce(c.channel_name, 'Unattributed') as channel_name, coalesce(c.is_paid, false) as is_paid,
      ${campaign} as campaign_key, max(p.campaign_name) as campaign_name, m.model,
      sum(a.credit_millionths) as credit, sum(a.net_cents) as cents
    from fact_attribution as a
    ${FOR_MODELS}
    left join dim_channel as c on c.channel_id = a.channel_id
    left join dim_campaign as p on p.campaign_key = ${campaign}
    where a.is_reporting_currency and ${within("a.order_date", window)}
    group by all
    order by coalesce(max(c.sort_order), 1000), campaign_key nulls last, m.model`,
  );
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row["channel_id"], row["campaign_key"]]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map(lineOf);
}

function lineOf(rows: readonly Row[]): AttributionLine {
  const [first] = rows;
  const byModel = creditsByModel(rows);
  const cents = Object.values(byModel).map((credit) => credit.cents);
  return {
    channel: textOf(first?.["channel_id"]),
    title: String(first?.["channel_name"]),
    isPaid: first?.["is_paid"] === true,
    campaign: textOf(first?.["campaign_name"]) ?? textOf(first?.["campaign_key"]),
    byModel,
    spreadCents: Math.max(...cents) - Math.min(...cents),
  };
}

async function readHonesty(db: Database, window: DateRange, lines: readonly AttributionLine[]): Promise<Honesty> {
  const row = await db.one(
    `with orders as (
      select t.order_id, max(t.net_cents) as net_cents, bool_and(t.touch_id = '(none)') as is_untouched,
        bool_and(t.channel_id = 'direct') as is_direct, count(distinct t.channel_id) as channels,
        count(distinct case when c.is_paid then t.channel_id end) as paid_channels,
        bool_or(t.touch_position = t.touch_count and t.confidence = 'low') as is_low,
        bool_or(t.touch_position = t.touch_count and c.is_paid and t.campaign_key is null) as lacks_campaign
      from fact_touches as t
      left join dim_channel as c on c.channel_id = t.channel_id
      where t.is_reporting_currency and ${within("t.order_date", window)}
      group by t.order_id
    )
    select count(*) as orders, coalesce(sum(net_cents), 0) as cents, count(*) filter (where is_untouched) as untouched,
      coalesce(sum(net_cents) filter (where is_untouched), 0) as untouched_cents, count(*) filter (where is_direct) as direct,
      count(*) filter (where lacks_campaign) as lacks_campaign, count(*) filter (where is_low) as low,
      count(*) filter (where channels > 1) as several, count(*) filter (where paid_channels > 1) as overlap
    from orders`,
  );
  const count = (name: string) => Number(row[name]);
  const orders = count("orders");
  return {
    orders,
    cents: count("cents"),
    untouched: { orders: count("untouched"), cents: count("untouched_cents") },
    untouchedShare: ratio(count("untouched"), orders),
    direct: count("direct"),
    withoutCampaign: count("lacks_campaign"),
    lowConfidence: count("low"),
    lowConfidenceShare: ratio(count("low"), orders),
    severalChannels: count("several"),
    overlap: count("overlap"),
    overlapShare: ratio(count("overlap"), orders),
    movedShare: ratio(mostMoved(lines), count("cents")),
  };
}

/** Between the two models that differ most: what leaves channels, which is what others get. */
function mostMoved(lines: readonly AttributionLine[]): number {
  const pairs = ATTRIBUTION_MODELS.flatMap(({ id: a }) => ATTRIBUTION_MODELS.map(({ id: b }) => [a, b] as const));
  const moved = pairs.map(([a, b]) =>
    lines.reduce((sum, { byModel }) => sum + Math.max(byModel[a].cents - byModel[b].cents, 0), 0),
  );
  return Math.max(0, ...moved);
}

async function readClaims(db: Database, window: DateRange): Promise<readonly ClaimedChannel[]> {
  const rows = await db.all(
    `with claimed as (
      select system as channel_id,
        case when count(*) = count(orders) then cast(sum(cast(orders as decimal(18, 6))) as double) end as orders,
        case when count(*) = count(amount_cents) then sum(amount_cents) end as cents
      from fact_claims
      where ${within("claim_date", window)}
      group by system
    ),
    touched as (
      select channel_id, count(*) as orders, sum(net_cents) as cents
      from (
        select distinct order_id, channel_id, net_cents
        from fact_touches
        where is_reporting_currency and channel_id is not null and ${within("order_date", window)}
      )
      group by channel_id
    ),
    spent as (
      select channel_id, sum(spend_cents) as cents
      from fact_spend
      where is_reporting_currency and ${within("spend_date", window)}
      group by channel_id
    )
    select c.channel_id, c.channel_name, k.orders as claimed_orders, k.cents as claimed_cents,
      coalesce(t.orders, 0) as orders, coalesce(t.cents, 0) as cents, coalesce(s.cents, 0) as spend_cents
    from dim_channel as c
    left join claimed as k on k.channel_id = c.channel_id
    left join touched as t on t.channel_id = c.channel_id
    left join spent as s on s.channel_id = c.channel_id
    where s.channel_id is not null or k.channel_id is not null
    order by c.sort_order`,
  );
  return rows.map((row) => {
    const claimedOrders = numberOf(row["claimed_orders"]);
    const orders = Number(row["orders"]);
    return {
      channel: String(row["channel_id"]),
      title: String(row["channel_name"]),
      claimedOrders,
      claimedCents: numberOf(row["claimed_cents"]),
      touched: { orders, cents: Number(row["cents"]) },
      claimedPerTouched: claimedOrders === null ? null : ratio(claimedOrders, orders),
      spendCents: Number(row["spend_cents"]),
    };
  });
}

/** Ways that are shown one by one; the rest is `…`. */
const WAYS = 12;

async function readWays(db: Database, window: DateRange): Promise<readonly Way[]> {
  const rows = await db.all(
    `with ways as (
      select path, count(*) as journeys, count(order_id) as orders,
        row_number() over (order by count(*) desc, path) as place
      from fact_journeys
      where ${within("journey_date", window)}
      group by path
    )
    select case when place <= ${WAYS} then path else '…' end as way, min(place) as first_place,
      sum(journeys) as journeys, sum(orders) as orders
    from ways
    group by way
    order by first_place`,
  );
  return rows.map((row) => ({
    steps: String(row["way"]).split(">"),
    journeys: Number(row["journeys"]),
    orders: Number(row["orders"]),
  }));
}

async function readStages(db: Database, window: DateRange): Promise<readonly Stage[]> {
  const row = await db.one(
    `select
      (select sum(impressions) from fact_spend where ${within("spend_date", window)}) as impressions,
      (select sum(clicks) from fact_spend where ${within("spend_date", window)}) as clicks,
      ${["page_viewed", "product_viewed", "product_added_to_cart", "checkout_started"]
        .map(
          (kind) =>
            `(select coalesce(sum(event_count) filter (where event_kind = '${kind}'), 0) from fact_site_days
              where ${within("event_date", window)} having count(*) > 0) as ${kind}`,
        )
        .join(", ")},
      (select count(*) from fact_orders where is_counted and ${within("order_date", window)}) as orders`,
  );
  const counts = STAGES.map(([id]) => numberOf(row[id]));
  return STAGES.map(([id, title], index) => {
    const [count = null, before = null] = [counts[index], index === 0 ? null : counts[index - 1]];
    return { id, title, count, rate: count === null || before === null ? null : ratio(count, before) };
  });
}

const STAGES = [
  ["impressions", "Impressions"],
  ["clicks", "Clicks"],
  ["page_viewed", "Page views"],
  ["product_viewed", "Product views"],
  ["product_added_to_cart", "Added to cart"],
  ["checkout_started", "Checkouts"],
  ["orders", "Orders"],
] as const;

async function readErrors(
  db: Database,
  window: DateRange,
  truth: readonly TrueChannel[],
): Promise<readonly ModelError[]> {
  const rows = await db.all(
    `select m.model, count(distinct a.order_id) as orders,
      sum(case when a.channel_id is distinct from t.one.channel then a.credit_millionths else 0 end) as wrong
    from fact_attribution as a
    ${FOR_MODELS}
    inner join (select unnest(from_json($1::varchar, '[{"orderId": "VARCHAR", "channel": "VARCHAR"}]')) as one) as t
      on t.one.orderId = a.order_id
    where ${within("a.order_date", window)}
    group by m.model`,
    [JSON.stringify(truth)],
  );
  return ATTRIBUTION_MODELS.map(({ id }) => {
    const row = rows.find(({ model }) => model === id);
    const wrongOrders = Number(row?.["wrong"] ?? 0) / 1_000_000;
    return { model: id, wrongOrders, share: ratio(wrongOrders, Number(row?.["orders"] ?? 0)) };
  });
}

function within(column: string, range: DateRange): string {
  return `${column} between date ${quoteText(range.from)} and date ${quoteText(range.to)}`;
}

function ratio(over: number, under: number): number | null {
  return under > 0 ? over / under : null;
}

function numberOf(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}

function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}
