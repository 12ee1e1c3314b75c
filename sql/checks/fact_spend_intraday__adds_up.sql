-- What came from snapshot to snapshot of a day adds up to what the day had come to at the last one, as it was read.
-- severity: critical
with

added as (
  select
    spend_date,
    campaign_key,
    currency,
    max(snapshot_at) as last_at,
    sum(spend_cents) as added_cents,
    sum(impressions) as added_impressions,
  from fact_spend_intraday
  group by spend_date, campaign_key, currency
),

read as (
  select
    spend_date,
    campaign_key_of(source, account_id, campaign_id, campaign_name) as campaign_key,
    currency,
    snapshot_at,
    spend_so_far_cents,
    impressions,
  from stg_spend_intraday
)

select
  added.spend_date,
  added.campaign_key,
  added.added_cents,
  added.added_impressions,
  read.spend_so_far_cents,
  read.impressions,
from added
left join read
  on read.spend_date = added.spend_date
  and read.campaign_key = added.campaign_key
  and read.currency = added.currency
  and read.snapshot_at = added.last_at
where read.spend_so_far_cents is null
  or read.spend_so_far_cents <> added.added_cents
  or read.impressions <> added.added_impressions
