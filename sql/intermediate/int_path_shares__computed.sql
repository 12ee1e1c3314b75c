-- What each channel of a way is worth, of 1: by removal from the Markov chain of all ways, by Shapley's value, and as Fractribution
-- computes it (D-48). One row per way and channel; the shares are worked out in `stats` and null where no channel adds anything.
-- grain: path, channel_id
-- computed: path_shares
select
  p.path,
  c.channel_id,
  p.journey_count,
  p.conversion_count,
  cast(null as double) as markov_share,
  cast(null as double) as shapley_share,
  cast(null as double) as fractribution_share,
from int_paths__counted as p
inner join (select distinct channel_id from int_touches__attributed) as c on path_includes(p.path, c.channel_id)
