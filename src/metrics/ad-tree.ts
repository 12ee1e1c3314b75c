/** What belongs to what among ads: which account a campaign is of, which campaign an ad set, which ad set an ad. */
import { type AdHistory, NO_AD_HISTORY, readAdHistory } from "../transform/ad-history.js";
import type { Database } from "../warehouse/types.js";

/** A campaign that ever spent. */
export interface CampaignPlace {
  /** The platform's source id, `meta_ads`. */
  readonly platform: string;
  readonly account: string;
  /** As the platform lists it now (`active`, `paused` …); null where no list names it. */
  readonly status: string | null;
}

/** By key: the place of each campaign, the campaign of each ad set, and the ad set (null: none told) and campaign of each ad. */
export interface AdTree {
  readonly campaigns: ReadonlyMap<string, CampaignPlace>;
  readonly adSets: ReadonlyMap<string, string>;
  readonly ads: ReadonlyMap<string, { readonly adSet: string | null; readonly campaign: string }>;
  /** What they are set to, spent or not, and what was set otherwise last. */
  readonly history: AdHistory;
}

/** A tree of nothing. */
export const NO_ADS: AdTree = { campaigns: new Map(), adSets: new Map(), ads: new Map(), history: NO_AD_HISTORY };

/** Reads the three dimensions, whose rows are those that ever spent, and the history. */
export async function readAdTree(db: Database): Promise<AdTree> {
  const [campaigns, adSets, ads] = [
    await db.all("select * from dim_campaign order by campaign_key"),
    await db.all("select * from dim_ad_set order by adset_key"),
    await db.all("select * from dim_ad order by ad_key"),
  ];
  const textOf = (cell: unknown) => (cell === null || cell === undefined ? null : String(cell));
  return {
    campaigns: new Map(
      campaigns.map((row) => [
        String(row["campaign_key"]),
        {
          platform: String(row["source"]),
          account: String(row["account_id"]),
          status: textOf(row["campaign_status"]),
        },
      ]),
    ),
    adSets: new Map(adSets.map((row) => [String(row["adset_key"]), String(row["campaign_key"])])),
    ads: new Map(
      ads.map((row) => [
        String(row["ad_key"]),
        { adSet: textOf(row["adset_key"]), campaign: String(row["campaign_key"]) },
      ]),
    ),
    history: await readAdHistory(db),
  };
}
