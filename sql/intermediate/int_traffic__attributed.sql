-- Traffic with its channel: GA4's channel group decides, source and medium where a file has no group (D-09).
-- grain: traffic_date, source, channel_id, currency
with

kinds as (
  select
    channel_group,
    session_source,
    session_medium,
    lower(channel_group) as group_name,
    coalesce(lower(session_source), '(none)') as source_name,
    coalesce(lower(session_medium), '(none)') as medium,
  from stg_traffic
  group by channel_group, session_source, session_medium
),

first_match as (
  select
    k.channel_group,
    k.session_source,
    k.session_medium,
    min(r.priority) as priority,
  from kinds as k
  inner join seeds.channel_rules as r
    on (
      r.kind = 'ga4_group'
      and (k.group_name is not null or r.value = '(any)')
      and r.value in (k.group_name, '(any)')
      and (r.qualifier is null or r.qualifier = k.source_name)
    )
    or (
      k.group_name is null
      and (
        (r.kind = 'utm' and r.value = k.source_name)
        or (r.kind = 'utm_medium' and r.value = k.medium)
        or (r.kind = 'referrer' and r.value in (registrable_host(k.source_name), host_family(k.source_name)))
      )
      and (r.qualifier is null or r.qualifier = k.medium)
    )
  group by k.channel_group, k.session_source, k.session_medium
)

select
  t.traffic_date,
  t.source,
  r.channel_id,
  total(t.sessions) as sessions,
  total(t.engaged_sessions) as engaged_sessions,
  total(t.product_views) as product_views,
  total(t.add_to_carts) as add_to_carts,
  total(t.checkouts) as checkouts,
  total(t.purchases) as purchases,
  total(t.revenue_cents) as revenue_cents,
  t.currency,
from stg_traffic as t
inner join first_match as f
  on f.channel_group is not distinct from t.channel_group
  and f.session_source is not distinct from t.session_source
  and f.session_medium is not distinct from t.session_medium
inner join seeds.channel_rules as r on r.priority = f.priority
group by t.traffic_date, t.source, r.channel_id, t.currency
