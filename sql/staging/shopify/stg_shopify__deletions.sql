-- One row per product or collection that was deleted in Shopify.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{"subjectId": "VARCHAR", "subjectType": "VARCHAR", "occurredAt": "VARCHAR"}') as e,
  from raw.shopify__deletion_events
)

select
  _key,
  _slice,
  gid_tail(e.subjectId) as subject_ref,
  lower(e.subjectType) as subject_type,
  instant(e.occurredAt) as deleted_at,
from parsed
