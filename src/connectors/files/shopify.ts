import type { Field, FileShape, ValueKind } from "./types.js";

type Extra = Partial<Pick<Field, "column" | "value" | "pii">>;

/** Shopify's exports are English in every shop, so one header is enough; the payload name is the header in snake_case. */
function field(header: string, kind: ValueKind = "text", extra: Extra = {}, also: readonly string[] = []): Field {
  const name = header
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "");
  return { name, kind, headers: [header, ...also], ...extra };
}

const PERSON: Extra = { pii: "text" };

function address(prefix: string): readonly Field[] {
  return [
    ...["Name", "Street", "Address1", "Address2", "Company", "Zip", "Phone"].map((part) =>
      field(`${prefix} ${part}`, "text", PERSON),
    ),
    ...["City", "Province", "Country"].map((part) => field(`${prefix} ${part}`)),
  ];
}

/**
 * Orders: one row per line; order-level cells stand on the first row only. Column list: Shopify help "Exporting orders"
 * and real exports of 73 and 79 columns. Order of columns differs between shops, so only names count.
 */
export const SHOPIFY_ORDERS: FileShape = {
  stream: "shopify_orders",
  title: "Shopify orders export",
  signature: ["name", "financial_status", "created_at", "total", "lineitem_name"],
  fields: [
    field("Name", "text", { column: "required", value: "required" }),
    field("Email", "text", { pii: "email" }),
    field("Financial Status", "text", { column: "required" }),
    field("Currency", "currency", { column: "required" }),
    field("Subtotal", "amount", { column: "required" }),
    field("Shipping", "amount"),
    field("Taxes", "amount"),
    field("Total", "amount", { column: "required" }),
    field("Discount Amount", "amount"),
    field("Created at", "instant", { column: "required", value: "required" }),
    field("Lineitem quantity", "count", { column: "required" }),
    field("Lineitem name"),
    field("Lineitem price", "amount", { column: "required" }),
    field("Lineitem sku"),
    field("Lineitem discount", "amount"),
    ...address("Billing"),
    ...address("Shipping"),
    field("Notes", "text", PERSON),
    field("Note Attributes", "text", PERSON),
    field("Phone", "text", PERSON),
    field("Cancelled at", "instant"),
    field("Refunded Amount", "amount"),
    field("Vendor"),
    field("Id"),
    field("Customer ID"),
    field("Tags"),
    field("Source"),
    field("Duties", "amount"),
    field("Employee", "text", PERSON),
  ],
  key: ["name"],
  wholeKey: true,
  oncePerKey: ["financial_status", "currency", "subtotal", "total"],
  exclude: [],
  dayField: "created_at",
};

/** Customers: 22 columns today ("Default Address …"), shorter names in exports before 2023. */
export const SHOPIFY_CUSTOMERS: FileShape = {
  stream: "shopify_customers",
  title: "Shopify customers export",
  signature: ["email", "first_name", "last_name", "total_spent", "total_orders"],
  fields: [
    field("Customer ID", "text", { column: "required", value: "required" }, ["ID"]),
    field("First Name", "text", PERSON),
    field("Last Name", "text", PERSON),
    field("Email", "text", { pii: "email" }),
    field("Accepts Email Marketing", "flag", {}, ["Accepts Marketing"]),
    field("Accepts SMS Marketing", "flag"),
    field("Default Address Company", "text", PERSON, ["Company"]),
    field("Default Address Address1", "text", PERSON, ["Address1"]),
    field("Default Address Address2", "text", PERSON, ["Address2"]),
    field("Default Address City", "text", {}, ["City"]),
    field("Default Address Province Code", "text", {}, ["Province Code"]),
    field("Default Address Country Code", "text", {}, ["Country Code"]),
    field("Default Address Zip", "text", PERSON, ["Zip"]),
    field("Default Address Phone", "text", PERSON),
    field("Phone", "text", PERSON),
    field("Total Spent", "amount"),
    field("Total Orders", "count"),
    field("Note", "text", PERSON),
    field("Tags"),
  ],
  key: ["customer_id"],
  wholeKey: false,
  oncePerKey: [],
  exclude: [],
  dayField: null,
};

/** Products: one row per variant or image; product-level cells stand on the first row of a handle. */
export const SHOPIFY_PRODUCTS: FileShape = {
  stream: "shopify_products",
  title: "Shopify products export",
  signature: ["handle", "title", "variant_price", "variant_sku"],
  fields: [
    field("Handle", "text", { column: "required", value: "required" }),
    field("Title", "text", { column: "required" }),
    field("Vendor"),
    field("Product Category"),
    field("Type"),
    field("Tags"),
    field("Published", "flag"),
    ...[1, 2, 3].flatMap((n) => [field(`Option${n} Name`), field(`Option${n} Value`)]),
    field("Variant SKU"),
    field("Variant Price", "amount", { column: "required" }),
    field("Variant Compare At Price", "amount"),
    field("Variant Barcode"),
    field("Cost per item", "amount"),
    field("Status"),
  ],
  key: ["handle"],
  wholeKey: true,
  oncePerKey: ["title"],
  exclude: [],
  dayField: null,
};
