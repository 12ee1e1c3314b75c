-- GA4's purchases of the last 28 days are within 10 percent of what the shop's orders and the known causes let expect (from 50 orders on).
-- severity: warning
-- needs: fact_reconciliation where system = 'ga4' and kind = 'rest' and orders is not null and reconciled_date >= getvariable('as_of') - 28 (no day of GA4 and the shop can be compared)
select
  system,
  sum(case when kind in ('start', 'cause') then orders else 0 end) as expected_orders,
  sum(case when kind = 'end' then orders else 0 end) as ga4_purchases,
  sum(case when kind = 'rest' then orders else 0 end) as unexplained_orders,
from fact_reconciliation
where system = 'ga4'
  and reconciled_date >= getvariable('as_of') - 28
group by system
having sum(case when kind in ('start', 'cause') then orders else 0 end) >= 50
  and abs(sum(case when kind = 'rest' then orders else 0 end)) * 10
    > sum(case when kind in ('start', 'cause') then orders else 0 end)
