/** The `publish` key: where marts go. What the members mean is in `define.ts`. */
import { z } from "zod";
import { placeOf, placeSchema } from "./store.js";

const prefixOf = (pattern: RegExp, what: string) =>
  z
    .string()
    .regex(pattern, { error: `expected ${what}, such as growthos_` })
    .or(z.literal(""))
    .default("");
const printable = (what: string) => z.string().regex(/^[^\p{C}]{1,255}$/u, { error: `expected ${what}` });

const postgres = z.strictObject({
  host: z.string().regex(/^[\w.:-]{1,253}$/, { error: "expected a host such as db.example.com, without a port" }),
  port: z.int().min(1).max(65_535).default(5432),
  database: printable("the name of a database"),
  user: printable("the name of a user"),
  // Lower case, as PostgreSQL reads names that nobody quotes.
  schema: z
    .string()
    .regex(/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/, { error: "expected a schema such as growthos, in lower case" })
    .default("growthos"),
  prefix: prefixOf(/^[a-z_][a-z0-9_]{0,39}$/, "lower case letters, digits and _"),
  tls: z.enum(["verify", "off"]).default("verify"),
  caFile: z.string().min(1).max(1_000).nullable().default(null),
});

/** Names as Snowflake reads those that nobody quotes: their case does not matter. */
const snowflakeName = (what: string) =>
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, { error: `expected ${what}, of letters, digits and _` });

const snowflake = z.strictObject({
  account: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,100}(\.[a-z0-9-]{1,40}){0,3}$/, {
    error: "expected an account such as myorg-shop or xy12345.eu-central-1, without snowflakecomputing.com",
  }),
  user: printable("the name of a user"),
  role: snowflakeName("a role").nullable().default(null),
  warehouse: snowflakeName("a warehouse"),
  database: snowflakeName("a database"),
  schema: snowflakeName("a schema").default("GROWTHOS"),
  stage: snowflakeName("a stage").default("GROWTHOS"),
  files: placeSchema.transform(placeOf),
  prefix: prefixOf(/^[A-Za-z_]\w{0,39}$/, "letters, digits and _"),
});

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
        prefix: prefixOf(/^[A-Za-z_]\w{0,39}$/, "letters, digits and _"),
      })
      .nullable()
      .default(null),
    postgres: postgres.nullable().default(null),
    snowflake: snowflake.nullable().default(null),
  })
  .optional();
