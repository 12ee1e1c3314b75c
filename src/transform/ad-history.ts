/** What ad accounts, campaigns, ad sets and ads are set to, and what was set otherwise last (D-54). */
import type { Cell, Database } from "../warehouse/types.js";

/** Where in the hierarchy of an ad account something stands. */
export type AdLevel = "account" | "campaign" | "ad_set" | "ad";

/** What an entity is set to now; budgets in minor units of `currency`, null: none of its own. */
export interface AdSettings {
  /** `active`, `paused`, or the platform's own word; null: not told. */
  readonly status: string | null;
  readonly dailyCents: number | null;
  readonly lifetimeCents: number | null;
  readonly currency: string | null;
  /** Whether the budget may be spent on other campaigns too. */
  readonly isShared: boolean;
}

/** One thing that was set otherwise when the platform was read again. */
export interface AdChange {
  /** Day in the shop's time zone on which it was first seen so. */
  readonly day: string;
  readonly level: AdLevel;
  readonly entity: string;
  readonly platform: string;
  /** Entities that are new or no longer listed have one row, whatever they were set to. */
  readonly change: "changed" | "added" | "gone";
  readonly setting: string;
  readonly before: AdValue;
  readonly after: AdValue;
  readonly currency: string | null;
}

/** A word, or an amount in minor units; both null: nothing was set. */
export interface AdValue {
  readonly text: string | null;
  readonly cents: number | null;
}

/** Both of it. */
export interface AdHistory {
  /** By `adPlace`. */
  readonly settings: ReadonlyMap<string, AdSettings>;
  /** Newest first. */
  readonly changes: readonly AdChange[];
}

/** A history of nothing. */
export const NO_AD_HISTORY: AdHistory = { settings: new Map(), changes: [] };

/** Changes that are read: a page is no archive, the mart is. */
const CHANGES = 50;

/** The key of an entity's settings: keys of different levels may be alike. */
export function adPlace(level: AdLevel, key: string): string {
  return `${level} ${key}`;
}

/** Reads both; nothing of a build that was made before there was a history. */
export async function readAdHistory(db: Database): Promise<AdHistory> {
  const known = await db.all(
    "select 1 as one from duckdb_tables() where table_name = 'fact_ad_entity_history' limit 1",
  );
  if (known.length === 0) return NO_AD_HISTORY;
  const settings = await db.all(
    `select entity_level, entity_key, max(value) filter (where setting = 'status') as status,
      max(amount_cents) filter (where setting = 'daily_budget') as daily,
      max(amount_cents) filter (where setting = 'lifetime_budget') as lifetime,
      max(currency) as currency, coalesce(bool_or(is_shared_budget), false) as is_shared
    from fact_ad_entity_history
    where is_current
    group by entity_level, entity_key
    order by entity_level, entity_key`,
  );
  const changes = await db.all(
    `select strftime(valid_from_date, '%Y-%m-%d') as day, * exclude (valid_from_date)
    from fact_ad_entity_history
    where change <> 'unchanged'
    qualify row_number() over (
      partition by case when change = 'changed' then history_id else change || entity_level || entity_key || valid_from end
      order by case setting when 'name' then 0 when 'status' then 1 else 2 end, history_id
    ) = 1
    order by valid_from desc, entity_level, entity_name, setting, history_id
    limit ${CHANGES}`,
  );
  return {
    settings: new Map(
      settings.map((row) => [
        adPlace(row["entity_level"] as AdLevel, String(row["entity_key"])),
        {
          status: textOf(row["status"]),
          dailyCents: numberOf(row["daily"]),
          lifetimeCents: numberOf(row["lifetime"]),
          currency: textOf(row["currency"]),
          isShared: row["is_shared"] === true,
        },
      ]),
    ),
    changes: changes.map((row) => ({
      day: String(row["day"]),
      level: row["entity_level"] as AdLevel,
      entity: textOf(row["entity_name"]) ?? String(row["entity_key"]),
      platform: String(row["source"]),
      change: row["change"] as AdChange["change"],
      setting: String(row["setting"]),
      before: { text: textOf(row["value_before"]), cents: numberOf(row["before_cents"]) },
      after: { text: textOf(row["value"]), cents: numberOf(row["amount_cents"]) },
      currency: textOf(row["currency"]),
    })),
  };
}

function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}

function numberOf(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}
