import { type Clock, fixedClock } from "../../base/clock.js";
import { type ISODate, isoDate } from "../../base/dates.js";
import { fx } from "../../connectors/fx/index.js";
import { ga4 } from "../../connectors/ga4/index.js";
import { ga4Events } from "../../connectors/ga4_events/index.js";
import { googleAds } from "../../connectors/google_ads/index.js";
import { metaAds } from "../../connectors/meta_ads/index.js";
import { shopify } from "../../connectors/shopify/index.js";
import type { Connector } from "../../connectors/types.js";
import type { Transport } from "../../http/types.js";
import { runSync } from "../../sync/run.js";
import type { SyncOptions, SyncReport, SyncSource } from "../../sync/types.js";
import { readState } from "../../warehouse/log.js";
import type { Row, Workspace } from "../../warehouse/types.js";
import { bigqueryDouble } from "../doubles/bigquery.js";
import { fxDouble } from "../doubles/fx.js";
import { ga4Double } from "../doubles/ga4.js";
import { googleAdsDouble } from "../doubles/google_ads.js";
import { metaDouble } from "../doubles/meta.js";
import { type Arrived, type Double, rerouted } from "../doubles/server.js";
import { shopifyDouble } from "../doubles/shopify.js";
import { hasShopifySchema } from "../doubles/shopify-schema.js";
import { standingRows, syncOptions } from "../sync-bench.js";
import { freshWorkspace } from "../workspace.js";

/** A connector with its double, and one small slice of it that a fault is done to. */
export interface Rig {
  readonly name: string;
  readonly connector: Connector;
  readonly start: (clock: Pick<Clock, "now">) => Promise<Double>;
  readonly options?: object;
  /** Such that `stream` has one slice. */
  readonly since: ISODate;
  readonly stream: string;
  /** Another stream of the source; null when there is none. */
  readonly other: string | null;
  /** The requests that a slice of `stream` is made of, by name: where a fault can strike. */
  readonly steps: Readonly<Record<string, (request: Arrived) => boolean>>;
  /** Requests of `stream` and of no other. */
  readonly isOfStream: (request: Arrived) => boolean;
}

const says = (word: string) => (request: Arrived) => request.body.includes(word);
const operation = (name: string) => says(`"operationName":"${name}"`);
const isSearch = ({ url }: Arrived) => url.pathname.endsWith("searchStream");
const isToken = ({ url }: Arrived) => url.pathname === "/token";

/** The second of these requests and those after it: the walk is under way. */
function second(wanted: (request: Arrived) => boolean): (request: Arrived) => boolean {
  const seen = new Set<Arrived>();
  return (request) => {
    if (wanted(request)) seen.add(request);
    return wanted(request) && seen.size > 1;
  };
}

/** A shop whose slice is three pages, or one file. */
async function shop(clock: Pick<Clock, "now">, claimed: number): Promise<Double> {
  const double = await shopifyDouble({ clock, customers: 12 });
  double.state.claimed = claimed;
  return double;
}

const SHOPIFY = {
  connector: shopify,
  since: isoDate("2026-02-02"),
  stream: "orders",
  other: "deletion_events",
  isOfStream: (request: Arrived) => /"operationName":"(Order|Refund|Bulk)|JOB/.test(request.body),
};

/** The connectors and paths that every fault is done to. One line adds a connector. */
export const RIGS: readonly Rig[] = [
  ...(hasShopifySchema
    ? [
        {
          ...SHOPIFY,
          name: "shopify paged",
          start: (clock: Pick<Clock, "now">) => shop(clock, 0),
          steps: { count: operation("OrdersCount"), page: operation("Orders") },
        },
        {
          ...SHOPIFY,
          name: "shopify bulk",
          start: (clock: Pick<Clock, "now">) => shop(clock, 5_000),
          steps: {
            file: ({ url }: Arrived) => url.pathname.endsWith(".jsonl"),
            run: operation("BulkRun"),
            look: operation("BulkOperation"),
            list: operation("BulkOperations"),
          },
        },
      ]
    : []),
  {
    name: "meta_ads",
    connector: metaAds,
    start: (clock) => metaDouble({ clock }),
    options: { pageSize: 5 },
    since: isoDate("2026-02-04"),
    stream: "insights",
    other: "campaigns",
    steps: {
      page: ({ url }) => url.pathname.endsWith("/insights"),
      first: ({ url }) => url.pathname.endsWith("/insights"),
    },
    isOfStream: ({ url }) => url.pathname.endsWith("/insights"),
  },
  {
    name: "google_ads",
    connector: googleAds,
    start: (clock) => googleAdsDouble({ clock }),
    since: isoDate("2026-02-04"),
    stream: "campaign_days",
    other: "campaigns",
    // The first of them finds the accounts below the manager.
    steps: { page: isSearch, first: isSearch, token: isToken },
    isOfStream: says("segments.date"),
  },
  {
    name: "ga4",
    connector: ga4,
    start: (clock) => ga4Double({ clock }),
    options: { pageSize: 4 },
    since: isoDate("2026-02-07"),
    stream: "traffic_days",
    other: "totals",
    steps: { report: says('"name":"sessionSource"'), first: says('"name":"sessionSource"'), token: isToken },
    isOfStream: says('"name":"sessionSource"'),
  },
  {
    name: "ga4_events",
    connector: ga4Events,
    start: (clock) => bigqueryDouble({ clock }),
    options: { pageSize: 4 },
    since: isoDate("2026-02-05"),
    stream: "purchase",
    other: "add_to_cart",
    steps: {
      page: ({ url }) => url.searchParams.has("pageToken"),
      statement: says("requestId"),
      tables: says("INFORMATION_SCHEMA"),
      token: isToken,
    },
    isOfStream: says('"value":"purchase"'),
  },
  {
    name: "fx",
    connector: fx,
    start: () => fxDouble({ from: isoDate("2025-12-01"), to: isoDate("2026-02-08") }),
    since: isoDate("2026-02-02"),
    stream: "rates",
    other: null,
    steps: { document: () => true },
    isOfStream: () => true,
  },
];

/** A rig at work: its double, a workspace, and syncs of one by the other through the real network, client and runner. */
export interface OpenRig {
  readonly double: Double;
  readonly ws: Workspace;
  readonly clock: ReturnType<typeof fixedClock>;
  readonly source: SyncSource;
  readonly sync: (over?: Partial<SyncOptions>) => Promise<SyncReport>;
  /** What stands after supersession, by stream; empty when nothing was ever committed. */
  readonly rows: () => Promise<Readonly<Record<string, readonly Row[]>>>;
  readonly close: () => Promise<void>;
}

/** Opens a rig at 2026-02-09 06:00 UTC; only `stream` is read unless `streams` says otherwise. */
export async function openRig(
  rig: Rig,
  network: Transport,
  { streams = [rig.stream], double }: { readonly streams?: readonly string[]; readonly double?: Double } = {},
): Promise<OpenRig> {
  const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
  const own = double ?? (await rig.start(clock));
  const ws = await freshWorkspace();
  const source: SyncSource = {
    connector: rig.connector,
    options: { ...own.options, ...rig.options },
    secrets: own.secrets,
    transport: rerouted(network, own.routes),
    since: rig.since,
    timeoutMinutes: 600,
    streams,
  };
  return {
    double: own,
    ws,
    clock,
    source,
    // Hashes differ from workspace to workspace.
    sync: (over) => runSync(syncOptions(ws, [source], { clock, pii: "keep", ...over })),
    rows: () => standing(ws, rig.connector.id),
    close: () => (double === undefined ? own.close() : Promise.resolve()),
  };
}

async function standing(ws: Workspace, source: string): Promise<Readonly<Record<string, readonly Row[]>>> {
  const streams = new Set(
    readState(ws)
      .parts.filter((part) => part.source === source)
      .map(({ stream }) => stream),
  );
  const rows: Record<string, readonly Row[]> = {};
  for (const stream of [...streams].sort()) rows[stream] = await standingRows(ws, source, stream);
  return rows;
}

/** The steps of a rig as places where a fault strikes: at the first of its requests, or at the second. */
export function placesOf(rig: Rig): readonly { readonly name: string; readonly at: (request: Arrived) => boolean }[] {
  return Object.entries(rig.steps).map(([name, at]) => ({
    name,
    at: name === "page" || name === "report" ? second(at) : at,
  }));
}
