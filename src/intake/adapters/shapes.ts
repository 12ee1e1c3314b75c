/** What staging casts must be what it is cast to: a pushed row is never replaced by a newer one, so a bad one would stop every build. */
import { z } from "zod";
import { isISODate } from "../../base/dates.js";

// Minor units of it fit into 64 bits with room to be summed.
const AMOUNT = /^-?\d{1,12}(?:\.\d{1,9})?$/;
const TIME = /^\d{4}-\d{2}-\d{2}[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(Z|[+-](?:0\d|1[0-5]):?[0-5]\d)?$/;

/** An instant, or without an offset a time of day; the day must be one of the calendar, where JavaScript would count on. */
function isTime(text: string, needsOffset: boolean): boolean {
  const found = TIME.exec(text);
  return found !== null && (found[1] !== undefined || !needsOffset) && isISODate(text.slice(0, 10));
}

// Not `int()`: that refuses whole numbers beyond 2^53, which are exact here or texts already.
const id = z.union([z.string().min(1).max(200), z.number().refine(Number.isInteger)]);
const amount = z.union([z.string(), z.number()]).refine((value) => AMOUNT.test(String(value)), { error: "no decimal" });
const instant = z.string().refine((text) => isTime(text, true), { error: "no instant with an offset" });
const count = z.number().int().min(-1e9).max(1e9);
const currency = z.string().regex(/^[A-Z]{3}$/);
const bag = z.looseObject({ shop_money: z.looseObject({ amount: amount.nullish() }).nullish() }).nullish();
const text = z.union([z.string(), z.number()]).nullish();
const list = <T extends z.ZodType>(item: T) => z.array(item).max(10_000).nullish();
const ref = z.looseObject({ id: id.nullish() }).nullish();

/** A line's price times its quantity is a product of what a sender says: it must be an amount as well. */
function isWorth({ price, quantity }: { readonly price?: unknown; readonly quantity?: unknown }): boolean {
  return Math.abs(Number(price ?? 0) * Number(quantity ?? 1)) < 1e12;
}
const unworthy = { path: ["price"], error: "price times quantity is no amount" };

/** A whole order as Shopify's webhooks tell it. */
export const shopifyOrder = z.looseObject({
  id,
  currency,
  created_at: instant,
  total_price: amount,
  processed_at: instant.nullish(),
  updated_at: instant.nullish(),
  cancelled_at: instant.nullish(),
  test: z.boolean().nullish(),
  taxes_included: z.boolean().nullish(),
  name: text,
  email: text,
  customer: ref,
  subtotal_price: amount.nullish(),
  total_tax: amount.nullish(),
  total_discounts: amount.nullish(),
  total_tip_received: amount.nullish(),
  total_shipping_price_set: bag,
  original_total_duties_set: bag,
  line_items: list(
    z
      .looseObject({
        id: id.nullish(),
        price: amount.nullish(),
        quantity: count.nullish(),
        discount_allocations: list(z.looseObject({ amount: amount.nullish(), amount_set: bag })),
      })
      .refine(isWorth, unworthy),
  ),
  refunds: list(
    z.looseObject({
      id: id.nullish(),
      created_at: instant.nullish(),
      processed_at: instant.nullish(),
      transactions: list(z.looseObject({ amount: amount.nullish(), kind: text, status: text })),
      refund_line_items: list(z.looseObject({ total_tax: amount.nullish(), total_tax_set: bag })),
      refund_shipping_lines: list(z.looseObject({ subtotal_amount_set: bag, tax_amount_set: bag })),
    }),
  ),
});

/** A whole customer as Shopify's webhooks tell it. */
export const shopifyCustomer = z.looseObject({
  id,
  created_at: instant.nullish(),
  updated_at: instant.nullish(),
  default_address: z.looseObject({}).nullish(),
});

/** An order of Shopier. */
export const shopierOrder = z.looseObject({
  id,
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/)
    .nullish(),
  // Some accounts are told the time of their shop without an offset.
  dateCreated: z.string().refine((text) => isTime(text, false), { error: "no time" }),
  paymentStatus: text,
  totals: z
    .looseObject({
      subtotal: amount.nullish(),
      shipping: amount.nullish(),
      discount: amount.nullish(),
      total: amount.nullish(),
    })
    .nullish(),
  lineItems: list(
    z
      .looseObject({
        productId: id.nullish(),
        quantity: count.nullish(),
        price: amount.nullish(),
        total: amount.nullish(),
      })
      .refine(isWorth, unworthy),
  ),
});

/** A refund of Shopier; it is money only when it succeeded. */
export const shopierRefund = z.looseObject({
  id,
  orderId: id,
  status: z.string(),
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/)
    .nullish(),
  dateCreated: z.string().refine((text) => isTime(text, false), { error: "no time" }),
  dateRefunded: z
    .string()
    .refine((text) => isTime(text, false), { error: "no time" })
    .nullish(),
  total: amount,
});

/**
 * An order of a shop that is none of the known ones, under the topic `orders`. `id` may be called `external_id`, `total` `total_price`; an
 * order without items is worth what its total says.
 */
export const plainOrder = z
  .looseObject({
    id: id.nullish(),
    external_id: id.nullish(),
    currency,
    created_at: instant,
    updated_at: instant.nullish(),
    total: amount.nullish(),
    total_price: amount.nullish(),
    tax: amount.nullish(),
    shipping: amount.nullish(),
    discount: amount.nullish(),
    taxes_included: z.boolean().nullish(),
    status: z.string().min(1).max(60),
    name: text,
    email: text,
    customer_id: text,
    items: list(
      z
        .looseObject({
          sku: text,
          product_id: text,
          title: text,
          category: text,
          quantity: count.min(0).nullish(),
          price: amount,
          discount: amount.nullish(),
        })
        .refine(isWorth, unworthy),
    ),
  })
  .refine((order) => (order.id ?? order.external_id ?? null) !== null, { path: ["id"], error: "no id" })
  .refine((order) => (order.total ?? order.total_price ?? null) !== null, { path: ["total"], error: "no decimal" });

/** A refund of such a shop, under the topic `refunds`. */
export const plainRefund = z.looseObject({
  id,
  order_id: id,
  currency,
  created_at: instant,
  amount,
  tax: amount.nullish(),
  shipping: amount.nullish(),
});

/** Why a body is not what its topic says, with the place; null when it is. */
export function shapeProblem(shape: z.ZodType, body: unknown): string | null {
  const parsed = shape.safeParse(body);
  if (parsed.success) return null;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`.slice(0, 200);
}
