-- Every state that a ledger entry came into, with what brought it there (D-51). One row per entry and state it entered.
-- grain: entry_id, change_number
-- version: 1
-- may be empty
with

changes as (
  select entry_id, entry_at as changed_at, 'PENDING' as state, 'told by the shop' as reason, 0 as rank_at_once
  from int_ledger__dated

  union all

  select entry_id, settled_at, 'CLEARED', 'payout ' || payout_id, 1
  from int_ledger__dated
  where settled_at is not null
    and (repaid_at is null or settled_at <= repaid_at)
    and (disputed_at is null or settled_at <= disputed_at or settled_at > won_at)

  union all

  select entry_id, disputed_at, 'DISPUTED', 'dispute ' || dispute_id, 2
  from int_ledger__dated
  where disputed_at is not null
    and (repaid_at is null or disputed_at <= repaid_at)

  union all

  select entry_id, won_at, case when settled_at <= won_at then 'CLEARED' else 'PENDING' end, 'won: dispute ' || dispute_id, 3
  from int_ledger__dated
  where won_at is not null
    and (repaid_at is null or won_at <= repaid_at)

  union all

  select
    entry_id,
    repaid_at,
    'REFUNDED',
    case when disputed_at <= repaid_at and won_at is null then 'lost: dispute ' || dispute_id else 'refunded in full' end,
    4,
  from int_ledger__dated
  where repaid_at is not null
)

select
  entry_id,
  row_number() over (partition by entry_id order by changed_at, rank_at_once, entry_id) as change_number,
  changed_at,
  state,
  reason,
  lead(state) over (partition by entry_id order by changed_at, rank_at_once, entry_id) is null as is_current,
from changes
order by entry_id, change_number
