/** What a build says about single labels of visits and single orders (D-47, D-49). */
import type { Cell, Database } from "../warehouse/types.js";
import { FOR_MODELS } from "./attribution-models.js";

/** A label of visits with what it is taken for. */
export interface CampaignMatch {
  readonly channel: string;
  readonly level: string;
  readonly label: string;
  readonly kind: string;
  /** 0 to 100; null: nothing is alike. */
  readonly score: number | null;
  readonly entityKey: string | null;
  readonly entityName: string | null;
  readonly decision: string | null;
  readonly isUsed: boolean;
  readonly touches: number;
}

/** Every label that visits name, those of most visits first. */
export async function readMatches(db: Database): Promise<readonly CampaignMatch[]> {
  const rows = await db.all(
    "select * from fact_campaign_matches order by touch_count desc, channel_id, entity_level, label",
  );
  return rows.map((row) => ({
    channel: String(row["channel_id"]),
    level: String(row["entity_level"]),
    label: String(row["label"]),
    kind: String(row["match_kind"]),
    score: numberOf(row["match_score"]),
    entityKey: textOf(row["entity_key"]),
    entityName: textOf(row["entity_name"]),
    decision: textOf(row["decision"]),
    isUsed: row["is_used"] === true,
    touches: Number(row["touch_count"]),
  }));
}

/** A match by likeness that nobody has decided about: used or not, somebody should look. */
export function isOpen({ kind, decision }: CampaignMatch): boolean {
  return kind === "fuzzy" && decision === null;
}

/** One touch on the way to an order, with its credit, 0 to 1, by each model that gives it one. */
export interface JourneyTouch {
  readonly touchId: string;
  readonly at: string | null;
  readonly channel: string | null;
  readonly rule: string | null;
  readonly campaign: string | null;
  readonly confidence: string;
  readonly seenBy: string | null;
  readonly credits: Readonly<Record<string, number>>;
}

/** The way to one order; null when there is no counted order of this id or name. */
export async function readJourney(
  db: Database,
  order: string,
): Promise<{
  readonly orderId: string;
  readonly orderAt: string;
  readonly cents: number;
  readonly currency: string;
  readonly touches: readonly JourneyTouch[];
} | null> {
  const found = await db.all(
    `select order_id from fact_orders
    where is_counted and (order_id = $1 or order_name = $1 or order_name = '#' || $1 or order_id = 'shopify:' || $1)
    order by order_id limit 1`,
    [order],
  );
  const orderId = found[0]?.["order_id"];
  if (typeof orderId !== "string") return null;
  const rows = await db.all(
    `select t.*, c.campaign_name from fact_touches as t left join dim_campaign as c on c.campaign_key = t.campaign_key
    where t.order_id = $1 order by t.touch_position`,
    [orderId],
  );
  const credits = await db.all(
    `select a.touch_id, m.model, a.credit_millionths from fact_attribution as a ${FOR_MODELS} where a.order_id = $1`,
    [orderId],
  );
  return {
    orderId,
    orderAt: String(rows[0]?.["order_at"]),
    cents: Number(rows[0]?.["net_cents"]),
    currency: String(rows[0]?.["currency"]),
    touches: rows.map((row) => ({
      touchId: String(row["touch_id"]),
      at: textOf(row["touched_at"]),
      channel: textOf(row["channel_id"]),
      rule: textOf(row["attribution_rule"]),
      campaign: textOf(row["campaign_name"]) ?? textOf(row["campaign_key"]),
      confidence: String(row["confidence"]),
      seenBy: textOf(row["seen_by"]),
      credits: Object.fromEntries(
        credits
          .filter((credit) => credit["touch_id"] === row["touch_id"])
          .map((credit) => [String(credit["model"]), Number(credit["credit_millionths"]) / 1_000_000]),
      ),
    })),
  };
}

function numberOf(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}

function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}
