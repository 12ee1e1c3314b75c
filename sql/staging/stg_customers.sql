-- Every customer record of every source. One row per record; a person may have several (D-08).
-- Each branch stg_files__… has these columns, with the types of the first branch.
-- grain: customer_ref
select
  customer_ref,
  source,
  email_hash,
  created_at,
  country,
  region,
  city,
from stg_shopify__customers

union all

select
  customer_ref,
  source,
  email_hash,
  created_at,
  country,
  region,
  city,
from stg_shopify_webhooks__customers
where customer_ref not in (select customer_ref from stg_shopify__customers)

union all

select
  customer_ref,
  source,
  email_hash,
  created_at,
  country,
  region,
  city,
from stg_files__shopify_customers
where customer_ref not in (select customer_ref from stg_shopify__customers)
  and customer_ref not in (select customer_ref from stg_shopify_webhooks__customers)

union all

select
  customer_ref,
  source,
  email_hash,
  created_at,
  country,
  region,
  city,
from stg_files__customers
