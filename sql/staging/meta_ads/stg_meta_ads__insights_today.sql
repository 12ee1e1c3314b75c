-- One row per ad account, campaign and quarter of an hour at which the day under way was looked at (`sync --today`): figures so far.
-- Action types overlap (a purchase is also an omni_purchase): one type is chosen by preference, types are never added (D-14).
-- grain: snapshot_at, account_id, campaign_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "account_id": "VARCHAR", "account_currency": "VARCHAR", "campaign_id": "VARCHAR", "campaign_name": "VARCHAR",
      "date_start": "VARCHAR", "spend": "VARCHAR", "impressions": "VARCHAR", "clicks": "VARCHAR",
      "actions": [{"action_type": "VARCHAR", "value": "VARCHAR"}],
      "action_values": [{"action_type": "VARCHAR", "value": "VARCHAR"}]
    }') as i,
  from raw.meta_ads__insights_today
),

chosen as (
  select
    _key,
    _slice,
    i,
    coalesce(i.account_currency, getvariable('currency')) as currency,
    list_filter(
      ['omni_purchase', 'purchase', 'offsite_conversion.fb_pixel_purchase', 'onsite_web_purchase', 'onsite_conversion.purchase'],
      lambda wanted: list_contains(list_transform(
        list_concat(coalesce(i.actions, []), coalesce(i.action_values, [])), lambda a: a.action_type), wanted)
    )[1] as purchase_type,
  from parsed
)

select
  _key,
  _slice,
  cast(i.date_start as date) as spend_date,
  instant(_slice) as snapshot_at,
  'meta_ads' as source,
  i.account_id,
  i.campaign_id,
  i.campaign_name,
  currency,
  coalesce(minor_units(i.spend, currency), 0) as spend_so_far_cents,
  coalesce(cast(i.impressions as bigint), 0) as impressions,
  coalesce(cast(i.clicks as bigint), 0) as clicks,
  coalesce(list_sum(list_transform(
    list_filter(i.actions, lambda a: a.action_type = purchase_type), lambda a: cast(a.value as double))), 0)::double as conversions,
  coalesce(list_sum(list_transform(
    list_filter(i.action_values, lambda a: a.action_type = purchase_type), lambda a: minor_units(a.value, currency))), 0)::bigint
    as conversion_value_cents,
from chosen
