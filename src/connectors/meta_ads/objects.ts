import type { HttpRequest } from "../../http/types.js";
import { listAt, objectAt, textAt } from "../shape.js";
import type { Page, RawRecord, Stream, TrackedSettings } from "../types.js";
import { graphUrl, halfPage, nextPage } from "./graph.js";
import { AD_LEVEL, CAMPAIGN_LEVEL, type InsightsOptions } from "./insights.js";

/** Amounts of an account are texts in minor units of its currency, unlike those of insights. */
export const ACCOUNT_FIELDS = [
  "id",
  "account_id",
  "name",
  "currency",
  "timezone_name",
  "timezone_offset_hours_utc",
  "account_status",
  "amount_spent",
  "business",
];

const COMMON = [
  "id",
  "account_id",
  "name",
  "status",
  "effective_status",
  "configured_status",
  "created_time",
  "updated_time",
];
const BUDGETS = ["daily_budget", "lifetime_budget", "budget_remaining"];

/** A kind of object that an account lists. */
interface Edge {
  readonly name: "campaigns" | "adsets" | "ads";
  readonly fields: readonly string[];
  /** Statuses that are listed; what was deleted is never listed, its name stays in insights. */
  readonly statuses: readonly string[];
  /** Members without which an object cannot be read. */
  readonly required: readonly string[];
  readonly tracked: TrackedSettings;
}

/** A status that follows from a parent's is part of it: an ad of a paused campaign does not run. */
const SET: TrackedSettings = {
  account: "account_id",
  name: "name",
  fields: { name: "name", status: "effective_status" },
};
const SET_AND_PAID: TrackedSettings = {
  ...SET,
  fields: { ...SET.fields, daily_budget: "daily_budget", lifetime_budget: "lifetime_budget" },
};

const listed = (statuses: readonly string[]) => statuses.filter((status) => status !== "DELETED");

const EDGES: readonly Edge[] = [
  {
    name: "campaigns",
    // Budgets are texts in minor units; they are absent when they are set on the ad sets.
    fields: [
      ...COMMON,
      ...BUDGETS,
      "objective",
      "buying_type",
      "bid_strategy",
      "spend_cap",
      "special_ad_categories",
      "start_time",
      "stop_time",
    ],
    statuses: listed(CAMPAIGN_LEVEL.statuses),
    required: ["id", "account_id"],
    tracked: SET_AND_PAID,
  },
  {
    name: "adsets",
    fields: [
      ...COMMON,
      ...BUDGETS,
      "campaign_id",
      "billing_event",
      "optimization_goal",
      "bid_amount",
      "bid_strategy",
      "attribution_spec",
      "targeting",
      "promoted_object",
      "destination_type",
      "start_time",
      "end_time",
    ],
    statuses: [...listed(CAMPAIGN_LEVEL.statuses), "CAMPAIGN_PAUSED"],
    required: ["id", "account_id", "campaign_id"],
    tracked: SET_AND_PAID,
  },
  {
    name: "ads",
    // UTM parameters are in the creative: in url_tags, or in the links of its specs.
    fields: [
      ...COMMON,
      "campaign_id",
      "adset_id",
      "creative{id,name,url_tags,object_story_spec,asset_feed_spec,effective_object_story_id,thumbnail_url}",
      "tracking_specs",
      "conversion_specs",
      "preview_shareable_link",
    ],
    statuses: listed(AD_LEVEL.statuses),
    required: ["id", "account_id", "campaign_id", "adset_id"],
    tracked: SET,
  },
];

/** Campaigns, ad sets and ads of every account, archived ones included, read as a whole. Key = id. */
export function objectStreams(options: InsightsOptions): readonly Stream[] {
  return EDGES.map((edge) => edgeStream(edge, options));
}

function edgeStream(edge: Edge, options: InsightsOptions): Stream {
  const list = (account: string) => listRequest(edge, account, options.pageSize);
  return {
    name: edge.name,
    sync: { kind: "full" },
    tracked: edge.tracked,
    pii: [],
    first: () => list(options.accounts[0] ?? ""),
    read: (body, asked): Page => ({
      records: listAt(body, "data").map((_, index) => object(edge, body, `data.${index}`)),
      next: nextPage(body, asked) ?? nextAccount(options.accounts, asked, list),
    }),
    shrink: (asked) => {
      const page = halfPage(asked);
      return page === null ? [] : [page];
    },
  };
}

function listRequest({ name, fields, statuses }: Edge, account: string, pageSize: number): HttpRequest {
  return {
    method: "GET",
    url: graphUrl(`act_${account}/${name}`, {
      fields: fields.join(","),
      effective_status: JSON.stringify(statuses),
      limit: String(pageSize),
    }),
    label: name,
  };
}

function object({ required }: Edge, body: unknown, path: string): RawRecord {
  const payload = objectAt(body, path);
  for (const member of required) textAt(body, `${path}.${member}`);
  return { key: textAt(body, `${path}.id`), payload };
}

/**
 * Every ad account with its currency and time zone. Key = account|currency|time zone, and each key keeps its newest row: after a change
 * both are known, when the old one was last seen, and days are not mixed silently.
 */
export function accountsStream({ accounts }: InsightsOptions): Stream {
  return {
    name: "accounts",
    sync: { kind: "cursor", overlapMinutes: 0, fromTheBeginning: true },
    tracked: { ...SET, fields: { name: "name", status: "account_status" } },
    pii: [],
    first: () => accountRequest(accounts[0] ?? ""),
    read: (body, asked): Page => ({
      records: [account(body)],
      next: nextAccount(accounts, asked, accountRequest),
    }),
  };
}

/** The question about one account. */
export function accountRequest(id: string): HttpRequest {
  return { method: "GET", url: graphUrl(`act_${id}`, { fields: ACCOUNT_FIELDS.join(",") }), label: "accounts" };
}

function account(body: unknown): RawRecord {
  const key = ["account_id", "currency", "timezone_name"].map((name) => textAt(body, name)).join("|");
  return { key, payload: objectAt(body, "") };
}

function nextAccount(
  accounts: readonly string[],
  asked: HttpRequest,
  request: (account: string) => HttpRequest,
): HttpRequest | null {
  const done = /\/act_(\d+)/.exec(asked.url)?.[1] ?? "";
  const next = accounts[accounts.indexOf(done) + 1];
  return next === undefined ? null : request(next);
}
