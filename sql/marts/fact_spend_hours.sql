-- Ad spend within days: one row per campaign and hour, or quarter of an hour where snapshots tell it, of days that are told so finely (D-43).
-- The rows of a day and an account add up to its fact_spend, or fact_spend_hour_days says what they lack. Other days are not in here at all.
-- spend_date is the day of the instant in the shop's time zone, account_date the account's own (D-05). Amounts as in fact_spend (D-20).
-- grain: spend_at, campaign_key, original_currency
-- version: 1
-- check: reference channel_id -> dim_channel
-- check: reference campaign_key -> dim_campaign
select
  day_in_zone(placed_at) as spend_date,
  placed_at as spend_at,
  account_date,
  source,
  account_id,
  campaign_key,
  channel_id,
  currency,
  currency = getvariable('currency') as is_reporting_currency,
  original_currency,
  fx_date,
  total(spend_cents) as spend_cents,
  total(impressions) as impressions,
  total(clicks) as clicks,
from int_spend_steps__placed
where is_for_hours
  and (spend_cents <> 0 or impressions <> 0 or clicks <> 0)
group by placed_at, account_date, source, account_id, campaign_key, channel_id, currency, original_currency, fx_date
order by spend_at, campaign_key, original_currency
