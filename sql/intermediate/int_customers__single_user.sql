-- Customers of the shop's ERP for whom exactly one listed user buys: their number names that user.
-- grain: company_erp_id
with

counted as (
  select
    company_erp_id,
    count(*) as user_count,
  from stg_users
  where company_erp_id is not null
  group by company_erp_id
)

select
  u.company_erp_id,
  u.user_id,
from stg_users as u
inner join counted as c
  on c.company_erp_id = u.company_erp_id
  and c.user_count = 1
