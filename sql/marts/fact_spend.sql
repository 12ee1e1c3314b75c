-- Ad spend by campaign and day, with what the platform claims for itself. Days are the ad account's own (D-05).
-- One row per day, campaign and currency.
-- grain: spend_date, campaign_key, currency
-- version: 1
-- check: reference channel_id -> dim_channel
-- check: reference campaign_key -> dim_campaign
-- check: reference spend_date -> dim_date.date_day
select
  s.spend_date,
  s.source,
  s.account_id,
  c.campaign_key,
  c.channel_id,
  s.currency,
  s.currency = getvariable('currency') as is_reporting_currency,
  total(s.spend_cents) as spend_cents,
  total(s.impressions) as impressions,
  total(s.clicks) as clicks,
  sum(s.conversions) as conversions,
  total(s.conversion_value_cents) as conversion_value_cents,
from stg_spend as s
inner join int_campaigns__named as c
  on c.campaign_key = campaign_key_of(s.source, s.account_id, s.campaign_id, s.campaign_name)
group by s.spend_date, s.source, s.account_id, c.campaign_key, c.channel_id, s.currency
order by s.spend_date, c.campaign_key, s.currency
