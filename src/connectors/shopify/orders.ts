import { type JsonObject, listAt, objectAt, textAt } from "../shape.js";
import type { Stream } from "../types.js";
import { type Ask, type Operation, readConnection, updatedWithin } from "./graphql.js";
import { appended, type Nest, openCursor, readNested, requireWhole, tooLong, type Waiting } from "./nested.js";
import { ORDER_LINES_QUERY, ORDER_REFUNDS_QUERY, ORDERS_QUERY, REFUND_LINES_QUERY } from "./queries.js";

/** First pages of the lists inside an order; longer ones are followed. The product with `pageSize` is the query's cost. */
const LINES = 10;
const REFUNDS = 2;
const REFUND_LINES = 5;
/** Refunds of one order that can be read at all; more fail loudly. */
const MAX_REFUNDS = 20;
/** Lines per follow-up request. */
const MORE = 50;

/**
 * Orders with lines, discount allocations, refunds, and the visit that led to them; key = GraphQL id.
 * Refunds, cancellations and edits move `updatedAt`, so the changed order is read again as a whole.
 */
export function ordersStream(ask: Ask, options: { readonly pageSize: number; readonly withEmail: boolean }): Stream {
  return {
    name: "orders",
    sync: { kind: "cursor", overlapMinutes: 10 },
    pii: ["email"],
    first: (slice) =>
      ask({
        operationName: "Orders",
        query: ORDERS_QUERY,
        variables: {
          first: options.pageSize,
          after: null,
          q: updatedWithin(slice),
          lines: LINES,
          refunds: REFUNDS,
          refundLines: REFUND_LINES,
          withEmail: options.withEmail,
        },
      }),
    read: (body, asked) => readNested(ask, ORDER, () => readConnection(ask, "orders", body, asked), { body, asked }),
  };
}

const ORDER: Nest = {
  missing: (waiting) => missingRefunds(waiting) ?? missingLines(waiting.node) ?? missingRefundLines(waiting.node),
  merge: (order, body, operation) => {
    if (operation.operationName === "OrderLines") {
      return { ...order, lineItems: appended(order, "lineItems", body, "data.order.lineItems") };
    }
    if (operation.operationName === "RefundLines") return withRefundLines(order, body);
    return { ...order, refunds: allRefunds(order, body) };
  },
};

/** `Order.refunds` is a plain list without page marks: a full first page may have been cut. */
function missingRefunds({ node: order, answered }: Waiting): Operation | null {
  if (answered.includes("OrderRefunds") || listAt(order, "refunds").length < REFUNDS) return null;
  return {
    operationName: "OrderRefunds",
    query: ORDER_REFUNDS_QUERY,
    variables: { id: textAt(order, "id"), refunds: MAX_REFUNDS, refundLines: REFUND_LINES },
  };
}

function allRefunds(order: JsonObject, body: unknown): readonly unknown[] {
  const refunds = listAt(body, "data.order.refunds");
  if (refunds.length >= MAX_REFUNDS) throw tooLong(textAt(order, "id"), "refunds");
  return refunds;
}

function missingLines(order: JsonObject): Operation | null {
  const after = openCursor(order, "lineItems");
  if (after === null) return null;
  return {
    operationName: "OrderLines",
    query: ORDER_LINES_QUERY,
    variables: { id: textAt(order, "id"), after, lines: MORE },
  };
}

function missingRefundLines(order: JsonObject): Operation | null {
  for (const [index] of listAt(order, "refunds").entries()) {
    const refund = objectAt(order, `refunds.${index}`);
    for (const list of ["refundShippingLines", "orderAdjustments", "transactions"]) requireWhole(refund, list);
    const after = openCursor(refund, "refundLineItems");
    if (after !== null) {
      const variables = { id: textAt(refund, "id"), after, refundLines: MORE };
      return { operationName: "RefundLines", query: REFUND_LINES_QUERY, variables };
    }
  }
  return null;
}

function withRefundLines(order: JsonObject, body: unknown): JsonObject {
  const id = textAt(body, "data.refund.id");
  const refunds = listAt(order, "refunds").map((_, index) => {
    const refund = objectAt(order, `refunds.${index}`);
    if (refund["id"] !== id) return refund;
    return { ...refund, refundLineItems: appended(refund, "refundLineItems", body, "data.refund.refundLineItems") };
  });
  return { ...order, refunds };
}
