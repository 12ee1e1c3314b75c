-- What was added over a day is what the day had come to at its last snapshot, as it was read.
-- severity: critical
with

added as (
  select
    spend_date,
    campaign_key,
    original_currency,
    max(snapshot_at) as last_at,
    sum(spend_added_cents) as added_cents,
    sum(impressions_added) as impressions_added,
  from fact_spend_intraday
  group by spend_date, campaign_key, original_currency
)

select
  a.spend_date,
  a.campaign_key,
  a.added_cents,
  a.impressions_added,
  f.spend_so_far_cents as last_cents,
from added as a
left join (
  select
    snapshot_at,
    spend_date,
    campaign_key_of(source, account_id, campaign_id, campaign_name) as campaign_key,
    currency,
    sum(impressions_so_far) as impressions,
  from stg_spend_today
  group by all
) as s
  on s.spend_date = a.spend_date
  and s.campaign_key = a.campaign_key
  and s.currency = a.original_currency
  and s.snapshot_at = a.last_at
inner join fact_spend_intraday as f
  on f.spend_date = a.spend_date
  and f.campaign_key = a.campaign_key
  and f.original_currency = a.original_currency
  and f.snapshot_at = a.last_at
where a.added_cents <> f.spend_so_far_cents
  or s.impressions is null
  or s.impressions <> a.impressions_added
