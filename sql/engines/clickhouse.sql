-- What ClickHouse reads in the place of the functions that models call: the macros of `macros.sql`, and plain functions that mean
-- something else there. Each is one expression in ClickHouse's own words, which may call the others that have no namesake there.
-- A call in a model is replaced by it: nothing is created on the server, where functions belong to everybody.

-- Plain functions: text is UTF-8 and measured in characters, halves go away from zero.
create function lower as (words) -> folded(words);
create function upper as (words) -> upperUTF8(words);
create function length as (words) -> lengthUTF8(words);
create function trim as (words) -> replaceRegexpAll(words, '^\\p{Zs}+|\\p{Zs}+$', '');
create function round as (amount) -> halves_away(amount);
create function round as (amount, digits) -> halves_away(amount * pow(10, digits)) / pow(10, digits);
create function halves_away as (amount) -> trunc(amount) + if(abs(amount - trunc(amount)) >= 0.5, sign(amount), 0);

-- One letter for one: ClickHouse would write two for a Turkish capital I with a dot, and another sigma at the end of a Greek word.
create function folded as (words) -> lowerUTF8(translateUTF8(words, 'İΣ', 'iσ'));
create function to_scale as (amount, digits) -> round(cast(toString(amount) as Decimal(38, 18)), digits);

-- Money. Decimals are rounded with halves away from zero already.
create function minor_unit_factor as (currency) -> multiIf(
  lengthUTF8(currency) != 3, 100,
  position('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF', currency) > 0, 1,
  position('BHD IQD JOD KWD LYD OMR TND', currency) > 0, 1000,
  currency is not null, 100,
  null);
create function micros_to_minor as (micros, currency) ->
  toInt64(sign(micros) * intDiv(2 * abs(toInt128(micros)) * minor_unit_factor(currency) + 1000000, 2000000));
create function converted as (amount, rate_over, rate_under) -> if(rate_under is null, toInt64(amount),
  toInt64(sign(amount) * intDivOrNull(2 * abs(toInt128(amount)) * rate_over + rate_under, 2 * toInt128(rate_under))));
create function share_of as (amount, share) -> toInt64(round(cast(amount as Decimal(19, 0)) * cast(share as Decimal(19, 6)), 0));
create function prorate as (amount, part, whole) -> if(coalesce(whole, 0) = 0, 0,
  coalesce(toInt64(halves_away(toFloat64(toInt128(amount) * toInt128(part)) / toFloat64(if(coalesce(whole, 0) = 0, 1, whole)))), 0));
create function total as (amount) -> sum(toInt64(amount));
create function safe_ratio as (numerator, denominator) -> numerator / nullif(denominator, 0);

-- Days and instants. Zones may stand in a column; only formatDateTime takes them from there.
create function microseconds as (moment) -> toUnixTimestamp64Micro(moment);
create function instant_of as (seconds) -> fromUnixTimestamp64Micro(toInt64(seconds) * 1000000, 'UTC');
create function known_zone as (zone) -> if(zone in (select time_zone from system.time_zones), assumeNotNull(zone), 'UTC');
create function offset_hhmm as (zone, seconds) -> toInt64(replaceOne(formatDateTime(instant_of(seconds), '%z', known_zone(zone)), '+', ''));
create function zone_offset as (zone, seconds) -> 3600 * intDiv(offset_hhmm(zone, seconds), 100) + 60 * (offset_hhmm(zone, seconds) % 100);
-- Of two instants with one wall time the later, of a wall time that is left out the instant by the offset before.
create function instant_at as (zone, wall) -> if(zone in (select time_zone from system.time_zones), instant_of(wall - if(
  zone_offset(zone, wall - zone_offset(zone, wall + 86400)) = zone_offset(zone, wall + 86400),
  zone_offset(zone, wall + 86400),
  zone_offset(zone, wall - 86400))), null);
create function day_in_zone as (moment) -> toDate32(moment, getvariable('time_zone'));
create function time_in_zone as (moment) -> formatDateTime(moment, '%H:%i', getvariable('time_zone'));
create function start_of_hour as (zone, day, hour) -> instant_at(zone, 86400 * toInt64(toInt32(day)) + 3600 * toInt64(hour));
create function last_second as (zone, day) -> instant_at(zone, 86400 * toInt64(toInt32(day)) + 86399);
create function day_in as (zone, moment) ->
  if(zone in (select time_zone from system.time_zones), toDate32(formatDateTime(moment, '%F', known_zone(zone))), null);
create function minutes_between as (earlier, later) -> toInt32(round((microseconds(later) - microseconds(earlier)) / 60000000));
create function hours_between as (earlier, later) -> toInt64(floor((microseconds(later) - microseconds(earlier)) / 3600000000));
create function middle_quarter as (earlier, later) -> instant_of(900 * floor((microseconds(earlier) + microseconds(later)) / 1800000000));
create function hours_after as (moment, hours) -> addHours(moment, toInt32(hours));
create function instant_before as (moment, days) -> subtractDays(moment, toInt32(days));
create function days_between as (earlier, later) -> toInt64(toInt32(later)) - toInt64(toInt32(earlier));
create function days_after as (day, days) -> addDays(day, toInt32(days));
create function month_of as (day) -> toDate32(toStartOfMonth(day));
create function months_after as (month, months) -> addMonths(month, toInt32(months));
create function months_apart as (earlier, later) ->
  toInt32(12 * (toYear(later) - toYear(earlier)) + toMonth(later) - toMonth(earlier));

-- Text.
create function clean_text as (words) -> nullif(replaceRegexpAll(words, '^\\p{Zs}+|\\p{Zs}+$', ''), '');
create function url_without_fragment as (url) -> extract(url, '^[^#]*');
create function page_of as (url) -> nullif(extract(replaceRegexpAll(url, '^\\p{Zs}+|\\p{Zs}+$', ''), '^[^#?]*'), '');
create function url_value as (url, name) -> extract(url_without_fragment(url), '(?i)[?&]' || name || '=([^&]*)');
create function url_decoded as (words) -> decodeURLComponent(replaceAll(words, '+', ' '));
create function url_parameter as (url, name) ->
  nullif(if(isValidUTF8(url_decoded(url_value(url, name))), url_decoded(url_value(url, name)), url_value(url, name)), '');
create function has_two_part_suffix as (host) -> match(host, '\\.(co|com|org|net|ac|gov|edu|or|ne|go)\\.[a-z]{2}$');
create function registrable_host as (host) -> if(has_two_part_suffix(host),
  extract(host, '((?:[^.]*[.]){0,2}[^.]*)$'), extract(host, '((?:[^.]*[.])?[^.]*)$'));
create function host_family as (host) -> if(match(registrable_host(host), '^[^.]+\\.(com|[a-z]{2}|(co|com)\\.[a-z]{2})$'),
  extract(registrable_host(host), '^[^.]*') || '.*', null);
create function campaign_key_of as (source, account_id, campaign_id, campaign_name) ->
  source || '|' || coalesce(account_id, '') || '|' || coalesce(campaign_id, campaign_name, '');
create function ad_status as (status) -> transform(status,
  ['ACTIVE', 'ENABLED', '1', 'PAUSED', 'CAMPAIGN_PAUSED', 'ADSET_PAUSED', '2', '3', '7', '8', '9', '100', '101'],
  ['active', 'active', 'active', 'paused', 'paused', 'paused', 'disabled', 'unsettled', 'pending_risk_review', 'pending_settlement',
    'in_grace_period', 'pending_closure', 'closed'],
  folded(status));
create function order_number as (name) -> replaceRegexpOne(name, '^([a-z_]+:|#)', '');
create function key_tail as (composed) -> extract(composed, '([^|]*)$');
create function task_key_of as (kind, beginning) -> kind || '-' || substring(lower(hex(MD5(beginning))), 1, 16);
create function compared_name as (name) -> trim(BOTH ' ' FROM replaceRegexpAll(folded(name), '[^\\p{L}\\p{N}]+', ' '));
create function numbers_of as (name) -> replaceRegexpAll(name, '[^0-9]+', ' ');
create function name_likeness as (a, b) -> toInt32(floor(
  jaroWinklerSimilarity(compared_name(a), compared_name(b)) * if(numbers_of(a) = numbers_of(b), 100, 80)));

-- Lists: names in their order as one text, the places of a text, the items of an event.
create function named_in_order as (name, place) ->
  arrayStringConcat(arrayMap(one -> one.2, arraySort(groupArrayIf((place, name), name is not null))), ', ');
create function path_of as (channel_id, touch_position) ->
  arrayStringConcat(arrayMap(one -> one.2, arraySort(groupArrayIf((touch_position, channel_id), channel_id is not null))), '>');
create function path_includes as (path, channel_id) -> has(splitByChar('>', path), channel_id);
-- A list is JSON text here, because ClickHouse has no list that is null.
create function items_listed as (items) -> JSONExtract(coalesce(items, '[]'), 'Array(Tuple(item_id Nullable(String),
  item_name Nullable(String), item_category Nullable(String), item_variant Nullable(String), price_cents Nullable(Int64), quantity Nullable(Int64)))');
-- The same arrayJoin written twice is one: places and items stay together.
create function placed_item as (items) -> arrayJoin(arrayZip(arrayEnumerate(items_listed(items)), items_listed(items)));
create function item_places as (items) -> tupleElement(placed_item(items), 1);
create function item_rows as (items) -> tupleElement(placed_item(items), 2);

-- Figures.
create function middle as (amount) -> quantileExactInclusive(0.5)(amount);
create function count_spread as (distance, usual) ->
  halves_away(greatest(1.4826 * toFloat64(distance), sqrt(usual)) * 1000000) / 1000000;
create function weight_units as (weight) -> toInt64(halves_away(weight * 1000000000));
create function week_decay as (earlier, later) -> pow(0.5, (microseconds(later) - microseconds(earlier)) / 1000000 / 604800);
create function millionths as (part, whole) -> toInt64(intDivOrNull(toInt128(part) * 1000000, toInt128(whole)));
create function value_class as (amount) -> if(amount > 0, toInt32(halves_away(100 * log(if(amount > 0, amount, 1)))), null);

-- The same figure for rows that are the same, another one than DuckDB's: nothing but the comparison is kept.
create function event_identity as (e) -> reinterpretAsUInt128(MD5(concat(
  coalesce(e.user_pseudo_id, char(30)), char(31), coalesce(e.ga_session_id, char(30)), char(31), e.event_name, char(31),
  toString(microseconds(e.event_at)), char(31), toString(coalesce(e.batch_page, -1)), '.', toString(coalesce(e.batch_ordering, -1)), '.',
  toString(coalesce(e.batch_event, -1)),
  if(e.user_pseudo_id is not null and e.batch_event is not null and e.batch_ordering is not null, '',
    concat(char(31), toJSONString(tuple(e.page_location, e.page_title, e.page_referrer, e.search_term, e.transaction_id,
      e.revenue_cents, e.refund_cents, e.items)))))));
