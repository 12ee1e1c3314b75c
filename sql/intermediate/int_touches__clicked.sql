-- Touches whose click id the ad platform knows: the campaign, ad set and ad that were clicked (D-55). One row per touch.
-- Campaigns that never spent have no figures to stand beside, so their clicks are left to the other evidence.
-- grain: touch_id
select
  t.touch_id,
  c.campaign_key,
  case when v.adset_id is not null then campaign_key_of(v.source, v.account_id, v.adset_id, null) end as adset_key,
  case when v.ad_id is not null then campaign_key_of(v.source, v.account_id, v.ad_id, null) end as ad_key,
from stg_touches as t
inner join stg_click_views as v on v.gclid = t.gclid
inner join int_campaigns__named as c on c.campaign_key = campaign_key_of(v.source, v.account_id, v.campaign_id, null)
