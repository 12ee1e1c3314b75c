-- One row per campaign of Google Ads, as it is now, removed ones included. The budget may be shared with other campaigns; it is one of a
-- day, or one of the whole run.
-- Start and end are wall clocks of the account's time zone.
-- grain: account_id, campaign_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "customer": {"id": "VARCHAR", "currencyCode": "VARCHAR"},
      "campaign": {
        "id": "VARCHAR", "name": "VARCHAR", "status": "VARCHAR", "servingStatus": "VARCHAR", "advertisingChannelType": "VARCHAR",
        "advertisingChannelSubType": "VARCHAR", "biddingStrategyType": "VARCHAR", "startDateTime": "VARCHAR", "endDateTime": "VARCHAR"
      },
      "campaignBudget": {"id": "VARCHAR", "amountMicros": "VARCHAR", "totalAmountMicros": "VARCHAR", "period": "VARCHAR", "explicitlyShared": "BOOLEAN"}
    }') as r,
  from raw.google_ads__campaigns
)

select
  _key,
  _slice,
  r.customer.id as account_id,
  r.campaign.id as campaign_id,
  r.campaign.name as campaign_name,
  r.campaign.status as campaign_status,
  r.campaign.servingStatus as serving_status,
  r.campaign.advertisingChannelType as channel_type,
  r.campaign.advertisingChannelSubType as channel_sub_type,
  r.campaign.biddingStrategyType as bidding_strategy_type,
  cast(r.campaign.startDateTime as timestamp) as starts_local,
  cast(r.campaign.endDateTime as timestamp) as ends_local,
  r.campaignBudget.id as budget_id,
  r.campaignBudget.period as budget_period,
  micros_to_minor(r.campaignBudget.amountMicros, coalesce(r.customer.currencyCode, getvariable('currency'))) as budget_minor,
  micros_to_minor(r.campaignBudget.totalAmountMicros, coalesce(r.customer.currencyCode, getvariable('currency'))) as lifetime_budget_minor,
  r.campaignBudget.explicitlyShared as is_budget_shared,
  coalesce(r.customer.currencyCode, getvariable('currency')) as currency,
from parsed
