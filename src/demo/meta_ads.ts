import { isISODate } from "../base/dates.js";
import type { HttpResponse } from "../http/types.js";
import { META_ACCOUNT } from "./campaigns.js";
import { byAd, type MetaAdDay, metaAccount, metaObjects } from "./meta-account.js";
import { jsonResponse, type Responder } from "./respond.js";
import type { World } from "./types.js";

/** One field of a row of insights. Meta writes every figure as a text. */
type Show = (day: MetaAdDay, account: string) => unknown;

/** What the demo account answers; every name is one of the vendor's. */
export const META_FIELDS: Readonly<Record<string, Show>> = {
  account_id: (_, account) => account,
  account_name: () => META_ACCOUNT.name,
  account_currency: () => "USD",
  campaign_id: ({ campaign }) => campaign.id,
  campaign_name: ({ campaign }) => campaign.name,
  adset_id: ({ ad }) => ad?.adsetId,
  adset_name: ({ ad }) => ad?.adsetName,
  ad_id: ({ ad }) => ad?.id,
  ad_name: ({ ad }) => ad?.name,
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

/** Ratios are not in a report: it is read without naming fields. */
const REPORT_FIELDS = Object.keys(META_FIELDS).filter((name) => !["frequency", "ctr", "cpc", "cpm"].includes(name));

/** The rows of both levels. */
interface Rows {
  readonly campaign: readonly MetaAdDay[];
  readonly ad: readonly MetaAdDay[];
}

/**
 * Answers for one ad account, whichever is asked for: itself, its campaigns, ad sets and ads, its insights by campaign or ad and day, at
 * once or as a report (whose number says what it is about), and the questions about the token.
 */
export function metaResponder(world: World): Responder {
  const days = world.adDays.filter((day) => day.campaign.platform === "meta_ads" && day.impressions > 0);
  const rows = { campaign: days.map((day) => ({ ...day, ad: null })), ad: days.flatMap(byAd) };
  return (request) => {
    const url = new URL(request.url);
    const [version = "", node = "", edge = ""] = url.pathname.slice(1).split("/");
    if (!/^v\d+\.\d+$/.test(version)) return unknownPath(url);
    if (node === "debug_token") return jsonResponse(200, { data: DEBUG_TOKEN });
    if (node === "me" && edge === "permissions") return jsonResponse(200, { data: PERMISSIONS });
    if (/^[12]\d{17,}$/.test(node)) return report(url, { node, edge, rows });
    const account = /^act_(\d+)$/.exec(node)?.[1];
    if (account === undefined) return unknownPath(url);
    if (edge === "insights") return insights(url, { account, rows, isReport: request.method === "POST" });
    if (edge === "") return metaAccount(account);
    const objects = metaObjects(edge, account);
    return objects === undefined ? unknownPath(url) : page(objects, { ...pageOf(url.searchParams), url });
  };
}

const DEBUG_TOKEN = { app_id: "1", type: "SYSTEM_USER", is_valid: true, expires_at: 0, scopes: ["ads_read"] };
const PERMISSIONS = [{ permission: "ads_read", status: "granted" }];

function unknownPath({ pathname }: URL): HttpResponse {
  return failure(2500, `Unknown path components: ${pathname}`);
}

function insights(
  url: URL,
  { account, rows, isReport }: { readonly account: string; readonly rows: Rows; readonly isReport: boolean },
): HttpResponse {
  const asked = readQuestion(url.searchParams);
  if ("problem" in asked) return failure(100, asked.problem);
  if (isReport) return jsonResponse(200, { report_run_id: reportId(asked, account) });
  return page(shown(rows, asked, account), { ...asked, url });
}

/** 1 or 2 for the level, both days, the account: the whole question, so that nothing has to be remembered. */
function reportId({ level, since, until }: Question, account: string): string {
  return `${level === "ad" ? 2 : 1}${since.replaceAll("-", "")}${until.replaceAll("-", "")}${account}`;
}

function report(
  url: URL,
  { node, edge, rows }: { readonly node: string; readonly edge: string; readonly rows: Rows },
): HttpResponse {
  const day = (at: number) => `${node.slice(at, at + 4)}-${node.slice(at + 4, at + 6)}-${node.slice(at + 6, at + 8)}`;
  const [since, until, account] = [day(1), day(9), node.slice(17)];
  if (edge !== "insights") {
    const done = { async_status: "Job Completed", async_percent_completion: 100 };
    return jsonResponse(200, { id: node, account_id: account, ...done, date_start: since, date_stop: until });
  }
  const level = node.startsWith("2") ? "ad" : "campaign";
  const limit = pageOf(url.searchParams);
  return page(shown(rows, { level, since, until, fields: REPORT_FIELDS }, account), { ...limit, url });
}

function shown(
  rows: Rows,
  { level, since, until, fields }: Pick<Question, "level" | "since" | "until" | "fields">,
  account: string,
): readonly object[] {
  // The two dates are always there, asked for or not.
  const names = [...new Set([...fields, "date_start", "date_stop"])];
  return rows[level].filter(({ day }) => since <= day && day <= until).map((day) => row(day, names, account));
}

interface Question extends Part {
  readonly level: keyof Rows;
  readonly since: string;
  readonly until: string;
  readonly fields: readonly string[];
}

/** Which rows of a list are wanted. */
interface Part {
  readonly limit: number;
  readonly offset: number;
}

function pageOf(query: URLSearchParams): Part {
  const limit = Number(query.get("limit") ?? DEFAULT_LIMIT);
  return { limit: Math.min(limit, MAX_LIMIT), offset: position(query.get("after")) };
}

function readQuestion(query: URLSearchParams): Question | { readonly problem: string } {
  const fields = (query.get("fields") ?? "impressions,spend").split(",").filter((field) => field !== "");
  const unknown = fields.find((field) => META_FIELDS[field] === undefined);
  if (unknown !== undefined) return { problem: `(#100) ${unknown} is not valid for fields param` };
  const range = /^\{"since":"([\d-]+)","until":"([\d-]+)"\}$/.exec((query.get("time_range") ?? "").replaceAll(" ", ""));
  const [, since = "", until = ""] = range ?? [];
  if (!isISODate(since) || !isISODate(until)) return { problem: "(#100) param time_range must be a valid range" };
  if (until < since) return { problem: "(#100) The start date of the time range cannot be after the end date" };
  const level = query.get("level");
  if (level !== "campaign" && level !== "ad") {
    return { problem: "(#100) param level: the demo account has campaign and ad only" };
  }
  if (query.get("time_increment") !== "1")
    return { problem: "(#100) param time_increment: the demo account has 1 only" };
  const limit = Number(query.get("limit") ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1) return { problem: "(#100) param limit must be a positive integer" };
  return { level, since, until, fields, ...pageOf(query) };
}

function page(all: readonly object[], { offset, limit, url }: Part & { readonly url: URL }): HttpResponse {
  const rows = all.slice(offset, offset + limit);
  if (rows.length === 0) return jsonResponse(200, { data: [] });
  const after = cursor(offset + rows.length);
  const next = new URL(url);
  next.searchParams.set("after", after);
  next.searchParams.set("access_token", "demo");
  return jsonResponse(200, {
    data: rows,
    paging: {
      cursors: { before: cursor(offset), after },
      ...(offset + limit < all.length ? { next: next.toString() } : {}),
    },
  });
}

/** A row; lists of actions are left out when nothing happened. */
function row(day: MetaAdDay, fields: readonly string[], account: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = META_FIELDS[field]?.(day, account);
      return value === undefined ? [] : [[field, value] as const];
    }),
  );
}

function linkClicks(day: MetaAdDay): number {
  return Math.round(day.clicks * 0.93);
}

/** The same purchase under three names: a reader must take one of them, not the sum. */
const PURCHASES = ["omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase"] as const;

function actions(day: MetaAdDay): readonly unknown[] {
  const purchases = PURCHASES.map((name) => [name, day.claimedOrders] as const);
  const list = [["link_click", linkClicks(day)] as const, ["landing_page_view", day.sessions] as const, ...purchases];
  return list.filter(([, count]) => count > 0).map(([name, count]) => ({ action_type: name, value: String(count) }));
}

function values(day: MetaAdDay): readonly unknown[] | undefined {
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
