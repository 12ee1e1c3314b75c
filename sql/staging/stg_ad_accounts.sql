-- Every ad account with each currency and time zone that it was seen with, and when that was last so.
select
  source,
  account_id,
  account_name,
  currency,
  time_zone,
  seen_at,
from stg_meta_ads__accounts

union all

select
  source,
  account_id,
  account_name,
  currency,
  time_zone,
  seen_at,
from stg_google_ads__accounts
