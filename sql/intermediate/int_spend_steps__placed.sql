-- What was spent from one moment of a day to the next, placed in time (D-43): a row per campaign and hour of the platform, or per campaign and
-- snapshot, in the quarter of an hour in which the middle between it and the one before lies. The last step leads to the day's own figure.
-- Figures are differences of what the day had come to, each rounded and converted once (D-20): the steps of a day add up to it exactly.
with

hours as (
  select
    h.source,
    h.account_id,
    h.spend_date,
    campaign_key_of(h.source, h.account_id, h.campaign_id, cast(null as varchar)) as campaign_key,
    h.currency,
    true as is_for_hours,
    false as is_for_quarters,
    start_of_hour(t.time_zone, h.spend_date, h.spend_hour) as placed_at,
    start_of_hour(t.time_zone, h.spend_date, h.spend_hour) as look_at,
    micros_to_minor(sum(h.cost_micros) over day_so_far, h.currency) as spend_so_far,
    cast(sum(h.impressions) over day_so_far as bigint) as impressions_so_far,
    cast(sum(h.clicks) over day_so_far as bigint) as clicks_so_far,
  from stg_ad_hours as h
  inner join int_ad_days__told as t
    on t.source = h.source
    and t.account_id = h.account_id
    and t.spend_date = h.spend_date
    and t.told_by = 'hours'
  window day_so_far as (
    partition by h.source, h.account_id, h.campaign_id, h.spend_date, h.currency
    order by h.spend_hour
    rows between unbounded preceding and current row
  )
),

looks as (
  select
    l.source,
    l.account_id,
    l.spend_date,
    coalesce(t.told_by = 'snapshots', false) as is_for_hours,
    t.is_by_quarter as is_for_quarters,
    middle_quarter(l.previous_at, l.look_at) as placed_at,
    l.look_at,
    l.is_end,
  from int_spend_looks__spaced as l
  inner join int_ad_days__told as t
    on t.source = l.source
    and t.account_id = l.account_id
    and t.spend_date = l.spend_date
    and (t.told_by = 'snapshots' or t.is_by_quarter)
),

-- The day's own figures; zero for campaigns that it does not name any more.
finals as (
  select source, account_id, spend_date, campaign_key, currency,
    total(spend_cents) as spend, total(impressions) as impressions, total(clicks) as clicks,
  from (
    select source, coalesce(account_id, '') as account_id, spend_date,
      campaign_key_of(source, account_id, campaign_id, campaign_name) as campaign_key, currency, spend_cents, impressions, clicks,
    from stg_spend

    union all

    select distinct source, account_id, spend_date,
      campaign_key_of(source, account_id, campaign_id, campaign_name), currency, 0, 0, 0,
    from stg_spend_intraday
  )
  group by source, account_id, spend_date, campaign_key, currency
),

figures as (
  select l.source, l.account_id, l.spend_date,
    campaign_key_of(s.source, s.account_id, s.campaign_id, s.campaign_name) as campaign_key, s.currency,
    l.is_for_hours, l.is_for_quarters, l.placed_at, l.look_at,
    s.spend_so_far_cents as spend_so_far, s.impressions as impressions_so_far, s.clicks as clicks_so_far,
  from looks as l
  inner join stg_spend_intraday as s
    on s.source = l.source
    and s.account_id = l.account_id
    and s.spend_date = l.spend_date
    and s.snapshot_at = l.look_at

  union all

  select l.source, l.account_id, l.spend_date, f.campaign_key, f.currency, l.is_for_hours, l.is_for_quarters, l.placed_at,
    l.look_at, f.spend, f.impressions, f.clicks,
  from looks as l
  inner join finals as f
    on f.source = l.source
    and f.account_id = l.account_id
    and f.spend_date = l.spend_date
  where l.is_end

  union all

  select source, account_id, spend_date, campaign_key, currency, is_for_hours, is_for_quarters, placed_at, look_at,
    spend_so_far, impressions_so_far, clicks_so_far,
  from hours
)

select
  f.source,
  f.account_id,
  f.spend_date as account_date,
  f.campaign_key,
  c.channel_id,
  f.is_for_hours,
  f.is_for_quarters,
  f.placed_at,
  case when x.fx_date is null then f.currency else cast(getvariable('currency') as varchar) end as currency,
  f.currency as original_currency,
  x.fx_date,
  converted(f.spend_so_far, x.rate_over, x.rate_under)
    - coalesce(lag(converted(f.spend_so_far, x.rate_over, x.rate_under)) over day_so_far, 0) as spend_cents,
  f.impressions_so_far - lag(f.impressions_so_far, 1, 0) over day_so_far as impressions,
  f.clicks_so_far - lag(f.clicks_so_far, 1, 0) over day_so_far as clicks,
from figures as f
inner join int_campaigns__named as c on c.campaign_key = f.campaign_key
left join int_fx__daily as x
  on x.currency = f.currency
  and x.day = f.spend_date
window day_so_far as (
  partition by f.source, f.account_id, f.spend_date, f.campaign_key, f.currency, f.is_for_hours
  order by f.look_at
)
