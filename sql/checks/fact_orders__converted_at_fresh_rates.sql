-- Whatever was converted is in the reporting currency, at a rate of its own day or of one of the 7 days before (D-20).
-- severity: critical
-- needs: (select fx_date from fact_orders union all select fx_date from fact_refunds union all select fx_date from fact_spend) where fx_date is not null (nothing was converted)
with

converted_rows as (
  select 'fact_orders' as relation, order_id as id, order_date as day, fx_date, currency, original_currency
  from fact_orders
  where fx_date is not null

  union all

  select 'fact_refunds' as relation, refund_id as id, refund_date as day, fx_date, currency, original_currency
  from fact_refunds
  where fx_date is not null

  union all

  select 'fact_spend' as relation, campaign_key as id, spend_date as day, fx_date, currency, original_currency
  from fact_spend
  where fx_date is not null
)

select
  relation,
  id,
  day,
  fx_date,
  currency,
  original_currency,
from converted_rows
where fx_date > day
  or day - fx_date > 7
  or currency <> getvariable('currency')
  or original_currency = currency
