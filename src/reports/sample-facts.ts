/**
 * Hand-made facts for tests: a small shop whose figures follow from the formulas below, so that pages can be rendered without a warehouse.
 * Imported by tests only.
 */
import type { AlertRule } from "../alerts/types.js";
import { addDays, type Calendar, type DateRange, daysOf, isoDate } from "../base/dates.js";
import { bucketsOf } from "../metrics/calendar.js";
import { CATALOG } from "../metrics/catalog/index.js";
import { isClockGrain } from "../metrics/clock-buckets.js";
import type { LifetimeValue } from "../metrics/lifetime-value.js";
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
import type { Attribution } from "../transform/attribution.js";
import type { BranchPages } from "../transform/branch-pages.js";
import type { LedgerPage } from "../transform/ledger-page.js";
import type { Lineage } from "../transform/lineage.js";
import type { TaskPages } from "../transform/task-pages.js";
import { DEFAULT_DECK } from "./deck/layout.js";
import type { DeckFacts } from "./deck/types.js";
import { factsFrom } from "./facts.js";
import type { Operations } from "./operations.js";
import { PAGES } from "./pages/index.js";
import { SAMPLE_ATTRIBUTION } from "./sample-attribution.js";
import { SAMPLE_BRANCHES } from "./sample-branches.js";
import { SAMPLE_FORECASTS, SAMPLE_LIFETIME } from "./sample-expectations.js";
import { adTreeOf, groupsOf } from "./sample-groups.js";
import { CHANNELS, type Channel, sumOf } from "./sample-leaves.js";
import { SAMPLE_LEDGER } from "./sample-ledger.js";
import { SAMPLE_LINEAGE } from "./sample-lineage.js";
import { SAMPLE_OPERATIONS } from "./sample-operations.js";
import { SAMPLE_QUALITY } from "./sample-quality.js";
import { SAMPLE_TASKS } from "./sample-tasks.js";
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
  readonly operations?: Operations;
  readonly lineage?: Lineage;
  readonly attribution?: Attribution | null;
  readonly ledger?: LedgerPage | null;
  readonly tasks?: TaskPages | null;
  readonly branches?: BranchPages | null;
  readonly lifetime?: LifetimeValue | null;
  /** Default: a plain one whose weeks end on Sunday. */
  readonly calendar?: Calendar;
  readonly rules?: readonly AlertRule[];
  /** No breakdown has a row. */
  readonly isEmpty?: boolean;
  /** How many campaigns Meta has; default 2. */
  readonly campaigns?: number;
  /** Channels that there are, by key; default all. */
  readonly channels?: readonly string[];
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

const CAMPAIGNS = 2;

/** The shipped layout in a shop that wants 20,000 a week. */
const SAMPLE_DECK: DeckFacts = {
  ...DEFAULT_DECK,
  targets: [{ metric: "net_revenue", period: "week", value: 2_000_000 }],
};

/** Facts for all pages. */
export function sampleFacts(options: SampleOptions = {}): Facts {
  const { calendar, rules, deck = SAMPLE_DECK } = options;
  const context = {
    ...SAMPLE_CONTEXT,
    shop: options.shop ?? SAMPLE_CONTEXT.shop,
    ...(calendar === undefined ? {} : { calendar, weekEndsOn: calendar.weekEndsOn }),
  };
  const queries = new Map(
    PAGES.flatMap((page) => Object.entries(page.reads(context, { weekEndsOn: calendar ?? 7, deck }))),
  );
  const answers = new Map<string, QueryResult>();
  // Answered when a page asks: a test of one page does not pay for all.
  const results = {
    get: (name: string) => {
      const query = queries.get(name);
      const result = answers.get(name) ?? (query === undefined ? undefined : answer(query, options));
      if (result !== undefined) answers.set(name, result);
      return result;
    },
  };
  return factsFrom({
    context,
    results,
    splits: Object.assign({}, ...PAGES.map((page) => page.splits ?? {})),
    paidChannels: new Map(CHANNELS.flatMap(({ key, paid }) => (paid === undefined ? [] : [[key, paid] as const]))),
    health: options.health ?? SAMPLE_HEALTH,
    operations: options.operations ?? SAMPLE_OPERATIONS,
    lineage: options.lineage ?? SAMPLE_LINEAGE,
    attribution: options.attribution === undefined ? SAMPLE_ATTRIBUTION : options.attribution,
    ledger: options.ledger === undefined ? SAMPLE_LEDGER : options.ledger,
    tasks: options.tasks === undefined ? SAMPLE_TASKS : options.tasks,
    branches: options.branches === undefined ? SAMPLE_BRANCHES : options.branches,
    forecasts: SAMPLE_FORECASTS,
    lifetime: options.lifetime === undefined ? SAMPLE_LIFETIME : options.lifetime,
    ads: adTreeOf(options.campaigns ?? CAMPAIGNS),
    ...(rules === undefined ? {} : { rules }),
    deck,
    ...(options.foreign === undefined ? {} : { foreign: options.foreign }),
  });
}

function answer(query: SemanticQuery, options: SampleOptions): QueryResult {
  const previous = query.compare === undefined ? null : comparedRange(query.window, query.compare);
  const compare = (id: MetricId, channels: readonly Channel[]): Compared =>
    pointOf(
      value(id, channels, query.window, options),
      previous === null ? undefined : value(id, channels, previous, options),
    );
  const values = (some: readonly Channel[]) => Object.fromEntries(query.metrics.map((id) => [id, compare(id, some)]));
  const channels = CHANNELS.filter(({ key }) => options.channels?.includes(key) ?? true);
  const rows: readonly BreakdownRow[] =
    query.breakdown === "customer_type"
      ? [
          { key: "new", label: "new", values: values(CHANNELS.slice(0, 2)) },
          { key: "returning", label: "returning", values: values(CHANNELS.slice(2)) },
        ]
      : groupsIn(query, channels, options).map((one) => ({
          key: one.key,
          label: options.labels?.[one.key] ?? one.label,
          values: values([one]),
          ...(query.grain === undefined ? {} : { series: series(query, options, [one]) }),
        }));
  const shown = options.isEmpty ? [] : rows;
  return { query, totals: values(channels), rows: shown, series: series(query, options, channels), sql: [] };
}

function groupsIn(query: SemanticQuery, channels: readonly Channel[], options: SampleOptions): readonly Channel[] {
  // Money comes from those who pay it out, not from those who sell ads.
  const by = query.metrics.includes("cleared_net_revenue") ? "payer" : query.breakdown;
  return query.breakdown === "channel" ? channels : groupsOf(by, options.campaigns ?? CAMPAIGNS);
}

function series(query: SemanticQuery, options: SampleOptions, channels: readonly Channel[]): readonly BreakdownRow[] {
  if (query.grain === undefined || isClockGrain(query.grain)) return [];
  const most = query.grain === "day" ? (options.mostPoints ?? 1000) : 1000;
  const buckets = bucketsOf(query.window, query.grain, options.calendar ?? 7).slice(-most);
  const { compare } = query;
  return buckets.map((bucket, index) => ({
    key: bucket.key,
    label: bucket.label,
    values: Object.fromEntries(
      query.metrics.map((id) => [
        id,
        pointOf(
          options.override?.(id, bucket) ??
            cohortValue(id, buckets.length - index) ??
            (bucket.from < FIRST_DAY ? BEFORE_FIRST : value(id, channels, bucket, options)),
          compare === undefined ? undefined : value(id, channels, comparedRange(bucket, compare), options),
        ),
      ]),
    ),
  }));
}

function pointOf(now: MetricValue, before: MetricValue | undefined): Compared {
  if (before === undefined) return { value: now };
  if (now.status !== "ok" || before.status !== "ok") return { value: now, previous: before };
  return {
    value: now,
    previous: before,
    change: divide(now.value - before.value, Math.abs(before.value), "the value before"),
  };
}

/** Series begin here; the year before is there in part, as in a young shop. */
const FIRST_DAY = isoDate("2025-01-06");
const BEFORE_FIRST: MetricValue = { status: "unknown", because: "no_data", detail: "the shop began on 2025-01-06" };

function value(id: MetricId, channels: readonly Channel[], range: DateRange, options: SampleOptions): MetricValue {
  const override = options.override?.(id, range) ?? cohortValue(id, ALL_COHORTS);
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
    return divide(over * (def.times ?? 1), under, CATALOG.get(def.under).title.toLowerCase());
  }
  if (def.kind === "days") return { status: "ok", value: daysOf(range).length };
  // Any number will do that is a figure of the range alone.
  if (def.kind === "slope") return { status: "ok", value: 1250 };
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

/** All cohorts together are as old as the one of so many months ago. */
const ALL_COHORTS = 7;

/** The cohort of `age` months ago (1 = this month); a shop that began seven months ago. */
function cohortValue(id: MetricId, age: number): MetricValue | undefined {
  if (!/^(cohort_(size|cac)|(retention_d|(contribution_)?ltv_)\d+)$/.test(id)) return undefined;
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
  pixel: null,
};
