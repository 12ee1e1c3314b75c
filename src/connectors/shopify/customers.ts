import { textAt } from "../shape.js";
import type { Stream } from "../types.js";
import { type Ask, readConnection, updatedWithin } from "./graphql.js";
import { CUSTOMERS_QUERY } from "./queries.js";

/** Customers; key = GraphQL id. Their `updated_at` filter matches whole days (schema text), so slices are widened to days. */
export function customersStream(ask: Ask, options: { readonly withEmail: boolean }): Stream {
  return {
    name: "customers",
    sync: { kind: "cursor", overlapMinutes: 10 },
    pii: ["defaultEmailAddress.emailAddress"],
    first: (slice) =>
      ask({
        operationName: "Customers",
        query: CUSTOMERS_QUERY,
        variables: { first: 100, after: null, q: updatedWithin(slice, "day"), withEmail: options.withEmail },
      }),
    read: (body, asked) => {
      const { nodes, rest } = readConnection(ask, "customers", body, asked);
      return { records: nodes.map((node) => ({ key: textAt(node, "id"), payload: node })), next: rest };
    },
  };
}
