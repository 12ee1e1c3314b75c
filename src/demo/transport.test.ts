import { describe, expect, it } from "vitest";
import { addDays, daysOf, isoDate } from "../base/dates.js";
import { sha256 } from "../base/hash.js";
import { Secret } from "../base/secret.js";
import { EVENT_KINDS } from "../connectors/ga4_events/columns.js";
import { CONNECTORS } from "../connectors/index.js";
import { walk } from "../connectors/paginate.js";
import type { Connector, RawRecord, Slice, Stream } from "../connectors/types.js";
import type { HttpRequest } from "../http/types.js";
import { exportedDays } from "./ga4-rows.js";
import { eventsOfDay } from "./ga4-visits.js";
import { localDay } from "./shop-time.js";
import { visitsOf } from "./shopify-order.js";
import { demoTransport } from "./transport.js";
import { makeWorld } from "./world.js";

const options = { seed: 42, days: 180, asOf: isoDate("2026-02-09") };
const world = makeWorld(options);
const exported = daysOf(exportedDays(world)).flatMap((day) => eventsOfDay(world, day));

/** Large pages, so that the walk is short. */
const CONFIG: Readonly<Record<string, object>> = {
  shopify: { shop: "northpine-demo", pageSize: 250 },
  meta_ads: { accounts: ["1180339845"] },
  google_ads: { customers: ["741-382-0956"] },
  ga4: { property: "398214407", pageSize: 1000 },
  ga4_events: { project: "demo-project", dataset: "analytics_398214407" },
};

function streamsOf(connector: Connector): readonly Stream[] {
  const secrets = connector.secrets.parse(connector.signIns.length === 0 ? {} : { token: new Secret("demo") });
  return connector.open(connector.options.parse(CONFIG[connector.id] ?? {}), secrets).streams;
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
    if (request.expect === "file") records.push(...rootsOf(response.body));
    const body = request.expect === undefined ? JSON.parse(response.body) : response.body;
    return { outcome: "read", reason: "", body, response };
  });
  for await (const page of pages) records.push(...page.records);
  return { records, asked };
}

/** The records of a file; how its lines become whole is tested where files land. */
function rootsOf(file: string): readonly RawRecord[] {
  const lines = file
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return lines
    .filter((line) => line["__parentId"] === undefined)
    .map((payload) => ({ key: String(payload["id"]), payload }));
}

const streams = (CONNECTORS as readonly Connector[]).flatMap((connector) =>
  streamsOf(connector).map((stream) => ({ id: `${connector.id}.${stream.name}`, stream })),
);

/** How many records each stream must bring. */
const EXPECTED: Readonly<Record<string, number>> = {
  "shopify.orders": world.orders.length,
  "shopify.customers": world.customers.length,
  "shopify.products": 25,
  "shopify.deletion_events": 2,
  "meta_ads.insights": 4 * 180,
  // Every campaign has one ad set with two ads.
  "meta_ads.ad_insights": 4 * 2 * 180,
  "meta_ads.accounts": 1,
  "meta_ads.campaigns": 4,
  "meta_ads.adsets": 4,
  "meta_ads.ads": 4 * 2,
  "google_ads.campaign_days": 4 * 180,
  "google_ads.campaign_hours": 4 * 180 * 24,
  // One account with four campaigns; Performance Max has no ad groups, the others have five with two ads each.
  "google_ads.customers": 1,
  "google_ads.campaigns": 4,
  "google_ads.ad_groups": 5,
  "google_ads.ads": 5 * 2,
  "google_ads.ad_days": 5 * 2 * 180,
  "google_ads.keywords": 8,
  "google_ads.conversion_actions": 1,
  // The clicks that led to orders, on days of the world: a first visit may lie before it.
  "google_ads.click_views": world.orders
    .flatMap(visitsOf)
    .filter(({ landingPage, at }) => landingPage.includes("gclid=") && localDay(at) >= world.from).length,
  // 25 weeks from Wednesday 2025-08-13 and 3 working days more, in 3 currencies.
  "fx.rates": (25 * 5 + 3) * 3,
  "ga4.traffic_days": world.trafficDays.filter((row) => row.sessions > 0).length,
  // Everybody lands on the page of an entrance, and no two entrances share page, source and medium.
  "ga4.landing_pages": world.trafficDays.filter((row) => row.sessions > 0).length,
  "ga4.totals": 180,
  "ga4.item_days": 25 * 180,
  "ga4.transactions": world.orders.filter(
    ({ entrance, kind, tracked }) => entrance !== null && kind !== "test" && tracked,
  ).length,
  "ga4.transaction_sources": world.orders.filter(
    ({ entrance, kind, tracked }) => entrance !== null && kind !== "test" && tracked,
  ).length,
  // Every event of thirty days, of the kinds that the streams are made of.
  ...Object.fromEntries(
    EVENT_KINDS.map(({ name, eventNames }) => [
      `ga4_events.${name}`,
      exported.filter((event) => eventNames.includes(event.event_name)).length,
    ]),
  ),
};

/** What visitors do before they buy: most look, fewer choose, fewest buy. */
const SEEN = ["ga4_events.page_view", "ga4_events.view_item", "ga4_events.add_to_cart", "ga4_events.purchase"];

describe("the demo behind the real connectors", async () => {
  const transport = demoTransport(options);
  const results = new Map<string, Awaited<ReturnType<typeof read>>>();
  for (const { id, stream } of streams) results.set(id, await read(stream, transport));

  it.each(streams)("$id brings every record of the world once", ({ id }) => {
    const records = results.get(id)?.records ?? [];
    if (id in EXPECTED) expect(records).toHaveLength(EXPECTED[id] ?? Number.NaN);
    else expect(SEEN).toContain(id);
    expect(new Set(records.map((record) => `${record.day ?? ""} ${record.key}`)).size).toBe(records.length);
  });

  it("loses visitors at every step of the funnel", () => {
    const counts = SEEN.map((id) => results.get(id)?.records.length ?? 0);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect(new Set(counts).size).toBe(SEEN.length);
    // Some pages are loaded again after the purchase: the event repeats, the order does not.
    const bought = (results.get("ga4_events.purchase")?.records ?? []).map(
      ({ payload }) => payload["param_transaction_id"],
    );
    const tracked = world.orders.filter(
      ({ entrance, kind, tracked: seen, day }) =>
        entrance !== null && kind !== "test" && seen && day > addDays(world.to, -30),
    );
    // Orders of the sample are orders of the shop: about one in thirty, and those of businesses.
    const known = new Set(tracked.map(({ number }) => String(number)));
    expect(bought.filter((number) => !known.has(String(number)))).toEqual([]);
    expect(new Set(bought).size).toBeLessThan(bought.length);
    expect(new Set(bought).size).toBeGreaterThan(tracked.length / 30);
  });

  it("gives the same bytes in a fresh world, asked in the opposite order", async () => {
    // The last world is kept: asking for another one makes this one be made again.
    makeWorld({ ...options, days: 30 });
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
