import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { moneyOf } from "./orders.js";
import { SHOPIFY_TYPES, shopifyResponder } from "./shopify.js";
import { makeWorld } from "./world.js";

const world = makeWorld({ seed: 42, days: 60, asOf: isoDate("2026-02-09") });
const respond = shopifyResponder(world);
const url = "https://northpine-demo.myshopify.com/admin/api/2026-10/graphql.json";

type Json = { readonly [name: string]: Json } & readonly Json[] & string;

function ask(query: string, variables: object = {}): Json {
  const response = respond({ method: "POST", url, body: JSON.stringify({ query, variables }) });
  expect(response.status).toBe(200);
  expect(response.headers["x-shopify-api-version"]).toBe("2026-10");
  return JSON.parse(response.body) as Json;
}

/** Amounts of the wire format in cents. */
function cents(bag: Json | undefined): number {
  return Math.round(Number(bag?.["shopMoney"]?.["amount"]) * 100);
}

const ORDER = `id name updatedAt displayFinancialStatus test totalPriceSet { ...M } subtotalPriceSet { ...M } totalTaxSet { ...M }
  totalShippingPriceSet { ...M } totalDiscountsSet { ...M } totalRefundedSet { ...M } currentTotalPriceSet { ...M }
  lineItems(first: 10) { nodes { quantity currentQuantity originalTotalSet { ...M } discountAllocations { allocatedAmountSet { ...M } } } }
  refunds { totalRefundedSet { ...M } refundLineItems(first: 10) { nodes { restockType subtotalSet { ...M } totalTaxSet { ...M } } }
    refundShippingLines(first: 3) { nodes { subtotalAmountSet { ...M } } } transactions(first: 3) { nodes { kind amountSet { ...M } } } }`;
const MONEY = "fragment M on MoneyBag { shopMoney { amount currencyCode } presentmentMoney { amount } }";

function allOrders(): readonly Json[] {
  const query = `query O($after: String) { orders(first: 250, after: $after, sortKey: UPDATED_AT) { pageInfo { hasNextPage endCursor } nodes { ${ORDER} } } } ${MONEY}`;
  const orders: Json[] = [];
  for (let after: unknown = null; ; ) {
    const page = ask(query, { after })["data"]?.["orders"];
    orders.push(...(page?.["nodes"] ?? []));
    if (String(page?.["pageInfo"]?.["hasNextPage"]) !== "true") return orders;
    after = page?.["pageInfo"]?.["endCursor"];
  }
}

describe("shopify orders", () => {
  const orders = allOrders();

  it("come once each, oldest change first, with the world's totals", () => {
    expect(new Set(orders.map((order) => order["id"])).size).toBe(world.orders.length);
    const times = orders.map((order) => String(order["updatedAt"]));
    expect(times).toEqual([...times].sort());
    const total = orders.reduce((sum, order) => sum + cents(order["totalPriceSet"]), 0);
    expect(total).toBe(world.orders.reduce((sum, order) => sum + moneyOf(order).total, 0));
  });

  it("keep the vendor's identities: subtotal + tax + shipping = total, lines less allocations = subtotal", () => {
    for (const order of orders) {
      const lines = order["lineItems"]?.["nodes"] ?? ([] as unknown as Json);
      const goods = [...lines].reduce((sum, line) => sum + cents(line["originalTotalSet"]), 0);
      const discount = [...lines]
        .flatMap((line) => [...(line["discountAllocations"] ?? [])])
        .reduce((sum, allocation) => sum + cents(allocation["allocatedAmountSet"]), 0);
      const parts =
        cents(order["subtotalPriceSet"]) + cents(order["totalTaxSet"]) + cents(order["totalShippingPriceSet"]);
      expect([parts, discount, goods - discount]).toEqual([
        cents(order["totalPriceSet"]),
        cents(order["totalDiscountsSet"]),
        cents(order["subtotalPriceSet"]),
      ]);
    }
  });

  it("show refunds in parts that add up, with their payments", () => {
    const refunds = orders.flatMap((order) => [...(order["refunds"] ?? [])]);
    expect(refunds.length).toBeGreaterThan(50);
    for (const refund of refunds) {
      const lines = [...(refund["refundLineItems"]?.["nodes"] ?? [])];
      const goods = lines.reduce((sum, line) => sum + cents(line["subtotalSet"]) + cents(line["totalTaxSet"]), 0);
      const shipping = cents(refund["refundShippingLines"]?.["nodes"]?.[0]?.["subtotalAmountSet"]);
      const total = cents(refund["totalRefundedSet"]);
      expect(goods + (Number.isNaN(shipping) ? 0 : shipping)).toBe(total);
      expect(cents(refund["transactions"]?.["nodes"]?.[0]?.["amountSet"])).toBe(total);
    }
    expect(new Set(orders.map((order) => order["displayFinancialStatus"]))).toEqual(
      new Set(["PAID", "PARTIALLY_REFUNDED", "REFUNDED", "VOIDED", "PENDING"]),
    );
  });

  it("are found by half-open windows of their last change", () => {
    const find = (q: string) =>
      ask("query F($q: String) { orders(first: 250, query: $q, sortKey: UPDATED_AT) { nodes { id updatedAt } } }", {
        q,
      })["data"]?.["orders"]?.["nodes"] ?? [];
    const [early, late] = ["2026-01-10T00:00:00Z", "2026-01-12T00:00:00Z"];
    const found = [...find(`updated_at:>='${early}' updated_at:<'${late}'`)];
    const expected = orders.filter((order) => String(order["updatedAt"]) >= early && String(order["updatedAt"]) < late);
    expect(found.map((order) => order["id"])).toEqual(expected.map((order) => order["id"]));
    expect(found.length).toBeGreaterThan(0);
    expect([...find("updated_at:>='2026-02-10T00:00:00Z'")]).toEqual([]);
  });

  it("print money as the vendor does", () => {
    const amounts = orders.map((order) => String(order["totalPriceSet"]?.["shopMoney"]?.["amount"]));
    expect(amounts.every((amount) => /^\d+\.(0|\d?[1-9])$/.test(amount))).toBe(true);
  });
});

describe("shopify look-ups", () => {
  it("find one order, refund and product by id, and nothing for a strange id", () => {
    const order = world.orders.find((one) => one.refunds.length > 0);
    const [refund] = order?.refunds ?? [];
    const ids = `order(id: "gid://shopify/Order/${order?.id}") { name refunds(first: 1) { id } } refund(id: "gid://shopify/Refund/${refund?.id}") { note }`;
    expect(ask(`{ ${ids} none: order(id: "gid://shopify/Order/1") { name } }`)["data"]).toEqual({
      order: { name: `#${order?.number}`, refunds: [{ id: `gid://shopify/Refund/${refund?.id}` }] },
      refund: { note: refund?.note },
      none: null,
    });
  });

  it("find nodes of several types, each by the members of its own", () => {
    const order = world.orders.find((one) => one.refunds.length > 0);
    const ids = [
      `gid://shopify/Order/${order?.id}`,
      `gid://shopify/Refund/${order?.refunds[0]?.id}`,
      "gid://shopify/Order/1",
    ];
    // Payments are a list of an order and a connection of a refund.
    const parts = "... on Order { transactions(first: 1) { kind } } ";
    expect(ask(`query N($ids: [ID!]!) { nodes(ids: $ids) { ${parts} } }`, { ids: ids.slice(0, 1) })["data"]).toEqual({
      nodes: [{ transactions: [{ kind: "SALE" }] }],
    });
    const refunds = "... on Refund { id transactions(first: 1) { nodes { kind } } }";
    expect(ask(`query N($ids: [ID!]!) { nodes(ids: $ids) { ${refunds} } }`, { ids: ids.slice(1) })["data"]).toEqual({
      nodes: [{ id: ids[1], transactions: { nodes: [{ kind: "REFUND" }] } }, null],
    });
  });

  it("list products with their variants and the unit costs that are known", () => {
    const query =
      "{ products(first: 50) { nodes { title productType variants(first: 9) { nodes { sku price inventoryItem { unitCost { amount } } } } } } }";
    const products = [...(ask(query)["data"]?.["products"]?.["nodes"] ?? [])];
    expect(products).toHaveLength(25);
    const tee = products.find((product) => String(product["title"]) === "Organic Cotton Tee");
    expect(tee?.["variants"]?.["nodes"]?.[0]).toEqual({
      sku: "AP01-1",
      price: "35.00",
      inventoryItem: { unitCost: { amount: "15.2" } },
    });
    const shirt = products.find((product) => String(product["title"]) === "Linen Shirt");
    expect(shirt?.["variants"]?.["nodes"]?.[0]?.["inventoryItem"]).toEqual({ unitCost: null });
  });

  it("list customers with what they spent", () => {
    const query =
      "{ customers(first: 250) { nodes { id numberOfOrders amountSpent { amount } defaultEmailAddress { emailAddress } } } }";
    const customers = [...(ask(query)["data"]?.["customers"]?.["nodes"] ?? [])];
    const [first] = world.customers;
    const orders = world.orders.filter((order) => order.customer === first);
    expect(customers[0]).toMatchObject({
      numberOfOrders: String(orders.length),
      defaultEmailAddress: { emailAddress: first?.email },
    });
  });
});

describe("shopify errors", () => {
  it("are the vendor's: unknown fields by name, with cost beside them", () => {
    expect(ask("query Q { orders(first: 1) { nodes { colour } } }")).toMatchObject({
      errors: [
        {
          message: "Field 'colour' doesn't exist on type 'Order'",
          path: ["query Q", "orders", "nodes", "colour"],
          extensions: { code: "undefinedField", typeName: "Order", fieldName: "colour" },
        },
      ],
      extensions: { cost: { throttleStatus: { restoreRate: 100 } } },
    });
  });

  it("say 404 to other addresses and 400 to a body without a query", () => {
    expect(respond({ method: "POST", url: url.replace("graphql", "orders") }).status).toBe(404);
    expect(respond({ method: "POST", url, body: "{}" }).status).toBe(400);
  });
});

describe("shopify schema", () => {
  const file = new URL("../../../shared/schemas/shopify/admin_2026-10.json.gz", import.meta.url);
  const isThere = existsSync(file);
  if (!isThere) console.info("skipped: the vendor's schema is not beside the repository");

  it.runIf(isThere)("has every type and field that the demo answers", () => {
    const whole = JSON.parse(gunzipSync(readFileSync(file)).toString("utf8"));
    const types = new Map<string, Map<string, string>>(
      (whole.data ?? whole).__schema.types.map(
        (type: { name: string; fields: { name: string; type: object }[] | null }) => [
          type.name,
          new Map((type.fields ?? []).map((field) => [field.name, JSON.stringify(field.type)])),
        ],
      ),
    );
    const strangers = Object.entries(SHOPIFY_TYPES).flatMap(([name, text]) =>
      text.split(/\s+/).flatMap((word) => {
        const [field = "", type] = word.split(":");
        const known = types.get(name)?.get(field);
        if (known === undefined) return [`${name}.${field}`];
        const wanted = type === undefined ? "" : type.replace(/[[\]]/g, "").replace("*", "Connection");
        return known.includes(wanted === "" ? "" : `"name":"${wanted}"`) ? [] : [`${name}.${word}`];
      }),
    );
    expect(strangers).toEqual([]);
  });
});
