/**
 * What people write in growthos.config.ts. Strict: an unknown key is an error that names the nearest valid one.
 * What the program uses is in `types.ts`; `load.ts` turns the one into the other.
 */
import { z } from "zod";
import { isISODate, isTimeZone } from "../base/dates.js";
import { alertsSchema } from "./alerts.js";
import { askSchema } from "./ask.js";
import { deckSchema } from "./deck.js";
import { engineSchema } from "./engine.js";
import { intakeSchema } from "./intake.js";
import { publishSchema } from "./publish.js";
import { storeSchema } from "./store.js";

const share = z
  .number()
  .min(0)
  .max(1, { error: (issue) => `${String(issue.input)} is not a share: write 0.08 for 8 %` });

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
] as const;

const day = z.string().refine(isISODate, { error: "expected a date YYYY-MM-DD" });

const timeZone = z
  .string()
  .refine(isTimeZone, { error: 'expected an IANA time zone such as "Europe/Berlin" or "America/New_York"' });

const currency = z.string().regex(/^[A-Z]{3}$/, { error: 'expected an ISO 4217 code in capitals, such as "USD"' });

/** DuckDB spills what does not fit, but holds some blocks per core and per column in any case. */
const memoryMb = z
  .number()
  .int()
  .min(768, {
    error: (issue) =>
      `${String(issue.input)} MB is not enough: 768 MB are needed, 512 of them for DuckDB to spill what does not fit`,
  })
  .max(4_194_304, { error: "megabytes are meant: 4096 is 4 GB" });

const contract = z.enum(["evolve", "freeze", "quarantine"]);

/** Members that growthos itself reads from every source; the rest belongs to the connector's own schema. */
export const sourceFrame = {
  /** First day wanted by a first run, YYYY-MM-DD. */
  since: day.optional(),
  /** A source that takes longer is stopped and reported as failed. */
  timeoutMinutes: z.number().int().min(1).max(1440).default(30),
  /** What happens when the vendor's records change: for all streams of the source, or by stream. */
  contract: z.union([contract, z.record(z.string(), contract)]).default("evolve"),
  /** How many complete days a source may lack; absent: the defaults of `sources.ts`. */
  freshness: z
    .strictObject({ warnAfterDays: z.number().int().min(0).max(366), errorAfterDays: z.number().int().min(0).max(366) })
    .refine((limits) => limits.errorAfterDays >= limits.warnAfterDays, {
      error: "errorAfterDays must not be smaller than warnAfterDays",
    })
    .optional(),
  /** Only these streams of the source; absent: all of them. */
  streams: z.array(z.string()).min(1).optional(),
};

/** How a shop cuts its days. What the members mean is in `define.ts`. */
const calendar = z
  .strictObject({
    weekEndsOn: z.enum(DAYS).default("sunday"),
    fiscalYearEnds: z.enum(MONTHS).default("december"),
    fiscalPeriods: z.enum(["months", "4-4-5", "4-5-4", "5-4-4", "iso"]).default("months"),
    lastWeek: z.enum(["last", "nearest"]).default("nearest"),
    fiscalYearNamedBy: z.enum(["end", "start"]).default("end"),
    holidays: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/), z.array(day).min(1)).default({}),
    datesUntil: day.optional(),
  })
  .superRefine(({ fiscalPeriods, fiscalYearEnds, weekEndsOn, lastWeek, holidays }, context) => {
    const told = (path: readonly string[], message: string) =>
      context.addIssue({ code: "custom", path: [...path], message });
    if (fiscalPeriods === "iso") {
      // ISO 8601 is one of the calendars that can be written, so nothing else may contradict it.
      if (weekEndsOn !== "sunday") told(["weekEndsOn"], "weeks of ISO 8601 end on sunday");
      if (fiscalYearEnds !== "december")
        told(["fiscalYearEnds"], "years of ISO 8601 end with the week nearest to december 31");
      if (lastWeek !== "nearest") told(["lastWeek"], "years of ISO 8601 end with the nearest week");
    }
    for (const [name, days] of Object.entries(holidays)) {
      const isSorted = days.every((one, index) => index === 0 || one > (days[index - 1] ?? ""));
      if (!isSorted) told(["holidays", name], "write the days in order, each once");
    }
  })
  .prefault({});

const targetPeriods = z.strictObject({
  day: z.number().optional(),
  week: z.number().optional(),
  month: z.number().optional(),
});

/** Each kind of own metric by the member that makes it one, with the members that may stand beside it. */
const METRIC_KINDS: Readonly<Record<string, readonly string[]>> = {
  sum: ["where"],
  count: ["where"],
  distinct: ["where"],
  figure: [],
  plus: ["minus"],
  divide: ["by", "times"],
  multiply: [],
  slopeOf: [],
};
const METRIC_PARTS = [...Object.keys(METRIC_KINDS), ...Object.values(METRIC_KINDS).flat()];

const name = z.string().trim().min(1).max(120);

/** A metric of the user's own. What its names mean is checked against the catalog. */
const metricSchema = z
  .strictObject({
    title: name,
    description: name.max(500).optional(),
    unit: z.enum(["money", "count", "ratio", "multiple", "days", "number"]),
    better: z.enum(["up", "down", "neither"]),
    aliases: z.array(name).max(10).default([]),
    formula: name.max(200).optional(),
    sum: name.optional(),
    count: name.optional(),
    distinct: name.optional(),
    figure: name.optional(),
    where: z.array(name).max(5).optional(),
    plus: z.array(name).min(1).max(20).optional(),
    minus: z.array(name).min(1).max(20).optional(),
    divide: name.optional(),
    by: name.optional(),
    times: z.number().positive().optional(),
    multiply: z.array(name).min(2).max(5).optional(),
    slopeOf: name.optional(),
  })
  .superRefine((metric, context) => {
    const given = METRIC_PARTS.filter((part) => metric[part as keyof typeof metric] !== undefined);
    const kinds = given.filter((part) => part in METRIC_KINDS);
    const [kind = ""] = kinds;
    const strangers = given.filter((part) => part !== kind && !METRIC_KINDS[kind]?.includes(part));
    const told = Object.keys(METRIC_KINDS).join(", ");
    if (kinds.length !== 1) context.addIssue({ code: "custom", message: `is made of exactly one of ${told}` });
    else if (strangers.length > 0)
      context.addIssue({ code: "custom", message: `${strangers.join(", ")} does not go with ${kind}` });
    else if (kind === "divide" && metric.by === undefined)
      context.addIssue({ code: "custom", message: "divide needs by" });
  });

/** One shop. */
export const shopSchema = z.strictObject({
  shop: z.strictObject({
    name: z.string().trim().min(1).max(120),
    currency: currency,
    timeZone: timeZone,
  }),
  calendar,
  /** Keys are source ids; their options are checked by the connectors' own schemas. */
  sources: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  costs: z
    .strictObject({
      categoryMargins: z.record(z.string(), share).default({}),
      defaultMargin: share.default(0.45),
      shippingShare: share.default(0.08),
      opsShare: share.default(0.05),
      paymentFeeShare: share.default(0),
      paymentFeeFixed: z.number().min(0).default(0),
    })
    .prefault({}),
  tasks: z
    .strictObject({
      cartQuietHours: z.number().int().min(1).max(720).default(24),
      keepDays: z.number().int().min(1).max(730).default(90),
    })
    .prefault({}),
  attribution: z.strictObject({ windowDays: z.number().int().min(1).max(365).default(30) }).prefault({}),
  targets: z.record(z.string(), targetPeriods).default({}),
  alerts: alertsSchema.optional(),
  intake: intakeSchema,
  store: storeSchema,
  ask: askSchema,
  engine: engineSchema,
  publish: publishSchema,
  deck: deckSchema.optional(),
  reports: z.strictObject({ pages: z.array(z.string().trim().min(1)).min(1).max(40).optional() }).prefault({}),
  metrics: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, { error: "a metric's id is lower snake case" }), metricSchema)
    .default({}),
  pii: z.enum(["hash", "keep", "drop"]).default("hash"),
  checks: z.strictObject({ folder: z.string().trim().min(1).optional() }).prefault({}),
  retention: z
    .strictObject({
      builds: z.number().int().min(1).max(100).default(3),
      runsDays: z.number().int().min(1).default(90),
      eventsDays: z.number().int().min(30).max(3650).default(730),
      mailDays: z.number().int().min(30).max(3650).default(365),
    })
    .prefault({}),
  limits: z.strictObject({ memoryMb: memoryMb.optional() }).prefault({}),
  asOf: day.optional(),
});

/** A folder beside the config that holds one `<name>.json` per workspace. */
export const workspacesFolder = z.string().trim().min(1).max(200);

/** Several shops in one project, each with its own folder and database file: written here, or in files of their own. */
export const projectSchema = z.strictObject({
  workspaces: z.record(z.string(), shopSchema).default({}),
  workspacesFolder: workspacesFolder.optional(),
});

/** A shop after parsing, defaults filled in. */
export type ShopParsed = z.output<typeof shopSchema>;

/** ISO weekday of a day's name: monday = 1. */
export function weekdayNumber(name: (typeof DAYS)[number]): number {
  return DAYS.indexOf(name) + 1;
}

/** Month number of a month's name: january = 1. */
export function monthNumber(name: (typeof MONTHS)[number]): number {
  return MONTHS.indexOf(name) + 1;
}
