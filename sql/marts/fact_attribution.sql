-- Every counted order divided among its touches, by each model (D-48). One row per order, model and touch that has a credit.
-- Credit is in whole millionths that add up to 1,000,000 for each order and model; the parts of the order's net revenue add up to it
-- to the cent. Without a touch the whole order stands in one row without a channel: the unattributed line.
-- Most orders have one touch or none: all models say the same of them, which is told once, by the model `every`.
-- `is_last_touch`: the rows that say what last touch says, one per order.
-- grain: order_id, model, touch_id
-- version: 3
-- may be empty
-- check: reference channel_id -> dim_channel
-- check: reference campaign_key -> dim_campaign
-- check: reference order_date -> dim_date.date_day
with

models as (
  select model
  from (
    values ('last_touch'), ('first_touch'), ('linear'), ('position_based'), ('time_decay'), ('markov'), ('shapley'), ('fractribution')
  ) as models(model)
),

weighted as (
  select
    t.order_id,
    m.model,
    t.touch_id,
    t.touch_position,
    t.touch_count,
    case
      when m.model = 'last_touch' then case when t.touch_position = t.touch_count then 1 else 0 end
      when m.model = 'first_touch' then case when t.touch_position = 1 then 1 else 0 end
      when m.model = 'linear' then 1
      when m.model = 'position_based' and t.touch_count > 2 and t.touch_position in (1, t.touch_count) then 2 * (t.touch_count - 2)
      when m.model = 'position_based' then 1
      when m.model = 'time_decay' then weight_units(week_decay(t.touched_at, t.order_at))
      when m.model = 'markov' then weight_units(s.markov_share / t.channel_touch_count)
      when m.model = 'shapley' then weight_units(s.shapley_share / t.channel_touch_count)
      else weight_units(s.fractribution_share / t.channel_touch_count)
    end as weight,
  from fact_touches as t
  cross join models as m
  left join int_path_shares__computed as s
    on s.path = t.path
    and s.channel_id = t.channel_id
  where t.touch_count > 1
),

summed as (
  select
    *,
    cast(sum(weight) over (partition by order_id, model) as bigint) as total_weight,
  from weighted
),

-- Where a model finds nothing to divide by, the last touch has it all.
floored as (
  select
    *,
    case when total_weight > 0 then millionths(weight, total_weight) else 0 end as floor_credit,
  from summed
),

credited as (
  select
    order_id,
    model,
    touch_id,
    touch_position,
    floor_credit + case
      when touch_position = touch_count then 1000000 - cast(sum(floor_credit) over (partition by order_id, model) as bigint)
      else 0
    end as credit_millionths,
  from floored
),

lines as (
  select
    order_id,
    model,
    touch_id,
    credit_millionths,
    cast(sum(credit_millionths) over (
      partition by order_id, model order by touch_position rows between unbounded preceding and current row
    ) as bigint) as credit_so_far,
  from credited
),

divided as (
  select
    t.order_id, l.model, t.touch_id, t.touch_position, t.touched_at, t.order_at, t.order_date, t.channel_id,
    t.campaign_key, t.adset_key, t.ad_key, t.match_kind, t.confidence,
    l.credit_millionths,
    converted(t.net_cents, l.credit_so_far, 1000000)
      - converted(t.net_cents, l.credit_so_far - l.credit_millionths, 1000000) as net_cents,
    t.currency, t.is_reporting_currency, t.is_new_customer,
  from lines as l
  inner join fact_touches as t
    on t.order_id = l.order_id
    and t.touch_id = l.touch_id
  where l.credit_millionths > 0
    and t.touch_count > 1

  union all

  select
    t.order_id, 'every' as model, t.touch_id, t.touch_position, t.touched_at, t.order_at, t.order_date, t.channel_id,
    t.campaign_key, t.adset_key, t.ad_key, t.match_kind, t.confidence,
    1000000 as credit_millionths,
    t.net_cents,
    t.currency, t.is_reporting_currency, t.is_new_customer,
  from fact_touches as t
  where t.touch_count <= 1
)

select
  order_id,
  model,
  touch_id,
  touched_at,
  order_at,
  order_date,
  channel_id,
  campaign_key,
  adset_key,
  ad_key,
  match_kind,
  confidence,
  touch_id <> '(none)' as is_attributed,
  model in ('last_touch', 'every') as is_last_touch,
  credit_millionths,
  net_cents,
  currency,
  is_reporting_currency,
  is_new_customer,
from divided
order by order_date, order_id, model, touch_position
