/** The `intake` key: who may push to this shop, and how much. What the members mean is in `define.ts`. */
import { z } from "zod";
import type { IntakeConfig } from "./types.js";

const header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,60}$/, { error: "expected the name of a header" })
  .transform((name) => name.toLowerCase());

const signature = z
  .strictObject({
    header: header.default("x-signature"),
    algorithm: z.enum(["sha1", "sha256", "sha512"]).default("sha256"),
    encoding: z.enum(["hex", "base64"]).default("hex"),
    prefix: z.string().max(20).default(""),
    toleranceSeconds: z.number().int().min(1).max(86_400).optional(),
  })
  .prefault({});

const signed = z.strictObject({ signature });
const origin = z.url({ protocol: /^https?$/ }).transform((text) => new URL(text).origin);
const rate = z.number().int().min(1).max(100_000);

/** What people write. */
export const intakeSchema = z
  .strictObject({
    port: z.number().int().min(0).max(65_535).default(7421),
    host: z.string().min(1).max(100).default("127.0.0.1"),
    hosts: z
      .array(z.hostname().transform((name) => name.toLowerCase()))
      .max(20)
      .default([]),
    behindProxy: z.boolean().default(false),
    limits: z
      .strictObject({
        perSecond: rate.default(5_000),
        perAddress: rate.default(2_500),
        pixelPerSecond: rate.default(500),
        pixelPerAddress: rate.default(20),
        pixelPerDay: z.number().int().min(1).max(100_000_000).default(1_000_000),
      })
      .prefault({}),
    shopify_webhooks: z
      .strictObject({
        shop: z.string().regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/, {
          error: 'expected the domain of the shop, "name.myshopify.com"',
        }),
      })
      .optional(),
    shopier: z.strictObject({ account: z.string().min(1).max(100).optional() }).optional(),
    webhooks: z.strictObject({ signature, id: z.string().min(1).max(100).optional() }).optional(),
    payouts: signed.optional(),
    fulfilments: signed.optional(),
    pixel: z
      .strictObject({ origins: z.array(origin).max(20).default([]), sandbox: z.boolean().default(false), signature })
      .optional(),
  })
  .optional();

type Parsed = NonNullable<z.output<typeof intakeSchema>>;

/** What the program uses. A pixel's events must name the workspace. */
export function intakeConfig(workspace: string, written: Parsed): IntakeConfig {
  const { port, host, hosts, behindProxy, limits } = written;
  const { shopify_webhooks: shopify, shopier, webhooks, payouts, fulfilments, pixel } = written;
  const none = { account: null, signature: null, origins: [], idPath: null };
  const sources: IntakeConfig["sources"] = [
    ...(shopify === undefined ? [] : [{ ...none, id: "shopify_webhooks", account: shopify.shop } as const]),
    ...(shopier === undefined ? [] : [{ ...none, id: "shopier", account: shopier.account ?? null } as const]),
    ...(webhooks === undefined
      ? []
      : [{ ...none, id: "webhooks", signature: schemeOf(webhooks), idPath: webhooks.id ?? null } as const]),
    ...(payouts === undefined ? [] : [{ ...none, id: "payouts", signature: schemeOf(payouts) } as const]),
    ...(fulfilments === undefined ? [] : [{ ...none, id: "fulfilments", signature: schemeOf(fulfilments) } as const]),
    ...(pixel === undefined
      ? []
      : [{ ...none, id: "pixel", account: workspace, signature: schemeOf(pixel), origins: sitesOf(pixel) } as const]),
  ];
  return { port, host, hosts, behindProxy, limits, sources };
}

/** A sandbox has no origin, and a browser calls that `null`. */
function sitesOf({ origins, sandbox }: NonNullable<Parsed["pixel"]>): readonly string[] {
  return sandbox ? [...origins, "null"] : origins;
}

type Scheme = NonNullable<IntakeConfig["sources"][number]["signature"]>;

function schemeOf({ signature: written }: z.output<typeof signed>): Scheme {
  const { toleranceSeconds, ...rest } = written;
  return { ...rest, toleranceSeconds: toleranceSeconds ?? null };
}
