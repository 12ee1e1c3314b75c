-- Why another system says something else than the shop, day by day: what each known cause adds or takes away (D-40).
-- `cause` rows are measured. `possible` rows are in no sum: amounts that the system may count, and nobody can see whether it does.
-- One row per day, system and step that is not zero; the way is from the shop's net revenue to what the system says.
-- grain: claim_date, system, kind, step
-- version: 1
-- may be empty
with

compared as (
  select
    c.claim_date as day,
    c.system,
    w.landed_date is not null as has_purchases,
  from fact_claims as c
  left join int_days__landed as w
    on w.relation = 'stg_web_purchases'
    and w.source = c.system
    and w.landed_date = c.claim_date
  where c.system <> 'shop'
),

-- Orders whose sales channel has a rule of its own (counter, draft orders) come about without a visit to the site.
offline as (
  select o.order_id
  from stg_orders as o
  inner join (select distinct source_name from stg_orders) as n on n.source_name = o.source_name
  inner join seeds.channel_rules as r
    on r.kind = 'source_name'
    and r.value = lower(clean_text(n.source_name))
),

placed as (
  select
    o.order_date as day,
    o.channel_id,
    case when o.is_counted then 'counted' when o.is_test then 'test' when o.is_cancelled then 'cancelled' else 'unpaid' end as state,
    f.order_id is not null as is_offline,
    p.order_id is not null as is_seen,
    count(*) as orders,
    total(case when o.is_reporting_currency then o.gross_cents - o.discount_cents else 0 end) as goods_cents,
    total(case when o.is_reporting_currency then o.tax_cents else 0 end) as tax_cents,
    total(case when o.is_reporting_currency then o.shipping_cents else 0 end) as shipping_cents,
  from fact_orders as o
  left join offline as f on f.order_id = o.order_id
  left join (select distinct order_id from int_web_purchases__matched where order_id is not null) as p on p.order_id = o.order_id
  group by 1, 2, 3, 4, 5
),

refunded as (
  select
    refund_date as day,
    channel_id,
    total(case when is_reporting_currency then refund_cents else 0 end) as refund_cents,
  from fact_refunds
  where is_counted
  group by refund_date, channel_id
),

-- Ad platforms speak for their channels, web analytics for all.
scope as (
  select
    s.system,
    ch.channel_id,
    case
      when s.system in (select channel_id from fact_spend) then ch.channel_id = s.system
      when s.system = 'ad_platforms' then ch.channel_id in (select channel_id from fact_spend where conversions is not null)
      else true
    end as is_own,
  from (select distinct system from compared) as s
  cross join dim_channel as ch
),

seen as (
  select
    c.day,
    c.system,
    c.has_purchases,
    s.is_own,
    p.state,
    p.is_offline,
    p.is_seen and c.has_purchases as is_seen,
    p.orders,
    p.goods_cents,
    p.tax_cents,
    p.shipping_cents,
  from compared as c
  inner join placed as p on p.day = c.day
  inner join scope as s
    on s.system = c.system
    and s.channel_id = p.channel_id
),

steps as (
  select day, system, 'cause' as kind, 'other_channels' as step, -orders as orders, -goods_cents as amount_cents
  from seen
  where not is_own and state = 'counted'
  union all
  select c.day, c.system, 'cause', case when s.is_own then 'refunds' else 'other_channels' end, 0, r.refund_cents
  from compared as c
  inner join refunded as r on r.day = c.day
  inner join scope as s on s.system = c.system and s.channel_id = r.channel_id
  union all
  select day, system, 'cause', state, orders, goods_cents
  from seen
  where is_own and state in ('cancelled', 'unpaid')
  union all
  select day, system, 'cause', case when is_offline then 'offline' else 'not_seen' end, -orders, -goods_cents
  from seen
  where is_own and state <> 'test' and not is_seen and (is_offline or has_purchases)
  union all
  select c.day, c.system, 'cause', e.step, e.orders, e.amount_cents
  from int_web_purchases__explained as e
  inner join compared as c on c.day = e.day and c.system = e.system
  union all
  select day, system, 'possible', 'test', orders, goods_cents
  from seen
  where is_own and state = 'test' and not has_purchases
  union all
  select day, system, 'possible', 'tax', 0, tax_cents
  from seen
  where is_own and state <> 'test' and not is_offline and not has_purchases
  union all
  select day, system, 'possible', 'shipping', 0, shipping_cents
  from seen
  where is_own and state <> 'test' and not is_offline and not has_purchases
)

select
  day as claim_date,
  system,
  kind,
  step,
  total(orders) as orders,
  total(amount_cents) as amount_cents,
  cast(getvariable('currency') as varchar) as currency,
from steps
group by day, system, kind, step
having sum(orders) <> 0
  or sum(amount_cents) <> 0
order by claim_date, system, kind, step
