import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasShopifySchema } from "../../testing/doubles/shopify-schema.js";
import { at } from "../../testing/doubles/shopify-world.js";
import { type Bench, openBench } from "../../testing/evaluate.js";
import { goShopping, type Shopping } from "../../testing/shopify-shop.js";
import { removeFolders } from "../../testing/workspace.js";
import type { Row } from "../../warehouse/types.js";

// The connector against the double, through the real network, client, walk and runner.

const judged = it.runIf(hasShopifySchema);
const open: Shopping[] = [];
async function shop(...options: Parameters<typeof goShopping>): Promise<Shopping> {
  const opened = await goShopping(...options);
  open.push(opened);
  return opened;
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(removeFolders);

const ids = (rows: readonly Record<string, unknown>[]) => rows.map((row) => String(row["id"])).sort();
const error = (report: Awaited<ReturnType<Shopping["sync"]>>) => report.sources[0]?.error;
const orders = { selection: { streams: ["orders"] } };
/** Several pages of orders, a page and a half of customers; for what does not depend on how many there are. */
const SMALL = { orders: 60, customers: 40 };

/** A record with the keys of its objects in order, and its lists by id: what a page and a file have in common. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(plain);
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([name]) => name !== "__typename" && name !== "__parentId");
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, plain(member)]),
  );
}

/** What is staged of each stream. */
const STAGED = {
  orders: ["stg_orders", "stg_order_lines", "stg_refunds", "stg_shopify__transactions"],
  customers: ["stg_customers"],
  products: ["stg_products"],
  deletion_events: [],
} as const;

describe("paged and bulk", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  judged.each(["USD", "JPY", "KWD"] as const)(
    "bring the same records and stage to the same rows in %s",
    async (currency) => {
      // The orders with the longest lists are the 34th, the 101st and the 201st.
      const size = currency === "USD" ? { orders: 210, customers: 60 } : { orders: 50, customers: 30 };
      const paged = await shop({ currency, ...size });
      const bulk = await shop({ currency, ...size });
      bulk.double.state.claimed = 5_000;
      // Hashes differ from workspace to workspace.
      expect(error(await paged.sync({ pii: "keep" }))).toBeNull();
      expect(error(await bulk.sync({ pii: "keep" }))).toBeNull();
      expect([paged.asked().includes("BulkRun"), bulk.asked().includes("Orders")]).toEqual([false, false]);
      const given = (rows: readonly Record<string, unknown>[]) =>
        rows.map((payload) => ({ _key: payload["id"], payload }) as unknown as Row);
      for (const [stream, targets] of Object.entries(STAGED)) {
        const [one, other] = [await paged.rows(stream), await bulk.rows(stream)];
        expect(plain(other)).toEqual(plain(one));
        const raw = `raw.shopify__${stream}`;
        for (const target of targets) {
          const staged = await bench.rowsOf(target, { [raw]: given(one) });
          expect(staged.length).toBeGreaterThan(4);
          expect(await bench.rowsOf(target, { [raw]: given(other) })).toEqual(staged);
        }
      }
    },
  );

  judged("never show the token to the storage, and find nothing in an empty shop", async () => {
    const empty = await shop({ orders: 0, customers: 0 });
    empty.double.state.claimed = 5_000;
    expect(error(await empty.sync({ selection: { streams: ["orders", "customers"] } }))).toBeNull();
    const { accounting } = empty.double.state;
    expect([accounting.files, accounting.leaked]).toEqual([0, 0]);
    const full = await shop(SMALL);
    full.double.state.claimed = 5_000;
    await full.sync();
    expect(full.double.state.accounting.files).toBeGreaterThan(2);
    expect(full.double.state.accounting.leaked).toBe(0);
  });
});

describe("the quota", () => {
  judged(
    "is kept over an hour: no query above 1,000 points, nothing throttled but to learn a price, nine tenths of the points used",
    async () => {
      const { double, sync, clock, asked } = await shop({ restoreRate: 4, bucket: 1_000 });
      const began = clock.now();
      expect(error(await sync({ ...orders }))).toBeNull();
      const { accounting } = double.state;
      // What an operation asks for is learnt from its first answer, a refused one included.
      expect(accounting.throttled).toBeLessThan(new Set(asked()).size);
      expect(accounting.tooDear).toBe(0);
      expect(accounting.dearest).toBeLessThanOrEqual(1_000);
      // The bucket of 1,000 and what came into it since; a query that asks for 929 waits until that much is there.
      const granted = 1_000 + ((clock.now() - began) / 1_000) * 4;
      expect(clock.now() - began).toBeGreaterThan(3_600_000);
      expect(accounting.spent).toBeLessThanOrEqual(granted);
      expect(accounting.spent).toBeGreaterThanOrEqual(0.9 * granted);
    },
  );

  judged("is kept by bulk operations, too: five at a time, somebody else's four of them included", async () => {
    const { double, sync, rows } = await shop();
    double.state.claimed = 5_000;
    double.occupy(4, 100);
    const most = { running: 0 };
    double.server.fail(
      Array.from({ length: 500 }, () => ({
        kind: "edit" as const,
        change: (body: string) => {
          const running = double.state.jobs.filter(({ status }) => status === "CREATED" || status === "RUNNING").length;
          most.running = Math.max(most.running, running);
          return body;
        },
      })),
    );
    expect(error(await sync({ selection: { streams: ["orders", "customers", "products"] } }))).toBeNull();
    expect(most.running).toBe(5);
    expect(ids(await rows("orders"))).toEqual(ids(double.world.orders));
    expect(ids(await rows("products"))).toEqual(ids(double.world.products));
  });

  judged("makes smaller pages when a query is too dear, and full ones again in the next slice", async () => {
    const { double, sync, rows } = await shop();
    expect(error(await sync({ ...orders, options: { pageSize: 20 } }))).toBeNull();
    expect(double.state.accounting.tooDear).toBeGreaterThan(1);
    const firsts = double.server.arrived
      .filter(({ body }) => body.includes('"operationName":"Orders"'))
      .map(({ body }) => JSON.parse(body).variables as { first: number; after: string | null });
    expect(firsts.filter(({ after }) => after === null).map(({ first }) => first)).toEqual(
      expect.arrayContaining([20, 10, 5]),
    );
    expect(ids(await rows("orders"))).toEqual(ids(double.world.orders));
  });

  judged("is waited for when a throttled answer says so", async () => {
    const { double, sync, rows } = await shop(SMALL);
    const cost = {
      requestedQueryCost: 900,
      actualQueryCost: null,
      throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 100, restoreRate: 100 },
    };
    const errors = [{ message: "Throttled", extensions: { code: "THROTTLED" } }];
    const throttled = { kind: "answer", answer: { json: { errors, extensions: { cost } } } } as const;
    double.server.fail([throttled, { kind: "answer", answer: { ...throttled.answer, status: 429 } }]);
    expect(error(await sync({ ...orders }))).toBeNull();
    expect(await rows("orders")).toHaveLength(60);
  });
});

describe("sign-ins", () => {
  judged.each(["token", "client_credentials", "refresh_token"] as const)("%s reads everything", async (signIn) => {
    const { sync, rows, double } = await shop({ ...SMALL, signIn });
    expect(error(await sync())).toBeNull();
    expect(await rows("customers")).toHaveLength(40);
    expect(double.server.arrived.filter(({ url }) => url.pathname.endsWith("access_token")).length).toBe(
      signIn === "token" ? 0 : 1,
    );
  });

  judged("a token that is taken away is asked for anew, a static one is reported", async () => {
    const renewing = await shop({ ...SMALL, signIn: "client_credentials" });
    await renewing.sync(orders);
    renewing.double.tokens.revoke();
    expect(error(await renewing.sync())).toBeNull();
    const fixed = await shop(SMALL);
    fixed.double.tokens.revoke();
    const report = await fixed.sync(orders);
    expect([report.exit, error(report)?.code]).toEqual(["auth", "API_AUTH"]);
    expect(JSON.stringify(report)).not.toContain("shpat_static");
  });
});

describe("changes between syncs", () => {
  const DAY = 86_400_000;

  judged("B-06 an old order that changes comes again, B-10 so does one that was written late", async () => {
    const { double, sync, rows, clock } = await shop(SMALL);
    await sync(orders);
    const [old, late] = double.world.orders;
    if (old === undefined || late === undefined) throw new Error("the shop is empty");
    const added = { ...late, id: "gid://shopify/Order/1", updatedAt: at(clock.now() - 1_000) };
    clock.advance(DAY);
    Object.assign(old, { updatedAt: at(clock.now() - DAY / 2), displayFinancialStatus: "VOIDED" });
    double.world.orders.push(added);
    await sync(orders);
    const after = await rows("orders");
    expect(after).toHaveLength(61);
    expect(after.find(({ id }) => id === old["id"])?.["displayFinancialStatus"]).toBe("VOIDED");
  });

  judged("an order is read again until its visits are put together, although it does not change", async () => {
    const { double, sync, rows, clock } = await shop(SMALL);
    const order = double.world.orders.at(-2);
    if (order === undefined) throw new Error("the shop is empty");
    order["updatedAt"] = at(clock.now() - 60_000);
    order["customerJourneySummary"] = { ready: false, customerOrderIndex: null, firstVisit: null, lastVisit: null };
    await sync(orders);
    const journey = async () => (await rows("orders")).find(({ id }) => id === order["id"])?.["customerJourneySummary"];
    expect(await journey()).toMatchObject({ ready: false });
    order["customerJourneySummary"] = { ready: true, customerOrderIndex: 1, firstVisit: null, lastVisit: null };
    clock.advance(DAY);
    await sync(orders);
    expect(await journey()).toMatchObject({ ready: true, customerOrderIndex: 1 });
  });

  judged("A12 a product that was deleted leaves an event", async () => {
    const { double, sync, rows, clock } = await shop(SMALL);
    await sync();
    const gone = double.world.products.pop();
    clock.advance(DAY);
    double.world.deletions.push({
      subjectId: gone?.["id"],
      subjectType: "PRODUCT",
      occurredAt: at(clock.now() - 60_000),
    });
    await sync();
    expect(await rows("products")).toHaveLength(30);
    expect((await rows("deletion_events")).map(({ subjectId }) => subjectId)).toContain(gone?.["id"]);
    expect(await rows("deletion_events")).toHaveLength(261);
  });

  judged("B-11 a sync without changes changes nothing", async () => {
    const { sync, rows, clock } = await shop(SMALL);
    await sync();
    const before = await rows("orders");
    clock.advance(10 * DAY);
    expect(error(await sync())).toBeNull();
    expect(await rows("orders")).toEqual(before);
  });
});
