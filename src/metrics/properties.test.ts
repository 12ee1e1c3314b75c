/** Properties of answers over one small shop, from landed rows through the real SQL: nothing is worked out by hand, and nothing may be lost. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { addDays, daysBetween, daysOf, type ISODate, isoDate } from "../base/dates.js";
import { silentLog } from "../base/log.js";
import { SETTINGS, SQL_FOLDER } from "../testing/evaluate.js";
import { countingRandom, landRows, type Rows, temporaryWorkspace } from "../testing/landing.js";
import { runBuild } from "../transform/build.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { currentBuild } from "../warehouse/publish.js";
import type { Database } from "../warehouse/types.js";
import { CATALOG, isAdditive, METRICS } from "./catalog/index.js";
import { readContext } from "./context.js";
import { leavesOf, measureFor, needsOf } from "./leaves.js";
import { NO_GROUP } from "./marts.js";
import { BREAKDOWNS, GRAINS, validateQuery } from "./query.js";
import { runQuery } from "./run-query.js";
import type { AnswerContext, BreakdownRow, Compared, MetricValue, QueryResult, SemanticQuery } from "./types.js";

// A failure is the same for everybody.
fc.configureGlobal({ seed: 42 });

const AS_OF = isoDate("2026-02-09");
const DAYS = 70;
const FIRST = addDays(AS_OF, -DAYS);
/** A year of whole weeks. */
const YEAR = 364;

/** A number from a row's index that looks random and is not. */
const hash = (index: number, salt: number, below: number) => ((index * 7919 + salt * 104_729) % 1_000_003) % below;
const pick = <T>(index: number, salt: number, list: readonly [T, ...T[]]) =>
  list[hash(index, salt, list.length)] ?? list[0];
const money = (cents: number) => ({ shopMoney: { amount: (cents / 100).toFixed(2), currencyCode: "USD" } });

/** An order with one or two lines, now and then a discount, a refund of a later day, or no customer. */
function order(index: number, shift: number) {
  const date = addDays(FIRST, hash(index, 1, DAYS) + shift);
  const [first, second] = [500 + hash(index, 2, 4000), hash(index, 3, 2) * (300 + hash(index, 4, 900))];
  const discount = hash(index, 5, 4) === 0 ? Math.floor(first / 10) : 0;
  const refunded = addDays(date, 1 + hash(index, 7, 9));
  const line = (number: number, cents: number, off: number) => ({
    id: `gid://shopify/LineItem/${index}${number}`,
    title: pick(index + number, 8, ["Mug", "Shirt", "Candle"]),
    sku: pick(index + number, 8, ["M", "S", "C"]),
    quantity: 1 + hash(index, 9, 3),
    product: {
      id: pick(index + number, 8, ["1", "2", "3"]),
      productType: pick(index + number, 8, ["home", "apparel", "home"]),
    },
    originalUnitPriceSet: money(cents),
    originalTotalSet: money(cents),
    discountAllocations: off === 0 ? [] : [{ allocatedAmountSet: money(off) }],
  });
  const time = `${String(hash(index, 10, 24)).padStart(2, "0")}:${String(hash(index, 11, 60)).padStart(2, "0")}:00Z`;
  return {
    id: `gid://shopify/Order/${1000 + index}`,
    name: `#${1000 + index}`,
    processedAt: `${date}T${time}`,
    email: hash(index, 12, 9) === 0 ? null : `person-${hash(index, 13, 50)}`,
    currencyCode: "USD",
    test: hash(index, 14, 25) === 0,
    displayFinancialStatus: "PAID",
    shippingAddress: {
      countryCodeV2: pick(index, 15, ["US", "CA", "DE"]),
      provinceCode: pick(index, 16, ["CA", "BE"]),
    },
    customerJourneySummary: {
      ready: true,
      lastVisit: {
        utmParameters: {
          source: pick(index, 17, ["facebook", "google", "klaviyo"]),
          medium: "cpc",
          campaign: pick(index, 18, ["Broad", "Brand"]),
        },
      },
    },
    totalPriceSet: money(first + second - discount),
    subtotalPriceSet: money(first + second - discount),
    totalDiscountsSet: money(discount),
    lineItems: { nodes: [line(1, first, discount), ...(second === 0 ? [] : [line(2, second, 0)])] },
    refunds:
      hash(index, 6, 6) === 0 && daysBetween(refunded, addDays(AS_OF, shift)) > 0
        ? [
            {
              id: `gid://shopify/Refund/${index}`,
              createdAt: `${refunded}T${time}`,
              processedAt: `${refunded}T${time}`,
              totalRefundedSet: money(200),
              refundLineItems: { nodes: [] },
              refundShippingLines: { nodes: [] },
            },
          ]
        : [],
  };
}

/** Ads of a campaign spend less than the campaign: the rest has no ad. */
function insights(day: ISODate, index: number) {
  const row = (more: object, share: number) => ({
    account_id: "1",
    account_currency: "USD",
    campaign_id: "7",
    campaign_name: "Broad",
    date_start: day,
    spend: ((share * (1000 + hash(index, 20, 3000))) / 100).toFixed(2),
    impressions: String(share * (90 + hash(index, 21, 500))),
    clicks: String(share * (1 + hash(index, 22, 30))),
    actions: [{ action_type: "purchase", value: String(share * hash(index, 23, 4)) }],
    ...more,
  });
  return {
    campaign: row({}, 5),
    ads: [1, 2].map((ad) => ({
      id: ad,
      payload: row({ adset_id: "70", adset_name: "All", ad_id: `${ad}`, ad_name: `Ad ${ad}` }, ad),
    })),
  };
}

function rows(shift: number): readonly Rows[] {
  const days = { from: addDays(FIRST, shift), to: addDays(AS_OF, shift - 1) };
  const window = { supersession: "window", days } as const;
  const daily = daysOf(days).map((day, index) => ({ day, index, ...insights(day, index) }));
  const orders = Array.from({ length: 150 }, (_, index) => order(index, shift));
  return [
    { source: "shopify", stream: "orders", days, records: orders.map((payload) => ({ key: payload.id, payload })) },
    {
      source: "meta_ads",
      stream: "insights",
      ...window,
      records: daily.map(({ day, campaign }) => ({ key: `1|7|${day}`, slice: day, payload: campaign })),
    },
    {
      source: "meta_ads",
      stream: "ad_insights",
      ...window,
      records: daily.flatMap(({ day, ads }) =>
        ads.map(({ id, payload }) => ({ key: `1|${id}|${day}`, slice: day, payload })),
      ),
    },
    {
      source: "ga4",
      stream: "traffic_days",
      ...window,
      records: daily.flatMap(({ day, index }) =>
        ["Paid Social", "Organic Search"].map((group, channel) => ({
          key: `${day}|${group}`,
          slice: day,
          payload: {
            date: day.replaceAll("-", ""),
            sessionDefaultChannelGroup: group,
            sessions: String(20 + hash(index, 30 + channel, 80)),
            engagedSessions: "9",
            itemViewEvents: String(hash(index, 32, 20)),
            addToCarts: "3",
            checkouts: "2",
            ecommercePurchases: String(hash(index, 33, 3)),
            currencyCode: "USD",
          },
        })),
      ),
    },
  ];
}

interface Shop {
  readonly db: Database;
  readonly context: AnswerContext;
}

async function shop(landings: readonly (readonly Rows[])[], shift: number): Promise<Shop> {
  const ws = await temporaryWorkspace();
  for (const landing of landings) await landRows(ws, ...landing);
  const settings = { ...SETTINGS, asOf: addDays(AS_OF, shift), sources: ["shopify", "meta_ads", "ga4"] };
  await runBuild({
    ws,
    settings,
    sqlFolder: SQL_FOLDER,
    clock: fixedClock(0),
    random: countingRandom(),
    log: silentLog,
  });
  const db = await openDatabase({ path: currentBuild(ws)?.path, readOnly: true });
  return { db, context: await readContext(db, "Small") };
}

/** The same rows in another order, and all of them once more in another load. */
function shuffledTwice(): readonly (readonly Rows[])[] {
  const turned = rows(0).map((load) => ({
    ...load,
    records: [...load.records].sort(
      (a, b) => hash(a.key.length, 40, 97) - hash(b.key.length, 40, 97) || (a.key < b.key ? 1 : -1),
    ),
  }));
  return [turned, [...turned].reverse()];
}

const asked = (query: unknown) => validateQuery(query).ok;

/** The metrics that can be asked for so, at most five of them from a place in the catalog on. */
function supported(
  query: Omit<SemanticQuery, "metrics">,
  from: number,
  keep: (id: string) => boolean,
): readonly string[] {
  const ids = METRICS.map(({ id }) => id).filter((id) => keep(id) && asked({ ...query, metrics: [id] }));
  return [...ids.slice(from % Math.max(1, ids.length)), ...ids].slice(0, Math.min(5, ids.length));
}

/** Distinct counts of lines and events do not add up, though the orders and sessions that they stand for do. */
function addsUp(id: string, query: Omit<SemanticQuery, "metrics">): boolean {
  const isCohort = leavesOf([id], CATALOG).some((leaf) => leaf.kind === "cohort");
  const isDistinct = leavesOf([id], CATALOG).some(
    (leaf) => leaf.kind === "measure" && measureFor(leaf, needsOf(query)).distinct === true,
  );
  return isAdditive(CATALOG.get(id)) && !isCohort && !isDistinct;
}

const isCohort = (id: string) => leavesOf([id], CATALOG).some((leaf) => leaf.kind === "cohort");

const windows = fc
  .tuple(fc.integer({ min: 30, max: 60 }), fc.integer({ min: 0, max: 7 }))
  .map(([start, length]) => ({ from: addDays(FIRST, start), to: addDays(FIRST, start + length) }));
const filters = fc.constantFrom<SemanticQuery["filters"]>(
  undefined,
  [{ field: "channel", operator: "in", value: ["meta", "google"] }],
  [{ field: "country", operator: "!=", value: ["DE"] }],
  [{ field: "order_value", operator: ">", value: 2000 }],
  [{ field: "campaign", operator: "contains", value: "bro" }],
);
const compare = fc.constantFrom<SemanticQuery["compare"]>(
  undefined,
  { kind: "previous" },
  { kind: "range", range: { from: FIRST, to: addDays(FIRST, 4) } },
);
const question = fc.record({
  window: windows,
  breakdown: fc.constantFrom(...BREAKDOWNS),
  grain: fc.option(fc.constantFrom(...GRAINS), { nil: undefined }),
  filters,
  compare,
});
const place = fc.integer({ min: 0, max: 60 });

const number = (value: MetricValue | undefined) => (value?.status === "ok" ? value.value : 0);
type Member = "value" | "previous";
const summed = (list: readonly BreakdownRow[], id: string, member: Member) =>
  list.reduce((sum, row) => sum + number(row.values[id]?.[member]), 0);

/** What two answers have in common when their dates are 364 days apart: keys of days are moved back. */
function moved(result: QueryResult, shift: number) {
  const key = (text: string) =>
    /^\d{4}-\d\d-\d\d/.test(text) ? addDays(isoDate(text.slice(0, 10)), -shift) + text.slice(10) : text;
  const value = ({ value: now, previous, change }: Compared) =>
    [now, previous, change].map((one) => (one?.status === "ok" ? one.value : one?.status));
  const line = (row: BreakdownRow): unknown => [
    key(row.key),
    Object.entries(row.values).map(([id, one]) => [id, ...value(one)]),
    row.series?.map(line),
  ];
  return [Object.values(result.totals).map(value), result.rows.map(line), result.series.map(line)];
}

describe("answers of a small built shop", () => {
  let one: Shop;
  let twice: Shop;
  let later: Shop;

  beforeAll(async () => {
    one = await shop([rows(0)], 0);
    twice = await shop(shuffledTwice(), 0);
    later = await shop([rows(YEAR)], YEAR);
  });
  afterAll(async () => {
    for (const { db } of [one, twice, later]) await db.close();
  });

  const ask = (from: Shop, query: SemanticQuery) => runQuery(from.db, query, from.context);

  it("have figures of every fact", async () => {
    const window = { from: FIRST, to: addDays(AS_OF, -1) };
    const { totals } = await ask(one, {
      metrics: ["orders", "returns", "spend", "sessions", "units", "new_customers"],
      window,
    });
    for (const [id, { value }] of Object.entries(totals)) expect([id, number(value) > 0]).toEqual([id, true]);
  });

  it("add up: rows to totals, points to totals, points of rows to rows and to points", async () => {
    await fc.assert(
      fc.asyncProperty(question, place, async (query, from) => {
        const metrics = supported(query, from, (id) => addsUp(id, query));
        if (metrics.length === 0) return;
        const { totals, rows: groups, series } = await ask(one, { ...query, metrics });
        for (const id of metrics) {
          for (const member of query.compare?.kind === "previous"
            ? (["value", "previous"] as const)
            : (["value"] as const)) {
            expect(summed(groups, id, member)).toBeCloseTo(number(totals[id]?.[member]), 6);
            if (query.grain === undefined) continue;
            expect(summed(series, id, member)).toBeCloseTo(number(totals[id]?.[member]), 6);
            for (const row of groups) {
              if (row.series !== undefined)
                expect(summed(row.series, id, member)).toBeCloseTo(number(row.values[id]?.[member]), 6);
            }
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  // By chance alone the rows without a group (what is spent beside the single ads) are rarely met: here is every breakdown once.
  it("add up for every breakdown and every additive metric that knows it", async () => {
    const window = { from: addDays(FIRST, 20), to: addDays(FIRST, 40) };
    const ungrouped = new Set<string>();
    for (const breakdown of BREAKDOWNS) {
      const query = { window, breakdown };
      const metrics = METRICS.map(({ id }) => id).filter(
        (id) => addsUp(id, query) && asked({ ...query, metrics: [id] }),
      );
      const result = await runQuery(one.db, { ...query, metrics }, one.context, { mostMetrics: METRICS.length });
      for (const id of metrics)
        expect([breakdown, id, summed(result.rows, id, "value")]).toEqual([
          ...[breakdown, id],
          expect.closeTo(number(result.totals[id]?.value), 6),
        ]);
      if (result.rows.some(({ key }) => key === NO_GROUP)) ungrouped.add(breakdown);
    }
    expect(ungrouped).toContain("ad");
  });

  it("do not depend on the order of raw rows, or on rows that are read twice", async () => {
    await fc.assert(
      fc.asyncProperty(question, place, async (query, from) => {
        const metrics = supported(query, from, () => true);
        if (metrics.length === 0) return;
        const [a, b] = await Promise.all([ask(one, { ...query, metrics }), ask(twice, { ...query, metrics })]);
        expect(b).toEqual(a);
      }),
      { numRuns: 8 },
    );
  });

  // The questions above are a few of many: here is every metric once, in the whole shop and by the attributes of an order.
  it("do not depend on the order of raw rows, whatever the metric", async () => {
    for (const breakdown of [undefined, "channel", "customer_type", "country"] as const) {
      const query = { window: { from: addDays(FIRST, 20), to: addDays(FIRST, 60) }, breakdown };
      const metrics = METRICS.map(({ id }) => id).filter((id) => asked({ ...query, metrics: [id] }));
      const every = { mostMetrics: METRICS.length };
      const [a, b] = await Promise.all(
        [one, twice].map(({ db, context }) => runQuery(db, { ...query, metrics }, context, every)),
      );
      expect(b).toEqual(a);
    }
  });

  it("move with the dates: 364 days later everything is answered 364 days later", async () => {
    const inWeeks = question.filter(
      ({ breakdown, grain }) => ![breakdown, grain].some((name) => name === "month" || name === "quarter"),
    );
    const shifted = (range: { readonly from: ISODate; readonly to: ISODate }) => ({
      from: addDays(range.from, YEAR),
      to: addDays(range.to, YEAR),
    });
    await fc.assert(
      fc.asyncProperty(inWeeks, place, async (query, from) => {
        // Cohorts are months, and months do not move by 364 days.
        const metrics = supported(query, from, (id) => !isCohort(id));
        if (metrics.length === 0) return;
        const before =
          query.compare?.kind === "range"
            ? { kind: "range" as const, range: shifted(query.compare.range) }
            : query.compare;
        const now = await ask(one, { ...query, metrics });
        const then = await ask(later, { ...query, metrics, window: shifted(query.window), compare: before });
        expect(moved(then, YEAR)).toEqual(moved(now, 0));
      }),
      { numRuns: 8 },
    );
  });
});
