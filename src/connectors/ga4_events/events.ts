import { type DateRange, daysOf, type ISODate, isISODate } from "../../base/dates.js";
import { sha256 } from "../../base/hash.js";
import type { HttpRequest } from "../../http/types.js";
import { flagAt, isObject, type JsonObject, shapeError, textAt, valueAt } from "../shape.js";
import { daysOfSlice } from "../slices.js";
import type { Page, Stream } from "../types.js";
import { eventRecord, required, rowsOf, type TextRow } from "./answers.js";
import { type EventKind, TOP_COLUMNS } from "./columns.js";
import { columnsQuery, type DatasetName, eventsQuery } from "./sql.js";
import { candidateTables, chooseTables, type DayTable } from "./tables.js";

/** BigQuery REST version in use. */
export const API_VERSION = "v2";

/** Root of every address. */
export const BASE_URL = `https://bigquery.googleapis.com/bigquery/${API_VERSION}`;

/** How long the server may hold a request while the job runs, ms; it answers `jobComplete: false` then. */
const HOLD_MS = 20_000;
/** Longest wait between two looks at a job, seconds. */
const MAX_WAIT_SECONDS = 30;

/** Where the export is, and what one statement may cost. */
export interface Place {
  /** Pays for the statements. */
  readonly project: string;
  readonly dataset: DatasetName;
  /** Of the dataset, e.g. `EU`: a job is not found anywhere else. */
  readonly location: string;
  readonly maximumBytesBilled: number;
  readonly pageSize: number;
}

/** What `read` has to know about the answer: which of the two statements it belongs to. */
type Step =
  | { readonly step: "columns"; readonly days: DateRange; readonly found: readonly TextRow[] }
  | { readonly step: "events"; readonly days: DateRange; readonly missing: readonly ISODate[] };

/**
 * One kind of event, by day of the export's tables (the property's own zone). First it is asked which tables and columns there are,
 * then the events of one table per day. The record's members are those of `columns.ts`, texts or null; `items` is a list.
 * Daily tables change for up to three days after their day, so four days are read again.
 */
export function eventsStream(place: Place, kind: EventKind): Stream {
  return {
    name: kind.name,
    // Page views and lists of products are most of an export: a slice of theirs is one day.
    sync: { kind: "window", lookbackDays: 4, chunkDays: ["page_view", "funnel"].includes(kind.name) ? 1 : 4 },
    pii: [],
    ...(kind.name === "purchase" ? { measures: { purchase_revenue_in_usd: "ecommerce_purchase_revenue_in_usd" } } : {}),
    first: (slice) => firstRequest(place, kind, daysOfSlice(slice, `ga4_events.${kind.name}`)),
    read: (body, asked) => readAnswer(body, asked, { place, kind }),
  };
}

function firstRequest(place: Place, kind: EventKind, days: DateRange): HttpRequest {
  const parameters = { tables: candidateTables(days), columns: TOP_COLUMNS };
  return statement(place, columnsQuery(place.dataset), {
    parameters,
    label: `${kind.name}.tables`,
    carry: { step: "columns", days, found: [] },
  });
}

/** `POST projects/{project}/queries`: the job's first page, or where to ask for it. */
function statement(
  place: Place,
  query: string,
  more: {
    readonly parameters: Readonly<Record<string, readonly string[]>>;
    readonly label: string;
    readonly carry: Step;
    readonly requestId?: string;
  },
): HttpRequest {
  return {
    method: "POST",
    url: `${BASE_URL}/projects/${encodeURIComponent(place.project)}/queries`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      query,
      // The default is the old dialect.
      useLegacySql: false,
      location: place.location,
      maxResults: place.pageSize,
      timeoutMs: HOLD_MS,
      maximumBytesBilled: String(place.maximumBytesBilled),
      formatOptions: { timestampOutputFormat: "INT64" },
      parameterMode: "NAMED",
      queryParameters: Object.entries(more.parameters).map(([name, values]) => ({
        name,
        parameterType: { type: "ARRAY", arrayType: { type: "STRING" } },
        parameterValue: { arrayValues: values.map((value) => ({ value })) },
      })),
      jobCreationMode: "JOB_CREATION_REQUIRED",
      ...(more.requestId === undefined ? {} : { requestId: more.requestId }),
    }),
    label: more.label,
    carry: more.carry,
  };
}

function readAnswer(
  body: unknown,
  asked: HttpRequest,
  { place, kind }: { readonly place: Place; readonly kind: EventKind },
): Page {
  const step = stepOf(asked);
  if (!flagAt(body, "jobComplete")) return { records: [], next: poll(body, asked, place) };
  const token = valueAt(body, "pageToken");
  const rest = typeof token === "string" && token !== "" ? resultsRequest(body, asked, { place, token }) : null;
  if (step.step === "events") {
    const records = rowsOf(body).map((row, index) => recordAt(kind, row, `rows.${index}`));
    return { records, next: rest, total: Number(textAt(body, "totalRows")), ...saidOf(place, step.missing) };
  }
  const found = [...step.found, ...rowsOf(body)];
  if (rest !== null) return { records: [], next: { ...rest, carry: { ...step, found } } };
  return eventsPage(body, { place, kind, days: step.days, tables: tablesIn(found) });
}

/** The statement for the events, once it is known which tables there are; a slice without any table is empty and says so. */
function eventsPage(
  body: unknown,
  asked: {
    readonly place: Place;
    readonly kind: EventKind;
    readonly days: DateRange;
    readonly tables: readonly DayTable[];
  },
): Page {
  const { place, kind, days, tables } = asked;
  const missing = daysOf(days).filter((day) => !tables.some((table) => table.day === day));
  if (tables.length === 0) return { records: [], next: null, total: 0, ...saidOf(place, missing) };
  const query = eventsQuery(place.dataset, kind, tables);
  const next = statement(place, query, {
    parameters: { event_names: kind.eventNames },
    label: kind.name,
    carry: { step: "events", days, missing },
    // The same for a repeated request, another one for the next run: the first job's id is new each time.
    requestId: sha256(`${textAt(body, "jobReference.jobId")} ${query}`).slice(0, 36),
  });
  return { records: [], next };
}

function tablesIn(found: readonly TextRow[]): readonly DayTable[] {
  const pairs = found.map(
    (row, index) =>
      [required(row, "table_name", `rows.${index}`), required(row, "column_name", `rows.${index}`)] as const,
  );
  const tables = chooseTables(pairs);
  const strange = tables.find(({ columns }) => !columns.includes("event_name") || !columns.includes("event_timestamp"));
  if (strange !== undefined) throw shapeError(`${strange.name}.event_name`, "a table of GA4 events", strange.columns);
  return tables;
}

/** A day without a table is not a day without events: the export may have begun later, may not be there yet, or is deleted by now. */
function saidOf({ dataset }: Place, missing: readonly ISODate[]): Pick<Page, "warnings" | "unknown"> {
  if (missing.length === 0) return { warnings: [], unknown: [] };
  return { warnings: [`the export ${dataset} has no table for ${missing.join(", ")}`], unknown: missing };
}

function recordAt(kind: EventKind, row: TextRow, path: string): Page["records"][number] {
  const { key, day, payload } = eventRecord(kind, row, path);
  if (!isISODate(day)) throw shapeError(`${path}.table_day`, "a day YYYY-MM-DD", day);
  return { key, day, payload };
}

/** The same job, looked at again a little later each time. */
function poll(body: unknown, asked: HttpRequest, place: Place): HttpRequest {
  const attempt = (asked.attempt ?? 0) + 1;
  const request = resultsRequest(body, asked, { place, token: null });
  return { ...request, attempt, after: Math.min(2 ** (attempt - 1), MAX_WAIT_SECONDS) };
}

/** `GET projects/{project}/queries/{job}`: a page of a job's result. */
function resultsRequest(
  body: unknown,
  asked: HttpRequest,
  { place, token }: { readonly place: Place; readonly token: string | null },
): HttpRequest {
  const project = nameAt(body, "jobReference.projectId");
  const job = nameAt(body, "jobReference.jobId");
  const location = valueAt(body, "jobReference.location");
  const url = new URL(`${BASE_URL}/projects/${encodeURIComponent(project)}/queries/${encodeURIComponent(job)}`);
  url.searchParams.set("location", typeof location === "string" ? location : place.location);
  url.searchParams.set("maxResults", String(place.pageSize));
  url.searchParams.set("timeoutMs", String(HOLD_MS));
  url.searchParams.set("formatOptions.timestampOutputFormat", "INT64");
  if (token !== null) url.searchParams.set("pageToken", token);
  const { label, carry } = asked;
  return { method: "GET", url: url.toString(), ...(label === undefined ? {} : { label }), carry };
}

/** A name that goes into an address: one that BigQuery gives has letters, digits and these marks (a project of a domain has a colon). */
function nameAt(body: unknown, path: string): string {
  const name = textAt(body, path);
  if (!/^[\w.:-]+$/.test(name)) throw shapeError(path, "a name", name);
  return name;
}

function stepOf(asked: HttpRequest): Step {
  if (isObject(asked.carry)) return asked.carry as JsonObject as Step;
  throw shapeError("", "a request of this stream", asked.url);
}
