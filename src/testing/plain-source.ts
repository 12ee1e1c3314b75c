import { z } from "zod";
import type { ISODate } from "../base/dates.js";
import { dayAt, type JsonObject, listAt, objectAt, textAt, valueAt } from "../connectors/shape.js";
import type { Connector, Page, Slice, Stream, SyncMode } from "../connectors/types.js";
import type { HttpRequest, HttpResponse, Transport } from "../http/types.js";
import type { SyncSource } from "../sync/types.js";

/** A row of the plain vendor: `id`, `updated_at` or `day`, and whatever else. */
export type PlainRow = JsonObject & { readonly id: string };

/** What a plain source is made of. */
export interface PlainOptions {
  readonly streams: Readonly<Record<string, Partial<Stream> & { readonly sync: SyncMode }>>;
  /** Rows of each stream; may be changed between syncs. */
  readonly rows: Readonly<Record<string, readonly PlainRow[]>> | (() => Readonly<Record<string, readonly PlainRow[]>>);
  readonly page?: number;
  readonly since?: ISODate | null;
  readonly contract?: SyncSource["contract"];
}

const ORIGIN = "https://api.example";

/**
 * A vendor without peculiarities, for tests of what all sources have in common: rows by change (half-open instants), by day (both ends
 * included) or all of them, page by page. `id` names the source.
 */
export function plainSource(
  id: string,
  options: PlainOptions,
): SyncSource & { readonly asked: readonly HttpRequest[] } {
  const asked: HttpRequest[] = [];
  const transport: Transport = {
    send: async (request): Promise<HttpResponse> => {
      asked.push(request);
      return { status: 200, headers: {}, body: JSON.stringify(answer(options, request)) };
    },
  };
  return {
    asked,
    connector: plainConnector(id, options),
    options: {},
    secrets: {},
    transport,
    since: options.since ?? null,
    timeoutMinutes: 30,
    ...(options.contract === undefined ? {} : { contract: options.contract }),
  };
}

/** The connector alone. */
export function plainConnector(id: string, options: Pick<PlainOptions, "streams">): Connector {
  return {
    id,
    title: "Plain",
    options: z.strictObject({}),
    signIns: [],
    secrets: z.strictObject({}),
    hosts: ["api.example"],
    limits: { concurrent: 4, tries: 4, maxBodyBytes: 10_000_000 },
    apiVersion: { name: "v1", sunset: null },
    open: () => ({
      auth: { kind: "none" },
      probes: [],
      streams: Object.entries(options.streams).map(([name, more]) => plainStream(name, more)),
    }),
  };
}

function plainStream(name: string, more: Partial<Stream> & { readonly sync: SyncMode }): Stream {
  return {
    name,
    pii: [],
    first: (slice) => ({ method: "GET", url: `${ORIGIN}/${name}?${query(slice)}`, label: name }),
    read: (body, asked): Page => ({
      records: listAt(body, "rows").map((_, index) => {
        const path = `rows.${index}`;
        const day = more.sync.kind === "window" ? { day: dayAt(body, `${path}.day`) } : {};
        return { key: textAt(body, `${path}.id`), ...day, payload: objectAt(body, path) };
      }),
      next: nextPage(body, asked),
    }),
    ...more,
  };
}

function query(slice: Slice): string {
  if (slice.kind === "full") return "page=0";
  const [from, to] = slice.kind === "days" ? [slice.days.from, slice.days.to] : [slice.since, slice.until];
  return `from=${from}&to=${to}&page=0`;
}

function nextPage(body: unknown, asked: HttpRequest): HttpRequest | null {
  const next = valueAt(body, "next");
  return next === null ? null : { ...asked, url: asked.url.replace(/page=\d+/, `page=${String(next)}`) };
}

function answer({ rows, page = 3 }: PlainOptions, request: HttpRequest): unknown {
  const url = new URL(request.url);
  const all = (typeof rows === "function" ? rows() : rows)[url.pathname.slice(1)] ?? [];
  const from = url.searchParams.get("from");
  const to = url.searchParams.get("to") ?? "";
  const found = all.filter((row) => {
    if (from === null) return true;
    if (row["day"] !== undefined) return String(row["day"]) >= from && String(row["day"]) <= to;
    return String(row["updated_at"]) >= from && String(row["updated_at"]) < to;
  });
  const at = Number(url.searchParams.get("page"));
  const more = (at + 1) * page < found.length;
  return { rows: found.slice(at * page, (at + 1) * page), next: more ? at + 1 : null };
}
