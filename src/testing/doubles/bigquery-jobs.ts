/** BigQuery on loopback as far as publishing asks it: load jobs by multipart upload, copy jobs, and tables that can be removed. */
import { generateKeyPairSync } from "node:crypto";
import { Secret } from "../../base/secret.js";
import { isObject, valueAt } from "../../connectors/shape.js";
import { type Method, strangeMember, strangeParameter } from "./bigquery-judge.js";
import { type Answer, type Arrived, type DoubleServer, startServer } from "./server.js";

/** The double and what it holds. */
export interface BigQueryJobs {
  readonly server: DoubleServer;
  readonly routes: Readonly<Record<string, string>>;
  readonly keyFile: Secret;
  /** Table name -> the Parquet that it holds. */
  readonly tables: Map<string, Uint8Array>;
  /** Table name -> its labels and when it was made, ms; made by nobody known: none and 0. */
  readonly about: Map<string, TableFacts>;
  /** Ids of the jobs, in order. */
  readonly jobs: () => readonly string[];
  /** Loads into tables whose names begin so end with an error. */
  refuse(prefix: string): void;
}

/** What is known of a table besides its rows. */
export interface TableFacts {
  readonly labels: Readonly<Record<string, string>>;
  readonly madeAt: number;
}

const error = (status: number, reason: string, message: string): Answer => ({
  status,
  json: { error: { code: status, message, errors: [{ reason, message, domain: "global" }], status: reason } },
});

/** Starts it: one project, one dataset. */
export async function bigQueryJobs(project: string, dataset: string): Promise<BigQueryJobs> {
  const tables = new Map<string, Uint8Array>();
  const about = new Map<string, TableFacts>();
  const jobs = new Map<string, { readonly asked: unknown; polls: number; readonly problem: string | null }>();
  const state = { refused: "no such table" };
  const base = `/bigquery/v2/projects/${project}`;

  const carryOut = (job: unknown, file: Uint8Array | null): string | null => {
    const target = String(valueAt(job, "configuration.load.destinationTable.tableId"));
    if (file !== null && target.startsWith(state.refused)) return "Error while reading data, error message: no Parquet";
    const source = valueAt(job, "configuration.copy.sourceTable.tableId");
    const bytes = file ?? tables.get(String(source));
    if (bytes === undefined) return `Not found: Table ${String(source)}`;
    const place = file === null ? String(valueAt(job, "configuration.copy.destinationTable.tableId")) : target;
    const disposition = valueAt(job, `configuration.${file === null ? "copy" : "load"}.writeDisposition`);
    if (disposition === "WRITE_EMPTY" && tables.has(place)) return `Already Exists: Table ${place}`;
    tables.set(place, bytes);
    // A copy brings no labels with it: that it does is nowhere promised.
    const labels = valueAt(job, "configuration.load.destinationTableProperties.labels") ?? {};
    if (!about.has(place)) about.set(place, { labels: labels as TableFacts["labels"], madeAt: Date.now() });
    return null;
  };
  const insert = (job: unknown, file: Uint8Array | null): Answer => {
    const id = String(valueAt(job, "jobReference.jobId"));
    if (!/^[\w-]{1,1024}$/.test(id)) return error(400, "invalid", `Invalid job ID "${id}"`);
    if (jobs.has(id)) return error(409, "duplicate", `Already Exists: Job ${project}:US.${id}`);
    const places = ["load.destinationTable", "copy.destinationTable", "copy.sourceTable"]
      .map((path) => valueAt(job, `configuration.${path}`))
      .filter(isObject);
    if (places.some((one) => one["projectId"] !== project || one["datasetId"] !== dataset))
      return error(404, "notFound", "Not found: Dataset");
    jobs.set(id, { asked: job, polls: 0, problem: carryOut(job, file) });
    return { json: { ...(job as object), status: { state: "PENDING" } } };
  };
  const poll = (id: string): Answer => {
    const job = jobs.get(id);
    if (job === undefined) return error(404, "notFound", `Not found: Job ${id}`);
    job.polls += 1;
    const errorResult = job.problem === null ? {} : { errorResult: { reason: "invalid", message: job.problem } };
    const status = job.polls < 2 ? { state: "RUNNING" } : { state: "DONE", ...errorResult };
    return { json: { ...(job.asked as object), status } };
  };
  /** Two on a page, however many are asked for. */
  const listed = (asked: URLSearchParams): Answer => {
    const start = Number(asked.get("pageToken") ?? 0);
    const names = [...tables.keys()].sort();
    const page = names.slice(start, start + 2).map((tableId) => {
      const { labels = {}, madeAt = 0 } = about.get(tableId) ?? {};
      const tableReference = { projectId: project, datasetId: dataset, tableId };
      return { kind: "bigquery#table", type: "TABLE", tableReference, labels, creationTime: String(madeAt) };
    });
    const more = start + 2 < names.length ? { nextPageToken: String(start + 2) } : {};
    return { json: { kind: "bigquery#tableList", tables: page, totalItems: names.length, ...more } };
  };
  const patch = (name: string, body: string): Answer => {
    const change = JSON.parse(body);
    const strange = strangeMember(change, { $ref: "Table" });
    if (strange !== undefined) return error(400, "badRequest", strange);
    const old = about.get(name) ?? { labels: {}, madeAt: 0 };
    about.set(name, { ...old, labels: { ...old.labels, ...change.labels } });
    return { json: change };
  };
  const respond = (request: Arrived): Answer => {
    const { pathname } = request.url;
    if (pathname === "/token") return { json: { access_token: "ya29.token", expires_in: 3600 } };
    if (request.headers["authorization"] !== "Bearer ya29.token") return error(401, "authError", "Invalid Credentials");
    const judged = (method: Method, answer: () => Answer) => {
      const strange = strangeParameter(method, request.url);
      return strange === undefined ? answer() : error(400, "badRequest", strange);
    };
    const inserted = (job: unknown, file: Uint8Array | null) =>
      judged("jobs.insert", () => {
        const strange = strangeMember(job, { $ref: "Job" });
        return strange === undefined ? insert(job, file) : error(400, "badRequest", strange);
      });
    if (request.method === "POST" && pathname === `/upload${base}/jobs`) {
      if (request.url.searchParams.get("uploadType") !== "multipart") return error(400, "badRequest", "uploadType");
      const parts = partsOf(request);
      return parts === null ? error(400, "badRequest", "Malformed multipart body.") : inserted(parts.job, parts.file);
    }
    if (request.method === "POST" && pathname === `${base}/jobs`) return inserted(JSON.parse(request.body), null);
    if (request.method === "GET" && pathname.startsWith(`${base}/jobs/`))
      return judged("jobs.get", () => poll(pathname.slice(base.length + 6)));
    const within = `${base}/datasets/${dataset}/tables`;
    if (request.method === "GET" && pathname === within)
      return judged("tables.list", () => listed(request.url.searchParams));
    const table = pathname.slice(within.length + 1);
    if (request.method === "PATCH" && tables.has(table))
      return judged("tables.patch", () => patch(table, request.body));
    if (request.method === "DELETE" && tables.delete(table)) {
      about.delete(table);
      return { status: 204, text: "" };
    }
    return error(404, "notFound", `Not found: ${request.method} ${pathname}`);
  };
  const server = await startServer(respond);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = {
    type: "service_account",
    client_email: "writer@shop.iam.gserviceaccount.com",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
  };
  return {
    server,
    routes: { "bigquery.googleapis.com": server.origin, "oauth2.googleapis.com": server.origin },
    keyFile: new Secret(JSON.stringify(key)),
    tables,
    about,
    jobs: () => [...jobs.keys()],
    refuse: (prefix) => {
      state.refused = prefix;
    },
  };
}

/** The two parts of a `multipart/related` body (RFC 2387); null when it is none. */
function partsOf({
  headers,
  bytes = new Uint8Array(),
}: Arrived): { readonly job: unknown; readonly file: Uint8Array } | null {
  const boundary = /^multipart\/related; boundary=(\w+)$/.exec(headers["content-type"] ?? "")?.[1];
  if (boundary === undefined || Number(headers["content-length"]) !== bytes.length) return null;
  const [mark, blank] = [Buffer.from(`--${boundary}`), Buffer.from("\r\n\r\n")];
  const body = Buffer.from(bytes);
  const [first, second, last] = [0, 1, 2].reduce<number[]>(
    (found) => [...found, body.indexOf(mark, (found.at(-1) ?? -1) + 1)],
    [],
  );
  if (first !== 0 || second === undefined || last === undefined || last < 0) return null;
  if (body.subarray(last).toString() !== `--${boundary}--\r\n`) return null;
  const content = (from: number, to: number) => body.subarray(body.indexOf(blank, from) + blank.length, to - 2);
  return { job: JSON.parse(content(first, second).toString("utf8")), file: content(second, last) };
}
