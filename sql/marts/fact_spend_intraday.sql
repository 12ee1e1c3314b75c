-- How the ad spend of a day grew while it was under way: one row per snapshot and campaign.
-- `…_so_far` are the platform's figures of that moment; `spend_cents`, `impressions`, `clicks` are what came since the snapshot before, and
-- add up to the last one of the day. A platform takes figures back now and then: then they are negative, and is_restated. The final figures
-- of a day are in fact_spend; these are never added to them. Amounts are in the account's currency: the rate of today is not known yet (D-20).
-- After a day only the newest snapshot of each hour of UTC is kept: sums by hour_at stay as they were. local_time is the shop's clock.
-- grain: snapshot_at, campaign_key, currency
-- version: 1
select
  spend_date,
  snapshot_at,
  date_trunc('hour', snapshot_at) as hour_at,
  time_in_zone(snapshot_at) as local_time,
  source,
  account_id,
  campaign_key_of(source, account_id, campaign_id, campaign_name) as campaign_key,
  campaign_id,
  campaign_name,
  currency,
  spend_so_far_cents,
  impressions as impressions_so_far,
  clicks as clicks_so_far,
  conversions as conversions_so_far,
  conversion_value_cents as conversion_value_so_far_cents,
  spend_so_far_cents - lag(spend_so_far_cents, 1, 0) over day_so_far as spend_cents,
  impressions - lag(impressions, 1, 0) over day_so_far as impressions,
  clicks - lag(clicks, 1, 0) over day_so_far as clicks,
  spend_so_far_cents < lag(spend_so_far_cents, 1, 0) over day_so_far as is_restated,
  lead(snapshot_at) over day_so_far is null as is_last_snapshot,
from stg_spend_intraday
window day_so_far as (
  partition by source, account_id, campaign_id, currency, spend_date
  order by snapshot_at
)
order by snapshot_at, campaign_key, currency
