import type { HttpResponse } from "../http/types.js";
import { GOOGLE_ACCOUNT } from "./campaigns.js";
import { jsonResponse, type Responder, readJson } from "./respond.js";
import type { AdDay, World } from "./types.js";

/** One selectable name. int64 is written as text, double as number; both as the vendor does. */
type Show = (day: AdDay, customer: string) => string | number | boolean;

/** What the demo account answers to `FROM campaign`; every name is one of the vendor's. */
export const GOOGLE_FIELDS: Readonly<Record<string, Show>> = {
  "segments.date": ({ day }) => day,
  "customer.id": (_, customer) => customer,
  "customer.descriptive_name": () => GOOGLE_ACCOUNT.name,
  "customer.currency_code": () => "USD",
  "customer.time_zone": () => "America/New_York",
  "campaign.id": ({ campaign }) => campaign.id,
  "campaign.name": ({ campaign }) => campaign.name,
  "campaign.status": () => "ENABLED",
  "campaign.advertising_channel_type": ({ campaign }) => campaign.objective,
  "metrics.impressions": (day) => String(day.impressions),
  "metrics.clicks": (day) => String(day.clicks),
  "metrics.cost_micros": (day) => String(day.spendCents * 10_000),
  "metrics.ctr": (day) => (day.impressions === 0 ? 0 : day.clicks / day.impressions),
  "metrics.average_cpc": (day) => (day.clicks === 0 ? 0 : (day.spendCents * 10_000) / day.clicks),
  "metrics.conversions": (day) => rounded(day.claimedOrders),
  "metrics.conversions_value": (day) => rounded(day.claimedCents / 100),
  "metrics.all_conversions": (day) => rounded(day.claimedOrders),
  "metrics.all_conversions_value": (day) => rounded(day.claimedCents / 100),
  "metrics.view_through_conversions": () => "0",
};

/** Rows of one chunk of a stream. */
const CHUNK = 100;

/** Answers `POST /<version>/customers/<id>/googleAds:searchStream`; whichever customer is asked for is the demo's. */
export function googleResponder(world: World): Responder {
  const days = world.adDays.filter((day) => day.campaign.platform === "google_ads" && day.impressions > 0);
  return (request) => {
    const path = new URL(request.url).pathname;
    const [, version = "", customer] = /^\/(v\d+)\/customers\/(\d+)\/googleAds:searchStream$/.exec(path) ?? [];
    if (customer === undefined || request.method !== "POST") return jsonResponse(404, notFound(path));
    const query = readQuery(String(readJson(request.body)["query"] ?? ""));
    if ("code" in query) return failure(version, query);
    const rows = days
      .filter(({ day }) => query.from <= day && day <= query.to)
      .map((day) => row(day, query.fields, customer));
    return jsonResponse(200, chunks(rows, query.fields));
  };
}

interface Query {
  readonly fields: readonly string[];
  readonly from: string;
  readonly to: string;
}

interface QueryProblem {
  readonly code: string;
  readonly message: string;
}

const CAMPAIGN_QUERY =
  /^\s*SELECT\s+(.+?)\s+FROM\s+(\w+)\s+WHERE\s+segments\.date\s+BETWEEN\s+'(\d{4}-\d\d-\d\d)'\s+AND\s+'(\d{4}-\d\d-\d\d)'\s*$/is;

function readQuery(text: string): Query | QueryProblem {
  const [, selected = "", resource = "", from = "", to = ""] = CAMPAIGN_QUERY.exec(text) ?? [];
  if (selected === "") return { code: "UNEXPECTED_INPUT", message: "Error in query: unexpected input." };
  if (resource.toLowerCase() !== "campaign") {
    return { code: "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", message: `Resource '${resource}' is not in the demo account.` };
  }
  const fields = selected.split(",").map((field) => field.trim());
  const unknown = fields.find((field) => GOOGLE_FIELDS[field] === undefined);
  if (unknown !== undefined) {
    return { code: "UNRECOGNIZED_FIELD", message: `Unrecognized field in the query: '${unknown}'.` };
  }
  return { fields, from, to };
}

type Row = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** `metrics.cost_micros` becomes `{"metrics":{"costMicros":…}}`; resources always bear their names. */
function row(day: AdDay, fields: readonly string[], customer: string): Row {
  const names: Readonly<Record<string, string>> = {
    customer: `customers/${customer}`,
    campaign: `customers/${customer}/campaigns/${day.campaign.id}`,
  };
  const parts: Record<string, Record<string, unknown>> = { campaign: { resourceName: names["campaign"] } };
  for (const field of fields) {
    const [part = "", name = ""] = field.split(".");
    parts[part] ??= names[part] === undefined ? {} : { resourceName: names[part] };
    parts[part][camel(name)] = GOOGLE_FIELDS[field]?.(day, customer);
  }
  return parts;
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A stream is a list of chunks; one without results when there are none. */
function chunks(rows: readonly Row[], fields: readonly string[]): readonly unknown[] {
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

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
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
