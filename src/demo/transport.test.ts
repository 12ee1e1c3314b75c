import { describe, expect, it } from "vitest";
import { daysOf, isoDate } from "../base/dates.js";
import { sha256 } from "../base/hash.js";
import { Secret } from "../base/secret.js";
import { CONNECTORS } from "../connectors/index.js";
import { walk } from "../connectors/paginate.js";
import type { Connector, RawRecord, Slice, Stream } from "../connectors/types.js";
import type { HttpRequest } from "../http/types.js";
import { eventsOfDay, exportedDays } from "./ga4-visits.js";
import { demoTransport } from "./transport.js";
import { makeWorld } from "./world.js";

const options = { seed: 42, days: 180, asOf: isoDate("2026-02-09") };
const world = makeWorld(options);

/** Large pages, so that the walk is short. */
const CONFIG: Readonly<Record<string, object>> = {
  shopify: { shop: "northpine-demo", pageSize: 250 },
  meta_ads: { accounts: ["1180339845"] },
  google_ads: { customers: ["741-382-0956"] },
  ga4: { property: "398214407", pageSize: 1000 },
  ga4_events: { project: "northpine-demo", dataset: "analytics_398214407", pageSize: 1000 },
};

function streamsOf(connector: Connector): readonly Stream[] {
  const secrets = connector.secrets.parse({ token: new Secret("demo") });
  return connector.open(connector.options.parse(CONFIG[connector.id]), secrets).streams;
}

function everything(stream: Stream): Slice {
  if (stream.sync.kind === "window") return { kind: "days", days: { from: world.from, to: world.to } };
  return { kind: "since", since: "2025-01-01T00:00:00.000Z", until: "2026-02-09T05:00:00.000Z" };
}

/** Walks a stream through the demo: its records, and every request with the hash of its answer. */
async function read(stream: Stream, transport = demoTransport(options)) {
  const records: RawRecord[] = [];
  const asked: { readonly request: HttpRequest; readonly hash: string }[] = [];
  const pages = walk(stream, everything(stream), async (request) => {
    const response = await transport.send(request);
    asked.push({ request, hash: sha256(response.body) });
    return { body: JSON.parse(response.body), response };
  });
  for await (const page of pages) records.push(...page.records);
  return { records, asked };
}

const streams = (CONNECTORS as readonly Connector[]).flatMap((connector) =>
  streamsOf(connector).map((stream) => ({ id: `${connector.id}.${stream.name}`, stream })),
);

/** How many records each stream must bring. */
const EXPECTED: Readonly<Record<string, number>> = {
  "shopify.orders": world.orders.length,
  "shopify.customers": world.customers.length,
  "shopify.products": 25,
  "meta_ads.insights": 4 * 180,
  "google_ads.campaign_days": 4 * 180,
  "ga4.traffic_days": world.trafficDays.filter((row) => row.sessions > 0).length,
  ...Object.fromEntries(
    ["purchase", "add_to_cart", "page_view", "view_item", "view_search_results", "no_search_results"].map((name) => [
      `ga4_events.${name}`,
      daysOf(exportedDays(world))
        .flatMap((day) => eventsOfDay(world, day))
        .filter((event) => event["event_name"] === name).length,
    ]),
  ),
};

describe("the demo behind the real connectors", async () => {
  const transport = demoTransport(options);
  const results = new Map<string, Awaited<ReturnType<typeof read>>>();
  for (const { id, stream } of streams) results.set(id, await read(stream, transport));

  it.each(streams)("$id brings every record of the world once", ({ id }) => {
    const records = results.get(id)?.records ?? [];
    expect(records).toHaveLength(EXPECTED[id] ?? Number.NaN);
    expect(new Set(records.map((record) => `${record.day ?? ""} ${record.key}`)).size).toBe(records.length);
  });

  it("gives the same bytes in a fresh world, asked in the opposite order", async () => {
    const again = demoTransport(options);
    const asked = [...results.values()].flatMap((result) => result.asked).reverse();
    const hashes: string[] = [];
    for (const { request } of asked) hashes.push(sha256((await again.send(request)).body));
    expect(hashes).toEqual(asked.map(({ hash }) => hash));
  });
});

describe("demoTransport", () => {
  const transport = demoTransport({ ...options, days: 2 });

  it("has no other host", async () => {
    const request = { method: "GET", url: "https://example.com/" } as const;
    await expect(transport.send(request)).rejects.toMatchObject({ code: "DEMO_HOST" });
  });

  it("answers the token endpoints", async () => {
    const google = await transport.send({ method: "POST", url: "https://oauth2.googleapis.com/token" });
    expect(JSON.parse(google.body)).toMatchObject({ token_type: "Bearer" });
    const shop = "https://northpine-demo.myshopify.com/admin/oauth/access_token";
    expect(JSON.parse((await transport.send({ method: "POST", url: shop })).body)).toHaveProperty("access_token");
  });

  it("stops when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(transport.send({ method: "GET", url: "https://graph.facebook.com/" }, signal)).rejects.toThrow("stop");
  });
});
