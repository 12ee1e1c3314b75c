import { type JsonObject, listAt, objectAt, textAt, valueAt } from "../shape.js";
import type { Page, Stream } from "../types.js";
import { type Ask, nodeAt, type Operation, operationOf, readConnection } from "./graphql.js";
import {
  appended,
  firstMissing,
  type Given,
  type Nest,
  openCursor,
  readNested,
  requireWhole,
  tooLong,
  type Waiting,
} from "./nested.js";
import {
  BULK,
  bulkDocument,
  ORDER_LINES_QUERY,
  ORDER_REFUND_IDS_QUERY,
  ORDER_TRANSACTIONS_QUERY,
  ORDERS_BY_KEY_QUERY,
  ORDERS_COUNT_QUERY,
  ORDERS_QUERY,
  REFUND_EXTRAS_QUERY,
  REFUND_LINES_QUERY,
  REFUNDS_QUERY,
} from "./queries.js";
import { type Sized, sizedStream } from "./sized.js";

/** First pages of the lists inside an order; longer ones are followed. With them an order costs 103 points, so nine fit a query. */
const LINES = 5;
const REFUNDS = 2;
const TRANSACTIONS = 4;
/** Refunds asked for at a time, with the first pages of their lists: 67 points each. */
const REFUNDS_AT_A_TIME = 10;
const REFUND_LINES = 5;
const EXTRAS = 2;
/** Entries per follow-up request; lists without page marks that reach theirs fail loudly. */
const MORE_LINES = 50;
const MORE_EXTRAS = 50;
const ALL_REFUNDS = 250;
const ALL_TRANSACTIONS = 200;

/**
 * Minutes by which changed orders are read again: two days. The visits that led to an order are put together some time after the
 * purchase, and that does not move `updatedAt`: an order that was read with `ready: false` is only found by reading it again.
 */
const OVERLAP_MINUTES = 2 * 24 * 60;

interface Options {
  readonly pageSize: number;
  readonly withEmail: boolean;
}

/**
 * Orders with lines, discount allocations, refunds, payments, and the visit that led to them; key = GraphQL id.
 * Refunds, cancellations and edits move `updatedAt`, so the changed order is read again as a whole.
 */
export function ordersStream(ask: Ask, options: Options): Stream {
  return {
    name: "orders",
    sync: { kind: "cursor", overlapMinutes: OVERLAP_MINUTES },
    pii: ["email"],
    ...sizedStream(ask, ordersOf(ask, options)),
  };
}

function ordersOf(ask: Ask, { pageSize, withEmail }: Options): Sized {
  const lists = { lines: LINES, refunds: REFUNDS, transactions: TRANSACTIONS, withEmail };
  const byKey = (ids: readonly string[]) =>
    ask({ operationName: "OrdersByKey", query: ORDERS_BY_KEY_QUERY, variables: { ids, ...lists } });
  return {
    root: "orders",
    count: { operationName: "OrdersCount", query: ORDERS_COUNT_QUERY },
    page: (q) => ({
      operationName: "Orders",
      query: ORDERS_QUERY,
      variables: { first: pageSize, after: null, q, ...lists },
    }),
    document: (q) => bulkDocument("orders", q, BULK.orders(withEmail)),
    // A list inside a list is not allowed in a bulk document, so orders with refunds are read once more.
    file: {
      keyMember: "id",
      parentMember: "__parentId",
      children: { LineItem: "lineItems" },
      again: { member: "refunds", atATime: pageSize, request: byKey },
    },
    precision: "instant",
    readPage: (given) => readOrders(ask, given),
  };
}

function readOrders(ask: Ask, given: Given): Page {
  if (given.asked.carry === undefined && operationOf(given.asked).operationName === "OrdersByKey") {
    const { nodes, gone } = byKeyNodes(given.body);
    return { ...readNested(ask, ORDER, () => ({ nodes, rest: null }), given), warnings: gone };
  }
  return readNested(ask, ORDER, () => readConnection(ask, "orders", given), given);
}

/** An order that was deleted since the file was written is not there any more. */
function byKeyNodes(body: unknown): { readonly nodes: readonly JsonObject[]; readonly gone: readonly string[] } {
  const found = listAt(body, "data.nodes");
  const nodes = found.flatMap((node, index) => (node === null ? [] : [nodeAt(body, `data.nodes.${index}`)]));
  const missing = found.length - nodes.length;
  return { nodes, gone: missing === 0 ? [] : [`${missing} orders were deleted while they were read`] };
}

const ORDER: Nest = {
  missing: (waiting) =>
    firstMissing(waiting, missingRefundIds) ?? missingRefunds(waiting) ?? firstMissing(waiting, missingParts),
  merge: (order, body, operation) => {
    const isAboutIt = operation.variables["id"] === order["id"];
    switch (operation.operationName) {
      case "OrderLines":
        return isAboutIt ? { ...order, lineItems: appended(order, "lineItems", body, "data.order.lineItems") } : order;
      case "OrderTransactions":
        return isAboutIt ? { ...order, transactions: allOf(order, body, "transactions", ALL_TRANSACTIONS) } : order;
      case "OrderRefundIds":
        return isAboutIt ? { ...order, refunds: allOf(order, body, "refunds", ALL_REFUNDS) } : order;
      default:
        return withRefunds(order, body, operation.operationName);
    }
  },
};

/** `Order.refunds` is a plain list without page marks: a full first page may have been cut. */
function missingRefundIds({ node: order, answered }: Waiting): Operation | null {
  if (answered.includes("OrderRefundIds") || listAt(order, "refunds").length < REFUNDS) return null;
  const variables = { id: textAt(order, "id"), refunds: ALL_REFUNDS };
  return { operationName: "OrderRefundIds", query: ORDER_REFUND_IDS_QUERY, variables };
}

/** The parts of refunds that are known by id only, of all waiting orders together. */
function missingRefunds(waiting: readonly Waiting[]): Operation | null {
  const ids = waiting
    .flatMap(({ node }) => refundsOf(node))
    .filter((refund) => refund["refundLineItems"] === undefined)
    .map((refund) => textAt(refund, "id"))
    .slice(0, REFUNDS_AT_A_TIME);
  if (ids.length === 0) return null;
  const variables = { ids, refundLines: REFUND_LINES, extras: EXTRAS };
  return { operationName: "Refunds", query: REFUNDS_QUERY, variables };
}

function refundsOf(order: JsonObject): readonly JsonObject[] {
  return listAt(order, "refunds").map((_, index) => objectAt(order, `refunds.${index}`));
}

function missingParts({ node: order, answered }: Waiting): Operation | null {
  return missingTransactions(order, answered) ?? missingLines(order) ?? missingRefundParts(order);
}

function missingTransactions(order: JsonObject, answered: readonly string[]): Operation | null {
  if (answered.includes("OrderTransactions") || listAt(order, "transactions").length < TRANSACTIONS) return null;
  const variables = { id: textAt(order, "id"), transactions: ALL_TRANSACTIONS };
  return { operationName: "OrderTransactions", query: ORDER_TRANSACTIONS_QUERY, variables };
}

function missingLines(order: JsonObject): Operation | null {
  const after = openCursor(order, "lineItems");
  if (after === null) return null;
  const variables = { id: textAt(order, "id"), after, lines: MORE_LINES };
  return { operationName: "OrderLines", query: ORDER_LINES_QUERY, variables };
}

const EXTRA_LISTS = ["refundShippingLines", "orderAdjustments", "transactions"] as const;

function missingRefundParts(order: JsonObject): Operation | null {
  for (const refund of refundsOf(order)) {
    const id = textAt(refund, "id");
    const after = openCursor(refund, "refundLineItems");
    if (after !== null) {
      const variables = { id, after, refundLines: MORE_LINES };
      return { operationName: "RefundLines", query: REFUND_LINES_QUERY, variables };
    }
    if (EXTRA_LISTS.some((list) => valueAt(refund, `${list}.pageInfo.hasNextPage`) === true)) {
      return { operationName: "RefundExtras", query: REFUND_EXTRAS_QUERY, variables: { id, extras: MORE_EXTRAS } };
    }
  }
  return null;
}

function allOf(order: JsonObject, body: unknown, list: string, most: number): readonly unknown[] {
  const all = listAt(body, `data.order.${list}`);
  if (all.length >= most) throw tooLong(textAt(order, "id"), list);
  return all;
}

/** The order with what an answer says about its refunds: some of them whole, or a list of one. */
function withRefunds(order: JsonObject, body: unknown, operationName: string): JsonObject {
  const told = operationName === "Refunds" ? listAt(body, "data.nodes") : [objectAt(body, "data.refund")];
  const byId = new Map(told.map((refund) => [textAt(refund, "id"), refund as JsonObject]));
  const refunds = refundsOf(order).map((refund) => {
    const more = byId.get(textAt(refund, "id"));
    if (more === undefined) return refund;
    if (operationName !== "RefundLines") return wholeExtras({ ...refund, ...more }, operationName);
    return { ...refund, refundLineItems: appended(refund, "refundLineItems", body, "data.refund.refundLineItems") };
  });
  return { ...order, refunds };
}

function wholeExtras(refund: JsonObject, operationName: string): JsonObject {
  if (operationName === "RefundExtras") for (const list of EXTRA_LISTS) requireWhole(refund, list);
  return refund;
}
