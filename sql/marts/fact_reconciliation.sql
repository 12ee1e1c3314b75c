-- The way from what the shop sold to what another system says, step by step and to the cent, day by day (D-40).
-- `start` + every `cause` + `rest` = `end`; `possible` rows are in no sum. Amounts of rest and end are null where the system gives none.
-- One row per day, system and step; start, rest and end are always there.
-- grain: reconciled_date, system, kind, step
-- version: 1
-- may be empty
with

compared as (
  select
    c.claim_date,
    c.system,
    cast(c.orders as decimal(18, 6)) as orders,
    c.amount_cents,
    cast(s.orders as decimal(18, 6)) as shop_orders,
    s.amount_cents as shop_cents,
  from fact_claims as c
  inner join fact_claims as s
    on s.claim_date = c.claim_date
    and s.system = 'shop'
  where c.system <> 'shop'
),

explained as (
  select
    claim_date,
    system,
    sum(orders) as orders,
    total(amount_cents) as amount_cents,
  from fact_claim_causes
  where kind = 'cause'
  group by claim_date, system
),

steps as (
  select claim_date, system, 'start' as kind, 'shop' as step, shop_orders as orders, shop_cents as amount_cents
  from compared

  union all

  select claim_date, system, kind, step, orders, amount_cents
  from fact_claim_causes

  union all

  select
    c.claim_date,
    c.system,
    'rest' as kind,
    'unexplained' as step,
    c.orders - c.shop_orders - coalesce(e.orders, 0) as orders,
    c.amount_cents - c.shop_cents - coalesce(e.amount_cents, 0) as amount_cents,
  from compared as c
  left join explained as e
    on e.claim_date = c.claim_date
    and e.system = c.system

  union all

  select claim_date, system, 'end' as kind, 'claimed' as step, orders, amount_cents
  from compared
)

select
  claim_date as reconciled_date,
  system,
  kind,
  step,
  cast(orders as double) as orders,
  amount_cents,
  cast(getvariable('currency') as varchar) as currency,
from steps
order by reconciled_date, system, kind, step
