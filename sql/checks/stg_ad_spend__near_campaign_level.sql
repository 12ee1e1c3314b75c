-- Spend of the ads of a day adds up to that of the campaigns, within one percent. Some spend is served at no ad, so this only warns;
-- Performance Max has no ads at all and is left out.
-- severity: warning
with

ads as (
  select
    source,
    account_id,
    spend_date,
    sum(ad_spend_cents) as ad_cents,
  from stg_ad_spend
  group by source, account_id, spend_date
),

covered as (
  select
    source,
    account_id,
    min(spend_date) as first_date,
    max(spend_date) as last_date,
  from ads
  group by source, account_id
),

campaigns as (
  select
    source,
    account_id,
    spend_date,
    sum(spend_cents) as campaign_cents,
  from stg_spend
  anti join stg_ad_campaigns as without_ads
    on without_ads.source = stg_spend.source
    and without_ads.account_id = stg_spend.account_id
    and without_ads.campaign_id = stg_spend.campaign_id
    and without_ads.channel_type = 'PERFORMANCE_MAX'
  group by source, account_id, spend_date
)

select
  c.source,
  c.account_id,
  c.spend_date,
  c.campaign_cents,
  coalesce(ads.ad_cents, 0) as ad_cents,
from campaigns as c
inner join covered
  on covered.source = c.source
  and covered.account_id = c.account_id
  and c.spend_date >= covered.first_date
  and c.spend_date <= covered.last_date
left join ads
  on ads.source = c.source
  and ads.account_id = c.account_id
  and ads.spend_date = c.spend_date
where abs(c.campaign_cents - coalesce(ads.ad_cents, 0)) * 100 > c.campaign_cents
