import { daysOf, isISODate } from "../base/dates.js";
import type { HttpRequest, HttpResponse } from "../http/types.js";
import { type Catalog, type Parameters, runStatement, type Table, wirePage } from "./bigquery-run.js";
import { exportedDays } from "./ga4-rows.js";
import { eventsOfDay } from "./ga4-visits.js";
import { jsonResponse, type Responder, readJson } from "./respond.js";
import type { World } from "./types.js";

const LOCATION = "US";
const DEFAULT_PAGE = 10_000;

/** The demo property's export in BigQuery: the last thirty days; whichever project and dataset is asked for is the demo's. */
export function bigqueryResponder(world: World): Responder {
  const catalog = catalogOf(world);
  const run = rememberingLast((job) => runStatement(job.query, job.parameters, catalog));
  return (request) => {
    const url = new URL(request.url);
    const [, project = "", rest = ""] = /^\/bigquery\/v2\/projects\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    if (rest === "queries" && request.method === "POST") return posted(request, project, run);
    const job = /^queries\/demo_([A-Za-z0-9_-]+)$/.exec(rest)?.[1];
    if (job !== undefined && request.method === "GET") return answered(jobOf(job), url, { project, run });
    const dataset = /^datasets\/([^/]+)(\/tables)?$/.exec(rest);
    if (dataset === null || request.method !== "GET") return failure(404, "notFound", `Not found: ${url.pathname}`);
    const reference = { projectId: project, datasetId: dataset[1] };
    if (dataset[2] === undefined) return jsonResponse(200, { datasetReference: reference, location: LOCATION });
    return jsonResponse(200, { tables: tableList(catalog, reference) });
  };
}

/** The job's id is the question itself, so the same request always gets the same bytes. */
interface Job {
  readonly query: string;
  readonly parameters: Parameters;
}

type Runner = (job: Job) => ReturnType<typeof runStatement>;

/** The pages of a result are asked for one after the other: it is made once for all of them. */
function rememberingLast(run: Runner): Runner {
  let last: { readonly id: string; readonly result: ReturnType<Runner> } | undefined;
  return (job) => {
    const id = JSON.stringify(job);
    if (last?.id !== id) last = { id, result: run(job) };
    return last.result;
  };
}

function jobOf(id: string): Job {
  return JSON.parse(Buffer.from(id, "base64url").toString("utf8")) as Job;
}

function posted(request: HttpRequest, project: string, run: Runner): HttpResponse {
  const body = readJson(request.body);
  if (body["useLegacySql"] !== false) return failure(400, "invalidQuery", "Legacy SQL is not spoken here");
  const url = new URL(request.url);
  if (typeof body["maxResults"] === "number") url.searchParams.set("maxResults", String(body["maxResults"]));
  if (body["dryRun"] === true) return jsonResponse(200, { jobComplete: true, totalBytesProcessed: "0" });
  const job = { query: String(body["query"]), parameters: parametersOf(body["queryParameters"]) };
  return answered(job, url, { project, run });
}

function answered(
  job: Job,
  url: URL,
  { project, run }: { readonly project: string; readonly run: Runner },
): HttpResponse {
  const result = run(job);
  if ("reason" in result) return failure(result.reason === "notFound" ? 404 : 400, result.reason, result.message);
  const size = Number(url.searchParams.get("maxResults") ?? DEFAULT_PAGE);
  const start = Number(url.searchParams.get("pageToken") ?? 0);
  const end = start + size;
  const jobId = `demo_${Buffer.from(JSON.stringify(job)).toString("base64url")}`;
  return jsonResponse(200, {
    jobReference: { projectId: decodeURIComponent(project), jobId, location: LOCATION },
    jobComplete: true,
    ...wirePage(result, result.rows.slice(start, end)),
    ...(end < result.rows.length ? { pageToken: String(end) } : {}),
  });
}

function parametersOf(written: unknown): Parameters {
  const list = Array.isArray(written) ? (written as readonly Parameter[]) : [];
  return Object.fromEntries(
    list.map(({ name, parameterValue }) => [name, (parameterValue.arrayValues ?? []).map(({ value }) => value)]),
  );
}

interface Parameter {
  readonly name: string;
  readonly parameterValue: { readonly arrayValues?: readonly { readonly value: string }[] };
}

/** Tables of days are made when they are looked at. */
function catalogOf(world: World): Catalog {
  let tables: ReadonlyMap<string, Table> | undefined;
  return {
    tables: () => {
      tables ??= new Map(
        daysOf(exportedDays(world)).map((day) => [`events_${day.replaceAll("-", "")}`, dayTable(world, day)]),
      );
      return tables;
    },
  };
}

const COLUMNS = [
  "event_date",
  "event_timestamp",
  "event_name",
  "event_params",
  "event_bundle_sequence_id",
  "batch_page_id",
  "batch_ordering_id",
  "batch_event_index",
  "user_id",
  "user_pseudo_id",
  "user_properties",
  "device",
  "geo",
  "ecommerce",
  "items",
];

function dayTable(world: World, day: string): Table {
  let rows: Table["rows"] | undefined;
  return {
    columns: COLUMNS,
    get rows() {
      rows ??= isISODate(day) ? eventsOfDay(world, day) : [];
      return rows;
    },
  };
}

function tableList(catalog: Catalog, reference: object): readonly unknown[] {
  const names = [...(catalog.tables("")?.keys() ?? [])];
  return names.map((tableId) => ({ tableReference: { ...reference, tableId }, type: "TABLE" }));
}

/** The vendor's error envelope. */
function failure(code: number, reason: string, message: string): HttpResponse {
  const errors = [{ message, domain: "global", reason }];
  return jsonResponse(code, {
    error: { code, message, status: code === 404 ? "NOT_FOUND" : "INVALID_ARGUMENT", errors },
  });
}
