-- What the shop's own pixel told before the cut-off, the begin of `as_of` in the shop's time zone (D-53).
-- Counts only, from which src/transform/pixel-health.ts makes the score. `recent_`: the last 24 hours, `week_`: the last 7 days. One row.
-- grain: pixel_id
-- version: 1
with

bounds as (
  select
    'pixel' as pixel_id,
    start_of_hour(getvariable('time_zone'), getvariable('as_of'), 0) as cut_off_at,
),

placed as (
  select
    b.pixel_id,
    e.event_kind,
    e.event_at,
    coalesce(e.order_ref, e.checkout_token, e.event_key) as checkout_ref,
    e.event_at < b.cut_off_at as is_before,
    e.event_at < b.cut_off_at and e.event_at >= instant_before(b.cut_off_at, 1) as is_recent,
    e.event_at < b.cut_off_at and e.event_at >= instant_before(b.cut_off_at, 7) as is_of_week,
    e.event_kind = 'page_viewed' and e.click_kind in ('gclid', 'gbraid', 'wbraid', 'ttclid') as is_paid_landing,
    coalesce(e.utm_campaign, e.utm_id, url_parameter(e.landing_site, 'gad_campaignid')) is null as is_unnamed,
    e.is_consent_told,
    -- A file is read when somebody reads it.
    e.origin_type <> 'file' and abs(minutes_between(e.told_at, e.received_at)) > 10 as is_skewed,
  from stg_site_events as e
  cross join bounds as b
),

counted as (
  select
    pixel_id,
    total(case when is_before then 1 else 0 end) as event_count,
    total(case when is_before then 0 else 1 end) as later_event_count,
    total(case when is_recent then 1 else 0 end) as recent_event_count,
    total(case when is_recent and event_kind = 'checkout_completed' then 1 else 0 end) as recent_checkout_count,
    total(case when is_of_week then 1 else 0 end) as week_event_count,
    total(case when is_of_week and is_paid_landing then 1 else 0 end) as week_paid_landing_count,
    total(case when is_of_week and is_paid_landing and is_unnamed then 1 else 0 end) as week_unnamed_landing_count,
    total(case when is_of_week and not is_consent_told then 1 else 0 end) as week_untold_consent_count,
    total(case when is_of_week and is_skewed then 1 else 0 end) as week_skewed_count,
    min(event_at) as first_event_at,
    max(case when is_before then event_at end) as last_event_at,
  from placed
  group by pixel_id
),

-- One order is one event, whoever tells it.
bought as (
  select pixel_id, checkout_ref, count(*) as told_count
  from placed
  where is_of_week
    and event_kind = 'checkout_completed'
  group by pixel_id, checkout_ref
),

checkouts as (
  select
    pixel_id,
    count(*) as week_checkout_count,
    total(case when told_count > 1 then 1 else 0 end) as week_repeated_checkout_count,
  from bought
  group by pixel_id
),

-- Sold where the pixel could have seen it: since it is there, and not at a counter.
sold as (
  select c.pixel_id, count(*) as week_order_count
  from fact_orders as o
  cross join bounds as b
  inner join counted as c on c.pixel_id = b.pixel_id
  where o.is_counted
    and o.order_at < b.cut_off_at
    and o.order_at >= instant_before(b.cut_off_at, 7)
    and o.order_at >= c.first_event_at
    and coalesce(o.attribution_rule, '') not like 'source_name %'
  group by c.pixel_id
)

select
  b.pixel_id,
  b.cut_off_at,
  coalesce(c.event_count, 0) as event_count,
  coalesce(c.later_event_count, 0) as later_event_count,
  coalesce(c.recent_event_count, 0) as recent_event_count,
  coalesce(c.recent_checkout_count, 0) as recent_checkout_count,
  c.last_event_at,
  minutes_between(c.last_event_at, b.cut_off_at) as minutes_since_last,
  coalesce(c.week_event_count, 0) as week_event_count,
  coalesce(o.week_order_count, 0) as week_order_count,
  coalesce(k.week_checkout_count, 0) as week_checkout_count,
  coalesce(k.week_repeated_checkout_count, 0) as week_repeated_checkout_count,
  coalesce(c.week_paid_landing_count, 0) as week_paid_landing_count,
  coalesce(c.week_unnamed_landing_count, 0) as week_unnamed_landing_count,
  coalesce(c.week_untold_consent_count, 0) as week_untold_consent_count,
  coalesce(c.week_skewed_count, 0) as week_skewed_count,
from bounds as b
left join counted as c on c.pixel_id = b.pixel_id
left join checkouts as k on k.pixel_id = b.pixel_id
left join sold as o on o.pixel_id = b.pixel_id
order by b.pixel_id
