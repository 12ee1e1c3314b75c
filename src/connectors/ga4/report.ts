import { addDays, type DateRange, type ISODate, isISODate } from "../../base/dates.js";
import { parseJson } from "../../http/json.js";
import type { HttpRequest } from "../../http/types.js";
import { dayAt, isObject, type JsonObject, listAt, objectAt, shapeError, textAt, valueAt } from "../shape.js";
import { daysOfSlice } from "../slices.js";
import type { Page, RawRecord, Stream } from "../types.js";

/** Data API version in use; there is no v1. */
export const API_VERSION = "v1beta";
/** Where the Data API is. */
export const HOST = "analyticsdata.googleapis.com";

/** A report that is read as a stream: names of the API (`GET …/metadata` lists them), `date` first. */
export interface Report {
  readonly name: string;
  /** At most 9. Together they are the key of a row. */
  readonly dimensions: readonly string[];
  /** At most 10. */
  readonly metrics: readonly string[];
  readonly lookbackDays: number;
  /** Days per slice. */
  readonly chunkDays: number;
  /** Days per request; the requests of a slice follow one another. */
  readonly daysAtATime: number;
  readonly measures?: Stream["measures"];
}

/**
 * One row per combination of the dimensions; key = their values as JSON. The API names columns once per page, so the record is an
 * object of them: every dimension and metric by its API name (texts; `date` as YYYYMMDD, a day of the property's time zone) beside
 * `property`, `currencyCode`, `timeZone` and what the answer says about its own quality.
 */
export function reportStream(
  report: Report,
  options: { readonly property: string; readonly pageSize: number },
): Stream {
  const { name, lookbackDays, chunkDays, measures } = report;
  const ask = (from: ISODate, until: ISODate, before: number): HttpRequest => ({
    method: "POST",
    url: urlOf(options.property, ":runReport"),
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body(report, { from, to: upTo(from, until, report.daysAtATime) }, options.pageSize)),
    label: name,
    carry: { until, before },
  });
  return {
    name,
    sync: { kind: "window", lookbackDays, chunkDays },
    // Addresses of landing pages are kept: the shop's own links. They are cut to the path in staging.
    pii: [],
    first: (slice) => {
      const { from, to } = daysOfSlice(slice, `ga4.${name}`);
      return ask(from, to, 0);
    },
    read: (answer, asked) => readReport(report, answer, { asked, property: options.property, ask }),
    ...(measures === undefined ? {} : { measures }),
  };
}

/** An address of the property: `:runReport`, `/metadata`. */
export function urlOf(property: string, method: string): string {
  return `https://${HOST}/${API_VERSION}/properties/${property}${method}`;
}

function upTo(from: ISODate, until: ISODate, days: number): ISODate {
  const last = addDays(from, days - 1);
  return last < until ? last : until;
}

/** Ordered by every dimension: without a fixed order, pages can overlap. */
function body({ dimensions, metrics }: Report, days: DateRange, limit: number): JsonObject {
  return {
    dateRanges: [{ startDate: days.from, endDate: days.to }],
    dimensions: dimensions.map((name) => ({ name })),
    metrics: metrics.map((name) => ({ name })),
    orderBys: dimensions.map((dimensionName) => ({ dimension: { dimensionName } })),
    limit: String(limit),
    offset: "0",
    keepEmptyRows: false,
    returnPropertyQuota: true,
  };
}

interface Asked {
  readonly asked: HttpRequest;
  readonly property: string;
  readonly ask: (from: ISODate, until: ISODate, before: number) => HttpRequest;
}

function readReport(report: Report, answer: unknown, { asked, property, ask }: Asked): Page {
  const request = objectAt(parseJson(asked.body ?? ""), "");
  // Every report tells its zone and currency there; without it, no rows would be a gap and not an empty report.
  objectAt(answer, "metadata");
  // An empty report has neither rows nor, at times, a count.
  const rows = valueAt(answer, "rows") === undefined ? [] : listAt(answer, "rows");
  const count = rows.length === 0 ? Number(valueAt(answer, "rowCount") ?? 0) : Number(textAt(answer, "rowCount"));
  const offset = Number(textAt(request, "offset")) + rows.length;
  const columns = rows.length === 0 ? [] : columnsOf(answer);
  const shared = { property, ...qualityOf(answer) };
  // What the earlier requests of this slice promised, and this one.
  const total = Number(valueAt(asked.carry, "before")) + count;
  const following = (): HttpRequest | null => {
    const [until, to] = [dayAt(asked.carry, "until"), dayAt(request, "dateRanges.0.endDate")];
    return to < until ? ask(addDays(to, 1), until, total) : null;
  };
  return {
    records: rows.map((_, index) => rowAt(answer, `rows.${index}`, { columns, shared, report })),
    next:
      rows.length === 0 || offset >= count
        ? following()
        : { ...asked, body: JSON.stringify({ ...request, offset: String(offset) }) },
    total,
    warnings: warningsOf(answer),
  };
}

interface Column {
  readonly list: "dimensionValues" | "metricValues";
  readonly index: number;
  readonly name: string;
}

function columnsOf(answer: unknown): readonly Column[] {
  const named = (headers: string, list: Column["list"]) =>
    listAt(answer, headers).map((_, index) => ({ list, index, name: textAt(answer, `${headers}.${index}.name`) }));
  return [...named("dimensionHeaders", "dimensionValues"), ...named("metricHeaders", "metricValues")];
}

interface Row {
  readonly columns: readonly Column[];
  readonly shared: JsonObject;
  readonly report: Report;
}

function rowAt(answer: unknown, path: string, { columns, shared, report }: Row): RawRecord {
  const cells = columns.map(({ list, index, name }) => {
    const value = valueAt(answer, `${path}.${list}.${index}.value`);
    // Named by the column, because a position says nothing. An empty text is a value.
    if (typeof value !== "string") throw shapeError(`${path}.${name}`, "a text", value);
    return [name, value] as const;
  });
  const payload: JsonObject = { ...shared, ...Object.fromEntries(cells) };
  // A column that was asked for and did not come would be read as "none".
  const missing = [...report.dimensions, ...report.metrics].find((name) => payload[name] === undefined);
  if (missing !== undefined) throw shapeError(`${path}.${missing}`, "a text", undefined);
  const day = dayOf(payload, path);
  return { key: JSON.stringify(report.dimensions.map((name) => payload[name])), day, payload };
}

/** `20260208` as a civil day. */
function dayOf(payload: JsonObject, path: string): ISODate {
  const text = textAt(payload, "date");
  const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  if (!isISODate(day)) throw shapeError(`${path}.date`, "a day YYYYMMDD", text);
  return day;
}

const QUALITY = [
  "currencyCode",
  "timeZone",
  "subjectToThresholding",
  "dataLossFromOtherRow",
  "samplingMetadatas",
  "dataTruncationReasons",
  "schemaRestrictionResponse",
];

/** What the answer says about itself, kept in every row: a row can then be judged by itself. */
function qualityOf(answer: unknown): JsonObject {
  return Object.fromEntries(
    QUALITY.flatMap((name) => {
      const value = valueAt(answer, `metadata.${name}`);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function warningsOf(answer: unknown): readonly string[] {
  const metadata = valueAt(answer, "metadata");
  if (!isObject(metadata)) return [];
  const has = (path: string) => ((valueAt(metadata, path) as readonly unknown[] | undefined) ?? []).length > 0;
  return [
    ...(metadata["subjectToThresholding"] === true ? ["small figures are withheld (thresholding)"] : []),
    ...(metadata["dataLossFromOtherRow"] === true ? ["rare values are summed up as (other)"] : []),
    ...(has("samplingMetadatas") ? ["the figures are sampled"] : []),
    ...(has("dataTruncationReasons") ? ["old days are cut off by the property's retention"] : []),
    ...(has("schemaRestrictionResponse.activeMetricRestrictions")
      ? ["some figures are withheld from this account (no cost or revenue metrics): they are unknown, not zero"]
      : []),
  ];
}
