-- What the shop's own pixel saw by day and kind of event, each event once. One row per day in the shop's time zone and kind.
-- grain: event_date, event_kind
-- version: 1
-- may be empty
select
  event_date,
  event_kind,
  count(*) as event_count,
from stg_site_events
group by event_date, event_kind
order by event_date, event_kind
