-- Events that are there already: rows that are the same event (D-63), and purchases of a transaction after its first one, because a page of
-- thanks that is loaded again tells its purchase again. Purchases without a transaction id cannot be told apart and all stay.
-- Narrow on purpose: of millions of events only these few are carried on.
-- grain: event_date, event_key
with

identified as (
  select
    event_date,
    event_key,
    event_identity(e) as identity,
  from stg_events as e
),

doubled as (
  select identity
  from identified
  group by identity
  having count(*) > 1
),

ranked as (
  select
    i.event_date,
    i.event_key,
    row_number() over (partition by i.identity order by i.event_date, i.event_key) as place,
  from identified as i
  inner join doubled as d on d.identity = i.identity
),

purchases as (
  select
    event_date,
    event_key,
    row_number() over (partition by transaction_id order by event_at, event_date, event_key) as place,
  from stg_events
  where event_kind = 'purchase'
    and transaction_id is not null
)

select distinct
  event_date,
  event_key,
from (
  select event_date, event_key, place
  from ranked

  union all

  select event_date, event_key, place
  from purchases
) as places
where place > 1
