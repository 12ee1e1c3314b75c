/** The read-only JSON API: one entry per route, its parameters as a schema, its answer as figures of the catalog. */
import { z } from "zod";
import { addDays, type DateRange, type ISODate, isISODate, rangeLength } from "../base/dates.js";
import { calendarOf } from "../metrics/fiscal.js";
import type { Comparison } from "../metrics/types.js";
import { windowFor } from "../metrics/windows.js";
import { renderMarkdown } from "../reports/render-markdown.js";
import { ask, figuresOf, type Names, rowsOf } from "./answers.js";
import type { ApiBuild, ApiSources } from "./types.js";

/** A route: `answer` is given what its schema let through. */
export interface Route {
  readonly path: string;
  /** One line for the list of routes. */
  readonly about: string;
  /** Names of parameters with what each takes. */
  readonly params: z.ZodType;
  answer(sources: ApiSources, params: never): Promise<object>;
}

const day = z.custom<ISODate>((value) => typeof value === "string" && isISODate(value), "a day as YYYY-MM-DD");
const whole = (most: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, "a whole number")
    .transform(Number)
    .pipe(z.number().min(1).max(most));
const nothing = z.strictObject({});
const period = z.strictObject({
  start: day.optional(),
  end: day.optional(),
  days: whole(366).optional(),
  /** As `growthos metrics --window` takes it. */
  window: z.string().max(60).optional(),
  compare: z.enum(["previous", "year_over_year", "same_date", "none"]).default("previous"),
});
const listed = period.extend({ limit: whole(500).default(100) });
const jobParams = z.strictObject({ limit: whole(500).default(50), status: z.string().max(40).optional() });
const reportParams = z.strictObject({ as_of: day.optional() });

type Period = z.infer<typeof period>;

const SUMMARY: Names = {
  revenueGross: "gross_revenue",
  revenueNet: "net_revenue",
  orders: "orders",
  aov: "aov",
  contributionMargin: "contribution_margin",
  cmPct: "contribution_margin_pct",
  blendedCac: "blended_cac",
  mer: "mer",
  newCustomers: "new_customers",
  sessions: "sessions",
  spend: "spend",
  grossMarginPct: "gross_margin",
};
const LIFETIME: Names = {
  ltvCacRatio: "ltv_cac",
  paybackDays: "payback_days",
  retentionD30: "retention_d30",
  ltv90: "ltv_90",
};
const SERIES = {
  dailyRevenue: { revenueGross: "gross_revenue", revenueNet: "net_revenue", orders: "orders", aov: "aov" },
  dailySpend: { spend: "spend", impressions: "impressions", clicks: "clicks" },
  dailyTraffic: { sessions: "sessions", purchases: "purchases" },
  dailyMargin: { contributionMargin: "contribution_margin", cmPct: "contribution_margin_pct" },
} as const satisfies Readonly<Record<string, Names>>;
const CHANNELS: Names = {
  spend: "spend",
  revenue: "net_revenue",
  orders: "orders",
  newCustomers: "new_customers",
  returning: "returning_customers",
  cac: "blended_cac",
  roas: "roas",
  cm: "contribution_margin",
  cmPct: "contribution_margin_pct",
  impressions: "impressions",
  clicks: "clicks",
  channelProfit: "channel_profit",
};
const FUNNEL: Names = {
  sessions: "sessions",
  pdpViews: "product_views",
  addToCart: "add_to_carts",
  checkouts: "checkouts",
  purchases: "purchases",
  productViewRate: "product_view_rate",
  addToCartRate: "add_to_cart_rate",
  checkoutRate: "checkout_rate",
  purchaseRate: "purchase_rate",
  overallCvr: "funnel_cvr",
};
const COHORTS: Names = {
  cohortSize: "cohort_size",
  d7Retention: "retention_d7",
  d30Retention: "retention_d30",
  d60Retention: "retention_d60",
  d90Retention: "retention_d90",
  ltv30: "ltv_30",
  ltv90: "ltv_90",
  ltv180: "ltv_180",
  avgCac: "cohort_cac",
  paybackDays: "payback_days",
};
const ECONOMICS: Names = {
  netRevenue: "net_revenue",
  cogs: "cogs",
  shippingCost: "shipping_cost",
  opsCost: "ops_cost",
  paymentFees: "payment_fees",
  contributionMargin: "contribution_margin",
  cmPct: "contribution_margin_pct",
  spend: "spend",
  channelProfit: "channel_profit",
};
const PRODUCTS: Names = { units: "units", revenueGross: "gross_revenue", cogs: "cogs" };
/** Whole months of cohorts that are listed. */
const COHORT_DAYS = 365;

/** THE list of routes, below `/api`. */
export const ROUTES: readonly Route[] = [
  { path: "/health", about: "whether there is a build, and of when", params: nothing, answer: health },
  {
    path: "/metrics/summary",
    about: "the sixteen figures of a period with their change",
    params: period,
    answer: summary,
  },
  {
    path: "/metrics/timeseries",
    about: "revenue, spend, traffic and margin by day",
    params: period,
    answer: timeseries,
  },
  {
    path: "/metrics/channels",
    about: "the same by channel, orders without one last",
    params: listed,
    answer: channels,
  },
  { path: "/metrics/funnel", about: "five steps with their rates", params: period, answer: funnel },
  {
    path: "/metrics/cohorts",
    about: "retention, lifetime value, CAC and payback by month",
    params: nothing,
    answer: cohorts,
  },
  { path: "/metrics/unit-economics", about: "what is left of net revenue", params: period, answer: economics },
  { path: "/metrics/products", about: "units, revenue and cost by product", params: listed, answer: products },
  { path: "/alerts", about: "what the rules say of the current build", params: nothing, answer: alerts },
  {
    path: "/wbr",
    about: "the written weekly review: narrative as Markdown, and its model",
    params: reportParams,
    answer: wbr,
  },
  { path: "/jobs", about: "syncs, newest first", params: jobParams, answer: jobs },
];

async function health(sources: ApiSources): Promise<object> {
  const [last] = sources.jobs();
  const { context } = await sources.build();
  return {
    status: last?.state === "failed" ? "degraded" : "healthy",
    timestamp: sources.now(),
    db: { buildId: context.buildId, asOf: context.asOf, inputHash: context.inputHash },
    demoMode: sources.isDemo,
    lastSyncAt: last?.endedAt ?? null,
    version: sources.version,
  };
}

async function summary(sources: ApiSources, params: Period): Promise<object> {
  const build = await sources.build();
  const asked = questionOf(params, build);
  const [result, lifetime] = [
    await ask(build, SUMMARY, asked),
    await ask(build, LIFETIME, { window: cohortDays(build) }),
  ];
  const kpis = { ...figuresOf(build, SUMMARY, result.totals), ...figuresOf(build, LIFETIME, lifetime.totals) };
  return { ...stamp(build, asked.window), kpis };
}

async function timeseries(sources: ApiSources, params: Period): Promise<object> {
  const build = await sources.build();
  const { window } = questionOf(params, build);
  const all: Names = Object.assign({}, ...Object.values(SERIES));
  const { series } = await ask(build, all, { window, grain: "day" });
  const parts = Object.entries(SERIES).map(([name, names]) => [
    name,
    series.map(({ key, values }) => ({ date: key, ...figuresOf(build, names, values) })),
  ]);
  return { ...stamp(build, window), ...Object.fromEntries(parts) };
}

function channels(sources: ApiSources, params: z.infer<typeof listed>): Promise<object> {
  return broken(sources, { params, names: CHANNELS, breakdown: "channel" });
}

function products(sources: ApiSources, params: z.infer<typeof listed>): Promise<object> {
  return broken(sources, { params, names: PRODUCTS, breakdown: "product" });
}

async function broken(
  sources: ApiSources,
  { params, names, breakdown }: { params: z.infer<typeof listed>; names: Names; breakdown: "channel" | "product" },
): Promise<object> {
  const build = await sources.build();
  const asked = questionOf(params, build);
  const result = await ask(build, names, { ...asked, breakdown });
  return {
    ...stamp(build, asked.window),
    rows: rowsOf(build, names, result.rows.slice(0, params.limit)),
    total: result.rows.length,
    totals: figuresOf(build, names, result.totals),
  };
}

async function funnel(sources: ApiSources, params: Period): Promise<object> {
  const build = await sources.build();
  const asked = questionOf(params, build);
  const { totals } = await ask(build, FUNNEL, asked);
  return { ...stamp(build, asked.window), traffic: figuresOf(build, FUNNEL, totals) };
}

async function economics(sources: ApiSources, params: Period): Promise<object> {
  const build = await sources.build();
  const asked = questionOf(params, build);
  const { totals } = await ask(build, ECONOMICS, asked);
  return { ...stamp(build, asked.window), costs: figuresOf(build, ECONOMICS, totals) };
}

async function cohorts(sources: ApiSources): Promise<object> {
  const build = await sources.build();
  const window = cohortDays(build);
  const { rows } = await ask(build, COHORTS, { window, breakdown: "month" });
  return { ...stamp(build, window), cohorts: rowsOf(build, COHORTS, rows) };
}

async function alerts(sources: ApiSources): Promise<object> {
  const judged = await sources.alerts();
  return { alerts: judged.alerts, evaluatedAt: judged.day };
}

async function wbr(sources: ApiSources, { as_of }: z.infer<typeof reportParams>): Promise<object> {
  const report = await sources.report("wbr", as_of ?? null);
  if (report === null) return { report: null, hint: "write it with `growthos report --wbr`" };
  return { weekLabel: report.subtitle, narrative: renderMarkdown(report), report };
}

async function jobs(sources: ApiSources, { limit, status }: z.infer<typeof jobParams>): Promise<object> {
  const all = sources.jobs().filter((job) => status === undefined || job.state === status);
  return { jobs: all.slice(0, limit), total: all.length };
}

function questionOf(
  params: Period,
  { context }: ApiBuild,
): { readonly window: DateRange; readonly compare?: Comparison } {
  const { window, start, end, days = 7, compare } = params;
  const last = context.lastCompleteDay;
  const calendar = context.calendar ?? calendarOf(context.weekEndsOn ?? 7);
  const to = end ?? last;
  const range = window === undefined ? { from: start ?? addDays(to, 1 - days), to } : windowFor(window, last, calendar);
  return { window: range, ...(compare === "none" ? {} : { compare: { kind: compare } }) };
}

/** Cohorts of the last year; a cohort is one of whole months. */
function cohortDays({ context }: ApiBuild): DateRange {
  const from = addDays(context.lastCompleteDay, -COHORT_DAYS);
  return { from: `${from.slice(0, 7)}-01` as ISODate, to: context.lastCompleteDay };
}

/** What every answer is stamped with. */
function stamp({ context }: ApiBuild, window: DateRange): object {
  const { shop, currency, timeZone, asOf, buildId } = context;
  const period = { start: window.from, end: window.to, days: rangeLength(window) };
  return { shop, currency, timeZone, asOf, buildId, period };
}
