import type { HttpResponse } from "../http/types.js";
import { GOOGLE_ACCOUNT } from "./campaigns.js";
import { type GoogleEntity, type GoogleFields, googleEntities, googleMetrics } from "./google-account.js";
import { googleClicks } from "./google-clicks.js";
import { jsonResponse, type Responder, readJson } from "./respond.js";
import type { AdDay, World } from "./types.js";

/** Rows of one chunk of a stream. */
const CHUNK = 100;

/** Answers `googleAds:searchStream` and `customers:listAccessibleCustomers`; whichever customer is asked for is the demo's. */
export function googleResponder(world: World): Responder {
  const days = world.adDays.filter((day) => day.campaign.platform === "google_ads" && day.impressions > 0);
  const clicks = new Map<string, readonly GoogleFields[]>();
  const clicksOf = (customer: string) => {
    const found = clicks.get(customer) ?? googleClicks(world, customer);
    clicks.set(customer, found);
    return found;
  };
  return (request) => {
    const path = new URL(request.url).pathname;
    if (/^\/v\d+\/customers:listAccessibleCustomers$/.test(path)) {
      return jsonResponse(200, { resourceNames: [`customers/${GOOGLE_ACCOUNT.id}`] });
    }
    const [, version = "", customer] = /^\/(v\d+)\/customers\/(\d+)\/googleAds:searchStream$/.exec(path) ?? [];
    if (customer === undefined || request.method !== "POST") return jsonResponse(404, notFound(path));
    const query = readQuery(String(readJson(request.body)["query"] ?? ""), customer);
    if ("code" in query) return failure(version, query);
    const told = query.resource === "click_view" ? clicksOf(customer) : rowsOf(query, days);
    const rows = told.filter((row) => query.equal.every(([name, value]) => String(row[name]) === value));
    return jsonResponse(
      200,
      chunks(
        rows.map((row) => printed(row, query, customer)),
        query.fields,
      ),
    );
  };
}

interface Query {
  readonly fields: readonly string[];
  readonly resource: string;
  readonly entities: readonly GoogleEntity[];
  /** Days asked for; null: none, and no metrics either. */
  readonly days: readonly [from: string, to: string] | null;
  /** Conditions `name = value`. */
  readonly equal: readonly (readonly [name: string, value: string])[];
}

interface QueryProblem {
  readonly code: string;
  readonly message: string;
}

const QUERY = /^\s*SELECT\s+(.+?)\s+FROM\s+(\w+)(?:\s+WHERE\s+(.+?))?(?:\s+LIMIT\s+\d+)?\s*$/is;
const DAYS = /segments\.date\s+BETWEEN\s+'(\d{4}-\d\d-\d\d)'\s+AND\s+'(\d{4}-\d\d-\d\d)'/i;
const EQUAL = /([a-z_]+(?:\.[a-z_]+)+)\s*=\s*(?:'([^']*)'|(\w+))/gi;

function readQuery(text: string, customer: string): Query | QueryProblem {
  const [, selected = "", resource = "", where = ""] = QUERY.exec(text) ?? [];
  if (selected === "") return { code: "UNEXPECTED_INPUT", message: "Error in query: unexpected input." };
  const entities = googleEntities(resource, customer);
  if (entities === undefined) {
    return { code: "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", message: `Resource '${resource}' is not in the demo account.` };
  }
  const fields = selected.split(",").map((field) => field.trim());
  const [, from, to] = DAYS.exec(where) ?? [];
  const days = from === undefined || to === undefined ? null : ([from, to] as const);
  const isKnown = (field: string) => entities.some((one) => field in one.fields) || (days !== null && isFigure(field));
  const unknown = fields.find((field) => !isKnown(field));
  if (unknown !== undefined) {
    return { code: "UNRECOGNIZED_FIELD", message: `Unrecognized field in the query: '${unknown}'.` };
  }
  const equal = [...where.matchAll(EQUAL)].map(
    ([, name = "", words, word = ""]) => [name, words ?? word.toLowerCase()] as const,
  );
  return { fields, resource, entities, days, equal };
}

const FIGURES: ReadonlySet<string> = new Set([
  "segments.date",
  "segments.hour",
  ...["impressions", "clicks", "cost_micros", "conversions", "conversions_value"].map((name) => `metrics.${name}`),
  ...["all_conversions", "all_conversions_value", "view_through_conversions"].map((name) => `metrics.${name}`),
  ...["conversions_by_conversion_date", "conversions_value_by_conversion_date"].map((name) => `metrics.${name}`),
  "metrics.search_impression_share",
]);

function isFigure(field: string): boolean {
  return FIGURES.has(field);
}

function rowsOf({ fields, entities, days }: Query, adDays: readonly AdDay[]): readonly GoogleFields[] {
  if (days === null) return entities.map((entity) => entity.fields);
  const hours = fields.includes("segments.hour") ? Array.from({ length: 24 }, (_, hour) => hour) : [null];
  return adDays
    .filter(({ day }) => days[0] <= day && day <= days[1])
    .flatMap((day) => entities.filter(({ campaign }) => campaign?.id === day.campaign.id).map((one) => ({ day, one })))
    .flatMap(({ day, one }) => hours.map((hour) => rowOf(day, one, hour)))
    .filter((row) => ADDITIVE.some((name) => Number(row[name]) !== 0));
}

/** A segmented row with nothing in it is left out. */
const ADDITIVE = ["metrics.impressions", "metrics.clicks", "metrics.cost_micros", "metrics.conversions"];

function rowOf(day: AdDay, { fields, share = [0, 0] }: GoogleEntity, hour: number | null): GoogleFields {
  return { ...fields, ...googleMetrics(day, share, hour), "segments.date": day.day, "segments.hour": hour };
}

/** `ad_group_ad.ad.id` becomes `{"adGroupAd":{"ad":{"id":…}}}`; the resource that was asked for always bears its name. */
function printed(row: GoogleFields, { fields, resource }: Query, customer: string): GoogleFields {
  const parts: Record<string, Record<string, unknown>> = {
    [camel(resource)]: { resourceName: resourceName(resource, row, customer) },
  };
  for (const field of fields.filter((name) => row[name] !== undefined)) {
    const [part = "", ...rest] = field.split(".").map(camel);
    parts[part] ??= part === "metrics" || part === "segments" ? {} : named(field, row, customer);
    put(parts[part], rest, row[field]);
  }
  return parts;
}

function named(field: string, row: GoogleFields, customer: string): Record<string, unknown> {
  return { resourceName: resourceName(field.split(".")[0] ?? "", row, customer) };
}

function put(target: Record<string, unknown>, [name = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  target[name] ??= {};
  put(target[name] as Record<string, unknown>, rest, value);
}

function resourceName(resource: string, row: GoogleFields, customer: string): string {
  const group = String(row["ad_group.id"]);
  const ids: Readonly<Record<string, string>> = {
    customer: "",
    customer_client: `/customerClients/${customer}`,
    campaign: `/campaigns/${String(row["campaign.id"])}`,
    campaign_budget: `/campaignBudgets/${String(row["campaign_budget.id"])}`,
    ad_group: `/adGroups/${group}`,
    ad_group_ad: `/adGroupAds/${group}~${String(row["ad_group_ad.ad.id"])}`,
    ad_group_criterion: `/adGroupCriteria/${group}~${String(row["ad_group_criterion.criterion_id"])}`,
    click_view: `/clickViews/${String(row["segments.date"])}~${String(row["click_view.gclid"])}`,
    conversion_action: `/conversionActions/${String(row["conversion_action.id"])}`,
  };
  return `customers/${customer}${ids[resource] ?? ""}`;
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A stream is a list of chunks; one without results when there are none. */
function chunks(rows: readonly GoogleFields[], fields: readonly string[]): readonly unknown[] {
  const fieldMask = fields.map((field) => field.split(".").map(camel).join(".")).join(",");
  const count = Math.max(1, Math.ceil(rows.length / CHUNK));
  return Array.from({ length: count }, (_, index) => {
    const results = rows.slice(index * CHUNK, (index + 1) * CHUNK);
    return {
      ...(results.length === 0 ? {} : { results }),
      fieldMask,
      requestId: `demo${String(index + 1).padStart(18, "0")}`,
    };
  });
}

/** The vendor's error envelope, in a list as streams have it. */
function failure(version: string, { code, message }: QueryProblem): HttpResponse {
  const details = [
    {
      "@type": `type.googleapis.com/google.ads.googleads.${version}.errors.GoogleAdsFailure`,
      errors: [{ errorCode: { queryError: code }, message }],
      requestId: "demo000000000000000000",
    },
  ];
  const error = { code: 400, message: "Request contains an invalid argument.", status: "INVALID_ARGUMENT", details };
  return jsonResponse(400, [{ error }]);
}

function notFound(path: string): unknown {
  return { error: { code: 404, message: `The requested URL ${path} was not found.`, status: "NOT_FOUND" } };
}
