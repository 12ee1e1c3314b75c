-- Every source of spend that has landed rows is in the union, and no spend is lost on the way to the mart.
-- severity: critical
-- needs: meta.sources where rows > 0 and stream in ('insights', 'campaign_days', 'meta_ads', 'google_ads', 'spend') (no spend has landed)
with

expected(stream, spend_source) as (
  values
    ('meta_ads.insights', 'meta_ads'),
    ('google_ads.campaign_days', 'google_ads'),
    ('files.meta_ads', 'meta_ads'),
    ('files.google_ads', 'google_ads'),
    ('files.spend', null)
),

staged as (
  select
    source,
    sum(spend_cents) as spend_cents,
  from stg_spend
  group by source
),

marts as (
  select
    source,
    sum(original_spend_cents) as spend_cents,
  from fact_spend
  group by source
)

select
  e.stream,
  e.spend_source,
  cast(null as hugeint) as staged_cents,
  cast(null as hugeint) as mart_cents,
from expected as e
inner join meta.sources as landed
  on landed.source || '.' || landed.stream = e.stream
  and landed.rows > 0
where not exists (select 1 from staged where staged.source = coalesce(e.spend_source, staged.source))

union all

select
  null as stream,
  coalesce(staged.source, marts.source) as spend_source,
  staged.spend_cents as staged_cents,
  marts.spend_cents as mart_cents,
from staged
full outer join marts on marts.source = staged.source
where staged.spend_cents is distinct from marts.spend_cents
