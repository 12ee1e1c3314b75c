-- The newest dispute of an order, as it was told last or as its payouts show it (D-51). One row per order.
-- closed_at is null while nobody has decided; is_won says for whom.
-- grain: order_id
with

told as (
  select
    *,
    row_number() over (partition by dispute_id order by told_at desc, telling_key desc) as newest_first,
  from stg_disputes
),

disputes as (
  select
    order_id,
    dispute_id,
    opened_at,
    case when dispute_status in ('won', 'lost', 'accepted', 'charge_refunded') then coalesce(closed_at, told_at) end as closed_at,
    dispute_status = 'won' as is_won,
    1 as trust,
  from told
  where newest_first = 1
    and order_id is not null

  union all

  select
    order_id,
    'payout:' || min(payout_line_id) as dispute_id,
    min(line_at) as opened_at,
    max(case when line_kind = 'dispute_won' then line_at end) as closed_at,
    max(case when line_kind = 'dispute_won' then line_at end) is not null as is_won,
    0 as trust,
  from int_payout_lines__matched
  where line_kind in ('dispute', 'dispute_won')
    and order_id is not null
  group by order_id
),

ranked as (
  select
    *,
    row_number() over (partition by order_id order by trust desc, opened_at desc, dispute_id desc) as newest_first,
  from disputes
)

select
  order_id,
  dispute_id,
  opened_at,
  closed_at,
  is_won,
from ranked
where newest_first = 1
