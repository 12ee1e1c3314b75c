import { textAt } from "../shape.js";
import type { Stream } from "../types.js";
import { type Ask, readConnection } from "./graphql.js";
import { appended, firstMissing, type Nest, openCursor, readNested } from "./nested.js";
import { BULK, bulkDocument, PRODUCT_VARIANTS_QUERY, PRODUCTS_COUNT_QUERY, PRODUCTS_QUERY } from "./queries.js";
import { sizedStream } from "./sized.js";

/** First page of the variants of a product, and the size of follow-ups; twenty products cost 724 points. */
const VARIANTS = 10;
const MORE = 100;

/** Products with their variants and unit costs; key = GraphQL id. `updatedAt` also moves with the stock: noisy, but safe. */
export function productsStream(ask: Ask): Stream {
  return {
    name: "products",
    sync: { kind: "cursor", overlapMinutes: 10, fromTheBeginning: true },
    pii: [],
    ...sizedStream(ask, {
      root: "products",
      count: { operationName: "ProductsCount", query: PRODUCTS_COUNT_QUERY },
      page: (q) => ({
        operationName: "Products",
        query: PRODUCTS_QUERY,
        variables: { first: 20, after: null, q, variants: VARIANTS },
      }),
      document: (q) => bulkDocument("products", q, BULK.products),
      file: { keyMember: "id", parentMember: "__parentId", children: { ProductVariant: "variants" } },
      precision: "instant",
      readPage: (given) => readNested(ask, PRODUCT, () => readConnection(ask, "products", given), given),
    }),
  };
}

const PRODUCT: Nest = {
  missing: (waiting) =>
    firstMissing(waiting, ({ node }) => {
      const after = openCursor(node, "variants");
      if (after === null) return null;
      const variables = { id: textAt(node, "id"), after, variants: MORE };
      return { operationName: "ProductVariants", query: PRODUCT_VARIANTS_QUERY, variables };
    }),
  merge: (node, body, operation) =>
    operation.variables["id"] === node["id"]
      ? { ...node, variants: appended(node, "variants", body, "data.product.variants") }
      : node,
};
