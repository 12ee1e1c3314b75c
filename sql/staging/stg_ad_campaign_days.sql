-- Every campaign day with figures that only some platforms have, the same spend as in stg_spend and never added to it.
-- `…_when_made`: conversions of the day on which they happened, not of their click. Null is unknown. Days are the account's own (D-05).
-- grain: source, account_id, campaign_id, spend_date
select
  spend_date,
  source,
  account_id,
  campaign_id,
  channel_type,
  currency,
  cost_micros,
  spend_cents,
  all_conversions,
  all_conversion_value_cents,
  view_through_conversions,
  conversions_when_made,
  conversion_value_when_made_cents,
  search_impression_share,
from stg_google_ads__campaign_days
