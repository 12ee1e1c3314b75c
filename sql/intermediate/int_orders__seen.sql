-- Whose visits on the site led to an order: the visitor who finished its checkout (by checkout token or by the order's own number),
-- else the visitors who gave the customer's e-mail (D-47). One row per order and visitor.
-- grain: order_id, visitor_id
with

numbers as (
  select distinct
    order_number(order_ref) as number,
    checkout_token,
    visitor_id,
  from stg_site_events
  where order_ref is not null
),

finished as (
  select o.order_id, n.checkout_token, n.visitor_id
  from numbers as n
  inner join stg_orders as o on o.order_id = 'shopify:' || n.number

  union all

  select o.order_id, n.checkout_token, n.visitor_id
  from numbers as n
  inner join stg_orders as o on o.order_name = '#' || n.number
),

tokens as (
  select order_id, checkout_token
  from stg_order_tokens

  union

  select order_id, checkout_token
  from finished
  where checkout_token is not null
),

by_checkout as (
  select order_id, visitor_id
  from finished

  union

  select t.order_id, e.visitor_id
  from tokens as t
  inner join stg_site_events as e on e.checkout_token = t.checkout_token
),

mailed as (
  select distinct email_hash, visitor_id
  from stg_site_events
  where email_hash is not null
)

select
  order_id,
  visitor_id,
  'checkout' as seen_by,
from by_checkout

union all

select
  o.order_id,
  m.visitor_id,
  'customer' as seen_by,
from stg_orders as o
inner join mailed as m on m.email_hash = o.email_hash
where o.order_id not in (select order_id from by_checkout)
