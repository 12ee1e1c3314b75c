import { isISODate } from "../base/dates.js";
import type { HttpResponse } from "../http/types.js";
import { jsonResponse, type Responder, readJson } from "./respond.js";
import type { TrafficDay, World } from "./types.js";

/** Dimensions of the demo property; every name is one of the vendor's. */
export const GA4_DIMENSIONS: Readonly<Record<string, (day: TrafficDay) => string>> = {
  date: ({ day }) => day.replaceAll("-", ""),
  sessionDefaultChannelGroup: ({ entrance }) => entrance.group,
  sessionSource: ({ entrance }) => entrance.source,
  sessionMedium: ({ entrance }) => entrance.medium,
  sessionSourceMedium: ({ entrance }) => `${entrance.source} / ${entrance.medium}`,
  sessionCampaignName: ({ entrance }) =>
    entrance.campaign ?? (entrance.channel === "direct" ? "(direct)" : "(not set)"),
};

interface Metric {
  readonly type: "TYPE_INTEGER" | "TYPE_CURRENCY";
  /** An additive amount; money in cents. */
  readonly of: (day: TrafficDay) => number;
}

function count(of: Metric["of"]): Metric {
  return { type: "TYPE_INTEGER", of };
}

function money(of: Metric["of"]): Metric {
  return { type: "TYPE_CURRENCY", of };
}

/** Metrics of the demo property; every name is one of the vendor's. Users are added up: nobody comes by two ways in a day. */
export const GA4_METRICS: Readonly<Record<string, Metric>> = {
  sessions: count((day) => day.sessions),
  engagedSessions: count((day) => day.engagedSessions),
  totalUsers: count((day) => day.users),
  activeUsers: count((day) => day.users),
  newUsers: count((day) => day.newUsers),
  itemViewEvents: count((day) => day.productViews),
  addToCarts: count((day) => day.addToCarts),
  checkouts: count((day) => day.checkouts),
  ecommercePurchases: count((day) => day.purchases),
  transactions: count((day) => day.purchases),
  keyEvents: count((day) => day.purchases),
  purchaseRevenue: money((day) => day.revenueCents),
  totalRevenue: money((day) => day.revenueCents),
};

const DEFAULT_LIMIT = 10_000;
const MAX_LIMIT = 250_000;

/** Answers `POST /v1beta/properties/<id>:runReport`; whichever property is asked for is the demo's. */
export function ga4Responder(world: World): Responder {
  return (request) => {
    const path = new URL(request.url).pathname;
    if (!/^\/v1beta\/properties\/\d+:runReport$/.test(path) || request.method !== "POST") {
      return failure(404, "NOT_FOUND", `Method not found: ${path}`);
    }
    const report = readReport(readJson(request.body));
    if ("problem" in report) return failure(400, "INVALID_ARGUMENT", report.problem);
    return answer(report, world);
  };
}

interface Report {
  readonly from: string;
  readonly to: string;
  readonly dimensions: readonly string[];
  readonly metrics: readonly string[];
  readonly orderBy: readonly { readonly name: string; readonly desc: boolean }[];
  readonly limit: number;
  readonly offset: number;
  readonly quota: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Parts of a request that the demo property answers; others would be answered wrongly, so they are refused. */
const PARTS = [
  "dateRanges",
  "dimensions",
  "metrics",
  "orderBys",
  "limit",
  "offset",
  "keepEmptyRows",
  "returnPropertyQuota",
];

function readReport(body: Json): Report | { readonly problem: string } {
  const strange = Object.keys(body).find((part) => !PARTS.includes(part));
  if (strange !== undefined)
    return { problem: `Invalid JSON payload received. Unknown name "${strange}": Cannot find field.` };
  const dimensions = listOf(body["dimensions"]).map((one) => String(one["name"]));
  const metrics = listOf(body["metrics"]).map((one) => String(one["name"]));
  const dimension = dimensions.find((name) => GA4_DIMENSIONS[name] === undefined);
  if (dimension !== undefined) return { problem: `Field ${dimension} is not a valid dimension.` };
  const metric = metrics.find((name) => GA4_METRICS[name] === undefined);
  if (metric !== undefined) return { problem: `Field ${metric} is not a valid metric.` };
  if (dimensions.length > 9 || metrics.length > 10)
    return { problem: "Requests are limited to 9 dimensions and 10 metrics." };
  const [range, more] = listOf(body["dateRanges"]);
  const [from, to] = [String(range?.["startDate"]), String(range?.["endDate"])];
  if (more !== undefined || !isISODate(from) || !isISODate(to))
    return { problem: "A single dateRange YYYY-MM-DD is required." };
  const limit = Number(body["limit"] ?? DEFAULT_LIMIT);
  if (limit > MAX_LIMIT) return { problem: `The limit must be at most ${MAX_LIMIT}.` };
  const orderBy = listOf(body["orderBys"]).map(orderOf);
  const offset = Number(body["offset"] ?? 0);
  return { from, to, dimensions, metrics, orderBy, limit, offset, quota: body["returnPropertyQuota"] === true };
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function orderOf(order: Json): Report["orderBy"][number] {
  const dimension = order["dimension"] as Json | undefined;
  const metric = order["metric"] as Json | undefined;
  return { name: String(dimension?.["dimensionName"] ?? metric?.["metricName"]), desc: order["desc"] === true };
}

interface Row {
  readonly dimensions: readonly string[];
  readonly metrics: readonly number[];
}

function answer(report: Report, world: World): HttpResponse {
  const days = world.trafficDays.filter(({ day }) => report.from <= day && day <= report.to);
  const rows = sorted(grouped(days, report), report);
  const shown = rows.slice(report.offset, report.offset + report.limit);
  const types = report.metrics.map((name) => GA4_METRICS[name]?.type ?? "TYPE_INTEGER");
  return jsonResponse(200, {
    dimensionHeaders: report.dimensions.map((name) => ({ name })),
    metricHeaders: report.metrics.map((name, index) => ({ name, type: types[index] })),
    // An empty report has neither rows nor a count.
    ...(shown.length === 0 ? {} : { rows: shown.map((row) => wire(row, types)) }),
    ...(rows.length === 0 ? {} : { rowCount: rows.length }),
    metadata: { currencyCode: world.currency, timeZone: world.timeZone },
    ...(report.quota ? { propertyQuota: QUOTA } : {}),
    kind: "analyticsData#runReport",
  });
}

const QUOTA = {
  tokensPerDay: { consumed: 4, remaining: 199_996 },
  tokensPerHour: { consumed: 4, remaining: 39_996 },
  concurrentRequests: { consumed: 0, remaining: 10 },
  serverErrorsPerProjectPerHour: { consumed: 0, remaining: 10 },
  potentiallyThresholdedRequestsPerHour: { consumed: 0, remaining: 120 },
  tokensPerProjectPerHour: { consumed: 4, remaining: 13_996 },
};

/** Sums per combination of dimensions; combinations without a session are no rows. */
function grouped(days: readonly TrafficDay[], { dimensions, metrics }: Report): readonly Row[] {
  const groups = new Map<string, { readonly dimensions: readonly string[]; readonly metrics: number[] }>();
  for (const day of days) {
    if (day.sessions === 0) continue;
    const names = dimensions.map((name) => GA4_DIMENSIONS[name]?.(day) ?? "");
    const key = names.join("\u0000");
    const group = groups.get(key) ?? { dimensions: names, metrics: metrics.map(() => 0) };
    groups.set(key, group);
    for (const [index, name] of metrics.entries())
      group.metrics[index] = (group.metrics[index] ?? 0) + (GA4_METRICS[name]?.of(day) ?? 0);
  }
  return [...groups.values()];
}

function sorted(rows: readonly Row[], { orderBy, dimensions, metrics }: Report): readonly Row[] {
  const value = (row: Row, name: string) => {
    const at = dimensions.indexOf(name);
    return at >= 0 ? (row.dimensions[at] ?? "") : (row.metrics[metrics.indexOf(name)] ?? 0);
  };
  return [...rows].sort((a, b) => {
    for (const { name, desc } of orderBy) {
      const [left, right] = [value(a, name), value(b, name)];
      if (left !== right) return left < right === desc ? 1 : -1;
    }
    return 0;
  });
}

function wire(row: Row, types: readonly Metric["type"][]): unknown {
  return {
    dimensionValues: row.dimensions.map((value) => ({ value })),
    metricValues: row.metrics.map((value, index) => ({
      value: types[index] === "TYPE_CURRENCY" ? String(value / 100) : String(value),
    })),
  };
}

/** The vendor's error envelope. */
function failure(code: number, status: string, message: string): HttpResponse {
  return jsonResponse(code, { error: { code, message, status } });
}
