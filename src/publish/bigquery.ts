/**
 * BigQuery: each table is loaded as Parquet into a table of its own (a load job, free of charge), and when all are there, each is copied over
 * its place by a copy job that replaces it whole. A table without our label is left alone. Ids of jobs are made here: a request that is sent again because its answer was lost finds
 * the job that it made, and makes no second one.
 */
import type { Clock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { Random } from "../base/ids.js";
import type { Log } from "../base/log.js";
import { type Secret, withoutAddresses } from "../base/secret.js";
import { classifyBigQuery } from "../connectors/ga4_events/classify.js";
import { googleAuth } from "../connectors/google-sign-in.js";
import { valueAt } from "../connectors/shape.js";
import type { Credentials } from "../connectors/sign-in.js";
import { type Client, createClient } from "../http/client.js";
import type { HttpResponse, Limits, TokenStore, Transport, Verdict } from "../http/types.js";
import { bigQueryTables, type Found, MARK, type Tables, waitingName } from "./bigquery-tables.js";
import { BIGQUERY, BIGQUERY_SCOPE } from "./parties.js";
import type { PublishTable, Target } from "./types.js";

const ORIGIN = "https://bigquery.googleapis.com";
const LIMITS: Limits = { perSecond: 20, concurrent: 2, tries: 6, maxBodyBytes: 4 * 1024 * 1024 };
/** Seconds between questions about a job; the last is repeated. A job that is not done after as many questions is given up. */
const WAITS = [1, 1, 2, 4, 8, 15] as const;
const MOST_POLLS = 240;

/** Where tables go. */
export interface BigQueryPlace {
  readonly project: string;
  readonly dataset: string;
  readonly location: string;
  readonly prefix: string;
}

/** What a target is made of. */
export interface BigQueryOptions {
  readonly place: BigQueryPlace;
  readonly secrets: Credentials;
  readonly tokens?: TokenStore;
  readonly learned?: (secret: Secret) => void;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly files: Pick<Files, "chunks">;
  readonly signal: AbortSignal;
}

type Configuration = Readonly<Record<string, unknown>>;
interface TableReference {
  readonly projectId: string;
  readonly datasetId: string;
  readonly tableId: string;
}

/** BigQuery as a target. Throws `CREDENTIAL_INVALID` for a key file that is none. */
export function bigQueryTarget(options: BigQueryOptions): Target {
  const { place, tokens, learned, transport, clock, random, log } = options;
  const client = createClient({
    source: BIGQUERY.id,
    title: BIGQUERY.title,
    transport,
    auth: googleAuth(options.secrets, BIGQUERY_SCOPE),
    limits: LIMITS,
    hosts: ["bigquery.googleapis.com", "oauth2.googleapis.com"],
    classify,
    ...(tokens === undefined ? {} : { tokens }),
    ...(learned === undefined ? {} : { learned }),
    clock,
    random,
    log,
  });
  const attempt = random.hex(6);
  const work: Work = { client, options, attempt, tables: bigQueryTables(client, place, { now: clock.now, log }) };
  return {
    id: BIGQUERY.id,
    title: BIGQUERY.title,
    format: "parquet",
    publish: async (tables, told) => {
      const there = await work.tables.list(options.signal);
      requireOurs(place, tables, there);
      await work.tables.tidy({
        mark: [],
        remove: [...there.values()].filter((one) => one.isDead).map(({ name }) => name),
      });
      const unlabelled: string[] = [];
      try {
        for (const table of tables) await load(work, table);
        for (const table of tables) {
          const isThere = there.has(`${place.prefix}${table.name}`);
          await putInPlace(work, table, { isThere, unlabelled });
          told(table);
        }
      } finally {
        const remove = tables.map(({ name }) => waitingName(`${place.prefix}${name}`, attempt));
        await work.tables.tidy({ mark: unlabelled, remove });
      }
    },
  };
}

interface Work extends Jobs {
  readonly tables: Tables;
}

/** Nothing is touched that growthos did not make. */
function requireOurs(place: BigQueryPlace, tables: readonly PublishTable[], there: ReadonlyMap<string, Found>): void {
  const found = tables.flatMap(({ name }) => there.get(`${place.prefix}${name}`) ?? []);
  const strange = found.find(({ isOurs }) => !isOurs);
  if (strange === undefined) return;
  throw new GrowthosError({
    code: "PUBLISH_FAILED",
    what: `${place.project}.${place.dataset}.${strange.name} is there already, and growthos did not make it`,
    why: "a table that is published is replaced whole, and this one may be somebody's",
    state: "nothing was changed",
    hint: "name another dataset or a prefix under publish.bigquery, or remove the table",
    exit: "source",
  });
}

const at = ({ project, dataset }: BigQueryPlace, tableId: string): TableReference => ({
  projectId: project,
  datasetId: dataset,
  tableId,
});

/** All rows into a table of their own. */
async function load(work: Work, table: PublishTable): Promise<void> {
  const { place } = work.options;
  const load = {
    sourceFormat: "PARQUET",
    destinationTable: at(place, waitingName(`${place.prefix}${table.name}`, work.attempt)),
    destinationTableProperties: { labels: MARK },
    createDisposition: "CREATE_IF_NEEDED",
    writeDisposition: "WRITE_TRUNCATE",
    parquetOptions: { enableListInference: true },
  };
  await runJob(work, { name: `load_${table.name}`, configuration: { load }, table });
}

interface Put {
  readonly isThere: boolean;
  /** Gets the name of a table that is in its place and not labelled yet. */
  readonly unlabelled: string[];
}

/** The table over its place. That a copy keeps labels is nowhere promised, so it is labelled after it. */
async function putInPlace(work: Work, { name }: PublishTable, { isThere, unlabelled }: Put): Promise<void> {
  const { place, signal } = work.options;
  const final = `${place.prefix}${name}`;
  const copy = {
    sourceTable: at(place, waitingName(final, work.attempt)),
    destinationTable: at(place, final),
    createDisposition: "CREATE_IF_NEEDED",
    // One that somebody made since the look at the dataset stays as it is.
    writeDisposition: isThere ? "WRITE_TRUNCATE" : "WRITE_EMPTY",
  };
  await runJob(work, { name: `copy_${name}`, configuration: { copy } });
  unlabelled.push(final);
  await work.tables.mark(final, signal);
  unlabelled.pop();
}

/** A job that is there already is the one that was asked for; a table that is gone is what was wanted. */
function classify(response: HttpResponse): Verdict | undefined {
  if (response.status === 409) return { next: "skip", reason: "the job is there already" };
  const verdict = response.status === 204 ? ({ next: "accept" } as const) : classifyBigQuery(response);
  return verdict?.next === "abort" ? { ...verdict, hint: HINT } : verdict;
}

const HINT =
  "check publish.bigquery in the config (project, dataset, location), and give the account the roles BigQuery Job User on the project and BigQuery Data Editor on the dataset";

interface Jobs {
  readonly client: Client;
  readonly options: BigQueryOptions;
  readonly attempt: string;
}

interface Job {
  readonly name: string;
  readonly configuration: Configuration;
  /** What is uploaded with it. */
  readonly table?: PublishTable;
}

/** Makes a job and waits for its end. Throws `PUBLISH_FAILED`. */
async function runJob({ client, options, attempt }: Jobs, { name, configuration, table }: Job): Promise<void> {
  const { place, files, signal } = options;
  const jobId = `growthos_${attempt}_${name}`;
  const jobReference = { projectId: place.project, jobId, location: place.location };
  const body = JSON.stringify({ jobReference, configuration });
  const path = `bigquery/v2/projects/${encodeURIComponent(place.project)}/jobs`;
  const type = { "content-type": "application/json; charset=UTF-8" };
  const made = await client.ask(
    table === undefined
      ? { method: "POST", url: `${ORIGIN}/${path}`, headers: type, body, label: name }
      : {
          method: "POST",
          url: `${ORIGIN}/upload/${path}?uploadType=multipart`,
          label: name,
          ...multipart(body, table, files, attempt),
        },
    signal,
  );
  made.log(table?.rows ?? 0);
  for (let polls = 0, last = made.body; polls < MOST_POLLS; polls++) {
    if (valueAt(last, "status.state") === "DONE") return requireDone(last, name);
    const answer = await client.ask(
      {
        method: "GET",
        url: `${ORIGIN}/${path}/${encodeURIComponent(jobId)}?location=${encodeURIComponent(place.location)}`,
        label: name,
        attempt: polls,
        after: WAITS[Math.min(polls, WAITS.length - 1)] ?? 15,
      },
      signal,
    );
    answer.log(0);
    last = answer.body;
  }
  throw failed(name, "it is not done after an hour");
}

/** Both parts of an upload (RFC 2387), the file a piece at a time. */
function multipart(job: string, table: PublishTable, files: Pick<Files, "chunks">, mark: string) {
  const boundary = `growthos_${mark}`;
  const head = Buffer.from(
    `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${job}\r\n--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    headers: {
      "content-type": `multipart/related; boundary=${boundary}`,
      "content-length": String(head.length + table.bytes + tail.length),
    },
    *upload() {
      yield head;
      yield* files.chunks(table.path);
      yield tail;
    },
  };
}

function requireDone(job: unknown, name: string): void {
  const message = valueAt(job, "status.errorResult.message");
  if (message !== undefined) throw failed(name, withoutAddresses(String(message)).slice(0, 300));
}

function failed(name: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "PUBLISH_FAILED",
    what: `BigQuery did not carry out ${name}`,
    why,
    state: "tables that were not told of are as they were",
    hint: "run the same command again: it begins anew",
    exit: "source",
  });
}
