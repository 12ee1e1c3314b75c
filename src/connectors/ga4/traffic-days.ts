import { type ISODate, isISODate } from "../../base/dates.js";
import { parseJson } from "../../http/json.js";
import type { HttpRequest } from "../../http/types.js";
import { isObject, type JsonObject, listAt, objectAt, shapeError, textAt, valueAt } from "../shape.js";
import { daysOfSlice } from "../slices.js";
import type { Page, RawRecord, Stream } from "../types.js";

/** Data API version in use; there is no v1. */
export const API_VERSION = "v1beta";

const DIMENSIONS = ["date", "sessionDefaultChannelGroup", "sessionSource", "sessionMedium", "sessionCampaignName"];
const METRICS = [
  "sessions",
  "engagedSessions",
  "itemViewEvents",
  "addToCarts",
  "checkouts",
  "ecommercePurchases",
  "purchaseRevenue",
];

/**
 * One row per day (property's time zone), channel group, source, medium and campaign. Key = those five as JSON.
 * The API names columns once per page, so the record is an object of them: every dimension and metric by its API name
 * (texts; `date` as YYYYMMDD) beside `property`, `currencyCode`, `timeZone` and the quality flags of the page.
 * Days are processed for up to 72 hours and credit moves for 12 days, so 14 are read again.
 */
export function trafficDaysStream(options: { readonly property: string; readonly pageSize: number }): Stream {
  return {
    name: "traffic_days",
    sync: { kind: "window", lookbackDays: 14, chunkDays: 30 },
    pii: [],
    first: (slice) => {
      const { from, to } = daysOfSlice(slice, "ga4.traffic_days");
      return {
        method: "POST",
        url: `https://analyticsdata.googleapis.com/${API_VERSION}/properties/${options.property}:runReport`,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(report(from, to, options.pageSize)),
        label: "traffic_days",
      };
    },
    read: (body, asked) => readReport(body, asked, options.property),
  };
}

/** Ordered by every dimension: without a fixed order, pages can overlap. */
function report(startDate: string, endDate: string, limit: number): JsonObject {
  return {
    dateRanges: [{ startDate, endDate }],
    dimensions: DIMENSIONS.map((name) => ({ name })),
    metrics: METRICS.map((name) => ({ name })),
    orderBys: DIMENSIONS.map((dimensionName) => ({ dimension: { dimensionName } })),
    limit: String(limit),
    offset: "0",
    keepEmptyRows: false,
    returnPropertyQuota: true,
  };
}

function readReport(body: unknown, asked: HttpRequest, property: string): Page {
  const request = objectAt(parseJson(asked.body ?? ""), "");
  // An empty report has neither rows nor, at times, a count.
  const rows = valueAt(body, "rows") === undefined ? [] : listAt(body, "rows");
  const total = rows.length === 0 ? Number(valueAt(body, "rowCount") ?? 0) : Number(textAt(body, "rowCount"));
  const offset = Number(textAt(request, "offset")) + rows.length;
  const columns = rows.length === 0 ? [] : columnsOf(body);
  const shared = { property, ...flagsOf(body) };
  return {
    records: rows.map((_, index) => rowAt(body, `rows.${index}`, columns, shared)),
    next:
      rows.length === 0 || offset >= total
        ? null
        : { ...asked, body: JSON.stringify({ ...request, offset: String(offset) }) },
    total,
    warnings: warningsOf(body),
  };
}

interface Column {
  readonly list: "dimensionValues" | "metricValues";
  readonly index: number;
  readonly name: string;
}

function columnsOf(body: unknown): readonly Column[] {
  const named = (headers: string, list: Column["list"]) =>
    listAt(body, headers).map((_, index) => ({ list, index, name: textAt(body, `${headers}.${index}.name`) }));
  return [...named("dimensionHeaders", "dimensionValues"), ...named("metricHeaders", "metricValues")];
}

function rowAt(body: unknown, path: string, columns: readonly Column[], shared: JsonObject): RawRecord {
  const cells = columns.map(({ list, index, name }) => {
    const value = valueAt(body, `${path}.${list}.${index}.value`);
    // Named by the column, because a position says nothing. An empty text is a value.
    if (typeof value !== "string") throw shapeError(`${path}.${name}`, "a text", value);
    return [name, value] as const;
  });
  const payload: JsonObject = { ...shared, ...Object.fromEntries(cells) };
  const day = dayOf(payload, path);
  return { key: JSON.stringify(DIMENSIONS.map((name) => payload[name] ?? null)), day, payload };
}

/** `20260208` as a civil day. */
function dayOf(payload: JsonObject, path: string): ISODate {
  const text = textAt(payload, "date");
  const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  if (!isISODate(day)) throw shapeError(`${path}.date`, "a day YYYYMMDD", text);
  return day;
}

function flagsOf(body: unknown): JsonObject {
  const flags = ["currencyCode", "timeZone", "subjectToThresholding", "dataLossFromOtherRow", "samplingMetadatas"];
  return Object.fromEntries(
    flags.flatMap((name) => {
      const value = valueAt(body, `metadata.${name}`);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function warningsOf(body: unknown): readonly string[] {
  const metadata = valueAt(body, "metadata");
  if (!isObject(metadata)) return [];
  const sampled = Array.isArray(metadata["samplingMetadatas"]) && metadata["samplingMetadatas"].length > 0;
  return [
    ...(metadata["subjectToThresholding"] === true ? ["small figures are withheld (thresholding)"] : []),
    ...(metadata["dataLossFromOtherRow"] === true ? ["rare values are summed up as (other)"] : []),
    ...(sampled ? ["the figures are sampled"] : []),
  ];
}
