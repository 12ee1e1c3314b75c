-- One row per ad account, campaign and account-local day of Meta insights (D-05).
-- Action types overlap (a purchase is also an omni_purchase): one type is chosen by preference, types are never added (D-14).
-- grain: spend_date, account_id, campaign_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "account_id": "VARCHAR", "account_currency": "VARCHAR", "campaign_id": "VARCHAR", "campaign_name": "VARCHAR",
      "attribution_setting": "VARCHAR", "date_start": "VARCHAR", "spend": "VARCHAR", "impressions": "VARCHAR", "clicks": "VARCHAR",
      "actions": [{"action_type": "VARCHAR", "value": "VARCHAR"}],
      "action_values": [{"action_type": "VARCHAR", "value": "VARCHAR"}]
    }') as i,
  from raw.meta_ads__insights
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
    list_filter(
      ['lead', 'onsite_conversion.lead_grouped', 'offsite_conversion.fb_pixel_lead'],
      lambda wanted: list_contains(list_transform(coalesce(i.actions, []), lambda a: a.action_type), wanted)
    )[1] as lead_type,
    list_filter(
      ['omni_app_install', 'mobile_app_install', 'app_install'],
      lambda wanted: list_contains(list_transform(coalesce(i.actions, []), lambda a: a.action_type), wanted)
    )[1] as install_type,
  from parsed
)

select
  _key,
  _slice,
  cast(i.date_start as date) as spend_date,
  'meta_ads' as source,
  i.account_id,
  i.campaign_id,
  i.campaign_name,
  i.attribution_setting,
  currency,
  coalesce(minor_units(i.spend, currency), 0) as spend_cents,
  coalesce(cast(i.impressions as bigint), 0) as impressions,
  coalesce(cast(i.clicks as bigint), 0) as clicks,
  coalesce(list_sum(list_transform(
    list_filter(i.actions, lambda a: a.action_type = purchase_type), lambda a: cast(a.value as double))), 0)::double as conversions,
  coalesce(list_sum(list_transform(
    list_filter(i.action_values, lambda a: a.action_type = purchase_type), lambda a: minor_units(a.value, currency))), 0)::bigint
    as conversion_value_cents,
  conversions as purchases,
  coalesce(list_sum(list_transform(
    list_filter(i.actions, lambda a: a.action_type = lead_type), lambda a: cast(a.value as double))), 0)::double as leads,
  coalesce(list_sum(list_transform(
    list_filter(i.actions, lambda a: a.action_type = install_type), lambda a: cast(a.value as double))), 0)::double as installs,
from chosen
