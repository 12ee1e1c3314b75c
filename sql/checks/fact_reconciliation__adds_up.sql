-- What the shop sold, every named cause and the unexplained rest add up to what the other system says, to the cent, on every day.
-- severity: critical
-- needs: fact_reconciliation where kind = 'end' (no day has landed from the shop and from another system)
select
  c.claim_date,
  c.system,
  c.orders,
  r.orders as orders_of_steps,
  c.amount_cents,
  r.amount_cents as amount_of_steps,
from fact_claims as c
left join (
  select
    reconciled_date,
    system,
    sum(cast(orders as decimal(18, 6))) as orders,
    sum(amount_cents) as amount_cents,
    count(case when kind = 'rest' and amount_cents is null then 1 end) as without_amount,
  from fact_reconciliation
  where kind in ('start', 'cause', 'rest')
  group by reconciled_date, system
) as r
  on r.reconciled_date = c.claim_date
  and r.system = c.system
where c.system <> 'shop'
  and (
    r.system is null
    or cast(c.orders as decimal(18, 6)) <> r.orders
    or (r.without_amount = 0 and c.amount_cents <> r.amount_cents)
    or (r.without_amount > 0 and c.amount_cents is not null)
  )
