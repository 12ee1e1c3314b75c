-- A user's location is in the list of locations, when there is one: otherwise the user is in no branch's figures.
-- severity: warning
-- needs: dim_user where location_id is not null (no user has a location)
-- needs: dim_location
select
  u.user_id,
  u.location_id,
from dim_user as u
left join dim_location as l on l.location_id = u.location_id
where u.location_id is not null
  and l.location_id is null
  and exists (select location_id from dim_location)
