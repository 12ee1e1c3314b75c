-- No ad account has changed its currency or time zone: days before and after are of different length or money, and are kept apart.
-- severity: warning
select
  source,
  account_id,
  count(distinct currency) as currencies,
  count(distinct time_zone) as time_zones,
from stg_ad_accounts
group by source, account_id
having count(*) > 1
