/** The `publish` key: where marts go. What the members mean is in `define.ts`. */
import { z } from "zod";

/** What people write. */
export const publishSchema = z
  .strictObject({
    relations: z
      .array(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, { error: "expected a relation such as fact_orders" }))
      .min(1)
      .max(500)
      .nullable()
      .default(null),
    people: z.boolean().default(false),
    bigquery: z
      .strictObject({
        project: z.string().regex(/^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/, {
          error: "expected a project id such as my-shop-123456",
        }),
        dataset: z.string().regex(/^\w{1,1024}$/, { error: "expected a dataset such as growthos" }),
        location: z
          .string()
          .regex(/^[A-Za-z0-9-]{2,40}$/, { error: "expected a location such as US, EU or europe-west3" })
          .default("US"),
        prefix: z
          .string()
          .regex(/^[A-Za-z_]\w{0,39}$/, { error: "expected letters, digits and _, such as growthos_" })
          .or(z.literal(""))
          .default(""),
      })
      .nullable()
      .default(null),
  })
  .optional();
