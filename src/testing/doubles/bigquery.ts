import { type Clock, systemClock } from "../../base/clock.js";
import type { ISODate } from "../../base/dates.js";
import { isObject, type JsonObject, valueAt } from "../../connectors/shape.js";
import { type Catalog, type Result, runStatement, wirePage } from "../../demo/bigquery-run.js";
import { type ReadMethod, strangeMember, strangeParameter } from "./bigquery-judge.js";
import { type ExportWorld, LAST_EXPORT_DAY, makeExport, suffixOf } from "./bigquery-world.js";
import { createOauth, type Oauth, tooNarrow } from "./oauth.js";
import { type Answer, type Arrived, type Double, startServer } from "./server.js";

/** What a test may choose. */
export interface BigqueryDoubleOptions {
  /** Rates and tokens are counted on it; default: the real time. */
  readonly clock?: Pick<Clock, "now">;
  /** Default: a refresh token. */
  readonly signIn?: "oauth" | "service_account" | "token";
  readonly pageSize?: number;
  /** Last day of the export. */
  readonly lastDay?: ISODate;
  /** Most bytes of a page; the real one stops at 10 MB. */
  readonly pageBytes?: number;
  /** Looks at a job before it is complete. */
  readonly looks?: number;
  /** Location that the options name; the dataset is in `EU`. */
  readonly location?: string;
}

/** BigQuery on loopback with the export of one property, and Google's token endpoint. */
export interface BigqueryDouble extends Double {
  /** The tables, to be changed. */
  readonly world: ExportWorld;
  /** The daily table of a day takes the place of the others, with these many times the revenue. */
  restate(day: ISODate, factor: number): void;
  /** Takes one page view of a day away, in all its tables. */
  deleteRow(day: ISODate): void;
  breakTokens(): void;
  /** The authorization server behind it. */
  readonly oauth: Oauth;
  /** The next calls end in this error, as BigQuery says it. */
  failNext(reason: string, times?: number): void;
  /** The next job fails: a 200 whose status holds the error. */
  failJob(reason: string): void;
  /** Calls by second, refused ones too, and statements that ran. */
  ledger(): { readonly callsBySecond: ReadonlyMap<number, number>; readonly statements: readonly string[] };
}

const PROJECT = "shop-exports-42";
const DATASET = "analytics_314159265";
const LOCATION = "EU";
const PER_SECOND = 100;
/** Bytes that a statement over one table is taken to read. */
const BYTES_PER_TABLE = 12 * 1024 * 1024;
const SCOPE = "https://www.googleapis.com/auth/bigquery";

/** HTTP status of a reason, where it is not 400. */
const STATUS: Readonly<Record<string, number>> = {
  accessDenied: 403,
  backendError: 503,
  billingNotEnabled: 403,
  internalError: 500,
  jobBackendError: 503,
  jobRateLimitExceeded: 403,
  notFound: 404,
  quotaExceeded: 403,
  rateLimitExceeded: 403,
  responseTooLarge: 403,
};

interface Job {
  readonly result: Result;
  looks: number;
}

interface State {
  readonly options: BigqueryDoubleOptions;
  readonly now: () => number;
  readonly world: ExportWorld;
  readonly oauth: Oauth;
  readonly jobs: Map<string, Job>;
  readonly byRequestId: Map<string, string>;
  readonly calls: Map<number, number>;
  readonly statements: string[];
  readonly failing: string[];
  jobFailure: string | null;
}

/** Starts the double. */
export async function bigqueryDouble(options: BigqueryDoubleOptions = {}): Promise<BigqueryDouble> {
  const clock = options.clock ?? systemClock;
  const oauth = createOauth({ scopes: [SCOPE] });
  const state: State = {
    options,
    now: () => clock.now(),
    world: makeExport(options.lastDay ?? LAST_EXPORT_DAY),
    oauth,
    jobs: new Map(),
    byRequestId: new Map(),
    calls: new Map(),
    statements: [],
    failing: [],
    jobFailure: null,
  };
  const server = await startServer((request) => respond(state, request), clock);
  const { pageSize = 1000, location = LOCATION } = options;
  return {
    source: "ga4_events",
    options: { project: PROJECT, dataset: DATASET, location, pageSize },
    secrets: oauth.secrets[options.signIn ?? "oauth"],
    routes: { "bigquery.googleapis.com": server.origin, "oauth2.googleapis.com": server.origin },
    server,
    world: state.world,
    restate: (day, factor) => restate(state.world, day, factor),
    deleteRow: (day) => deleteRow(state.world, day),
    breakTokens: () => oauth.revoke(),
    oauth,
    failNext: (reason, times = 1) => state.failing.push(...Array.from({ length: times }, () => reason)),
    failJob: (reason) => {
      state.jobFailure = reason;
    },
    ledger: () => ({ callsBySecond: state.calls, statements: state.statements }),
    close: () => server.close(),
  };
}

function restate(world: ExportWorld, day: ISODate, factor: number): void {
  const names = ["events_", "events_fresh_", "events_intraday_"].map((prefix) => `${prefix}${suffixOf(day)}`);
  const table = names.map((name) => world.get(name)).find((found) => found !== undefined);
  if (table === undefined) return;
  for (const name of names) world.delete(name);
  const more = (row: JsonObject) => {
    const { ecommerce } = row;
    if (!isObject(ecommerce)) return row;
    const times = (name: string) => Math.round(Number(ecommerce[name]) * factor * 100) / 100;
    const amounts = {
      purchase_revenue: times("purchase_revenue"),
      purchase_revenue_in_usd: times("purchase_revenue_in_usd"),
    };
    return { ...row, ecommerce: { ...ecommerce, ...amounts } };
  };
  world.set(`events_${suffixOf(day)}`, { ...table, rows: table.rows.map(more) });
}

function deleteRow(world: ExportWorld, day: ISODate): void {
  for (const [name, table] of world) {
    if (!new RegExp(`^events_(?:fresh_|intraday_)?${suffixOf(day)}$`).test(name)) continue;
    const at = table.rows.findIndex((row) => row["event_name"] === "page_view");
    table.rows = table.rows.filter((_, index) => index !== at);
  }
}

function respond(state: State, request: Arrived): Answer {
  return state.oauth.respond(request) ?? api(state, request);
}

function api(state: State, request: Arrived): Answer {
  const held = state.oauth.judge(request, SCOPE);
  if (held === "dead") return refusal("authError", "Invalid Credentials", 401);
  if (held === "narrow") return tooNarrow("bigquery.googleapis.com");
  const second = Math.floor(state.now() / 1000);
  state.calls.set(second, (state.calls.get(second) ?? 0) + 1);
  if ((state.calls.get(second) ?? 0) > PER_SECOND) return refusal("rateLimitExceeded", "Exceeded rate limits");
  const failing = state.failing.shift();
  if (failing !== undefined) return refusal(failing, `it is said: ${failing}`);
  const call = methodOf(request);
  if (call === undefined) return { status: 404, text: "<html>Not Found</html>" };
  const strange = strangeParameter(call.method, request.url);
  if (strange !== undefined) return refusal("invalid", strange);
  if (call.project !== PROJECT) return refusal("accessDenied", `Access Denied: Project ${call.project}`);
  return METHODS[call.method](state, request, call.name);
}

const PATHS: readonly (readonly [method: ReadMethod, verb: string, path: RegExp])[] = [
  ["jobs.query", "POST", /^\/queries()$/],
  ["jobs.getQueryResults", "GET", /^\/queries\/([\w-]+)$/],
  ["datasets.get", "GET", /^\/datasets\/(\w+)$/],
  ["tables.list", "GET", /^\/datasets\/(\w+)\/tables$/],
  ["tables.get", "GET", /^\/datasets\/(\w+\/tables\/\w+)$/],
];

function methodOf({ method, url }: Arrived) {
  const [, project = "", rest = ""] = /^\/bigquery\/v2\/projects\/([^/]+)(\/.+)$/.exec(url.pathname) ?? [];
  for (const [known, verb, path] of PATHS) {
    const name = verb === method ? path.exec(rest)?.[1] : undefined;
    if (name !== undefined) return { method: known, project, name };
  }
  return undefined;
}

const METHODS: Readonly<Record<ReadMethod, (state: State, request: Arrived, name: string) => Answer>> = {
  "jobs.query": (state, request) => query(state, JSON.parse(request.body) as JsonObject),
  "jobs.getQueryResults": (state, { url }, name) => {
    const job = state.jobs.get(name);
    const isThere = job !== undefined && url.searchParams.get("location") === LOCATION;
    if (!isThere) return refusal("notFound", `Not found: Job ${PROJECT}:${name}`);
    return results(state, job, {
      id: name,
      size: url.searchParams.get("maxResults"),
      token: url.searchParams.get("pageToken"),
    });
  },
  "datasets.get": (_state, _request, name) =>
    name === DATASET
      ? { json: { kind: "bigquery#dataset", datasetReference: reference(), location: LOCATION } }
      : refusal("notFound", `Not found: Dataset ${PROJECT}:${name}`),
  "tables.list": ({ world }, { url }, name) => {
    if (name !== DATASET) return refusal("notFound", `Not found: Dataset ${PROJECT}:${name}`);
    const names = [...world.keys()].sort();
    const start = Number(url.searchParams.get("pageToken") ?? 0);
    const end = start + Number(url.searchParams.get("maxResults") ?? 50);
    const tables = names
      .slice(start, end)
      .map((tableId) => ({ type: "TABLE", tableReference: { ...reference(), tableId } }));
    const more = end < names.length ? { nextPageToken: String(end) } : {};
    return { json: { kind: "bigquery#tableList", tables, totalItems: names.length, ...more } };
  },
  "tables.get": ({ world }, _request, path) => {
    const [dataset, , tableId = ""] = path.split("/");
    const table = dataset === DATASET ? world.get(tableId) : undefined;
    if (table === undefined) return refusal("notFound", `Not found: Table ${PROJECT}:${path}`);
    const fields = table.columns.map((name) => ({ name }));
    const tableReference = { ...reference(), tableId };
    return {
      json: {
        kind: "bigquery#table",
        tableReference,
        location: LOCATION,
        schema: { fields },
        numRows: String(table.rows.length),
      },
    };
  },
};

function reference() {
  return { projectId: PROJECT, datasetId: DATASET };
}

function query(state: State, body: JsonObject): Answer {
  const strange = strangeMember(body);
  if (strange !== undefined) return refusal("invalid", strange);
  const text = String(body["query"]);
  // The default is the old dialect, which has no backticks.
  if (body["useLegacySql"] !== false) return refusal("invalidQuery", 'Encountered "`" in legacy SQL');
  if (text !== "select 1" && body["location"] !== LOCATION)
    return refusal(
      "notFound",
      `Not found: Dataset ${PROJECT}:${DATASET} was not found in location ${body["location"] ?? "US"}`,
    );
  if (body["dryRun"] === true)
    return { json: { kind: "bigquery#queryResponse", jobComplete: true, totalBytesProcessed: "0" } };
  const bytes = BYTES_PER_TABLE * (text.split("from `").length - 1);
  if (Number(body["maximumBytesBilled"] ?? Number.POSITIVE_INFINITY) < bytes)
    return refusal(
      "bytesBilledLimitExceeded",
      `Query exceeded limit for bytes billed: ${body["maximumBytesBilled"]}. ${bytes} or higher required.`,
    );
  return started(state, body, text);
}

function started(state: State, body: JsonObject, text: string): Answer {
  const request = typeof body["requestId"] === "string" ? body["requestId"] : undefined;
  if (request !== undefined && request.length > 36) return refusal("invalid", "requestId is too long");
  const known = request === undefined ? undefined : state.byRequestId.get(request);
  const id = known ?? `job_${state.jobs.size + 1}`;
  if (known === undefined) {
    const result = runStatement(text, parametersOf(body["queryParameters"]), catalogOf(state));
    if ("reason" in result) return refusal(result.reason, result.message);
    state.statements.push(text);
    state.jobs.set(id, { result, looks: state.options.looks ?? 0 });
    if (request !== undefined) state.byRequestId.set(request, id);
  }
  const job = state.jobs.get(id);
  if (job === undefined) return refusal("internalError", "the job is gone");
  return results(state, job, { id, size: String(body["maxResults"] ?? ""), token: null });
}

function catalogOf({ world }: State): Catalog {
  return { tables: (name) => (name === `${PROJECT}.${DATASET}` ? world : undefined) };
}

function parametersOf(list: unknown): Readonly<Record<string, readonly string[]>> {
  const all = Array.isArray(list) ? list : [];
  return Object.fromEntries(
    all.map((one) => {
      const values = valueAt(one, "parameterValue.arrayValues");
      return [
        String(valueAt(one, "name")),
        Array.isArray(values) ? values.map((item) => String(valueAt(item, "value"))) : [],
      ];
    }),
  );
}

function results(
  state: State,
  job: Job,
  { id, size, token: from }: { readonly id: string; readonly size: string | null; readonly token: string | null },
): Answer {
  const jobReference = { projectId: PROJECT, jobId: id, location: LOCATION };
  if (state.jobFailure !== null) {
    const errorResult = { reason: state.jobFailure, message: `it is said: ${state.jobFailure}` };
    state.jobFailure = null;
    return { json: { jobReference, jobComplete: true, status: { state: "DONE", errorResult, errors: [errorResult] } } };
  }
  if (job.looks > 0) {
    job.looks -= 1;
    return { json: { jobReference, jobComplete: false } };
  }
  const { rows } = job.result;
  const start = Number(/^BE(\d+)$/.exec(from ?? "BE0")?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) return refusal("invalid", "Invalid page token");
  const page = pageOf(rows.slice(start, start + (Number(size) || 10_000)), state.options.pageBytes ?? 10 * 1024 * 1024);
  const end = start + page.length;
  const more = end < rows.length ? { pageToken: `BE${end}` } : {};
  return {
    json: { kind: "bigquery#queryResponse", jobReference, jobComplete: true, ...wirePage(job.result, page), ...more },
  };
}

/** As many rows as fit, and at least one. */
function pageOf(rows: Result["rows"], bytes: number): Result["rows"] {
  let sum = 0;
  const end = rows.findIndex((row, index) => {
    sum += JSON.stringify(row).length;
    return index > 0 && sum > bytes;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

function refusal(reason: string, message: string, status = STATUS[reason] ?? 400): Answer {
  const errors = [{ message, domain: "global", reason }];
  return { status, json: { error: { code: status, message, errors, status: NAMES[status] ?? "INVALID_ARGUMENT" } } };
}

const NAMES: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};
