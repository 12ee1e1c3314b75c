/**
 * Hand-made facts for tests: a small shop whose figures follow from the formulas below, so that pages can be rendered without a warehouse.
 * Imported by tests only.
 */
import type { AlertRule } from "../alerts/types.js";
import { addDays, type Calendar, type DateRange, daysBetween, type ISODate, isoDate } from "../base/dates.js";
import { bucketsOf } from "../metrics/calendar.js";
import { CATALOG } from "../metrics/catalog/index.js";
import type { ForeignDay } from "../metrics/page-facts.js";
import type {
  AnswerContext,
  BreakdownRow,
  Compared,
  MetricId,
  MetricValue,
  QueryResult,
  SemanticQuery,
} from "../metrics/types.js";
import { comparedRange } from "../metrics/windows.js";
import type { DeckFacts } from "./deck/types.js";
import { factsFrom } from "./facts.js";
import { PAGES } from "./pages/index.js";
import { SAMPLE_QUALITY } from "./sample-quality.js";
import type { DataHealth, Facts } from "./types.js";

/** What a test may bend. */
export interface SampleOptions {
  readonly shop?: string;
  /** Names of the channels; hostile ones in some tests. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Overrides a metric's value everywhere, for unknowns. */
  readonly override?: (metric: MetricId, range: DateRange) => MetricValue | undefined;
  readonly health?: DataHealth;
  readonly foreign?: readonly ForeignDay[];
  /** Default: a plain one whose weeks end on Sunday. */
  readonly calendar?: Calendar;
  readonly rules?: readonly AlertRule[];
  /** What the shop says about its weekly review. */
  readonly deck?: DeckFacts;
  /** Days per series, to keep goldens small; weeks and months are all there. */
  readonly mostPoints?: number;
  /** Multiplies the money, for wide figures. */
  readonly scale?: number;
}

/** The demo's Monday. */
export const SAMPLE_CONTEXT: AnswerContext = {
  shop: "Larkfield Goods",
  currency: "USD",
  timeZone: "America/New_York",
  asOf: isoDate("2026-02-09"),
  lastCompleteDay: isoDate("2026-02-08"),
  buildId: "b-000042-9f3a",
  inputHash: "9f3a5c1e7d2b4860aa11bb22cc33dd44ee55ff6600112233445566778899aabb",
  weekEndsOn: 7,
};

/** Orders per day, average value in cents, spend per day in cents, share of new customers in percent. */
const CHANNELS = [
  { key: "meta", label: "Meta Ads", paid: true, orders: 9, value: 7400, spend: 21000, fresh: 70, sessions: 420 },
  { key: "google", label: "Google Ads", paid: true, orders: 7, value: 8100, spend: 14500, fresh: 55, sessions: 300 },
  { key: "email", label: "Email", paid: false, orders: 5, value: 6900, spend: 0, fresh: 8, sessions: 120 },
  {
    key: "organic_search",
    label: "Organic search",
    paid: false,
    orders: 4,
    value: 7900,
    spend: 0,
    fresh: 45,
    sessions: 210,
  },
  { key: "direct", label: "Direct", paid: false, orders: 3, value: 9100, spend: 0, fresh: 30, sessions: 160 },
  { key: "(none)", label: "Unattributed", paid: undefined, orders: 1, value: 6500, spend: 0, fresh: 40, sessions: 0 },
] as const;

type Channel = (typeof CHANNELS)[number];

/** The measures of one channel on one day, by the number of days since 1970; whole numbers, with a weekly wave and slow growth. */
function leaf(id: MetricId, channel: Channel, number: number): number {
  const wave = [3, 1, 0, 0, 2, 4, 5][number % 7] ?? 0;
  const growth = (number - 20_300) / 60;
  const orders = Math.max(0, Math.round(channel.orders + (channel.orders * (wave + growth)) / 12 - (number % 3)));
  const value = channel.value + ((number * 37 + channel.orders * 11) % 900) - 450;
  switch (id) {
    case "orders":
      return orders;
    case "gross_revenue":
      return orders * value + orders * 610;
    case "discounts":
      return orders * 610;
    case "returns":
      return number % 4 === 0 ? Math.round((orders * value) / 6) : 0;
    case "new_customers":
      return Math.round((orders * channel.fresh) / 100);
    case "spend":
      return channel.spend === 0 ? 0 : channel.spend + wave * 900 + Math.round(growth * 1500) + (number % 5) * 310;
    case "sessions":
      return channel.sessions + wave * 14 + (number % 6) * 5;
    case "product_views":
      return Math.round(leaf("sessions", channel, number) * 0.6);
    case "add_to_carts":
      return Math.round(leaf("sessions", channel, number) * 0.15);
    case "checkouts":
      return Math.round(leaf("sessions", channel, number) * 0.08);
    case "purchases":
      return Math.round(leaf("sessions", channel, number) * 0.03);
    case "contribution_before_returns":
      return Math.round(orders * value * 0.34);
    case "cogs_returned":
      return number % 4 === 0 ? Math.round((orders * value) / 15) : 0;
    default:
      return 0;
  }
}

/** Facts for all pages. */
export function sampleFacts(options: SampleOptions = {}): Facts {
  const { calendar, rules, deck } = options;
  const context = {
    ...SAMPLE_CONTEXT,
    shop: options.shop ?? SAMPLE_CONTEXT.shop,
    ...(calendar === undefined ? {} : { calendar, weekEndsOn: calendar.weekEndsOn }),
  };
  const queries = new Map<string, SemanticQuery>();
  const answers = new Map<string, QueryResult>();
  for (const page of PAGES)
    for (const [name, query] of Object.entries(
      page.reads(context, { weekEndsOn: calendar ?? 7, ...(deck === undefined ? {} : { deck }) }),
    ))
      queries.set(name, query);
  // Answered when it is asked for: most tests look at one page.
  const get = (name: string) => {
    const query = queries.get(name);
    const known = answers.get(name) ?? (query === undefined ? undefined : answer(query, options));
    if (known !== undefined) answers.set(name, known);
    return known;
  };
  return factsFrom({
    context,
    results: { get },
    splits: Object.assign({}, ...PAGES.map((page) => page.splits ?? {})),
    paidChannels: new Map(CHANNELS.flatMap(({ key, paid }) => (paid === undefined ? [] : [[key, paid] as const]))),
    health: options.health ?? SAMPLE_HEALTH,
    ...(rules === undefined ? {} : { rules }),
    ...(deck === undefined ? {} : { deck }),
    ...(options.foreign === undefined ? {} : { foreign: options.foreign }),
  });
}

function answer(query: SemanticQuery, options: SampleOptions): QueryResult {
  const previous = query.compare === undefined ? null : comparedRange(query.window, query.compare);
  const compare = (id: MetricId, channels: readonly Channel[]): Compared => {
    const now = value(id, channels, query.window, options);
    if (previous === null) return { value: now };
    const before = value(id, channels, previous, options);
    if (now.status !== "ok" || before.status !== "ok") return { value: now, previous: before };
    const change = divide(now.value - before.value, Math.abs(before.value), "the value before");
    return { value: now, previous: before, change };
  };
  const values = (channels: readonly Channel[]) =>
    Object.fromEntries(query.metrics.map((id) => [id, compare(id, channels)]));
  const rows =
    query.breakdown === "channel"
      ? CHANNELS.map((channel) => ({
          key: channel.key,
          label: options.labels?.[channel.key] ?? channel.label,
          values: values([channel]),
        }))
      : [];
  return { query, totals: values(CHANNELS), rows, series: series(query, options), sql: [] };
}

function series(query: SemanticQuery, options: SampleOptions): readonly BreakdownRow[] {
  if (query.grain === undefined || query.grain === "hour" || query.grain === "15min") return [];
  const most = query.grain === "day" ? (options.mostPoints ?? 1000) : 1000;
  const buckets = bucketsOf(query.window, query.grain, options.calendar ?? 7).slice(-most);
  return buckets.map((bucket, index) => ({
    key: bucket.key,
    label: bucket.label,
    values: Object.fromEntries(
      query.metrics.map((id) => [
        id,
        {
          value:
            cohortValue(id, buckets.length - index) ??
            (bucket.from < FIRST_DAY ? BEFORE_FIRST : value(id, CHANNELS, bucket, options)),
        },
      ]),
    ),
  }));
}

/** Series begin here; the year before is there in part, as in a young shop. */
const FIRST_DAY = isoDate("2025-01-06");
const BEFORE_FIRST: MetricValue = { status: "unknown", because: "no_data", detail: "the shop began on 2025-01-06" };

const SUMS = new Map<string, readonly number[]>();
const EPOCH = isoDate("2023-01-01");
const FIRST_NUMBER = daysBetween(isoDate("1970-01-01"), EPOCH);
const SUMMED_DAYS = 1500;

/** A measure over a range by sums from the first day on: series of years ask for each day many times. */
function sumOf(id: MetricId, channel: Channel, range: DateRange): number {
  const key = `${id} ${channel.key}`;
  let sums = SUMS.get(key);
  if (sums === undefined) {
    let all = 0;
    sums = [0, ...Array.from({ length: SUMMED_DAYS }, (_, day) => (all += leaf(id, channel, FIRST_NUMBER + day)))];
    SUMS.set(key, sums);
  }
  return (sums[placeOf(range.to) + 1] ?? 0) - (sums[placeOf(range.from)] ?? 0);
}

const PLACES = new Map<ISODate, number>();

/** Days since the epoch of the sums; remembered, since dates are texts. */
function placeOf(day: ISODate): number {
  const known = PLACES.get(day);
  if (known !== undefined) return known;
  const place = daysBetween(EPOCH, day);
  PLACES.set(day, place);
  return place;
}

function value(id: MetricId, channels: readonly Channel[], range: DateRange, options: SampleOptions): MetricValue {
  const override = options.override?.(id, range);
  if (override !== undefined) return override;
  const def = CATALOG.get(id);
  const part = (metric: MetricId) => {
    const found = value(metric, channels, range, options);
    return found.status === "ok" ? found.value : found;
  };
  if (def.kind === "cohort") return { status: "unknown", because: "no_data", detail: "not in the sample" };
  if (def.kind === "measure") {
    const sum = channels.reduce((all, channel) => all + sumOf(id, channel, range), 0);
    const scaled = def.unit === "money" ? sum * (options.scale ?? 1) : sum;
    return id === "spend" || id === "sessions"
      ? { status: "ok", value: scaled, provisional: true }
      : { status: "ok", value: scaled };
  }
  if (def.kind === "ratio") {
    const [over, under] = [part(def.over), part(def.under)];
    if (typeof over !== "number") return over;
    if (typeof under !== "number") return under;
    return divide(over, under, CATALOG.get(def.under).title.toLowerCase());
  }
  if (def.kind !== "total") return { status: "unknown", because: "no_data", detail: "not in the sample" };
  let total = 0;
  for (const term of def.terms) {
    const amount = part(term.metric);
    if (typeof amount !== "number") return amount;
    total += term.sign * amount;
  }
  return { status: "ok", value: total };
}

function divide(over: number, under: number, name: string): MetricValue {
  if (under === 0) return { status: "undefined", because: "zero_denominator", detail: `${name} is 0` };
  return { status: "ok", value: over / under };
}

/** The cohort of `age` months ago (1 = this month); a shop that began seven months ago. */
function cohortValue(id: MetricId, age: number): MetricValue | undefined {
  if (!/^(cohort|retention|ltv)_/.test(id)) return undefined;
  if (age > 7)
    return { status: "unknown", because: "no_data", detail: "no cohort month with customers begins in these days" };
  if (id === "cohort_size") return { status: "ok", value: 280 + age * 13 };
  if (id === "cohort_cac") return { status: "ok", value: 4100 - age * 130 };
  const days = Number(/\d+$/.exec(id)?.[0]);
  if (days > age * 30)
    return { status: "unknown", because: "too_young", detail: `none of the customers is ${days} days old` };
  const partial = days > (age - 1) * 30 ? { provisional: true } : {};
  if (id.startsWith("retention")) return { status: "ok", value: 0.04 + days / 400 + age / 150, ...partial };
  return { status: "ok", value: 7000 + days * 22 + age * 90, ...partial };
}

const LAST_DAY = SAMPLE_CONTEXT.lastCompleteDay;

/** All is well, but for one failed warning, one gap and one file with refused rows. */
export const SAMPLE_HEALTH: DataHealth = {
  ...SAMPLE_QUALITY,
  checks: [
    { id: "orders__grain_is_unique", severity: "critical", passed: true, message: "every order appears once" },
    { id: "orders__day_totals_match", severity: "critical", passed: true, message: "day totals equal order totals" },
    {
      id: "spend__no_outliers",
      severity: "warning",
      passed: false,
      message: "1 day spends more than five times the median",
    },
  ],
  sources: [
    source("ga4", "traffic_days", 1080, ["2026-01-18", "2026-01-19"]),
    source("google_ads", "campaign_days", 720, []),
    source("meta_ads", "insights", 720, []),
    source("shopify", "orders", 5413, []),
  ],
  quarantined: [
    { file: "exports/orders-january.csv", rows: 3, reason: 'line 118, column Total: "12,5x" is not an amount' },
  ],
  provisional: [
    { source: "ga4", days: { from: addDays(LAST_DAY, -2), to: LAST_DAY } },
    { source: "meta_ads", days: { from: addDays(LAST_DAY, -27), to: LAST_DAY } },
  ],
  reservations: [
    {
      source: "ga4",
      stream: "landing_pages",
      flag: "thresholded",
      days: ["2026-02-03", "2026-02-04", "2026-02-07"],
      detail: null,
    },
    { source: "ga4", stream: "traffic_days", flag: "restricted", days: ["2026-02-07"], detail: "purchaseRevenue" },
  ],
  otherCurrencies: [{ kind: "orders", currency: "EUR", rows: 1204 }],
  snapshots: [
    {
      day: "2026-02-09",
      source: "meta_ads",
      currency: "USD",
      lastTime: "14:45",
      count: 59,
      soFar: 81234,
      final: null,
    },
    {
      day: "2026-02-08",
      source: "meta_ads",
      currency: "USD",
      lastTime: "23:45",
      count: 24,
      soFar: 140000,
      final: 141055,
    },
  ],
  restated: {
    totals: [
      {
        source: "meta_ads",
        stream: "insights",
        measure: "spend",
        days: 2,
        first: "2026-02-05",
        last: "2026-02-06",
        change: "1104.2",
        lastSeen: "2026-02-09",
      },
    ],
    newest: [
      {
        source: "meta_ads",
        stream: "insights",
        measure: "spend",
        day: "2026-02-06",
        before: "1500",
        after: "2604.2",
        change: "1104.2",
        seen: "2026-02-09",
      },
      {
        source: "meta_ads",
        stream: "insights",
        measure: "spend",
        day: "2026-02-05",
        before: null,
        after: "1410.55",
        change: null,
        seen: "2026-02-08",
      },
    ],
  },
  schemaChanges: [
    {
      source: "shopify",
      stream: "orders",
      path: "poNumber",
      change: "lost",
      before: "text",
      after: null,
      action: "quarantined",
      seen: "2026-02-09",
    },
  ],
};

function source(name: string, stream: string, rows: number, gaps: readonly string[]): DataHealth["sources"][number] {
  return {
    source: name,
    stream,
    rows,
    from: addDays(LAST_DAY, -179),
    to: LAST_DAY,
    gaps,
    lastRun: "2026-02-09T06:00:12.000Z",
  };
}

/** Nothing has landed, nothing was said. */
export const EMPTY_HEALTH: DataHealth = {
  checks: [],
  sources: [],
  quarantined: [],
  provisional: [],
  reservations: [],
  otherCurrencies: [],
  snapshots: [],
  restated: { totals: [], newest: [] },
  schemaChanges: [],
  availability: [],
  freshness: [],
  volumes: { days: 0, usual: 0, unjudged: 0, unusual: [] },
  reconciliations: [],
};
