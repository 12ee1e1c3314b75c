import type { HttpRequest } from "../../http/types.js";
import { dayAt, isObject, listAt, objectAt, textAt, valueAt } from "../shape.js";
import { daysOfSlice } from "../slices.js";
import type { Page, RawRecord, Stream } from "../types.js";

/** Graph API version in use. */
export const API_VERSION = "v26.0";

/** Spend and values are decimal texts in the account's currency; actions are lists of {action_type, value, <windows>}. */
const FIELDS = [
  "account_id",
  "account_name",
  "account_currency",
  "campaign_id",
  "campaign_name",
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

/**
 * One row per account, campaign and day with delivery, in the account's time zone. Key = account|campaign|day.
 * Attribution moves for 28 days, so that many are read again; the row of a day can also disappear.
 */
export function insightsStream(options: { readonly accounts: readonly string[]; readonly pageSize: number }): Stream {
  const request = (account: string, since: string, until: string): HttpRequest => ({
    method: "GET",
    url: insightsUrl(account, { since, until }, options.pageSize),
    label: "insights",
  });
  return {
    name: "insights",
    sync: { kind: "window", lookbackDays: 28, chunkDays: 30 },
    pii: [],
    first: (slice) => {
      const { from, to } = daysOfSlice(slice, "meta_ads.insights");
      return request(options.accounts[0] ?? "", from, to);
    },
    read: (body, asked): Page => ({
      records: listAt(body, "data").map((_, index) => insight(body, `data.${index}`)),
      next: nextPage(body, asked) ?? nextAccount(options.accounts, asked, request),
    }),
  };
}

function insightsUrl(account: string, range: { since: string; until: string }, limit: number): string {
  const url = new URL(`https://graph.facebook.com/${API_VERSION}/act_${account}/insights`);
  url.searchParams.set("level", "campaign");
  url.searchParams.set("time_range", JSON.stringify(range));
  url.searchParams.set("time_increment", "1");
  url.searchParams.set("use_unified_attribution_setting", "true");
  url.searchParams.set("fields", FIELDS.join(","));
  url.searchParams.set("limit", String(limit));
  return url.toString();
}

function insight(body: unknown, path: string): RawRecord {
  const row = objectAt(body, path);
  const day = dayAt(body, `${path}.date_start`);
  textAt(body, `${path}.spend`);
  return {
    key: `${textAt(body, `${path}.account_id`)}|${textAt(body, `${path}.campaign_id`)}|${day}`,
    day,
    payload: row,
  };
}

/** Rebuilt from the cursor: `paging.next` carries the access token. */
function nextPage(body: unknown, asked: HttpRequest): HttpRequest | null {
  if (!isObject(valueAt(body, "paging")) || valueAt(body, "paging.next") === undefined) return null;
  const url = new URL(asked.url);
  url.searchParams.set("after", textAt(body, "paging.cursors.after"));
  return { ...asked, url: url.toString() };
}

function nextAccount(
  accounts: readonly string[],
  asked: HttpRequest,
  request: (account: string, since: string, until: string) => HttpRequest,
): HttpRequest | null {
  const url = new URL(asked.url);
  const done = /\/act_(\d+)\//.exec(url.pathname)?.[1] ?? "";
  const next = accounts[accounts.indexOf(done) + 1];
  const range: unknown = JSON.parse(url.searchParams.get("time_range") ?? "{}");
  return next === undefined ? null : request(next, textAt(range, "since"), textAt(range, "until"));
}
