-- One row per customer account, currency and time zone that it was ever seen with, also in the figures of its days: an account that
-- changes its time zone bears the new one, and its older days keep the old one (D-05, D-06).
-- grain: account_id, currency, time_zone
with

seen as (
  select
    account_id,
    account_name,
    currency,
    time_zone,
    seen_at,
  from stg_google_ads__customers

  union all

  select
    account_id,
    account_name,
    currency,
    time_zone,
    seen_at,
  from stg_google_ads__campaign_days
  where time_zone is not null
)

select
  'google_ads' as source,
  account_id,
  max_by(account_name, seen_at) as account_name,
  currency,
  time_zone,
  max(seen_at) as seen_at,
from seen
group by account_id, currency, time_zone
