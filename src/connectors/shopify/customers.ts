import { textAt } from "../shape.js";
import type { Stream } from "../types.js";
import { type Ask, readConnection } from "./graphql.js";
import { BULK, bulkDocument, CUSTOMERS_COUNT_QUERY, CUSTOMERS_QUERY } from "./queries.js";
import { sizedStream } from "./sized.js";

/** Customers; key = GraphQL id. Their `updated_at` filter matches whole days (schema text), so slices are widened to days. */
export function customersStream(ask: Ask, { withEmail }: { readonly withEmail: boolean }): Stream {
  return {
    name: "customers",
    sync: { kind: "cursor", overlapMinutes: 10 },
    pii: ["defaultEmailAddress.emailAddress"],
    ...sizedStream(ask, {
      root: "customers",
      count: { operationName: "CustomersCount", query: CUSTOMERS_COUNT_QUERY },
      page: (q) => ({
        operationName: "Customers",
        query: CUSTOMERS_QUERY,
        variables: { first: 100, after: null, q, withEmail },
      }),
      document: (q) => bulkDocument("customers", q, BULK.customers(withEmail)),
      file: { keyMember: "id", parentMember: "__parentId", children: {} },
      precision: "day",
      readPage: (given) => {
        const { nodes, rest } = readConnection(ask, "customers", given);
        return { records: nodes.map((node) => ({ key: textAt(node, "id"), payload: node })), next: rest };
      },
    }),
  };
}
