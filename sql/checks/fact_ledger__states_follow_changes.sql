-- An entry of an order is in the state that its last change brought, and nothing of it is at the bank before a payout was.
-- severity: error
select
  l.entry_id,
  l.state,
  c.state as last_state,
from fact_ledger as l
left join fact_ledger_changes as c
  on c.entry_id = l.entry_id
  and c.is_current
where l.matched_by is distinct from 'payout'
  and (l.state is distinct from c.state or (l.state = 'CLEARED' and l.payout_id is null))
