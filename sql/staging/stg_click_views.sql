-- Click ids that an ad platform knows, with the ad that was clicked (D-55). One row per click id: that of its newest day.
-- grain: gclid
-- may be empty
select
  'google_ads' as source,
  gclid,
  max(click_date) as click_date,
  max_by(account_id, click_date) as account_id,
  max_by(campaign_id, click_date) as campaign_id,
  max_by(ad_group_id, click_date) as adset_id,
  max_by(ad_id, click_date) as ad_id,
from stg_google_ads__click_views
group by gclid
