import { afterAll, afterEach, describe, expect, it } from "vitest";
import { Secret } from "../../base/secret.js";
import type { Fault } from "../../testing/doubles/server.js";
import { bulkProblem } from "../../testing/doubles/shopify-bulk.js";
import { hasShopifySchema, shopifySchema } from "../../testing/doubles/shopify-schema.js";
import { at, type ShopNode } from "../../testing/doubles/shopify-world.js";
import { openBench } from "../../testing/evaluate.js";
import { goShopping, type Shopping } from "../../testing/shopify-shop.js";
import { removeFolders } from "../../testing/workspace.js";
import { readState } from "../../warehouse/log.js";
import type { Row } from "../../warehouse/types.js";
import { shopify } from "./index.js";

// What users of other connectors suffered, by the numbers of the list of pitfalls; and the classes of bugs that concern a walk.

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

const orders = { selection: { streams: ["orders"] } };
const products = { selection: { streams: ["products"] } };
const error = (report: Awaited<ReturnType<Shopping["sync"]>>) => report.sources[0]?.error;
const ids = (rows: readonly ShopNode[]) => rows.map(({ id }) => String(id)).sort();

/** A shop that is read as a large one. */
async function large(...options: Parameters<typeof goShopping>): Promise<Shopping> {
  const opened = await shop(...options);
  opened.double.state.claimed = 5_000;
  return opened;
}

/** Nothing was committed, the cursor did not move, and the next sync without the fault brings everything. */
async function recovers(one: Shopping): Promise<void> {
  const { parts, cursors } = readState(one.ws);
  expect([parts.length, Object.keys(cursors)]).toEqual([0, []]);
  expect(error(await one.sync(orders))).toBeNull();
  expect(ids(await one.rows("orders"))).toEqual(ids(one.double.world.orders));
}

const isStart = ({ body }: { readonly body: string }) => body.includes('"operationName":"BulkRun"');
const isLook = ({ body }: { readonly body: string }) => body.includes('"operationName":"BulkOperation"');
const texts = (one: Shopping) => one.double.state.jobs.map(({ query }) => query);
const runs = (one: Shopping) => one.asked().filter((name) => name === "BulkRun").length;

describe("pitfalls", () => {
  judged.each([
    ["objectCount", "API_INCOMPLETE"],
    ["rootObjectCount", "ROWS_MISSING"],
  ] as const)("pitfall 1 (B-01, A05): a file with another %s is refused and nothing moves", async (count, code) => {
    const one = await large();
    one.double.state.outcomes.push({ status: "COMPLETED", [count]: 7 });
    expect(error(await one.sync(orders))?.code).toBe(code);
    await recovers(one);
  });

  judged("pitfall 2: a slice whose operation fails is read in halves, and never skipped", async () => {
    const one = await large({ orders: 60 });
    one.double.state.outcomes.push(
      { status: "FAILED", errorCode: "INTERNAL_SERVER_ERROR" },
      { status: "FAILED", errorCode: "TIMEOUT" },
    );
    expect(error(await one.sync(orders))).toBeNull();
    expect(ids(await one.rows("orders"))).toEqual(ids(one.double.world.orders));
    expect(one.asked().filter((name) => name === "BulkRun").length).toBeGreaterThan(3);
  });

  judged("pitfall 2: an operation that fails however small it is ends the sync with its reason", async () => {
    const one = await large({ orders: 3 });
    for (let index = 0; index < 40; index++) {
      one.double.state.outcomes.push({ status: "FAILED", errorCode: "INTERNAL_SERVER_ERROR" });
    }
    expect(error(await one.sync(orders))).toMatchObject({
      code: "API_TOO_MUCH",
      why: expect.stringContaining("INTERNAL_SERVER_ERROR"),
    });
    one.double.state.outcomes.length = 0;
    await recovers(one);
  });

  judged.each(["CANCELED", "EXPIRED"] as const)(
    "A04 an operation that was %s leaves nothing behind",
    async (status) => {
      const one = await large({ orders: 20 });
      one.double.state.outcomes.push({ status });
      expect(error(await one.sync(orders))?.code).toBe("API_BROKEN");
      await recovers(one);
    },
  );

  judged.each([0, 20_000])(
    "pitfall 3 (A09): rows of one and the same moment are all there (counted as %i)",
    async (claimed) => {
      const one = await shop({ orders: claimed === 0 ? 100 : 1_000 });
      one.double.state.claimed = claimed;
      for (const order of one.double.world.orders) {
        Object.assign(order, { updatedAt: "2026-02-01T10:00:00Z", refunds: [], transactions: [] });
        order["lineItems"] = (order["lineItems"] as readonly ShopNode[]).slice(0, 1);
      }
      expect(error(await one.sync(orders))).toBeNull();
      one.clock.advance(86_400_000);
      expect(error(await one.sync(orders))).toBeNull();
      expect(ids(await one.rows("orders"))).toEqual(ids(one.double.world.orders));
    },
    60_000,
  );

  judged("pitfall 4: operations of others are waited for, never cancelled", async () => {
    const one = await large({ orders: 20 });
    one.double.occupy(5, 100);
    const began = one.clock.now();
    expect(error(await one.sync(orders))).toBeNull();
    expect(one.clock.now() - began).toBeGreaterThanOrEqual(100_000);
    expect(one.double.state.accounting.cancelled).toBe(0);
    expect(ids(await one.rows("orders"))).toEqual(ids(one.double.world.orders));
  });

  judged("pitfall 4: an operation of our own that a cut-off run left behind is taken over", async () => {
    const one = await large({ orders: 20 });
    one.double.server.fail(
      Array.from({ length: 6 }, () => ({ kind: "answer", answer: { status: 500, text: "" } }) as const),
      isLook,
    );
    expect(error(await one.sync(orders))?.code).toBe("API_BROKEN");
    const left = one.double.state.jobs.length;
    expect(error(await one.sync(orders))).toBeNull();
    expect(ids(await one.rows("orders"))).toEqual(ids(one.double.world.orders));
    expect([left, new Set(texts(one)).size]).toEqual([1, texts(one).length]);
  });

  const LOST: readonly Fault[] = [
    { kind: "reset", when: "before" },
    { kind: "reset", when: "body" },
    { kind: "cut" },
    { kind: "raw", bytes: "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n" },
  ];
  judged.each(LOST)(
    "pitfall 4: an operation whose start was not answered ($kind $when) is found, not started twice",
    async (fault) => {
      const one = await large({ orders: 20 });
      one.double.server.fail([fault], isStart);
      expect(error(await one.sync(orders))).toBeNull();
      expect(ids(await one.rows("orders"))).toEqual(ids(one.double.world.orders));
      expect([new Set(texts(one)).size, runs(one)]).toEqual([texts(one).length, texts(one).length]);
    },
  );

  judged("pitfall 4: so is one that is done before it is looked for, and no older one with the same text", async () => {
    const one = await large({ orders: 20 });
    const finish = () => {
      for (const job of one.double.state.jobs) job.status = "COMPLETED";
      return "<html>";
    };
    const began = one.clock.now();
    one.double.server.fail(
      Array.from({ length: 6 }, () => ({ kind: "edit", change: finish }) as const),
      isLook,
    );
    expect(error(await one.sync(orders))?.code).toBe("API_BROKEN");
    expect(texts(one)).toHaveLength(1);
    for (const order of one.double.world.orders) order["name"] = "named since";
    one.clock.advance(began - one.clock.now());
    one.double.server.fail([{ kind: "edit", change: finish }], isStart);
    expect(error(await one.sync(orders))).toBeNull();
    const [left, ...since] = texts(one);
    expect([since[0], new Set(since).size]).toEqual([left, since.length]);
    const rows = await one.rows("orders");
    expect([rows.length, new Set(rows.map(({ name }) => name))]).toEqual([20, new Set(["named since"])]);
  });

  judged("pitfall 4: a start that never reaches Shopify is tried as often as anything else", async () => {
    const one = await large({ orders: 20 });
    const down = { kind: "answer", answer: { status: 502, text: "" } } as const;
    const { tries } = shopify.limits;
    one.double.server.fail(
      Array.from({ length: tries - 1 }, () => down),
      isStart,
    );
    expect(error(await one.sync(orders))).toBeNull();
    expect([new Set(texts(one)).size, runs(one)]).toEqual([texts(one).length, texts(one).length + tries - 1]);
    const broken = await large({ orders: 20 });
    broken.double.server.fail(
      Array.from({ length: 50 }, () => down),
      isStart,
    );
    expect(error(await broken.sync(orders))?.code).toBe("API_BROKEN");
    expect(runs(broken)).toBe(tries);
    broken.double.server.mend();
    await recovers(broken);
  });

  judged.each([0, 5_000])("pitfall 5 (A15): a scope that is missing is named (counted as %i)", async (claimed) => {
    const one = await shop();
    one.double.state.claimed = claimed;
    one.double.state.scopes = ["read_products"];
    const report = await one.sync(orders);
    expect([report.exit, error(report)?.code]).toEqual(["auth", "API_AUTH"]);
    expect(`${error(report)?.why}`).toContain("read_orders");
    expect((await one.sync(products)).exit).toBe("ok");
  });

  judged("pitfall 5 (A15): without read_all_orders the sync says what it does not see", async () => {
    const one = await shop({ orders: 60 });
    one.double.state.scopes = one.double.state.scopes.filter((scope) => scope !== "read_all_orders");
    const [order] = one.double.world.orders;
    if (order === undefined) throw new Error("the shop is empty");
    order["createdAt"] = "2025-10-01T00:00:00Z";
    const report = await one.sync(orders);
    expect(report.sources[0]?.warnings.join()).toContain("read_all_orders");
    expect(await one.rows("orders")).toHaveLength(59);
  });

  judged("pitfall 6: another name of the shop is told by the probe, missing scopes one by one", async () => {
    const one = await shop();
    const ask = async (name: string) => {
      const probes = shopify.open(shopify.options.parse(one.double.options), one.double.secrets).probes;
      const probe = probes.find((candidate) => candidate.name === name);
      if (probe === undefined) throw new Error(`no probe ${name}`);
      const response = await fetch(`${one.double.server.origin}${new URL(probe.request.url).pathname}`, {
        method: "POST",
        headers: { ...probe.request.headers, "x-shopify-access-token": "shpat_static-token" },
        body: probe.request.body ?? "",
      });
      return probe.read(await response.json(), one.clock.now());
    };
    expect(await ask("shop")).toMatchObject({ ok: true });
    expect(await ask("scopes")).toMatchObject({ ok: true });
    Object.assign(one.double.world.shop, { myshopifyDomain: "tea-of-the-north.myshopify.com" });
    expect(await ask("shop")).toMatchObject({ ok: false, fix: "set sources.shopify.shop to tea-of-the-north" });
    one.double.state.scopes = ["read_orders", "read_products"];
    const scopes = await ask("scopes");
    expect(scopes.ok).toBe(false);
    expect(scopes.message).toBe(
      "missing scopes: read_all_orders, read_customers, read_inventory; only orders of the last 60 days are seen",
    );
  });

  judged("pitfall 6: a redirect to the shop's other name gets no token and says which name", async () => {
    const one = await shop();
    one.double.server.fail([{ kind: "redirect", status: 301, to: "https://other-name.myshopify.com/admin" }]);
    const report = await one.sync(orders);
    expect(report.exit).toBe("source");
    expect(JSON.stringify(error(report))).toContain("other-name");
  });

  judged("pitfall 7: gateway time-outs are tried again, and end", async () => {
    const page = { kind: "answer", answer: { status: 504, text: "<html>Gateway time-out</html>" } } as const;
    const one = await shop({ orders: 30 });
    one.double.server.fail([page, { ...page, answer: { ...page.answer, status: 200 } }, page]);
    expect(error(await one.sync(orders))).toBeNull();
    const broken = await shop({ orders: 30 });
    broken.double.server.fail(Array.from({ length: 50 }, () => page));
    expect(error(await broken.sync(orders))?.code).toBe("API_BROKEN");
    expect(broken.asked()).toHaveLength(shopify.limits.tries);
  });

  judged("pitfall 8: withheld personal data are nulls that are kept as unknown", async () => {
    const one = await shop({ orders: 30, customers: 10 });
    for (const order of one.double.world.orders) Object.assign(order, { email: null, customer: null });
    for (const customer of one.double.world.customers) customer["defaultEmailAddress"] = null;
    expect(error(await one.sync())).toBeNull();
    expect((await one.rows("orders")).every(({ email, customer }) => email === null && customer === null)).toBe(true);
    expect(await one.rows("customers")).toHaveLength(10);
    const without = await shop({ orders: 30, customers: 10 });
    expect(error(await without.sync({ options: { personalData: false } }))).toBeNull();
    expect((await without.rows("orders")).some((order) => "email" in order)).toBe(false);
  });

  judged("pitfall 9: lists inside objects are followed to their end", async () => {
    const one = await shop({ customers: 20 });
    expect(error(await one.sync())).toBeNull();
    const rows = await one.rows("orders");
    const order = (index: number) => rows.find(({ id }) => id === `gid://shopify/Order/${10_000 + index}`) as ShopNode;
    const size = (node: ShopNode | undefined, list: string) =>
      (node?.[list] as { nodes: readonly unknown[] } | undefined)?.nodes.length;
    const refunds = (node: ShopNode) => node["refunds"] as readonly ShopNode[];
    const big = order(200);
    expect([size(big, "lineItems"), size(refunds(big)[0], "refundLineItems")]).toEqual([70, 65]);
    const [extra] = refunds(order(100));
    expect([size(extra, "refundShippingLines"), size(extra, "orderAdjustments")]).toEqual([3, 3]);
    expect(refunds(order(49))).toHaveLength(3);
    expect(order(33)["transactions"]).toHaveLength(6);
    const product = (await one.rows("products")).find(({ id }) => id === "gid://shopify/Product/503");
    expect(size(product, "variants")).toBe(130);
    expect(JSON.stringify(big)).not.toContain("pageInfo");
  });

  judged("pitfall 10: a refund counts on its own day, not on that of the order", async () => {
    const one = await shop({ orders: 10 });
    await one.sync(orders);
    const rows = (await one.rows("orders")).map((payload) => ({ _key: payload["id"], payload }) as unknown as Row);
    const bench = await openBench();
    try {
      const refunds = await bench.rowsOf("stg_refunds", { "raw.shopify__orders": rows });
      // Order 4 of 2025-12-25 12:00 was refunded one, two and three days later.
      expect(refunds.map(({ order_id, refunded_at }) => [order_id, refunded_at])).toEqual([
        ["shopify:10004", "2025-12-26T12:00:00.000Z"],
        ["shopify:10004", "2025-12-27T12:00:00.000Z"],
        ["shopify:10004", "2025-12-28T12:00:00.000Z"],
      ]);
    } finally {
      await bench.close();
    }
  });
});

describe("walks", () => {
  /** The body of a page of products. */
  const page = (nodes: readonly ShopNode[], hasNextPage: boolean, endCursor: string | null) => ({
    data: { products: { pageInfo: { hasNextPage, endCursor }, nodes } },
  });
  const isPage = ({ body }: { readonly body: string }) => body.includes('"operationName":"Products"');
  const replaced = (json: unknown) => ({ kind: "answer", answer: { json } }) as const;

  judged("B-05 (A01) the same page again and again ends with a name", async () => {
    const one = await shop();
    one.double.server.fail(
      Array.from({ length: 3 }, () => replaced(page([], true, "c"))),
      isPage,
    );
    expect(error(await one.sync(products))?.code).toBe("API_LOOP");
  });

  judged("B-13, B-14 (A03) many pages, an empty one between them and a cursor on the last", async () => {
    const one = await shop();
    const cursor = Buffer.from(JSON.stringify(["2025-01-01T00:00:00Z", "x"])).toString("base64");
    one.double.server.fail([replaced(page([], true, cursor))], isPage);
    expect(error(await one.sync(products))).toBeNull();
    expect(ids(await one.rows("products"))).toEqual(ids(one.double.world.products));
    expect(one.asked().filter((name) => name === "Products")).toHaveLength(3);
  });

  judged("B-14 a list that is null is no empty list", async () => {
    const one = await shop();
    one.double.server.fail([replaced({ data: { products: null } })], isPage);
    expect(error(await one.sync(products))?.code).toBe("API_SHAPE");
  });

  judged("B-15 (A08) a row without its time is kept, and one from the future moves no cursor", async () => {
    const one = await shop({ orders: 10 });
    const [first, second] = one.double.world.products;
    const node = (from: ShopNode | undefined, updatedAt: unknown) => ({
      ...from,
      updatedAt,
      variants: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] },
    });
    const strange = [node(first, null), node(second, "2999-01-01T00:00:00Z")];
    one.double.server.fail([replaced(page(strange, false, null))], isPage);
    expect(error(await one.sync(products))).toBeNull();
    expect(await one.rows("products")).toHaveLength(2);
    const cursor = readState(one.ws).cursors["shopify.products"] as { readonly until: string };
    expect(cursor.until <= "2026-02-09T06:00:00.000Z").toBe(true);
  });

  judged("B-03 rows in no order are all kept", async () => {
    const one = await shop({ orders: 60 });
    one.double.world.orders.reverse();
    for (const [index, order] of one.double.world.orders.entries()) {
      order["updatedAt"] = at(Date.parse("2026-01-20T00:00:00Z") + ((index * 7) % 60) * 3_600_000);
    }
    expect(error(await one.sync(orders))).toBeNull();
    expect(ids(await one.rows("orders"))).toEqual(ids(one.double.world.orders));
  });

  judged("A06 an answer of another version is refused", async () => {
    const one = await shop();
    one.double.state.served = "2025-10";
    expect(error(await one.sync(orders))).toMatchObject({
      code: "API_REFUSED",
      why: expect.stringContaining("2025-10"),
    });
  });

  judged("A10 data beside errors are never committed", async () => {
    const one = await shop();
    const partial = {
      ...page([], false, null),
      errors: [{ message: "Internal error", extensions: { code: "UNKNOWN" } }],
    };
    one.double.server.fail([replaced(partial)], isPage);
    expect(error(await one.sync(products))?.code).toBe("API_REFUSED");
    expect(readState(one.ws).parts).toEqual([]);
  });
});

describe("the double", () => {
  judged.each([
    ["{ shop { name } }", "at least one connection"],
    [
      "{ orders { edges { node { id refunds { id refundLineItems { edges { node { id } } } } } } } }",
      "within a list field",
    ],
    [
      "{ products { edges { node { id collections { edges { node { id products { edges { node { id } } } } } } } } } }",
      "nesting depth",
    ],
    ["{ orders { edges { node { lineItems { edges { node { id } } } } } } }", "must select the 'id'"],
    ["{ orders { edges { node { colour } } } }", "Cannot query field"],
    ['{ node(id: "x") { id } orders { edges { node { id } } } }', "cannot use node"],
  ])("refuses the bulk document %s", (document, why) => {
    expect(bulkProblem(shopifySchema(), document)).toContain(why);
  });

  judged(
    "serves a shop of any size without holding it",
    async () => {
      const one = await shop({ orders: 12, huge: { orders: 10_000 } });
      const { streams } = shopify.open(shopify.options.parse(one.double.options), { token: new Secret("x") });
      expect(streams.map(({ name }) => name)).toEqual(["orders", "customers", "products", "deletion_events"]);
      for (const order of one.double.world.orders) order["refunds"] = [];
      expect(error(await one.sync({ selection: { streams: ["orders"] } }))).toBeNull();
      expect(new Set(ids(await one.rows("orders"))).size).toBe(10_000);
    },
    120_000,
  );
});
