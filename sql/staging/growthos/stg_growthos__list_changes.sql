-- Rows of the shop's own lists (users, locations) that were otherwise when the list was read again (D-63). One row per row of a list and change;
-- `before` and `after` are that row, null where there was none.
-- grain: _key
select
  _key,
  _slice,
  c.stream as list_name,
  c.key as row_id,
  c.change as change,
  instant(c.seen_at) as seen_at,
  c.rows[1] as before,
  c.rows[2] as after,
from (
  select
    _key,
    _slice,
    from_json(payload, '{
      "stream": "VARCHAR", "key": "VARCHAR", "change": "VARCHAR", "seen_at": "VARCHAR", "rows": [{
        "user_name": "VARCHAR", "company_name": "VARCHAR", "company_erp_id": "VARCHAR", "email": "VARCHAR",
        "office_phone": "VARCHAR", "cell_phone": "VARCHAR", "location_id": "VARCHAR", "location_code": "VARCHAR",
        "location_name": "VARCHAR", "address1": "VARCHAR", "address2": "VARCHAR", "address3": "VARCHAR", "zip": "VARCHAR",
        "city": "VARCHAR", "state": "VARCHAR", "country": "VARCHAR", "is_active": "VARCHAR"
      }]
    }') as c,
  from raw.growthos__list_changes
)
