-- The functions that models share. Each is one expression, so that it can be rewritten for another engine.
-- Intermediate and mart models may call these and the plain functions of the allow-list, nothing else.

-- Minor units of a currency from a decimal text, exact; exponents are ISO 4217 and equal src/base/money.ts.
-- A long IN list would become a join of its own at every use, so the codes are looked up in a text.
create or replace temp macro minor_unit_factor(currency) as
  case
    when length(currency) <> 3 then 100
    when strpos('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF', currency) > 0 then 1
    when strpos('BHD IQD JOD KWD LYD OMR TND', currency) > 0 then 1000
    when currency is not null then 100
  end;

-- DuckDB reads a text as a decimal of 64 bits a hundred times faster than as one of 128: only amounts from a hundred million on need that.
-- The inner case keeps the slow reading from the others: the optimizer pulls a bare cast out of the coalesce.
create or replace temp macro minor_units(amount, currency) as coalesce(
  cast(round(try_cast(amount as decimal(14, 6)) * cast(minor_unit_factor(currency) as decimal(4, 0)), 0) as bigint),
  cast(round(cast(case when try_cast(amount as decimal(14, 6)) is null then amount end as decimal(28, 6))
    * minor_unit_factor(currency), 0) as bigint));

-- Goods of an order line before discounts: price times quantity (1 when it is not said), else what was paid plus the line's discount.
create or replace temp macro line_gross(r) as coalesce(
  minor_units(cast(r.unit_price as decimal(18, 6)) * cast(coalesce(r.quantity, '1') as decimal(18, 6)), r.currency),
  minor_units(r.line_total, r.currency) + coalesce(minor_units(r.line_discount, r.currency), 0));

-- Millionths of a currency unit (Google Ads) to minor units, exact, halves away from zero.
create or replace temp macro micros_to_minor(micros, currency) as
  cast(round(cast(cast(micros as decimal(19, 0)) * cast(0.000001 as decimal(7, 6)) as decimal(28, 6))
    * minor_unit_factor(currency), 0) as bigint);

-- A rate from its decimal text in whole hundred-millionths, so that what follows is exact.
create or replace temp macro rate_units(rate) as cast(cast(rate as decimal(16, 8)) * 100000000 as bigint);

-- An amount in minor units at a rate of two whole numbers (D-20), halves away from zero; without a rate the amount as it is.
create or replace temp macro converted(amount, rate_over, rate_under) as
  case
    when rate_under is null then amount
    else cast(sign(amount) * ((2 * abs(cast(amount as hugeint)) * rate_over + rate_under) // (2 * rate_under)) as bigint)
  end;

-- An instant from ISO text or from the "2026-01-31 23:30:00 -0800" of exports; without an offset it is the wall clock of the shop.
create or replace temp macro instant(moment) as
  case
    when ends_with(moment, 'Z') then cast(moment as timestamptz)
    when regexp_matches(moment, '[+-]\d{2}:?\d{2}\s*$')
      then cast(regexp_replace(trim(moment), '\s*([+-]\d{2}):?(\d{2})$', '\1:\2') as timestamptz)
    else timezone(getvariable('time_zone'), cast(moment as timestamp))
  end;

-- The civil day of an instant in the shop's time zone.
create or replace temp macro day_in_zone(moment) as
  cast(timezone(getvariable('time_zone'), moment) as date);
-- The time of day of an instant in the shop's time zone, as 09:45.
create or replace temp macro time_in_zone(moment) as
  strftime(timezone(getvariable('time_zone'), moment), '%H:%M');

-- The IANA zone that a source means, and what it said when there is none of that name: a zone that is not known stops a query, also in try().
create or replace temp macro known_zone(words) as (select min(z.name) from pg_timezone_names() as z where lower(z.name) = lower(trim(words)));
create or replace temp macro unknown_zone(words) as case when known_zone(words) is null then nullif(trim(words), '') end;
-- When an hour (0 to 23) of a day begins in a time zone, when the day ends there, and the civil day of an instant; null where the zone is.
create or replace temp macro start_of_hour(zone, day, hour) as timezone(zone, cast(day as timestamp) + to_hours(hour));
create or replace temp macro last_second(zone, day) as timezone(zone, cast(day as timestamp) + to_seconds(86399));
create or replace temp macro day_in(zone, moment) as cast(timezone(zone, moment) as date);
-- Whole minutes from one instant to another, and the quarter of an hour in which the middle between both lies.
create or replace temp macro minutes_between(earlier, later) as cast((epoch(later) - epoch(earlier)) / 60 as integer);
create or replace temp macro middle_quarter(earlier, later) as to_timestamp(floor((epoch(earlier) + epoch(later)) / 2 / 900) * 900);
-- Text without surrounding blanks; empty text is null.
create or replace temp macro clean_text(words) as nullif(trim(words), '');
-- An id as a page tells it; null for what scripts and GA4 write where there is none.
create or replace temp macro told_id(words) as
  case when lower(trim(words)) not in ('', '(not set)', 'undefined', 'null', 'none', 'nan') then trim(words) end;
-- A personal text as it is, when the shop keeps such texts; null where it was hashed (64 hexadecimal digits).
create or replace temp macro kept_text(words) as case when not regexp_matches(words, '^[0-9a-f]{64}$') then words end;
-- Quotient of two sums, null when the denominator is null or 0.
create or replace temp macro safe_ratio(numerator, denominator) as
  numerator / nullif(denominator, 0);

-- A share of an amount in whole minor units; the share is a decimal such as 0.08.
create or replace temp macro share_of(amount, share) as
  cast(round(amount * cast(share as decimal(9, 6)), 0) as bigint);

-- `amount` times part / whole in whole minor units; 0 when the whole is 0.
create or replace temp macro prorate(amount, part, whole) as
  coalesce(cast(round(cast(amount as decimal(18, 0)) * cast(part as decimal(18, 0)) / nullif(whole, 0), 0) as bigint), 0);
-- Whole days from one date to another.
create or replace temp macro days_between(earlier, later) as later - earlier;
-- A date some days later.
create or replace temp macro days_after(day, days) as cast(day + cast(days as integer) as date);
-- First day of the month, a first-of-month some months later, and whole months from one first-of-month to another (what others call months_between takes the later one first).
create or replace temp macro month_of(day) as cast(date_trunc('month', day) as date);
create or replace temp macro months_after(month, months) as cast(month + to_months(cast(months as integer)) as date);
create or replace temp macro months_apart(earlier, later) as
  cast(12 * (date_part('year', later) - date_part('year', earlier)) + date_part('month', later) - date_part('month', earlier) as integer);
-- Part of a link before the fragment.
create or replace temp macro url_without_fragment(url) as regexp_replace(url, '#.*$', '', 's');
-- A page: its link without query and fragment.
create or replace temp macro page_of(url) as nullif(split_part(split_part(trim(url), '#', 1), '?', 1), '');
-- Lower-case host of a link; null when it has none (a bare path).
create or replace temp macro url_host(url) as
  nullif(rtrim(lower(regexp_extract(trim(url), '^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//(?:[^/?#@]*@)?([^/?#:]+)', 1)), '.'), '');

-- Decoded value of a query parameter (name in lower case, matched in any case); null when absent or empty.
create or replace temp macro url_parameter(url, name) as
  nullif(coalesce(
    try(url_decode(replace(regexp_extract(url_without_fragment(url), '(?i)[?&]' || name || '=([^&]*)', 1), '+', ' '))),
    regexp_extract(url_without_fragment(url), '(?i)[?&]' || name || '=([^&]*)', 1)
  ), '');
-- The click id of Google in a link; most links have none, and looking first is cheaper than taking them apart.
create or replace temp macro click_id_of(url) as case when contains(lower(url), 'gclid=') then url_parameter(url, 'gclid') end;
-- True when the host ends in a two-part public suffix such as co.uk.
create or replace temp macro has_two_part_suffix(host) as
  regexp_matches(host, '\.(co|com|org|net|ac|gov|edu|or|ne|go)\.[a-z]{2}$');
-- The host under which a name can be registered: www.google.co.uk -> google.co.uk, m.facebook.com -> facebook.com.
create or replace temp macro registrable_host(host) as
  array_to_string(list_slice(string_split(host, '.'), case when has_two_part_suffix(host) then -3 else -2 end, -1), '.');

-- google.co.uk -> google.*: one company's sites in many countries; null for suffixes where anybody could sit.
create or replace temp macro host_family(host) as
  case
    when regexp_matches(registrable_host(host), '^[^.]+\.(com|[a-z]{2}|(co|com)\.[a-z]{2})$')
      then split_part(registrable_host(host), '.', 1) || '.*'
  end;
-- gid://shopify/Order/1001 -> 1001; a plain id stays as it is.
create or replace temp macro gid_tail(gid) as nullif(regexp_extract(gid, '([^/?]+)(?:\?.*)?$', 1), '');
-- The amount of a Shopify MoneyBag in the shop's currency, minor units; in the names of GraphQL and of webhooks (REST).
create or replace temp macro shop_minor(bag, currency) as minor_units(bag.shopMoney.amount, currency);
create or replace temp macro rest_minor(bag, currency) as minor_units(bag.shop_money.amount, currency);
-- The tax that an amount contains when one rate applies to the whole order: tax / taxed of it; see D-12.
create or replace temp macro included_tax(amount, tax, taxed) as prorate(amount, tax, taxed);
create or replace temp macro without_tax(amount, tax, taxed) as amount - included_tax(amount, tax, taxed);
-- One campaign under one key; the name stands in where a file has no ids.
create or replace temp macro campaign_key_of(source, account_id, campaign_id, campaign_name) as
  source || '|' || coalesce(account_id, '') || '|' || coalesce(campaign_id, campaign_name, '');
-- An ad entity's status in one word: active, paused, or the platform's own. Meta's accounts have numbers.
create or replace temp macro ad_status(status) as case
  when status in ('ACTIVE', 'ENABLED', '1') then 'active'
  when status in ('PAUSED', 'CAMPAIGN_PAUSED', 'ADSET_PAUSED') then 'paused'
  when status = '2' then 'disabled'
  when status = '3' then 'unsettled'
  when status = '7' then 'pending_risk_review'
  when status = '8' then 'pending_settlement'
  when status = '9' then 'in_grace_period'
  when status = '100' then 'pending_closure'
  when status = '101' then 'closed'
  else lower(status)
end;
-- Sum of whole numbers as a whole number of 64 bits; null over no rows.
create or replace temp macro total(amount) as cast(sum(amount) as bigint);
-- Words of a source name: Klaviyo_Flow-2 -> klaviyo, flow, 2, and the whole.
create or replace temp macro words_of(name) as
  list_filter(list_distinct(list_concat([name], string_split_regex(name, '[^a-z0-9]+'))), lambda word: word <> '');
-- What GA4 said about the quality of an answer, as flags with a detail; `names` are the dimension values of the row.
create or replace temp macro ga4_flags(r, names) as list_filter([
  {'flag': case when r.subjectToThresholding then 'thresholded' end, 'detail': cast(null as varchar)},
  {'flag': case when r.dataLossFromOtherRow or list_contains(names, '(other)') then 'other_row' end, 'detail': null},
  {'flag': case when len(r.samplingMetadatas) > 0 then 'sampled' end,
    'detail': r.samplingMetadatas[1].samplesReadCount || ' of ' || r.samplingMetadatas[1].samplingSpaceSize || ' events'},
  {'flag': case when len(r.dataTruncationReasons) > 0 then 'truncated' end,
    'detail': array_to_string(list_transform(r.dataTruncationReasons, lambda one: one.dataTruncationType), ', ')},
  {'flag': case when len(ga4_restricted(r)) > 0 then 'restricted' end, 'detail': array_to_string(ga4_restricted(r), ', ')}
], lambda one: one.flag is not null);
-- Metrics that this account may not see: the API then writes 0.
create or replace temp macro ga4_restricted(r) as
  list_transform(r.schemaRestrictionResponse.activeMetricRestrictions, lambda one: one.metricName);
-- A metric of GA4; null where the account may not see it and where it was not asked for: unknown is not zero.
create or replace temp macro ga4_value(r, metric, amount) as
  case when not coalesce(list_contains(ga4_restricted(r), metric), false) then nullif(amount, '') end;
create or replace temp macro ga4_count(r, metric, amount) as cast(cast(ga4_value(r, metric, amount) as double) as bigint);
-- 20260208 as a day.
create or replace temp macro compact_day(digits) as cast(strptime(replace(digits, '-', ''), '%Y%m%d') as date);
-- The number of an order as shops pass it on: shopify:1001 and #1001 are 1001.
create or replace temp macro order_number(name) as regexp_replace(name, '^([a-z_]+:|#)', '');
-- The median, and the spread of counts (D-41): 1.4826 median distances estimate a standard deviation; a count scatters by its root at least.
create or replace temp macro middle(amount) as median(amount);
create or replace temp macro count_spread(distance, usual) as round(greatest(1.4826 * distance, sqrt(usual)), 6);

-- An instant as somebody else's program tells it: ISO text or milliseconds since 1970; null for what is none. No try() around instant():
-- the optimizer takes casts that come twice out of it.
create or replace temp macro told_instant(moment) as
  case
    when regexp_matches(moment, '^\d{12,14}$') then make_timestamptz(try_cast(moment as bigint) * 1000)
    when not regexp_matches(moment, '^\d{4}-\d\d-\d\d[T ]') then null
    when regexp_matches(moment, '(Z|[+-]\d{2}:?\d{2})\s*$')
      then try_cast(regexp_replace(trim(moment), '\s*([+-]\d{2}):?(\d{2})$', '\1:\2') as timestamptz)
    else timezone(getvariable('time_zone'), try_cast(moment as timestamp))
  end;
-- An amount as somebody else's program tells it; null for what is none.
create or replace temp macro told_amount(amount) as case when regexp_matches(amount, '^-?\d{1,12}(\.\d{1,12})?$') then amount end;
-- An instant some whole days before.
create or replace temp macro instant_before(moment, days) as moment - to_days(cast(days as integer));

-- What a visit tells about where it came from, as a list of (kind, value) to be looked up in the channel rules (D-09).
create or replace temp macro evidence_of(kind, found) as
  list_transform(list_filter(found, lambda one: one is not null), lambda one: {'kind': kind, 'value': one});
create or replace temp macro visit_evidence(landing_site, click_kind, visit_source, visit_type, utm_source, medium, referrer, source_name) as flatten([
  evidence_of('click_id', list_distinct(list_append(
    regexp_extract_all(lower(url_without_fragment(landing_site)), '[?&]([^=&]+)=[^&]', 1), click_kind))),
  evidence_of('visit', words_of(visit_source)),
  evidence_of('visit_type', [visit_type]),
  evidence_of('utm', words_of(utm_source)),
  evidence_of('utm', [case when utm_source is not null then '(any)' end]),
  evidence_of('utm_medium', [medium]),
  evidence_of('referrer', list_distinct([referrer, registrable_host(referrer), host_family(referrer)])),
  evidence_of('source_name', [source_name]),
  evidence_of('none', ['(any)'])
]);

-- The channels of a journey in their order as one text; a channel's id holds no blank and no sign.
create or replace temp macro path_of(channel_id, touch_position) as string_agg(channel_id, '>' order by touch_position);
-- The channels of such a text, each once.
create or replace temp macro channels_on(path) as list_distinct(string_split(path, '>'));
create or replace temp macro path_includes(path, channel_id) as list_contains(string_split(path, '>'), channel_id);

-- A weight in whole billionths, so that sums do not depend on the order of rows; half as much for every week before (D-48).
create or replace temp macro weight_units(weight) as cast(round(weight * 1000000000) as bigint);
create or replace temp macro week_decay(earlier, later) as pow(0.5, (epoch(later) - epoch(earlier)) / 604800);
-- Whole millionths of a part of a sum, rounded down; exact.
create or replace temp macro millionths(part, whole) as cast((cast(part as hugeint) * 1000000) // whole as bigint);

-- A name as it is compared: words of letters and digits, lower case. How alike two names are, 0 to 100 (Jaro-Winkler); names
-- whose numbers differ (sale 2025, sale 2026) are other things, however alike the rest is.
create or replace temp macro compared_name(name) as trim(regexp_replace(lower(name), '[^\p{L}\p{N}]+', ' ', 'g'));
create or replace temp macro name_likeness(a, b) as cast(floor(
  jaro_winkler_similarity(compared_name(a), compared_name(b))
  * case when regexp_replace(a, '[^0-9]+', ' ', 'g') = regexp_replace(b, '[^0-9]+', ' ', 'g') then 100 else 80 end) as integer);
-- What follows the last bar of a key.
create or replace temp macro key_tail(composed) as regexp_extract(composed, '([^|]*)$', 1);

-- Positive amounts that lie within one percent of each other, as one number.
create or replace temp macro value_class(amount) as cast(round(100 * ln(amount)) as integer);

-- What makes two rows of GA4's export one event (D-63): client, session, name and time stamp, with the place in the batch where it is told.
-- Without that place, or without a client, what the event says decides too. Nulls are a value like any other.
create or replace temp macro event_identity(e) as md5_number(
  coalesce(e.user_pseudo_id, chr(30)) || chr(31) || coalesce(e.ga_session_id, chr(30)) || chr(31) || e.event_name || chr(31)
  || epoch_us(e.event_at) || chr(31) || coalesce(e.batch_page, -1) || '.' || coalesce(e.batch_ordering, -1) || '.' || coalesce(e.batch_event, -1)
  || case
    when e.user_pseudo_id is not null and e.batch_event is not null and e.batch_ordering is not null then ''
    else chr(31) || cast(to_json([e.page_location, e.page_title, e.page_referrer, e.search_term, e.transaction_id,
      cast(e.revenue_cents as varchar), cast(e.refund_cents as varchar), cast(to_json(e.items) as varchar)]) as varchar)
  end);
-- The items of an event, one row each, and their places in the list from 1 on.
create or replace temp macro item_rows(items) as unnest(items);
create or replace temp macro item_places(items) as unnest(range(1, len(items) + 1));
-- A task's key (D-64): its kind and what it began with. Whole hours between two instants. Names in their order as one text.
create or replace temp macro task_key_of(kind, beginning) as kind || '-' || substr(md5(beginning), 1, 16);
create or replace temp macro hours_after(moment, hours) as moment + to_hours(cast(hours as integer));
create or replace temp macro hours_between(earlier, later) as cast(floor((epoch(later) - epoch(earlier)) / 3600) as bigint);
create or replace temp macro named_in_order(name, place) as string_agg(name, ', ' order by place, name);
