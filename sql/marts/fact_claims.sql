-- What each system says was sold on a day: the shop, web analytics, the ad platforms of each channel, and all of them together (D-40).
-- Only days that have landed from the shop and from the system. Null where a system gives no figure, or gives it in another currency.
-- The shop's amount is net revenue; the others say what they say. One row per day and system; `shop` has a row for each of its days.
-- grain: claim_date, system
-- version: 1
-- may be empty
with

shop_days as (
  select distinct landed_date
  from int_days__landed
  where relation = 'fact_orders'
),

ad_channels as (
  select distinct channel_id, source
  from fact_spend
  where conversions is not null
),

platforms as (
  select channel_id, count(*) as source_count
  from ad_channels
  group by channel_id
),

-- A channel's day is known when all of its platforms are.
channel_days as (
  select
    a.channel_id,
    l.landed_date,
  from ad_channels as a
  inner join platforms as p on p.channel_id = a.channel_id
  inner join int_days__landed as l
    on l.relation = 'fact_spend'
    and l.source = a.source
  group by a.channel_id, l.landed_date
  having count(*) = max(p.source_count)
),

all_ad_days as (
  select landed_date
  from channel_days
  group by landed_date
  having count(*) = max((select count(distinct channel_id) from ad_channels))
),

ads as (
  select
    spend_date as day,
    channel_id,
    sum(cast(conversions as decimal(18, 6))) as orders,
    case when count(*) = count(case when is_reporting_currency then 1 end) then total(conversion_value_cents) end as amount_cents,
  from fact_spend
  group by spend_date, channel_id
),

ad_claims as (
  select
    d.landed_date as day,
    d.channel_id as system,
    coalesce(a.orders, 0) as orders,
    case when a.day is null then 0 else a.amount_cents end as amount_cents,
  from channel_days as d
  left join ads as a
    on a.day = d.landed_date
    and a.channel_id = d.channel_id
),

traffic as (
  select
    traffic_date as day,
    source,
    case when count(*) = count(purchases) then total(purchases) end as orders,
    case when count(*) = count(case when currency = getvariable('currency') then revenue_cents end) then total(revenue_cents) end
      as amount_cents,
  from fact_traffic
  group by traffic_date, source
),

claims as (
  select day, system, orders, amount_cents
  from ad_claims

  union all

  select
    d.landed_date as day,
    'ad_platforms' as system,
    sum(c.orders) as orders,
    case when count(*) = count(c.amount_cents) then total(c.amount_cents) end as amount_cents,
  from all_ad_days as d
  inner join ad_claims as c on c.day = d.landed_date
  group by d.landed_date

  union all

  select
    l.landed_date as day,
    l.source as system,
    case when t.day is null then 0 else t.orders end as orders,
    case when t.day is null then 0 else t.amount_cents end as amount_cents,
  from int_days__landed as l
  left join traffic as t
    on t.day = l.landed_date
    and t.source = l.source
  where l.relation = 'fact_traffic'
),

sold as (
  select
    order_date as day,
    count(*) as orders,
    total(case when is_reporting_currency then gross_cents - discount_cents else 0 end) as amount_cents,
  from fact_orders
  where is_counted
  group by order_date
),

refunded as (
  select
    refund_date as day,
    total(case when is_reporting_currency then refund_cents else 0 end) as amount_cents,
  from fact_refunds
  where is_counted
  group by refund_date
)

select
  d.landed_date as claim_date,
  c.system,
  cast(c.orders as double) as orders,
  c.amount_cents,
  cast(getvariable('currency') as varchar) as currency,
from shop_days as d
inner join claims as c on c.day = d.landed_date

union all

select
  d.landed_date,
  'shop',
  cast(coalesce(s.orders, 0) as double),
  coalesce(s.amount_cents, 0) - coalesce(r.amount_cents, 0),
  cast(getvariable('currency') as varchar),
from shop_days as d
left join sold as s on s.day = d.landed_date
left join refunded as r on r.day = d.landed_date
order by claim_date, system
