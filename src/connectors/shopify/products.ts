import { textAt } from "../shape.js";
import type { Stream } from "../types.js";
import { type Ask, readConnection, updatedWithin } from "./graphql.js";
import { appended, type Nest, openCursor, readNested } from "./nested.js";
import { PRODUCT_VARIANTS_QUERY, PRODUCTS_QUERY } from "./queries.js";

/** First page of the variants of a product, and the size of follow-ups. */
const VARIANTS = 20;
const MORE = 100;

/** Products with their variants and unit costs; key = GraphQL id. `updatedAt` also moves with the stock: noisy, but safe. */
export function productsStream(ask: Ask): Stream {
  return {
    name: "products",
    sync: { kind: "cursor", overlapMinutes: 10, fromTheBeginning: true },
    pii: [],
    first: (slice) =>
      ask({
        operationName: "Products",
        query: PRODUCTS_QUERY,
        variables: { first: 20, after: null, q: updatedWithin(slice), variants: VARIANTS },
      }),
    read: (body, asked) =>
      readNested(ask, PRODUCT, () => readConnection(ask, "products", body, asked), { body, asked }),
  };
}

const PRODUCT: Nest = {
  missing: ({ node }) => {
    const after = openCursor(node, "variants");
    if (after === null) return null;
    const variables = { id: textAt(node, "id"), after, variants: MORE };
    return { operationName: "ProductVariants", query: PRODUCT_VARIANTS_QUERY, variables };
  },
  merge: (node, body) => ({ ...node, variants: appended(node, "variants", body, "data.product.variants") }),
};
