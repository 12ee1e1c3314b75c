-- The ids and numbers by which others name an order, where one order alone bears them. Empty while nobody names any. One row per word.
-- grain: order_word
with

naming as (
  select
    (select count(*) from stg_payout_lines) + (select count(*) from stg_fulfilments) as row_count,
),

order_words as (
  select order_id, order_number(order_id) as order_word
  from stg_orders
  where (select row_count from naming) > 0

  union

  select order_id, order_number(order_name) as order_word
  from stg_orders
  where order_name is not null
    and (select row_count from naming) > 0
)

select
  order_word,
  min(order_id) as order_id,
from order_words
group by order_word
having count(*) = 1
