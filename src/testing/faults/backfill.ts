import { fixedClock } from "../../base/clock.js";
import { isoDate } from "../../base/dates.js";
import { Secret } from "../../base/secret.js";
import { fx } from "../../connectors/fx/index.js";
import { ga4 } from "../../connectors/ga4/index.js";
import { googleAds } from "../../connectors/google_ads/index.js";
import { metaAds } from "../../connectors/meta_ads/index.js";
import { shopify } from "../../connectors/shopify/index.js";
import type { Connector } from "../../connectors/types.js";
import type { Transport } from "../../http/types.js";
import type { SyncOptions, SyncSource } from "../../sync/types.js";
import type { Workspace } from "../../warehouse/types.js";
import { syncOptions } from "../sync-bench.js";

/** What a process has to know of a double that another process runs. */
export interface Reached {
  readonly source: string;
  readonly options: object;
  /** Made up by the double. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly routes: Readonly<Record<string, string>>;
}

/** Connectors of the backfill, and the streams of each that are read. */
const PARTS: readonly { readonly connector: Connector; readonly streams: readonly string[] }[] = [
  { connector: shopify, streams: ["orders", "deletion_events"] },
  { connector: metaAds, streams: ["insights", "ad_insights", "campaigns"] },
  { connector: googleAds, streams: ["campaign_days", "campaigns"] },
  { connector: ga4, streams: ["totals", "transactions"] },
  { connector: fx, streams: ["rates"] },
];

/** Options of a sync that reads six weeks of every double, always at the same instant. */
export function backfill(ws: Workspace, doubles: readonly Reached[], network: Transport): SyncOptions {
  const sources = doubles.flatMap((double): readonly SyncSource[] => {
    const part = PARTS.find(({ connector }) => connector.id === double.source);
    if (part === undefined) return [];
    const secrets = Object.entries(double.secrets).map(([name, value]) => [name, new Secret(value)] as const);
    return [
      {
        ...part,
        options: double.options,
        secrets: Object.fromEntries(secrets),
        transport: routed(network, double.routes),
        since: isoDate("2025-12-28"),
        timeoutMinutes: 600,
      },
    ];
  });
  return syncOptions(ws, sources, { clock: fixedClock(Date.parse("2026-02-09T06:00:00Z")), pii: "keep" });
}

/** As the doubles' own `rerouted`, without the server behind it. */
function routed(network: Transport, routes: Reached["routes"]): Transport {
  return {
    send: (request, signal) => {
      const url = new URL(request.url);
      return network.send({ ...request, url: `${routes[url.host] ?? ""}${url.pathname}${url.search}` }, signal);
    },
  };
}
