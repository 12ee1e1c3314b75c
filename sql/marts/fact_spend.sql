-- Ad spend by campaign and day, with what the platform claims for itself. Days are the ad account's own (D-05).
-- Amounts are in currency: the reporting one, converted at the rate of the day where the account has another (D-20).
-- One row per day, campaign and currency of the account; purchases, leads and installs are null where the platform does not tell them (D-14).
-- grain: spend_date, campaign_key, original_currency
-- version: 3
-- check: reference channel_id -> dim_channel
-- check: reference campaign_key -> dim_campaign
-- check: reference spend_date -> dim_date.date_day
with

booked as (
  select
    s.spend_date,
    s.source,
    s.account_id,
    c.campaign_key,
    c.channel_id,
    s.currency,
    total(s.spend_cents) as spend_cents,
    total(s.impressions) as impressions,
    total(s.clicks) as clicks,
    sum(s.conversions) as conversions,
    total(s.conversion_value_cents) as conversion_value_cents,
    sum(s.purchases) as purchases,
    sum(s.leads) as leads,
    sum(s.installs) as installs,
  from stg_spend as s
  inner join int_campaigns__named as c
    on c.campaign_key = campaign_key_of(s.source, s.account_id, s.campaign_id, s.campaign_name)
  group by s.spend_date, s.source, s.account_id, c.campaign_key, c.channel_id, s.currency
)

select
  b.spend_date,
  b.source,
  b.account_id,
  b.campaign_key,
  b.channel_id,
  case when f.fx_date is null then b.currency else cast(getvariable('currency') as varchar) end as currency,
  b.currency = getvariable('currency') or f.fx_date is not null as is_reporting_currency,
  b.currency as original_currency,
  f.fx_date,
  converted(b.spend_cents, f.rate_over, f.rate_under) as spend_cents,
  b.impressions,
  b.clicks,
  b.conversions,
  converted(b.conversion_value_cents, f.rate_over, f.rate_under) as conversion_value_cents,
  b.spend_cents as original_spend_cents,
  b.purchases,
  b.leads,
  b.installs,
from booked as b
left join int_fx__daily as f
  on f.currency = b.currency
  and f.day = b.spend_date
order by b.spend_date, b.campaign_key, b.currency
