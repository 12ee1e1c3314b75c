import { z } from "zod";
import { type Adapter, MAX_PIXEL_BYTES } from "../types.js";

const id = z.string().min(1).max(200);
const text = z.string().max(2_000).nullable().optional();
const attribution = z.strictObject(
  Object.fromEntries(
    `utm_source utm_medium utm_campaign utm_content utm_term utm_id fbclid gclid wbraid gbraid ttclid landing_page landed_at`
      .split(" ")
      .map((name) => [name, text]),
  ),
);
const amount = z.union([z.number().finite(), z.string().regex(/^-?\d{1,15}(?:\.\d{1,6})?$/)]).nullable();
const number = amount.optional();
const ref = z.union([id, z.number().int()]).nullable().optional();

/** One event of the pixel. Anybody may send one, so nothing is taken that is not named here. */
const shape = z.strictObject({
  workspace_id: id,
  visitor_id: id,
  session_id: id.nullable().optional(),
  event_id: id,
  event: z.enum(["page_viewed", "product_viewed", "product_added_to_cart", "checkout_started", "checkout_completed"]),
  data: z
    .strictObject({
      product_id: ref,
      variant_id: ref,
      quantity: number,
      price: number,
      currency: z
        .string()
        .regex(/^[A-Za-z]{3}$/)
        .nullable()
        .optional(),
      cart_token: text,
      checkout_token: text,
      order_id: ref,
      email: z.string().max(320).nullable().optional(),
      value: number,
    })
    .nullable()
    .optional(),
  attribution: attribution.nullable().optional(),
  context: z.strictObject({ url: text, referrer: text }).nullable().optional(),
  consent: z
    .record(z.string().max(40), z.union([z.boolean(), z.string().max(40)]))
    .nullable()
    .optional(),
  ts: z.union([z.string().max(40), z.number()]).refine((at) => !Number.isNaN(new Date(at).getTime())),
});

/** Visitors' events. They are untrusted for ever: a separate source, and no sum of money rests on them. */
export const pixel: Adapter = {
  source: "pixel",
  title: "Pixel",
  headers: ["origin"],
  isKnownByBody: false,
  maxBytes: MAX_PIXEL_BYTES,
  read: (_delivery, body) => {
    const parsed = shape.safeParse(body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return { reason: "wrong_shape", why: `${issue?.path.join(".")}: ${issue?.message}`.slice(0, 200) };
    }
    const { event, event_id: eventId, workspace_id: account } = parsed.data;
    return { events: [{ topic: event, account, deliveryId: null, eventId, provenance: null, body }] };
  },
};
