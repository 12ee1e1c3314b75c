/** The `alerts` key of a shop: what people write, and what is checked of it beyond its shape. */
import { z } from "zod";
import { isISODate } from "../base/dates.js";
import { type Problem, unknownKey } from "./problems.js";
import type { AlertCondition, AlertsConfig } from "./types.js";

const day = z.string().refine(isISODate, { error: "expected a date YYYY-MM-DD" });
const id = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, { error: "expected lower-case letters, digits and _" });
const severity = z.enum(["info", "warning", "critical"]);
const least = severity.default("warning");

const limit = z
  .strictObject({
    metric: z.string(),
    by: z.enum(["level", "relative", "points"]).default("level"),
    over: z.number().optional(),
    under: z.number().optional(),
  })
  .refine(({ over, under }) => over !== undefined || under !== undefined, { error: "needs `over` or `under`" });
const condition: z.ZodType<AlertCondition> = z.lazy(() =>
  z.union([
    limit,
    z.strictObject({ all: z.array(condition).min(1) }),
    z.strictObject({ any: z.array(condition).min(1) }),
    z.strictObject({ not: condition }),
  ]),
) as z.ZodType<AlertCondition>;

const rule = z.strictObject({
  id,
  title: z.string().trim().min(1).max(120),
  scope: z
    .enum(["shop", "channel", "platform", "campaign", "product", "category", "country", "region", "customer_type"])
    .default("shop"),
  filters: z
    .array(
      z.strictObject({
        field: z.enum([
          "channel",
          "platform",
          "campaign",
          "product",
          "category",
          "country",
          "region",
          "customer_type",
          "cost_category",
        ]),
        operator: z.enum(["=", "!=", "in", "contains"]),
        value: z.union([z.string(), z.array(z.string()).min(1)]),
      }),
    )
    .optional(),
  days: z.number().int().min(1).max(366).default(7),
  against: z.enum(["previous", "last_week", "last_year"]).default("previous"),
  levels: z
    .strictObject({ info: condition.optional(), warning: condition.optional(), critical: condition.optional() })
    .refine((levels) => Object.values(levels).some((one) => one !== undefined), { error: "needs at least one level" }),
  minVolume: z.strictObject({ metric: z.string(), atLeast: z.number().min(0) }).optional(),
  lasting: z
    .strictObject({ times: z.number().int().min(1), of: z.number().int().min(1).max(12) })
    .refine(({ times, of }) => times <= of, { error: "`times` cannot be more than `of`" })
    .optional(),
  repeat: z
    .union([z.enum(["once", "continuous"]), z.strictObject({ cooldownDays: z.number().int().min(1) })])
    .default("once"),
  advice: z.string().trim().min(1).max(500),
});

const thresholds = z.strictObject({
  info: z.number().optional(),
  warning: z.number().optional(),
  critical: z.number().optional(),
  minVolume: z.number().min(0).optional(),
});

const address = z.email({ error: "expected an e-mail address" });
/** This machine: nobody listens between. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;
/** `Name <address>`, or the address alone. */
const sender = z
  .string()
  .refine(
    (text) => address.safeParse(/^[^<>\r\n]*<([^<>]+)>$/.exec(text)?.[1] ?? text).success && !/[\r\n]/.test(text),
    {
      error: "expected an e-mail address, or `Name <address>`",
    },
  );

const email = z
  .strictObject({
    host: z.string().regex(/^[^\s/:@]+$|^[0-9a-fA-F:]+$/, { error: "expected the name of a mail server" }),
    security: z.enum(["tls", "starttls", "none"]).default("starttls"),
    port: z.number().int().min(1).max(65_535).optional(),
    user: z.string().min(1).optional(),
    from: sender,
    to: z.array(address).min(1).max(20),
    least,
  })
  .refine(({ security, user, host }) => security !== "none" || user === undefined || LOOPBACK.test(host), {
    error: 'with security "none" the password would cross the network in the clear; use "starttls" or "tls"',
    path: ["security"],
  });

/** The ports of RFC 8314 (implicit TLS), RFC 6409 (submission), and plain relays. */
const MAIL_PORTS = { tls: 465, starttls: 587, none: 25 } as const;

/** The `alerts` key; absent: everything as shipped, nothing sent. */
export const alertsSchema = z.strictObject({
  off: z.array(id).default([]),
  thresholds: z.record(z.string(), thresholds).default({}),
  rules: z.array(rule).default([]),
  watch: z.array(z.string()).optional(),
  limits: z.enum(["mean", "median"]).default("mean"),
  dividers: z
    .array(z.strictObject({ day, reason: z.string().trim().min(1), metrics: z.array(z.string()).min(1).optional() }))
    .default([]),
  staleAfterDays: z.number().int().min(1).max(60).default(2),
  slack: z.strictObject({ least }).optional(),
  webhook: z
    .strictObject({
      url: z.string().refine((text) => /^https:\/\/[^\s/]+/.test(text), { error: "expected an https address" }),
      least,
    })
    .optional(),
  email: email.optional(),
});

/** What the program uses. */
export function alertsConfig(parsed: z.output<typeof alertsSchema>): AlertsConfig {
  const { rules, watch, slack, webhook, email: mail, ...rest } = parsed;
  return {
    ...rest,
    // Checked by the schema.
    dividers: rest.dividers as AlertsConfig["dividers"],
    rules: rules.map(({ days, against, ...own }) => ({
      ...own,
      look: { days, against },
      about: Object.values(own.levels).flatMap(metricsOf)[0] ?? "",
    })) as AlertsConfig["rules"],
    watch: watch ?? null,
    slack: slack ?? null,
    webhook: webhook ?? null,
    email:
      mail === undefined
        ? null
        : { ...mail, port: mail.port ?? MAIL_PORTS[mail.security], user: mail.user ?? null, to: [...new Set(mail.to)] },
  };
}

/** Ids of the rules that ship with the program; handed in so that this room need not know them. */
export interface ShippedRules {
  /** Rules over metrics: their thresholds can be moved. */
  readonly overMetrics: readonly string[];
  readonly aboutData: readonly string[];
}

/** Names in `alerts` that mean nothing: metrics, and rules of the shipped list; and rules whose id is taken. */
export function alertProblems(
  config: AlertsConfig,
  known: ShippedRules & { readonly metrics: readonly string[] },
): readonly Problem[] {
  const unknown = (path: readonly string[], name: string, names: readonly string[]): readonly Problem[] =>
    names.includes(name) ? [] : [{ path: ["alerts", ...path], message: unknownKey(name, names) }];
  const { metrics, overMetrics, aboutData } = known;
  const rules = [...overMetrics, ...aboutData];
  const own = config.rules.map((one) => one.id);
  return [
    ...config.off.flatMap((name, index) => unknown(["off", String(index)], name, [...rules, ...own, "signal"])),
    ...Object.keys(config.thresholds).flatMap((name) => unknown(["thresholds", name], name, overMetrics)),
    ...(config.watch ?? []).flatMap((name, index) => unknown(["watch", String(index)], name, metrics)),
    ...config.dividers.flatMap((one, index) =>
      (one.metrics ?? []).flatMap((name) => unknown(["dividers", String(index), "metrics"], name, metrics)),
    ),
    ...config.rules.flatMap((one, index) =>
      ruleProblems(one, ["rules", String(index)], { metrics, rules, own, unknown }),
    ),
  ];
}

interface RuleNames {
  readonly metrics: readonly string[];
  readonly rules: readonly string[];
  readonly own: readonly string[];
  readonly unknown: (path: readonly string[], name: string, names: readonly string[]) => readonly Problem[];
}

function ruleProblems(
  rule: AlertsConfig["rules"][number],
  path: readonly string[],
  { metrics, rules, own, unknown }: RuleNames,
): readonly Problem[] {
  const isTaken = rules.includes(rule.id) || own.filter((other) => other === rule.id).length > 1;
  const taken = isTaken ? [{ path: ["alerts", ...path, "id"], message: `there is a rule ${rule.id} already` }] : [];
  const named = [
    ...Object.values(rule.levels).flatMap(metricsOf),
    ...(rule.minVolume === undefined ? [] : [rule.minVolume.metric]),
  ];
  return [...taken, ...[...new Set(named)].flatMap((name) => unknown([...path, "levels"], name, metrics))];
}

function metricsOf(condition: AlertCondition): readonly string[] {
  if ("all" in condition) return condition.all.flatMap(metricsOf);
  if ("any" in condition) return condition.any.flatMap(metricsOf);
  return "not" in condition ? metricsOf(condition.not) : [condition.metric];
}
