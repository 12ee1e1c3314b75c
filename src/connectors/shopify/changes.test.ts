import { afterAll, describe, expect, it } from "vitest";
import { hasShopifySchema } from "../../testing/doubles/shopify-schema.js";
import { at, type ShopNode } from "../../testing/doubles/shopify-world.js";
import { goShopping } from "../../testing/shopify-shop.js";
import { removeFolders } from "../../testing/workspace.js";

const judged = it.runIf(hasShopifySchema);
if (!hasShopifySchema) console.info("skipped: the vendors' schemas are not beside the repository");
afterAll(removeFolders);

const HOUR = 3_600_000;

/** The first of a list; what is tested needs one. */
function first(list: readonly ShopNode[] | undefined): ShopNode {
  const [found] = list ?? [];
  if (found === undefined) throw new Error("the shop is empty");
  return found;
}

describe("B-07 what a stream is told of covers what it holds", () => {
  judged.each([0, 5_000])("a refund, a cost, a customer and a deletion arrive (counted as %i)", async (claimed) => {
    const { double, sync, rows, clock, close } = await goShopping({ orders: 40, customers: 12 });
    double.state.claimed = claimed;
    try {
      expect((await sync()).exit).toBe("ok");
      clock.advance(24 * HOUR);
      const changed = { updatedAt: at(clock.now() - HOUR) };
      const { orders, products, customers, deletions } = double.world;
      // The order is six weeks old; of a product only the cost of one of its variants is another.
      const order = first(orders.filter(({ refunds }) => (refunds as readonly unknown[]).length === 0));
      const refunded = first(orders.filter(({ refunds }) => (refunds as readonly unknown[]).length === 1));
      const refund = { ...first(refunded["refunds"] as readonly ShopNode[]), id: "gid://shopify/Refund/777" };
      Object.assign(order, { ...changed, refunds: [refund] });
      const product = first(products);
      const variant = first(product["variants"] as readonly ShopNode[]);
      const item = variant["inventoryItem"] as ShopNode;
      item["unitCost"] = { amount: "7.77", currencyCode: "USD" };
      Object.assign(product, changed);
      const customer = first(customers);
      Object.assign(customer, { ...changed, state: "DISABLED" });
      const subjectId = "gid://shopify/Product/777";
      deletions.push({ subjectId, subjectType: "PRODUCT", occurredAt: changed.updatedAt });
      expect((await sync()).exit).toBe("ok");
      const one = async (stream: string, id: unknown) =>
        JSON.stringify((await rows(stream)).find((row) => row["id"] === id || row["subjectId"] === id));
      expect(await one("orders", order["id"])).toContain("gid://shopify/Refund/777");
      expect(await one("products", product["id"])).toContain("7.77");
      expect(await one("customers", customer["id"])).toContain("DISABLED");
      expect(await one("deletion_events", subjectId)).toContain("PRODUCT");
    } finally {
      await close();
    }
  });
});
