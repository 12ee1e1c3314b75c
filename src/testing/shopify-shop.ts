import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { shopify } from "../connectors/shopify/index.js";
import { undiciTransport } from "../http/undici.js";
import { runSync } from "../sync/run.js";
import type { SyncOptions, SyncReport } from "../sync/types.js";
import type { Workspace } from "../warehouse/types.js";
import { rerouted } from "./doubles/server.js";
import { type ShopifyDouble, type ShopifyDoubleOptions, shopifyDouble } from "./doubles/shopify.js";
import { payloads, syncOptions } from "./sync-bench.js";
import { freshWorkspace } from "./workspace.js";

/** A double, a workspace, and syncs of one by the other through the real network, client and runner. */
export interface Shopping {
  readonly double: ShopifyDouble;
  readonly ws: Workspace;
  readonly clock: ReturnType<typeof fixedClock>;
  readonly sync: (over?: Partial<SyncOptions> & { readonly options?: object }) => Promise<SyncReport>;
  /** What stands in a stream after supersession. */
  readonly rows: (stream: string) => Promise<readonly Record<string, unknown>[]>;
  /** Operation names in the order in which they arrived. */
  readonly asked: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Opens a shop at 2026-02-09 06:00 UTC. */
export async function goShopping(options: ShopifyDoubleOptions = {}): Promise<Shopping> {
  const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
  const double = await shopifyDouble({ clock, ...options });
  const ws = await freshWorkspace();
  const network = undiciTransport({ allowLoopback: true });
  return {
    double,
    ws,
    clock,
    sync: ({ options: more = {}, ...over } = {}) => {
      const source = {
        connector: shopify,
        options: { ...double.options, ...more },
        secrets: double.secrets,
        transport: rerouted(network, double.routes),
        since: isoDate("2025-12-20"),
        timeoutMinutes: 600,
      };
      return runSync(syncOptions(ws, [source], { clock, ...over }));
    },
    rows: (stream) => payloads(ws, "shopify", stream),
    asked: () => double.server.arrived.map(({ body }) => /"operationName":"(\w+)"/.exec(body)?.[1] ?? "file"),
    close: async () => {
      await network.close();
      await double.close();
    },
  };
}
