import { isISODate } from "../base/dates.js";
import type { HttpResponse } from "../http/types.js";
import { META_ACCOUNT } from "./campaigns.js";
import { jsonResponse, type Responder } from "./respond.js";
import type { AdDay, World } from "./types.js";

/** One field of a row of insights. Meta writes every figure as a text. */
type Show = (day: AdDay, account: string) => unknown;

/** What the demo account answers; every name is one of the vendor's. */
export const META_FIELDS: Readonly<Record<string, Show>> = {
  account_id: (_, account) => account,
  account_name: () => META_ACCOUNT.name,
  account_currency: () => "USD",
  campaign_id: ({ campaign }) => campaign.id,
  campaign_name: ({ campaign }) => campaign.name,
  objective: ({ campaign }) => campaign.objective,
  buying_type: () => "AUCTION",
  attribution_setting: () => "7d_click_1d_view",
  date_start: ({ day }) => day,
  date_stop: ({ day }) => day,
  spend: (day) => (day.spendCents / 100).toFixed(2),
  impressions: (day) => String(day.impressions),
  clicks: (day) => String(day.clicks),
  inline_link_clicks: (day) => String(linkClicks(day)),
  reach: (day) => String(Math.round(day.impressions * 0.82)),
  frequency: () => "1.219512",
  ctr: (day) => ratio(day.clicks * 100, day.impressions),
  cpc: (day) => ratio(day.spendCents / 100, day.clicks),
  cpm: (day) => ratio(day.spendCents * 10, day.impressions),
  actions: (day) => actions(day),
  action_values: (day) => values(day),
};

const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 25;

/** Answers `GET /<version>/act_<id>/insights` on campaign level, day by day; whichever account is asked for is the demo's. */
export function metaResponder(world: World): Responder {
  const days = world.adDays.filter((day) => day.campaign.platform === "meta_ads" && day.impressions > 0);
  return (request) => {
    const url = new URL(request.url);
    const account = /^\/v\d+\.\d+\/act_(\d+)\/insights$/.exec(url.pathname)?.[1];
    if (account === undefined || request.method !== "GET") {
      return failure(2500, `Unknown path components: ${url.pathname}`);
    }
    const asked = readQuestion(url.searchParams);
    if ("problem" in asked) return failure(100, asked.problem);
    const wanted = days.filter(({ day }) => asked.since <= day && day <= asked.until);
    return page(wanted, { ...asked, account, url });
  };
}

interface Question {
  readonly since: string;
  readonly until: string;
  readonly fields: readonly string[];
  readonly limit: number;
  readonly offset: number;
}

function readQuestion(query: URLSearchParams): Question | { readonly problem: string } {
  const fields = (query.get("fields") ?? "impressions,spend").split(",").filter((field) => field !== "");
  const unknown = fields.find((field) => META_FIELDS[field] === undefined);
  if (unknown !== undefined) return { problem: `(#100) ${unknown} is not valid for fields param` };
  const range = /^\{"since":"([\d-]+)","until":"([\d-]+)"\}$/.exec((query.get("time_range") ?? "").replaceAll(" ", ""));
  const [, since = "", until = ""] = range ?? [];
  if (!isISODate(since) || !isISODate(until)) return { problem: "(#100) param time_range must be a valid range" };
  if (until < since) return { problem: "(#100) The start date of the time range cannot be after the end date" };
  if (query.get("level") !== "campaign")
    return { problem: "(#100) param level: the demo account has level=campaign only" };
  if (query.get("time_increment") !== "1")
    return { problem: "(#100) param time_increment: the demo account has 1 only" };
  const limit = Number(query.get("limit") ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1) return { problem: "(#100) param limit must be a positive integer" };
  return { since, until, fields, limit: Math.min(limit, MAX_LIMIT), offset: position(query.get("after")) };
}

function page(days: readonly AdDay[], asked: Question & { readonly account: string; readonly url: URL }): HttpResponse {
  const { offset, limit, account, url } = asked;
  // The two dates are always there, asked for or not.
  const fields = [...new Set([...asked.fields, "date_start", "date_stop"])];
  const rows = days.slice(offset, offset + limit).map((day) => row(day, fields, account));
  if (rows.length === 0) return jsonResponse(200, { data: [] });
  const after = cursor(offset + rows.length);
  const next = new URL(url);
  next.searchParams.set("after", after);
  next.searchParams.set("access_token", "demo");
  return jsonResponse(200, {
    data: rows,
    paging: {
      cursors: { before: cursor(offset), after },
      ...(offset + limit < days.length ? { next: next.toString() } : {}),
    },
  });
}

/** A row; lists of actions are left out when nothing happened. */
function row(day: AdDay, fields: readonly string[], account: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = META_FIELDS[field]?.(day, account);
      return value === undefined ? [] : [[field, value] as const];
    }),
  );
}

function linkClicks(day: AdDay): number {
  return Math.round(day.clicks * 0.93);
}

/** The same purchase under three names: a reader must take one of them, not the sum. */
const PURCHASES = ["omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase"] as const;

function actions(day: AdDay): readonly unknown[] {
  const purchases = PURCHASES.map((name) => [name, day.claimedOrders] as const);
  const list = [["link_click", linkClicks(day)] as const, ["landing_page_view", day.sessions] as const, ...purchases];
  return list.filter(([, count]) => count > 0).map(([name, count]) => ({ action_type: name, value: String(count) }));
}

function values(day: AdDay): readonly unknown[] | undefined {
  if (day.claimedCents === 0) return undefined;
  return PURCHASES.map((name) => ({ action_type: name, value: (day.claimedCents / 100).toFixed(2) }));
}

function ratio(over: number, under: number): string {
  return under === 0 ? "0" : (over / under).toFixed(6);
}

function cursor(at: number): string {
  return Buffer.from(`demo:${at}`).toString("base64url");
}

function position(after: string | null): number {
  return Number(/^demo:(\d+)$/.exec(Buffer.from(after ?? "", "base64url").toString("utf8"))?.[1] ?? 0);
}

/** The vendor's error envelope. */
function failure(code: number, message: string): HttpResponse {
  return jsonResponse(400, { error: { message, type: "OAuthException", code, fbtrace_id: "Demo0000000000000000000" } });
}
