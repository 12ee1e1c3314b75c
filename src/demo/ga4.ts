import { type DateRange, daysOf, isISODate } from "../base/dates.js";
import type { HttpResponse } from "../http/types.js";
import { GA4_VIEWS, type Ga4View, type Sight, viewFor } from "./ga4-views.js";
import { jsonResponse, type Responder, readJson } from "./respond.js";
import type { World } from "./types.js";

const DEFAULT_LIMIT = 10_000;
const MAX_LIMIT = 250_000;

/** Answers `POST /v1beta/properties/<id>:runReport` and `GET …/metadata`; whichever property is asked for is the demo's. */
export function ga4Responder(world: World): Responder {
  const sights = new Map<Ga4View, ReadonlyMap<string, readonly Sight[]>>();
  const seen = (view: Ga4View) => {
    const known = sights.get(view) ?? view.sights(world);
    sights.set(view, known);
    return known;
  };
  return (request) => {
    const path = new URL(request.url).pathname;
    if (/^\/v1beta\/properties\/\d+\/metadata$/.test(path) && request.method === "GET") return metadata();
    if (!/^\/v1beta\/properties\/\d+:runReport$/.test(path) || request.method !== "POST") {
      return failure(404, "NOT_FOUND", `Method not found: ${path}`);
    }
    const report = readReport(readJson(request.body), world);
    if ("problem" in report) return failure(400, "INVALID_ARGUMENT", report.problem);
    return answer(report, seen(report.view), world);
  };
}

interface Report {
  readonly view: Ga4View;
  readonly days: DateRange;
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

function readReport(body: Json, world: World): Report | { readonly problem: string } {
  const strange = Object.keys(body).find((part) => !PARTS.includes(part));
  if (strange !== undefined)
    return { problem: `Invalid JSON payload received. Unknown name "${strange}": Cannot find field.` };
  const dimensions = listOf(body["dimensions"]).map((one) => String(one["name"]));
  const metrics = listOf(body["metrics"]).map((one) => String(one["name"]));
  if (dimensions.length > 9 || metrics.length > 10)
    return { problem: "Requests are limited to 9 dimensions and 10 metrics." };
  const view = viewFor(dimensions, metrics);
  if ("problem" in view) return view;
  const days = rangeOf(listOf(body["dateRanges"]), world);
  if (days === undefined) return { problem: "A single dateRange YYYY-MM-DD is required." };
  const limit = Number(body["limit"] ?? DEFAULT_LIMIT);
  if (limit > MAX_LIMIT) return { problem: `The limit must be at most ${MAX_LIMIT}.` };
  const orderBy = listOf(body["orderBys"]).map(orderOf);
  const offset = Number(body["offset"] ?? 0);
  return { view, days, dimensions, metrics, orderBy, limit, offset, quota: body["returnPropertyQuota"] === true };
}

/** One range within the world's days; `yesterday` is its last one. */
function rangeOf([range, more]: readonly Json[], world: World): DateRange | undefined {
  const named = (name: string) => (range?.[name] === "yesterday" ? world.to : String(range?.[name]));
  const [from, to] = [named("startDate"), named("endDate")];
  return more === undefined && isISODate(from) && isISODate(to) ? { from, to } : undefined;
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

function answer(report: Report, seen: ReadonlyMap<string, readonly Sight[]>, world: World): HttpResponse {
  const sights = daysOf(report.days).flatMap((day) => seen.get(day) ?? []);
  const rows = sorted(grouped(sights, report), report);
  const shown = rows.slice(report.offset, report.offset + report.limit);
  const types = report.metrics.map((name) => report.view.metrics[name] ?? "TYPE_INTEGER");
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

/** Every name that the demo property knows. */
function metadata(): HttpResponse {
  const names = (of: (view: Ga4View) => readonly string[]) =>
    [...new Set(GA4_VIEWS.flatMap(of))].sort().map((apiName) => ({ apiName }));
  return jsonResponse(200, {
    name: "properties/0/metadata",
    dimensions: names((view) => view.dimensions),
    metrics: names((view) => Object.keys(view.metrics)),
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

/** Sums per combination of dimensions. Users are added up as well: in the demo nobody comes by two ways in a day. */
function grouped(sights: readonly Sight[], { dimensions, metrics }: Report): readonly Row[] {
  const groups = new Map<string, { readonly dimensions: readonly string[]; readonly metrics: number[] }>();
  for (const sight of sights) {
    const names = dimensions.map((name) => sight.names[name] ?? "");
    const key = names.join("\u0000");
    const group = groups.get(key) ?? { dimensions: names, metrics: metrics.map(() => 0) };
    groups.set(key, group);
    for (const [index, name] of metrics.entries())
      group.metrics[index] = (group.metrics[index] ?? 0) + (sight.amounts[name] ?? 0);
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

function wire(row: Row, types: readonly string[]): unknown {
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
