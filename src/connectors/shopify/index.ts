import { z } from "zod";
import { isoDate } from "../../base/dates.js";
import { type Credentials, given, type SignIn, secretsOf } from "../sign-in.js";
import type { Connector } from "../types.js";
import { classifyShopify } from "./classify.js";
import { customersStream } from "./customers.js";
import { API_VERSION, askShop } from "./graphql.js";
import { ordersStream } from "./orders.js";
import { productsStream } from "./products.js";

const options = z.strictObject({
  /** `my-shop` or `my-shop.myshopify.com`. */
  shop: z.string().regex(/^[a-z0-9][a-z0-9-]*(\.myshopify\.com)?$/, "write the name before .myshopify.com"),
  /** False for apps without access to protected customer data: e-mails are then not asked for. */
  personalData: z.boolean().default(true),
  /** Orders per page; halved by itself when Shopify finds the query too expensive. */
  pageSize: z.int().min(1).max(250).default(10),
});

/** An access token that was made elsewhere. */
const signIns: readonly SignIn[] = [
  {
    kind: "token",
    title: "access token",
    help: "Admin API access token of the app, with read_orders, read_all_orders, read_customers, read_products, read_inventory",
    members: [{ name: "token", label: "Access token" }],
  },
];

/** Shopify Admin GraphQL: orders, customers, products. Scopes: read_orders, read_all_orders, read_customers, read_products, read_inventory. */
export const shopify: Connector<z.output<typeof options>, Credentials> = {
  id: "shopify",
  title: "Shopify",
  options,
  signIns,
  secrets: secretsOf(signIns),
  hosts: ["*.myshopify.com", "storage.googleapis.com"],
  // The real limit is the query cost, told by every throttled answer; two a second suits the smallest plan.
  limits: { perSecond: 2, concurrent: 1, tries: 6, maxBodyBytes: 64 * 1024 * 1024 },
  apiVersion: { name: API_VERSION, sunset: isoDate("2027-10-16") },
  classify: classifyShopify,
  open: ({ shop, personalData, pageSize }, secrets) => {
    const ask = askShop(shop);
    return {
      auth: { kind: "header", name: "X-Shopify-Access-Token", value: given(secrets, "token") },
      probes: [],
      streams: [
        ordersStream(ask, { pageSize, withEmail: personalData }),
        customersStream(ask, { withEmail: personalData }),
        productsStream(ask),
      ],
    };
  },
};
