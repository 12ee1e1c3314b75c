import { readFileSync } from "node:fs";
import { GrowthosError } from "../base/errors.js";
import { isObject, type JsonObject, valueAt } from "../connectors/shape.js";
import type { Slice } from "../connectors/types.js";
import { parseJson } from "../http/json.js";
import type { Exchange } from "../http/replay.js";
import type { HttpRequest, HttpResponse, Transport } from "../http/types.js";
import { metaAnswer, metaRows } from "./meta-answers.js";

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
      body: bodyOf(answer(request, ordered, options.page)),
    }),
  };
}

/** JSON, or the text of a vendor that speaks another format. */
function bodyOf(answer: unknown): string {
  return typeof answer === "string" ? answer : JSON.stringify(answer);
}

type Answer = (request: HttpRequest, rows: readonly JsonObject[], page: number) => unknown;

const ANSWERS: Readonly<Record<string, Answer>> = {
  shopify: (request, rows, page) => {
    const body = parseJson(request.body ?? "");
    const name = String(valueAt(body, "operationName"));
    const id = valueAt(body, "variables.id");
    if (id !== undefined) return { data: { order: rows.find((row) => row["id"] === id) } };
    const [, since = "", until = ""] = /:>='(.+)' [a-z_]+:<'(.+)'/.exec(String(valueAt(body, "variables.q"))) ?? [];
    const root = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    // An id tells what it is of; an event of deletion has none of these kinds.
    const kind = /^gid:\/\/shopify\/(Order|Customer|Product)\//;
    const wanted = /^(Order|Customer|Product)s(?:Count)?$/.exec(name)?.[1];
    const ofKind = rows.filter((row) => kind.exec(String(row["id"]))?.[1] === wanted);
    const found = ofKind.filter((row) => wholeInstant(row) >= since && wholeInstant(row) < until);
    if (name.endsWith("Count")) {
      const accessScopes = [{ handle: "read_all_orders" }];
      return {
        data: { [root]: { count: found.length, precision: "EXACT" }, currentAppInstallation: { accessScopes } },
      };
    }
    const start = Number(valueAt(body, "variables.after") ?? 0);
    const size = Math.min(page, Number(valueAt(body, "variables.first")));
    const more = start + size < found.length;
    const pageInfo = { hasNextPage: more, endCursor: more ? String(start + size) : null };
    return { data: { [root]: { pageInfo, nodes: found.slice(start, start + size) } } };
  },
  meta_ads: metaAnswer,
  google_ads: (request, rows, page) => {
    const query = String(valueAt(parseJson(request.body ?? ""), "query"));
    const [, day] = /segments\.date = '(.+)'/.exec(query) ?? [];
    const [, from = day, to = day] = /BETWEEN '(.+)' AND '(.+)'/.exec(query) ?? [];
    const customer = /customers\/(\d+)/.exec(request.url)?.[1];
    const isWanted = (row: JsonObject) =>
      from === undefined || within(valueAt(row, "segments.date"), { from, to }, "from", "to");
    const found = rows.filter((row) => valueAt(row, "customer.id") === customer && isWanted(row));
    const chunks = Math.ceil(found.length / page);
    return Array.from({ length: chunks }, (_, index) => ({ results: found.slice(index * page, (index + 1) * page) }));
  },
  // One document, however large: rows are the lines as they were recorded.
  fx: (request, rows) => {
    const url = new URL(request.url);
    const range = { from: url.searchParams.get("startPeriod"), to: url.searchParams.get("endPeriod") };
    const found = rows.filter((row) => within(row["day"], range, "from", "to"));
    return `${[FX_HEADER, ...found.map((row) => row["line"])].join("\n")}\n`;
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
  ga4_events: bigqueryAnswer,
};

/** Rows of an event, by column; a row's table is `events_<day>`, whatever the statement asks beside days. */
function bigqueryAnswer(request: HttpRequest, rows: readonly JsonObject[], page: number): unknown {
  const url = new URL(request.url);
  const body = request.body === undefined ? null : parseJson(request.body);
  const parameters = valueAt(body, "queryParameters");
  const query = String(valueAt(body, "query") ?? "");
  if (query.includes("INFORMATION_SCHEMA")) {
    const [tables, columns] = [0, 1].map((index) => valueAt(parameters, `${index}.parameterValue.arrayValues`));
    const names = (list: unknown) => (list as readonly JsonObject[]).map(({ value }) => String(value));
    const known = new Set(rows.map((row) => `events_${String(row["table_day"]).replaceAll("-", "")}`));
    const pairs = names(tables)
      .filter((table) => known.has(table))
      .flatMap((table) => names(columns).map((column) => ({ table_name: table, column_name: column })));
    return bigqueryPage(pairs, { job: "tables", start: 0, size: pairs.length });
  }
  // The job's id is the list of its days.
  const asked = [...query.matchAll(/'(\d{4}-\d\d-\d\d)' as table_day/g)].map(([, day]) => day).join("_");
  const job = body === null ? (url.pathname.split("/").at(-1) ?? "") : asked;
  const found = rows.filter((row) => job.split("_").includes(String(row["table_day"])));
  const size = Math.min(page, Number(url.searchParams.get("maxResults") ?? valueAt(body, "maxResults")));
  return bigqueryPage(found, { job, start: Number(url.searchParams.get("pageToken") ?? 0), size });
}

function bigqueryPage(
  rows: readonly JsonObject[],
  { job, start, size }: { readonly job: string; readonly start: number; readonly size: number },
): unknown {
  const names = Object.keys(rows[0] ?? {});
  const shown = rows.slice(start, start + size);
  return {
    jobReference: { projectId: "shop-exports-42", jobId: job, location: "EU" },
    jobComplete: true,
    schema: { fields: names.map((name) => ({ name, type: "STRING" })) },
    totalRows: String(rows.length),
    ...(shown.length === 0
      ? {}
      : { rows: shown.map((row) => ({ f: names.map((name) => ({ v: row[name] ?? null })) })) }),
    ...(start + size < rows.length ? { pageToken: String(start + size) } : {}),
  };
}

/** The events of recorded pages, by column: the first exchange tells of tables, not of events. */
function bigqueryRows(body: unknown): readonly JsonObject[] {
  const fields = valueAt(body, "schema.fields");
  if (!Array.isArray(fields) || valueAt(fields, "0.name") !== "table_day") return [];
  const rows = valueAt(body, "rows");
  return (Array.isArray(rows) ? rows : []).map((row) =>
    Object.fromEntries(fields.map((field, index) => [String(valueAt(field, "name")), valueAt(row, `f.${index}.v`)])),
  );
}

const FX_HEADER =
  readFixture("fx", "rates").exchanges[0]?.response.text?.split("\n")[0] ?? "the fixture of fx has no header";

/** The lines of a recorded CSV document below its header. */
function fxRows(text: string): readonly JsonObject[] {
  const lines = text.trimEnd().split("\n").slice(1);
  return lines.map((line) => ({ day: line.split(",")[6], line }));
}

/** Shopify prints whole seconds; with milliseconds texts sort by time. */
function wholeInstant(row: JsonObject): string {
  return `${String(row["updatedAt"] ?? row["occurredAt"]).slice(0, 19)}.000Z`;
}

function within(day: unknown, range: unknown, from: string, to: string): boolean {
  return String(day) >= String(valueAt(range, from)) && String(day) <= String(valueAt(range, to));
}

/** The rows of a fixture as the vendor's double holds them. Shopify's nested lists are closed first: `whole` are its records. */
export function wireRows(source: string, fixture: Fixture, whole: readonly JsonObject[]): readonly JsonObject[] {
  const bodies = fixture.exchanges.map(({ response }) => response.json);
  const lists: Readonly<Record<string, (body: unknown) => unknown>> = {
    meta_ads: metaRows,
    google_ads: (body) => (Array.isArray(body) ? body.flatMap((chunk) => valueAt(chunk, "results") ?? []) : []),
    ga4: (body) => valueAt(body, "rows") ?? [],
    ga4_events: bigqueryRows,
  };
  if (source === "fx") return fixture.exchanges.flatMap(({ response }) => fxRows(response.text ?? ""));
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
