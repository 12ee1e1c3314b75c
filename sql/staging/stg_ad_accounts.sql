-- Every ad account with each currency and time zone that it was seen with, and when that was last so.
-- unknown_time_zone: what the platform calls its zone when there is none of that name; time_zone is null then, and no hour is told (D-05).
select
  source,
  account_id,
  account_name,
  currency,
  known_zone(time_zone) as time_zone,
  unknown_zone(time_zone) as unknown_time_zone,
  seen_at,
from stg_meta_ads__accounts

union all

select
  source,
  account_id,
  account_name,
  currency,
  known_zone(time_zone) as time_zone,
  unknown_zone(time_zone) as unknown_time_zone,
  seen_at,
from stg_google_ads__accounts
