-- What sources say about the quality of their own figures: sampled, thresholded, rare values folded, cut off, withheld.
-- One row per source, stream, day and flag; a day without a row has no reservation.
-- grain: source, stream, quality_date, flag
-- version: 1
select
  source,
  stream,
  quality_date,
  flag,
  detail,
from stg_data_quality
order by source, stream, quality_date, flag
