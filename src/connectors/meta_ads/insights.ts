import { GrowthosError } from "../../base/errors.js";
import type { HttpRequest } from "../../http/types.js";
import { dayAt, listAt, objectAt, textAt, valueAt } from "../shape.js";
import { daysOfSlice } from "../slices.js";
import type { Page, RawRecord, Stream } from "../types.js";
import { graphUrl, halfPage, limitOf, nextPage } from "./graph.js";
import { after, beginning, halved, type Place, placeOf } from "./place.js";

/** What distinguishes the levels at which insights are read. */
interface Level {
  readonly stream: string;
  readonly level: "campaign" | "ad";
  /** Fields that name the object, the last one its id. */
  readonly names: readonly string[];
  readonly id: string;
  /** Statuses of the objects; without a filter that names them all, those that were deleted are left out with their spend. */
  readonly statuses: readonly string[];
  /** Days per slice. */
  readonly chunkDays: number;
  /** Ask for a report that is prepared in the background right away: too much for one answer. */
  readonly asReport: boolean;
}

/** Campaign level: what the marts count, because not all spend is served at ad level. */
export const CAMPAIGN_LEVEL: Level = {
  stream: "insights",
  level: "campaign",
  names: ["campaign_id", "campaign_name"],
  id: "campaign_id",
  statuses: ["ACTIVE", "ARCHIVED", "DELETED", "IN_PROCESS", "PAUSED", "WITH_ISSUES"],
  chunkDays: 30,
  asReport: false,
};

/** Ad level: detail below the campaign. */
export const AD_LEVEL: Level = {
  stream: "ad_insights",
  level: "ad",
  names: ["campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name"],
  id: "ad_id",
  statuses: [
    ...CAMPAIGN_LEVEL.statuses,
    "ADSET_PAUSED",
    "CAMPAIGN_PAUSED",
    "DISAPPROVED",
    "PENDING_BILLING_INFO",
    "PENDING_REVIEW",
    "PREAPPROVED",
  ],
  chunkDays: 7,
  asReport: true,
};

/**
 * Spend and values are decimal texts in main units of the account's currency; actions are lists of {action_type, value}.
 * No attribution windows are asked for: with explicit ones purchases go missing, so `value` is under the account's own setting,
 * which `attribution_setting` names. No breakdowns of actions either: they make lists incomplete.
 */
const FIGURES = [
  "objective",
  "attribution_setting",
  "date_start",
  "date_stop",
  "spend",
  "impressions",
  "reach",
  "clicks",
  "inline_link_clicks",
  "actions",
  "action_values",
];

/** Fields of a report run. Its error members exist from v25 on. */
const RUN_FIELDS = [
  "id",
  "async_status",
  "async_percent_completion",
  "date_start",
  "date_stop",
  "time_completed",
  "error_code",
  "error_message",
  "error_subcode",
  "error_user_title",
  "error_user_msg",
];

/** Polls of a report before it is given up: five minutes without a start, half an hour without an end. */
const START_POLLS = 9;
const END_POLLS = 35;
const LONGEST_POLL_SECONDS = 60;
/** A report is started this often for the same days. */
const REPORT_TRIES = 2;
/** A report that has just been completed may give no rows yet: it is asked again this often. */
const EMPTY_READS = 2;
const EMPTY_READ_SECONDS = 5;

/** Where the rows come from. */
export interface InsightsOptions {
  /** Ad accounts, digits only. */
  readonly accounts: readonly string[];
  /** Rows per page. */
  readonly pageSize: number;
}

/**
 * One row per account, object and day with delivery, in the account's time zone. Key = account|object|day.
 * Attribution moves for 28 days, so that many are read again; the row of a day can also disappear.
 */
export function insightsStream(level: Level, options: InsightsOptions): Stream {
  return {
    name: level.stream,
    sync: { kind: "window", lookbackDays: 28, chunkDays: level.chunkDays },
    pii: [],
    first: (slice) => ask(level, options, beginning(options.accounts[0] ?? "", daysOfSlice(slice, level.stream))),
    read: (body, asked) => readStep(level, options, body, asked),
    shrink: (asked) => smaller(level, options, asked),
    ...(level.level === "campaign" ? { measures: MEASURES, today: true as const } : {}),
  };
}

const MEASURES = { spend: "spend", impressions: "impressions", clicks: "clicks" };

/** The request that begins with the days of a place: rows at once, or a report. */
function ask(level: Level, options: InsightsOptions, place: Place): HttpRequest {
  return level.asReport ? start(level, place) : query(level, options, place);
}

function query(level: Level, options: InsightsOptions, place: Place): HttpRequest {
  return {
    method: "GET",
    url: graphUrl(`act_${place.account}/insights`, { ...questions(level, place), limit: String(options.pageSize) }),
    label: level.stream,
    carry: { ...place, step: "query" },
  };
}

function start(level: Level, place: Place): HttpRequest {
  return {
    method: "POST",
    url: graphUrl(`act_${place.account}/insights`, questions(level, place)),
    label: `${level.stream}.start`,
    carry: { ...place, step: "start" },
    ...(place.failures > 0 ? { attempt: place.failures } : {}),
  };
}

function questions(level: Level, { days }: Place): Readonly<Record<string, string>> {
  return {
    level: level.level,
    time_range: JSON.stringify({ since: days.from, until: days.to }),
    time_increment: "1",
    use_unified_attribution_setting: "true",
    filtering: JSON.stringify([{ field: `${level.level}.effective_status`, operator: "IN", value: level.statuses }]),
    fields: ["account_id", "account_name", "account_currency", ...level.names, ...FIGURES].join(","),
  };
}

/** The poll number `polls`: after 2, 4, 8 … 60 seconds. */
function poll(level: Level, place: Place, polls: number): HttpRequest {
  return {
    method: "GET",
    url: graphUrl(place.report, { fields: RUN_FIELDS.join(",") }),
    label: `${level.stream}.poll`,
    carry: { ...place, step: "poll" },
    after: Math.min(LONGEST_POLL_SECONDS, 2 ** (polls + 1)),
    attempt: polls,
  };
}

function rows(level: Level, options: InsightsOptions, place: Place): HttpRequest {
  return {
    method: "GET",
    url: graphUrl(`${place.report}/insights`, { limit: String(options.pageSize) }),
    label: level.stream,
    carry: { ...place, step: "rows" },
  };
}

function readStep(level: Level, options: InsightsOptions, body: unknown, asked: HttpRequest): Page {
  const place = placeOf(asked);
  if (place.step === "start") {
    const report = textAt(body, "report_run_id");
    return { records: [], next: poll(level, { ...place, report }, 0) };
  }
  if (place.step === "poll") return { records: [], next: polled(level, options, body, asked) };
  return readRows(level, options, body, asked);
}

/** A report is read when it is completed *and* at 100 %; a dead one was told apart by `classify`. */
function polled(level: Level, options: InsightsOptions, body: unknown, asked: HttpRequest): HttpRequest {
  const place = placeOf(asked);
  const status = textAt(body, "async_status");
  const polls = (asked.attempt ?? 0) + 1;
  if (status === "Job Completed" && Number(valueAt(body, "async_percent_completion")) === 100) {
    return rows(level, options, place);
  }
  if (polls < (status === "Job Not Started" ? START_POLLS : END_POLLS)) return poll(level, place, polls);
  const again = afterFailure(level, place);
  if (again === null) throw unready(place, `it is still "${status}"`);
  return again;
}

function readRows(level: Level, options: InsightsOptions, body: unknown, asked: HttpRequest): Page {
  const place = placeOf(asked);
  const seen = new Set(place.seen);
  const all = listAt(body, "data").map((_, index) => insight(level, body, `data.${index}`));
  const records = all.filter(({ key }) => !seen.has(key));
  const here = { ...place, seen: [...place.seen, ...records.map(({ key }) => key)] };
  const next = nextPage(body, asked);
  if (next !== null) return { records, next: { ...next, carry: here } };
  const tried = asked.attempt ?? 0;
  const isEmpty = all.length === 0 && !new URL(asked.url).searchParams.has("after");
  if (place.step === "rows" && isEmpty && tried < EMPTY_READS) {
    return { records, next: { ...asked, after: EMPTY_READ_SECONDS, attempt: tried + 1 } };
  }
  const onward = after(here, options.accounts);
  return { records, next: onward === null ? null : ask(level, options, onward) };
}

function insight(level: Level, body: unknown, path: string): RawRecord {
  const row = objectAt(body, path);
  const day = dayAt(body, `${path}.date_start`);
  textAt(body, `${path}.spend`);
  return {
    key: `${textAt(body, `${path}.account_id`)}|${textAt(body, `${path}.${level.id}`)}|${day}`,
    day,
    payload: row,
  };
}

/**
 * Too much was asked for: fewer rows per page, then fewer days down to one, then a report in the background.
 * The next days and accounts are asked for in full again.
 */
function smaller(level: Level, options: InsightsOptions, asked: HttpRequest): readonly HttpRequest[] {
  const place = placeOf(asked);
  if (place.step === "poll") return listOf(afterFailure(level, place));
  if (place.step !== "start") {
    const page = halfPage(asked);
    if (page !== null) return [page];
  }
  const half = halved(place);
  if (half === null) return place.step === "query" ? [start(level, place)] : [];
  return [place.step === "query" ? query(level, { ...options, pageSize: limitOf(asked) }, half) : start(level, half)];
}

/** A report that came to nothing is started once more, then for half the days; null when there is one day only. */
function afterFailure(level: Level, place: Place): HttpRequest | null {
  const failures = place.failures + 1;
  if (failures < REPORT_TRIES) return start(level, { ...place, failures });
  const half = halved(place);
  return half === null ? null : start(level, half);
}

function listOf(request: HttpRequest | null): readonly HttpRequest[] {
  return request === null ? [] : [request];
}

function unready({ account, days }: Place, why: string): GrowthosError {
  return new GrowthosError({
    code: "REPORT_NOT_READY",
    what: `Meta Ads did not finish the report of act_${account}, ${days.from} … ${days.to}`,
    why: `${why}, although it was asked for ${REPORT_TRIES} times`,
    state: "nothing of this slice was written",
    hint: "run the same command again later",
    exit: "source",
  });
}
