import { z } from "zod";
import { isoDate } from "../../base/dates.js";
import { type Credentials, secretsOf } from "../sign-in.js";
import type { Connector } from "../types.js";
import { classifyShopify } from "./classify.js";
import { customersStream } from "./customers.js";
import { deletionEventsStream } from "./deletions.js";
import { API_VERSION, askShop } from "./graphql.js";
import { ordersStream } from "./orders.js";
import { probesOf } from "./probes.js";
import { productsStream } from "./products.js";
import { authOf, signIns } from "./sign-ins.js";
import { usageOf } from "./usage.js";

const options = z.strictObject({
  /** `my-shop` or `my-shop.myshopify.com`. */
  shop: z.string().regex(/^[a-z0-9][a-z0-9-]*(\.myshopify\.com)?$/, "write the name before .myshopify.com"),
  /** False for apps without access to protected customer data: e-mails are then not asked for. */
  personalData: z.boolean().default(true),
  /** Orders per page; halved by itself when Shopify finds the query too expensive. */
  pageSize: z.int().min(1).max(250).default(9),
});

/** Shopify Admin GraphQL: orders, customers, products. Scopes: read_orders, read_all_orders, read_customers, read_products, read_inventory. */
export const shopify: Connector<z.output<typeof options>, Credentials> = {
  id: "shopify",
  title: "Shopify",
  options,
  signIns,
  secrets: secretsOf(signIns),
  hosts: ["*.myshopify.com", "storage.googleapis.com"],
  // The limit is the query cost, told by every answer.
  limits: { concurrent: 2, tries: 6, maxBodyBytes: 64 * 1024 * 1024 },
  apiVersion: { name: API_VERSION, sunset: isoDate("2027-10-16"), checkedOn: isoDate("2026-11-20") },
  classify: classifyShopify,
  usage: usageOf,
  open: ({ shop, personalData, pageSize }, secrets) => {
    const ask = askShop(shop);
    return {
      auth: authOf(shop, secrets),
      probes: probesOf(ask, shop),
      streams: [
        ordersStream(ask, { pageSize, withEmail: personalData }),
        customersStream(ask, { withEmail: personalData }),
        productsStream(ask),
        deletionEventsStream(ask),
      ],
    };
  },
};
