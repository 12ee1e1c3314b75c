/** What a budget brings by the shop's own last 30 days (D-59): assumptions read, scenarios within their range, and how the last month was foretold. */
import { addDays, type DateRange } from "../base/dates.js";
import { type GrowthCourse, type GrowthPlan, growthCourse, safeMultiple } from "../stats/growth-model.js";
import type { Database } from "../warehouse/types.js";
import { runQuery } from "./run-query.js";
import type { AnswerContext, MetricId, MetricValue, QueryResult } from "./types.js";

/** 80 % of a normal distribution lie within so many standard deviations. */
const EIGHTY = 1.2815515655446004;
const DAYS = 30;
/** Cohorts that say who comes back within a month. */
const COHORT_DAYS = 180;

/** What may be set instead of read; amounts in minor units of the reporting currency. */
export type GrowthInputs = Partial<Omit<GrowthPlan, "months">>;

/** One way the same budget may go. */
export interface GrowthScenario {
  readonly name: "cautious" | "expected" | "hopeful";
  readonly plan: GrowthPlan;
  readonly course: GrowthCourse;
  /** Multiple of the budget that is safe; null: not even half of it. */
  readonly safe: number | null;
}

/** An assumption, and whether it was given or read. */
export interface Assumption {
  readonly name: keyof GrowthInputs;
  readonly value: number;
  readonly isGiven: boolean;
}

/** The scenarios, or which assumptions are not known. */
export type GrowthAnswer =
  | {
      readonly status: "unknown";
      readonly missing: readonly { readonly name: keyof GrowthInputs; readonly detail: string }[];
    }
  | {
      readonly status: "ok";
      readonly window: DateRange;
      readonly assumptions: readonly Assumption[];
      /** By how much of itself CAC grows with every doubling: an assumption, not an estimate. */
      readonly rise: number;
      /** New customers of the window, as many as the 30 days before it let expect of its spend, and the error as a part of those. */
      readonly foretold: { readonly expected: number; readonly actual: number; readonly error: number } | null;
      /** Relative ends of CAC, 80 %; null where a CAC was given. */
      readonly cacSpread: number | null;
      readonly scenarios: readonly GrowthScenario[];
    };

/** Reads the assumptions that are not given, and follows them. */
export async function readGrowth(
  db: Database,
  context: AnswerContext,
  { given, months, rise }: { readonly given: GrowthInputs; readonly months: number; readonly rise: number },
): Promise<GrowthAnswer> {
  const to = context.lastCompleteDay;
  const window = { from: addDays(to, 1 - DAYS), to };
  const metrics = ["spend", "new_customers", "blended_cac", "net_revenue", "orders", "contribution_margin_pct"];
  const now = await runQuery(db, { metrics, window, compare: { kind: "previous" } }, context);
  const cohorts = await runQuery(
    db,
    { metrics: ["retention_d30"], window: { from: addDays(to, 1 - COHORT_DAYS), to } },
    context,
  );
  const read = valuesOf(now, cohorts);
  const names = Object.keys(read) as (keyof GrowthInputs)[];
  const missing = names.flatMap((name) => {
    const value = read[name];
    return given[name] !== undefined || value.status === "ok" ? [] : [{ name, detail: value.detail }];
  });
  if (missing.length > 0) return { status: "unknown", missing };
  const assumptions = names.map((name) => {
    const value = read[name];
    return {
      name,
      value: given[name] ?? (value.status === "ok" ? value.value : 0),
      isGiven: given[name] !== undefined,
    };
  });
  const plan = {
    ...Object.fromEntries(assumptions.map(({ name, value }) => [name, value])),
    months,
  } as unknown as GrowthPlan;
  const foretold = foretoldBy(now);
  const cacSpread = given.cac === undefined ? spreadOf(now, foretold?.error ?? 0) : null;
  const scenario = (name: GrowthScenario["name"], distance: number): GrowthScenario => {
    const own = { ...plan, cac: plan.cac * Math.exp(distance * (cacSpread ?? 0)) };
    return { name, plan: own, course: growthCourse(own), safe: safeMultiple(own, rise) };
  };
  const scenarios = [scenario("cautious", 1), scenario("expected", 0), scenario("hopeful", -1)];
  return { status: "ok", window, assumptions, rise, foretold, cacSpread, scenarios };
}

function valuesOf(now: QueryResult, cohorts: QueryResult): Readonly<Record<keyof GrowthInputs, MetricValue>> {
  const [revenue, orders, margin] = ["net_revenue", "orders", "contribution_margin_pct"].map((id) => totalOf(now, id));
  return {
    budget: totalOf(now, "spend"),
    cac: totalOf(now, "blended_cac"),
    orderValue: both(revenue, orders, (all, count) => (count === 0 ? null : all / count)),
    costShare: both(margin, margin, (share) => 1 - share),
    repeatShare: totalOf(cohorts, "retention_d30"),
  };
}

const NOTHING: MetricValue = { status: "unknown", because: "no_data", detail: "not asked for" };

function totalOf(result: QueryResult, id: MetricId): MetricValue {
  return result.totals[id]?.value ?? NOTHING;
}

function both(
  a: MetricValue | undefined = NOTHING,
  b: MetricValue | undefined = NOTHING,
  of: (a: number, b: number) => number | null,
): MetricValue {
  if (a.status !== "ok") return a;
  if (b.status !== "ok") return b;
  const value = of(a.value, b.value);
  return value === null
    ? { status: "undefined", because: "zero_denominator", detail: "no orders" }
    : { status: "ok", value };
}

/** Held out: the window's customers against its spend at the CAC of the days before. */
function foretoldBy({ totals }: QueryResult): { expected: number; actual: number; error: number } | null {
  const [spend, before, actual] = [
    totals["spend"]?.value,
    totals["blended_cac"]?.previous,
    totals["new_customers"]?.value,
  ];
  if (spend?.status !== "ok" || before?.status !== "ok" || actual?.status !== "ok" || spend.value === 0) return null;
  const expected = spend.value / before.value;
  return { expected, actual: actual.value, error: (actual.value - expected) / expected };
}

/** Chance in the count of customers, and the error of the month that was held out; of the logarithm of CAC, 80 %. */
function spreadOf(now: QueryResult, error: number): number {
  const customers = totalOf(now, "new_customers");
  const chance = customers.status === "ok" && customers.value > 0 ? 1 / customers.value : 1;
  return EIGHTY * Math.sqrt(chance + error ** 2);
}
