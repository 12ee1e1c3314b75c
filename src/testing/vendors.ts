import { readFileSync } from "node:fs";
import { GrowthosError } from "../base/errors.js";
import { isObject, type JsonObject, valueAt } from "../connectors/shape.js";
import type { Slice } from "../connectors/types.js";
import { parseJson } from "../http/json.js";
import type { Exchange } from "../http/replay.js";
import type { HttpRequest, HttpResponse, Transport } from "../http/types.js";

/** One file of `fixtures/http/<source>/`: a slice, what was exchanged for it, and what must come out. */
export interface Fixture {
  readonly about: string;
  readonly options: JsonObject;
  readonly slice: Slice;
  /** Paths inside a record (as the vendor sends it) without which it cannot be read. */
  readonly required: readonly string[];
  readonly expect: { readonly keys: readonly string[]; readonly requests: number };
  readonly exchanges: readonly Exchange[];
}

/** Reads a fixture. */
export function readFixture(source: string, stream: string): Fixture {
  const url = new URL(`../../fixtures/http/${source}/${stream}.json`, import.meta.url);
  return parseJson(readFileSync(url, "utf8")) as Fixture;
}

/** How a double pages and orders its rows. */
export interface DoubleOptions {
  /** The server's own largest page. */
  readonly page: number;
  /** The same rows in another order. */
  readonly reversed?: boolean;
}

/** A vendor that holds rows and serves them as it would: filtered by what was asked for, page by page. */
export function vendorDouble(source: string, rows: readonly JsonObject[], options: DoubleOptions): Transport {
  const answer = ANSWERS[source];
  if (answer === undefined)
    throw new GrowthosError({ code: "NO_DOUBLE", what: `no double for ${source}`, exit: "bug" });
  const ordered = options.reversed === true ? [...rows].reverse() : rows;
  return {
    send: async (request): Promise<HttpResponse> => ({
      status: 200,
      headers: {},
      body: JSON.stringify(answer(request, ordered, options.page)),
    }),
  };
}

type Answer = (request: HttpRequest, rows: readonly JsonObject[], page: number) => unknown;

const ANSWERS: Readonly<Record<string, Answer>> = {
  shopify: (request, rows, page) => {
    const body = parseJson(request.body ?? "");
    const name = String(valueAt(body, "operationName"));
    if (name === "OrderRefunds")
      return { data: { order: rows.find((row) => row["id"] === valueAt(body, "variables.id")) } };
    const [, since = "", until = ""] =
      /updated_at:>='(.+)' updated_at:<'(.+)'/.exec(String(valueAt(body, "variables.q"))) ?? [];
    const ofKind = rows.filter((row) => String(row["id"]).includes(`/${name.slice(0, -1)}/`));
    const found = ofKind.filter((row) => wholeInstant(row) >= since && wholeInstant(row) < until);
    const start = Number(valueAt(body, "variables.after") ?? 0);
    const size = Math.min(page, Number(valueAt(body, "variables.first")));
    const more = start + size < found.length;
    const pageInfo = { hasNextPage: more, endCursor: more ? String(start + size) : null };
    return { data: { [name.toLowerCase()]: { pageInfo, nodes: found.slice(start, start + size) } } };
  },
  meta_ads: (request, rows, page) => {
    const url = new URL(request.url);
    const range = parseJson(url.searchParams.get("time_range") ?? "");
    const account = /act_(\d+)/.exec(url.pathname)?.[1];
    const found = rows.filter(
      (row) => row["account_id"] === account && within(row["date_start"], range, "since", "until"),
    );
    const start = Number(url.searchParams.get("after") ?? 0);
    const size = Math.min(page, Number(url.searchParams.get("limit")));
    const more = start + size < found.length;
    const cursors = { before: String(start), after: String(start + size) };
    return {
      data: found.slice(start, start + size),
      paging: { cursors, ...(more ? { next: "https://x.invalid/" } : {}) },
    };
  },
  google_ads: (request, rows, page) => {
    const query = String(valueAt(parseJson(request.body ?? ""), "query"));
    const [, from, to] = /BETWEEN '(.+)' AND '(.+)'/.exec(query) ?? [];
    const customer = /customers\/(\d+)/.exec(request.url)?.[1];
    const found = rows.filter(
      (row) =>
        valueAt(row, "customer.id") === customer && within(valueAt(row, "segments.date"), { from, to }, "from", "to"),
    );
    const chunks = Math.ceil(found.length / page);
    return Array.from({ length: chunks }, (_, index) => ({ results: found.slice(index * page, (index + 1) * page) }));
  },
  ga4_events: (request, rows, page) => {
    const url = new URL(request.url);
    const body = parseJson(request.body ?? "{}");
    const tables = textsOf(valueAt(body, "queryParameters.0"), "tables");
    const asColumns = tables
      .filter((name) => /^events_\d{8}$/.test(name))
      .flatMap((name) => COLUMN_NAMES.map((column) => [name, column]));
    const isFirst = tables.length > 0;
    const found = isFirst ? asColumns.map((values) => ({ f: values.map((v) => ({ v })) })) : rows;
    // The names of the columns travel in the job's id, because this double remembers nothing.
    const names = isFirst
      ? ["table_name", "column_name"]
      : [...String(valueAt(body, "query") ?? "").matchAll(/ as (\w+)(?:,|\nfrom)/g)].map(([, name = ""]) => name);
    const id = /queries\/job_(.+)$/.exec(url.pathname)?.[1];
    const columns = id === undefined ? [...new Set(isFirst ? names : [...names, "ordinal"])] : id.split("-");
    const start = Number(url.searchParams.get("pageToken") ?? 0);
    // The list of columns is always one page.
    const size = isFirst ? found.length : page;
    return {
      jobReference: { projectId: "shop-exports-42", jobId: `job_${columns.join("-")}`, location: "EU" },
      jobComplete: true,
      schema: { fields: columns.map((name) => ({ name, type: "STRING" })) },
      totalRows: String(found.length),
      rows: found.slice(start, start + size),
      ...(start + size < found.length ? { pageToken: String(start + size) } : {}),
    };
  },
  ga4: (request, rows, page) => {
    const body = parseJson(request.body ?? "");
    const names = (list: unknown) => (Array.isArray(list) ? list.map((item) => ({ name: valueAt(item, "name") })) : []);
    const day = (row: JsonObject) =>
      String(valueAt(row, "dimensionValues.0.value")).replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3");
    const found = rows.filter((row) => within(day(row), valueAt(body, "dateRanges.0"), "startDate", "endDate"));
    const start = Number(valueAt(body, "offset"));
    const size = Math.min(page, Number(valueAt(body, "limit")));
    const slice = found.slice(start, start + size);
    return {
      dimensionHeaders: names(valueAt(body, "dimensions")),
      metricHeaders: names(valueAt(body, "metrics")),
      ...(slice.length === 0 ? {} : { rows: slice, rowCount: found.length }),
      metadata: { currencyCode: "USD", timeZone: "America/Los_Angeles" },
    };
  },
};

/** Columns of a table of GA4 events, as far as the connector asks for them. */
const COLUMN_NAMES = [
  ...["event_date", "event_timestamp", "event_name", "event_params", "event_bundle_sequence_id", "user_id"],
  ...["user_pseudo_id", "user_properties", "device", "geo", "ecommerce", "items"],
];

/** The values of a list parameter with that name; none for another one. */
function textsOf(parameter: unknown, name: string): readonly string[] {
  const values = valueAt(parameter, "parameterValue.arrayValues");
  if (valueAt(parameter, "name") !== name || !Array.isArray(values)) return [];
  return values.map((one) => String(valueAt(one, "value")));
}

/** Shopify prints whole seconds; with milliseconds texts sort by time. */
function wholeInstant(row: JsonObject): string {
  return `${String(row["updatedAt"]).slice(0, 19)}.000Z`;
}

function within(day: unknown, range: unknown, from: string, to: string): boolean {
  return String(day) >= String(valueAt(range, from)) && String(day) <= String(valueAt(range, to));
}

/** The rows of a fixture as the vendor's double holds them. Shopify's nested lists are closed first: `whole` are its records. */
export function wireRows(source: string, fixture: Fixture, whole: readonly JsonObject[]): readonly JsonObject[] {
  const bodies = fixture.exchanges.map(({ response }) => response.json);
  const lists: Readonly<Record<string, (body: unknown) => unknown>> = {
    meta_ads: (body) => valueAt(body, "data"),
    google_ads: (body) => (Array.isArray(body) ? body.flatMap((chunk) => valueAt(chunk, "results") ?? []) : []),
    ga4: (body) => valueAt(body, "rows"),
    ga4_events: (body) => (valueAt(body, "schema.fields.0.name") === "table_name" ? [] : (valueAt(body, "rows") ?? [])),
  };
  const list = lists[source];
  if (list === undefined) return whole.map((record) => withPageInfo(record) as JsonObject);
  return bodies.flatMap((body) => list(body) as JsonObject[]);
}

function withPageInfo(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPageInfo);
  if (!isObject(value)) return value;
  const members = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withPageInfo(member)]));
  return "nodes" in members ? { pageInfo: { hasNextPage: false, endCursor: null }, ...members } : members;
}

/** A vendor that answers each request with a fault first and properly when asked again. */
export function faultyFirst(transport: Transport, fault: HttpResponse | Error): Transport {
  const failed = new Set<string>();
  return {
    send: async (request, signal) => {
      const identity = JSON.stringify([request.url, request.body]);
      if (failed.has(identity)) return transport.send(request, signal);
      failed.add(identity);
      if (fault instanceof Error) throw fault;
      return fault;
    },
  };
}
