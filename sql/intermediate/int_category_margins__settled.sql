-- Gross margin of each category: the workspace's own figure, else the seed's (D-13). Categories in lower case.
-- grain: category
select
  coalesce(w.category, s.category) as category,
  coalesce(w.margin, s.margin) as margin,
from meta.category_margins as w
full outer join seeds.category_margins as s on s.category = w.category
