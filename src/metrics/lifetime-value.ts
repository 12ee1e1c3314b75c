import { type ExpectationError, expectedBand } from "../stats/lifetime-band.js";
import type { Cell, Database, Row } from "../warehouse/types.js";
import { HAS_LIFETIME_MODELS, LIFETIME_GROUPS } from "./compile.js";

/** Why nothing is expected of customers, as people read it; the names are those of `dim_customer.expectation`. */
const REFUSALS: Readonly<Record<string, string>> = {
  not_built: "the build is of an earlier version; `growthos build` makes one that knows",
  no_order: "no customer has a counted order on a complete day",
  too_few_customers: "fewer than 100 customers: the four parameters would be guesses",
  too_few_repeaters: "fewer than 30 customers came back: the parameters would be guesses",
  rates_alike: "customers cannot be told to buy at different rates, so r and alpha run away",
  stops_not_seen:
    "nobody can be told to have stopped buying, so a or b runs away: the history is too short, or orders come too regularly, for a year to be expected",
  values_alike: "customers cannot be told to spend differently, so p or q runs away",
  no_mean_value: "amounts are so uneven that they have no mean (q is not above 1)",
};

/** Orders that were expected of the days held out, and those that came. */
export interface HoldoutRow {
  /** Orders after the first one by then; 7 is seven and more. */
  readonly repeats: number;
  readonly customers: number;
  readonly expected: number;
  readonly actual: number;
}

/** The days held out: all customers of the earlier history, and by how often they had come back. */
export interface Holdout {
  readonly days: number;
  readonly rows: readonly HoldoutRow[];
  readonly expected: number;
  readonly actual: number;
  /** Actual less expected, as a part of expected. */
  readonly error: number;
}

/** Customers of a cohort, a channel, or all; money in minor units of the reporting currency, net of returns. */
export interface LifetimeGroup {
  readonly key: string;
  readonly label: string;
  readonly customers: number;
  /** Expected number of those who still buy. */
  readonly alive: number;
  readonly netSoFar: number;
  readonly expectedOrders: number;
  /** Of the next 12 months, with its 80 % band; the band is null where nothing could be held out. */
  readonly expectedValue: number;
  readonly band: { readonly low: number; readonly high: number } | null;
  /** So far and expected, per customer, and the same with the ends of the band. */
  readonly lifetimeEach: number;
  readonly lifetimeBand: { readonly low: number; readonly high: number } | null;
}

/** The parameters, as the mart has them. */
export type LifetimeModel = Readonly<Record<string, Cell>>;

/** What is expected of customers within a year, or why nothing is. */
export type LifetimeValue =
  | {
      readonly status: "refused";
      readonly because: string;
      readonly detail: string;
      readonly models: readonly LifetimeModel[];
    }
  | {
      readonly status: "ok";
      readonly models: readonly LifetimeModel[];
      /** Null where the history before was too short for a model of its own; `holdoutMissing` says why. */
      readonly holdout: Holdout | null;
      readonly holdoutMissing: string | null;
      readonly cohorts: readonly LifetimeGroup[];
      readonly channels: readonly LifetimeGroup[];
      readonly total: LifetimeGroup;
    };

/** Reads what the build expects of its customers, from its last complete day on. */
export async function readLifetimeValue(db: Database): Promise<LifetimeValue> {
  if ((await db.all(HAS_LIFETIME_MODELS)).length === 0) return refused("not_built", []);
  const models = await db.all("select * from fact_lifetime_models order by basis desc");
  const [now, before] = ["now", "held_out"].map((basis) => models.find((row) => row["basis"] === basis));
  const because = refusalOf(now);
  if (because !== null) return refused(because, models);
  const holdout = holdoutOf(await db.all("select * from fact_repeat_holdout order by repeat_count"));
  const orderSpread = 1 / Number(now?.["value_p"]);
  const error = holdout === null ? null : { orderSpread, dispersion: holdout.dispersion, bias: holdout.error };
  const groups = (await db.all(LIFETIME_GROUPS)).map((row) => ({
    kind: String(row["kind"]),
    group: groupOf(row, error),
  }));
  const of = (kind: string) => groups.flatMap((one) => (one.kind === kind ? [one.group] : []));
  const missing = String(before?.["refused_because"] ?? "too_few_customers");
  return {
    status: "ok",
    models,
    holdout,
    holdoutMissing: holdout === null ? `before the days held out: ${REFUSALS[missing] ?? missing}` : null,
    cohorts: of("cohort"),
    channels: of("channel"),
    total: of("total")[0] ?? groupOf({}, null),
  };
}

function refused(because: string, models: readonly LifetimeModel[]): LifetimeValue {
  return { status: "refused", because, detail: REFUSALS[because] ?? because, models };
}

function refusalOf(now: Row | undefined): string | null {
  if (now === undefined) return "no_order";
  const reason = now["refused_because"] ?? now["value_refused_because"] ?? null;
  if (reason !== null) return String(reason);
  return (now["value_p"] ?? null) === null ? "too_few_repeaters" : null;
}

function holdoutOf(rows: readonly Row[]): (Holdout & Pick<ExpectationError, "dispersion">) | null {
  const sum = (name: string) => rows.reduce((all, row) => all + Number(row[name]), 0);
  const [expected, actual] = [sum("expected_orders"), sum("order_count")];
  if (expected === 0) return null;
  return {
    days: Number(rows[0]?.["horizon_days"]),
    rows: rows.map((row) => ({
      repeats: Number(row["repeat_count"]),
      customers: Number(row["customer_count"]),
      expected: Number(row["expected_orders"]),
      actual: Number(row["order_count"]),
    })),
    expected,
    actual,
    error: (actual - expected) / expected,
    dispersion: sum("squared_errors") / expected,
  };
}

function groupOf(row: Row, error: ExpectationError | null): LifetimeGroup {
  const number = (name: string) => Number(row[name] ?? 0);
  const [customers, netSoFar, expectedValue] = [number("customers"), number("net"), number("expected_value")];
  const each = (value: number) => Math.round((netSoFar + value) / Math.max(1, customers));
  const found = error === null ? null : expectedBand({ value: expectedValue, weight: number("weight") }, error);
  const band = found === null ? null : { low: Math.round(found.low), high: Math.round(found.high) };
  return {
    key: String(row["key"] ?? ""),
    label: String(row["label"] ?? ""),
    customers,
    alive: number("alive"),
    netSoFar,
    expectedOrders: number("expected_orders"),
    expectedValue,
    band,
    lifetimeEach: each(expectedValue),
    lifetimeBand: band === null ? null : { low: each(band.low), high: each(band.high) },
  };
}
