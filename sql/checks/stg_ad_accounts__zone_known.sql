-- Every ad account is in a time zone that is known: without it spend is told by the day only. Correct it at the platform, or update growthos (D-05).
-- severity: warning
select
  source,
  account_id,
  account_name,
  unknown_time_zone,
from stg_ad_accounts
where unknown_time_zone is not null
