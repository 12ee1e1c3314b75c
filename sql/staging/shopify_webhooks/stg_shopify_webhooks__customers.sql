-- The newest version of each customer that webhooks have told; no name, no address: place and hashed e-mail only.
-- grain: customer_ref
select
  customer_ref,
  'shopify' as source,
  email_hash,
  created_at,
  country,
  region,
  city,
from stg_shopify_webhooks__customer_events
where customer_ref is not null
qualify row_number() over (partition by customer_ref order by updated_at desc nulls last, received_at desc, _key desc) = 1
