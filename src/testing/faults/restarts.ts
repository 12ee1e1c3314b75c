import { type Clock, fixedClock } from "../../base/clock.js";
import { addDays, isoDate } from "../../base/dates.js";
import { ga4 } from "../../connectors/ga4/index.js";
import { googleAds } from "../../connectors/google_ads/index.js";
import { metaAds } from "../../connectors/meta_ads/index.js";
import { shopify } from "../../connectors/shopify/index.js";
import type { Transport } from "../../http/types.js";
import type { SyncSelection, SyncSource } from "../../sync/types.js";
import { type Ga4Double, ga4Double } from "../doubles/ga4.js";
import { type GoogleAdsDouble, googleAdsDouble } from "../doubles/google_ads.js";
import { type MetaDouble, metaDouble } from "../doubles/meta.js";
import { type Double, rerouted } from "../doubles/server.js";
import { type ShopifyDouble, shopifyDouble } from "../doubles/shopify.js";
import { at } from "../doubles/shopify-world.js";
import { type PlainRow, plainSource } from "../plain-source.js";
import { below, type Randoms } from "../randoms.js";

/** Five vendors that live on while they are read. */
export interface Vendors {
  readonly clock: ReturnType<typeof fixedClock>;
  readonly sources: readonly SyncSource[];
  /** Changes something everywhere: restated, new, late and deleted rows. `past`: ms since the last sync. */
  readonly live: (random: Randoms, past: number) => void;
  /** Every request of one of them fails from now on, until `mend`. */
  readonly fail: (random: Randoms) => void;
  readonly mend: () => void;
  readonly close: () => Promise<void>;
}

/** Streams that take part, as `source.stream`. */
export const STREAMS = [
  "shopify.orders",
  "shopify.deletion_events",
  "meta_ads.insights",
  "meta_ads.campaigns",
  "google_ads.campaign_days",
  "google_ads.campaigns",
  "ga4.totals",
  "ga4.traffic_days",
  "plain.changes",
  "plain.days",
  "plain.all",
] as const;

const SINCE = isoDate("2026-01-26");

/** Opens them on the morning of 2026-02-02. */
export async function openVendors(network: Transport): Promise<Vendors> {
  const clock = fixedClock(Date.parse("2026-02-02T06:00:00Z"));
  const doubles = {
    shopify: await shopifyDouble({ clock, customers: 5 }),
    meta: await metaDouble({ clock }),
    google: await googleAdsDouble({ clock, signIn: "token" }),
    ga4: await ga4Double({ clock, signIn: "token" }),
  };
  doubles.shopify.world.orders = doubles.shopify.world.orders.slice(255, 290);
  const plain = plainWorld();
  const all: readonly Double[] = Object.values(doubles);
  const of = (connector: SyncSource["connector"], double: Double): SyncSource => ({
    connector,
    options: double.options,
    secrets: double.secrets,
    transport: rerouted(network, double.routes),
    since: SINCE,
    timeoutMinutes: 600,
    streams: STREAMS.flatMap((name) => (name.startsWith(`${connector.id}.`) ? [name.split(".")[1] ?? ""] : [])),
  });
  return {
    clock,
    sources: [
      of(shopify, doubles.shopify),
      of(metaAds, doubles.meta),
      of(googleAds, doubles.google),
      of(ga4, doubles.ga4),
      plain.source,
    ],
    live: (random, past) => {
      liveShop(doubles.shopify, clock, { random, past });
      liveAds(doubles.meta, clock, random);
      liveSearch(doubles.google, clock, random);
      liveTraffic(doubles.ga4, clock, random);
      plain.live(clock, { random, past });
    },
    fail: (random) => {
      const fault = { kind: "answer", answer: { status: 500, text: "no" } } as const;
      all[below(random, all.length)]?.server.fail(Array.from({ length: 90 }, () => fault));
    },
    mend: () => {
      for (const { server } of all) server.mend();
    },
    close: async () => {
      for (const double of all) await double.close();
    },
  };
}

interface Chance {
  readonly random: Randoms;
  readonly past: number;
}

/** An instant since the last sync; four minutes before it for what was written late. */
function moment(clock: Pick<Clock, "now">, { random, past }: Chance, isLate: boolean): number {
  return isLate ? clock.now() - past - 240_000 : clock.now() - 1_000 - random() * past * 0.9;
}

function liveShop({ world }: ShopifyDouble, clock: Pick<Clock, "now">, chance: Chance): void {
  const { random } = chance;
  for (let change = below(random, 4); change > 0; change--) {
    const order = world.orders[below(random, world.orders.length)] ?? {};
    if (random() < 0.5) {
      Object.assign(order, { displayFinancialStatus: "VOIDED", updatedAt: at(moment(clock, chance, false)) });
    } else {
      const id = 900_000 + world.orders.length;
      const instant = at(moment(clock, chance, random() < 0.3));
      const named = { id: `gid://shopify/Order/${id}`, legacyResourceId: String(id), updatedAt: instant };
      world.orders.push({ ...order, ...named, refunds: [] });
    }
  }
  const subjectId = `gid://shopify/Product/${70_000 + world.deletions.length}`;
  world.deletions.push({ subjectId, subjectType: "PRODUCT", occurredAt: at(moment(clock, chance, false)) });
}

/** A day that every later sync of these days reads again. */
function recentDay(clock: Pick<Clock, "now">, random: Randoms) {
  const today = isoDate(new Date(clock.now()).toISOString().slice(0, 10));
  return addDays(today, -1 - below(random, 6));
}

function liveAds({ world }: MetaDouble, clock: Pick<Clock, "now">, random: Randoms): void {
  const day = recentDay(clock, random);
  const rows = world.days.filter((row) => row.day === day);
  const row = rows[below(random, rows.length)];
  if (row !== undefined) row.spend += 1 + below(random, 900);
  if (random() < 0.3) world.days = world.days.filter((one) => one !== row);
  const campaigns = world.objects.filter(({ kind }) => kind === "campaigns");
  const renamed = campaigns[below(random, campaigns.length)];
  if (renamed !== undefined) renamed.name = `Campaign ${below(random, 1_000)}`;
}

function liveSearch(double: GoogleAdsDouble, clock: Pick<Clock, "now">, random: Randoms): void {
  const more = 10_000 * (1 + below(random, 900));
  double.restate(recentDay(clock, random), (cell) => {
    cell.cost += more;
  });
}

function liveTraffic(double: Ga4Double, clock: Pick<Clock, "now">, random: Randoms): void {
  double.restate(recentDay(clock, random), 1 + random());
  if (random() < 0.4) double.deleteRow(recentDay(clock, random));
}

function plainWorld() {
  const start = Date.parse("2026-01-27T00:00:00Z");
  const hour = 3_600_000;
  let changes: readonly PlainRow[] = Array.from({ length: 10 }, (_, index) => ({
    id: `c${index}`,
    updated_at: new Date(start + index * 11 * hour).toISOString(),
    value: index,
  }));
  let days: readonly PlainRow[] = Array.from({ length: 39 }, (_, index) => ({
    id: `d${index}`,
    day: addDays(SINCE, Math.floor(index / 3)),
    value: index,
  }));
  let all: readonly PlainRow[] = Array.from({ length: 7 }, (_, index) => ({ id: `a${index}`, value: index }));
  const streams = {
    changes: { sync: { kind: "cursor", overlapMinutes: 10 } },
    days: { sync: { kind: "window", lookbackDays: 10, chunkDays: 3 } },
    all: { sync: { kind: "full" } },
  } as const;
  return {
    source: plainSource("plain", { streams, rows: () => ({ changes, days, all }), since: SINCE }),
    live: (clock: Pick<Clock, "now">, chance: Chance) => {
      const { random } = chance;
      const instant = new Date(moment(clock, chance, random() < 0.3)).toISOString();
      const added = random() < 0.5 ? changes.length : below(random, changes.length);
      const changed = { id: `c${added}`, updated_at: instant, value: random() };
      changes = [...changes.filter(({ id }) => id !== changed.id), changed];
      const day = recentDay(clock, random);
      days = days.filter((row) => row["day"] !== day || random() < 0.8);
      days = [...days, { id: `n${days.length}-${clock.now()}`, day, value: random() }];
      all = all.filter(() => random() < 0.9).concat({ id: `n${clock.now()}`, value: random() });
    },
  };
}

/** What one sync of a schedule reads: mostly everything, at times a source, some streams, or all of it anew. */
export function selectionOf(random: Randoms): SyncSelection {
  const kind = random();
  if (kind < 0.4) return {};
  if (kind < 0.6) return { sources: [["shopify", "meta_ads", "google_ads", "ga4", "plain"][below(random, 5)] ?? ""] };
  if (kind < 0.85) return { streams: STREAMS.filter(() => random() < 0.4) };
  return { everything: true };
}
