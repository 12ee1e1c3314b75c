/** What each campaign is given by each model beside what it cost: the page's view of `fact_attribution` and `fact_spend`. */
import type { DateRange } from "../base/dates.js";
import { quoteText } from "../base/ids.js";
import type { Cell, Database, Row } from "../warehouse/types.js";
import { type AttributionModel, type Credit, creditsByModel, FOR_MODELS } from "./attribution-models.js";

/** A campaign that spent or was given an order. Money in minor units of the reporting currency. */
export interface CampaignCredit {
  /** Null: orders of no campaign that is known. */
  readonly campaign: string | null;
  /** Of its ad account; empty without a campaign. */
  readonly channel: string;
  readonly byModel: Readonly<Record<AttributionModel, Credit>>;
  /** Null: no spend of these days is told. */
  readonly spendCents: number | null;
  /** By last touch: revenue over spend, and spend (minor units) per order; null where one of them is not known or there is nothing to divide by. */
  readonly roas: number | null;
  readonly costPerOrder: number | null;
}

/** Reads them, the largest spend first, orders of no campaign last. Orders and spend in other currencies are left out, as elsewhere. */
export async function readCampaignCredits(db: Database, window: DateRange): Promise<readonly CampaignCredit[]> {
  const within = (column: string) =>
    `${column} between date ${quoteText(window.from)} and date ${quoteText(window.to)}`;
  const rows = await db.all(
    `with credited as (
      select a.campaign_key, m.model, sum(a.credit_millionths) as credit, sum(a.net_cents) as cents
      from fact_attribution as a
      ${FOR_MODELS}
      where a.is_reporting_currency and ${within("a.order_date")}
      group by a.campaign_key, m.model
    ),
    spent as (
      select campaign_key, sum(spend_cents) as spend
      from fact_spend
      where is_reporting_currency and ${within("spend_date")}
      group by campaign_key
    )
    select coalesce(c.campaign_key, s.campaign_key) as campaign_key, max(p.campaign_name) as campaign_name,
      max(d.channel_name) as channel_name, c.model, max(c.credit) as credit, max(c.cents) as cents, max(s.spend) as spend
    from credited as c
    full join spent as s on s.campaign_key = c.campaign_key
    left join dim_campaign as p on p.campaign_key = coalesce(c.campaign_key, s.campaign_key)
    left join dim_channel as d on d.channel_id = p.channel_id
    group by coalesce(c.campaign_key, s.campaign_key), c.model
    order by campaign_key nulls last, c.model`,
  );
  const groups = new Map<string | null, Row[]>();
  for (const row of rows) {
    const key = textOf(row["campaign_key"]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map(creditOf).sort(bySpend);
}

function creditOf(rows: readonly Row[]): CampaignCredit {
  const [first] = rows;
  const byModel = creditsByModel(rows);
  const spend = first?.["spend"];
  const spendCents = spend === null || spend === undefined ? null : Number(spend);
  const { orders, cents } = byModel.last_touch;
  return {
    campaign: textOf(first?.["campaign_name"]) ?? textOf(first?.["campaign_key"]),
    channel: textOf(first?.["channel_name"]) ?? "",
    byModel,
    spendCents,
    roas: spendCents === null || spendCents <= 0 ? null : cents / spendCents,
    costPerOrder: spendCents === null || orders <= 0 ? null : spendCents / orders,
  };
}

function bySpend(a: CampaignCredit, b: CampaignCredit): number {
  if (a.campaign === null || b.campaign === null) return Number(a.campaign === null) - Number(b.campaign === null);
  return (
    (b.spendCents ?? -1) - (a.spendCents ?? -1) ||
    b.byModel.last_touch.cents - a.byModel.last_touch.cents ||
    (a.campaign < b.campaign ? -1 : 1)
  );
}

function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}
