-- Which landed stream feeds which relation: the ground on which a day is known or missing. One row per relation, source and stream.
-- `source` is as the rows of the relation name it; null: whatever the file says.
select
  relation,
  source,
  landed_source,
  stream,
from (
  values
    ('fact_orders', 'shopify', 'shopify', 'orders'),
    ('fact_orders', 'shopify', 'files', 'shopify_orders'),
    ('fact_orders', 'shopify', 'shopify_webhooks', 'orders'),
    ('fact_orders', 'files', 'files', 'orders'),
    ('fact_orders', 'shopier', 'shopier', 'orders'),
    ('fact_orders', 'webhooks', 'webhooks', 'orders'),
    ('fact_spend', 'meta_ads', 'meta_ads', 'insights'),
    ('fact_spend', 'meta_ads', 'files', 'meta_ads'),
    ('fact_spend', 'google_ads', 'google_ads', 'campaign_days'),
    ('fact_spend', 'google_ads', 'files', 'google_ads'),
    ('fact_spend', null, 'files', 'spend'),
    ('fact_traffic', 'ga4', 'ga4', 'traffic_days'),
    ('fact_traffic', 'ga4', 'files', 'ga4'),
    ('fact_traffic', 'files', 'files', 'traffic'),
    ('fact_daily_metrics', 'files', 'files', 'daily_metrics'),
    ('fact_events', 'ga4_events', 'ga4_events', 'purchase'),
    ('fact_events', 'ga4_events', 'files', 'events'),
    ('stg_web_purchases', 'ga4', 'ga4', 'transactions'),
    ('stg_web_purchases', 'ga4', 'ga4_events', 'purchase'),
    ('stg_rates', 'fx', 'fx', 'rates')
) as feeding(relation, source, landed_source, stream)
