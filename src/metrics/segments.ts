import type { DateRange, ISODate } from "../base/dates.js";
import type { Database } from "../warehouse/types.js";
import { CUSTOMER_SEGMENTS } from "./compile.js";
import { availability, firstCoveredDay, readCoverage } from "./coverage.js";
import { MARTS } from "./marts.js";
import type { MetricValue } from "./types.js";

/** The segments of recency, frequency and money, best first, with what puts a customer there (fifths, 5 is best). */
export const SEGMENTS = [
  { id: "champions", meaning: "R, F and M at least 4" },
  { id: "loyal", meaning: "R, F and M at least 3" },
  { id: "potential", meaning: "R at least 3, F and M at most 3" },
  { id: "at_risk", meaning: "R at most 2, F and M at least 3" },
  { id: "dormant", meaning: "everybody else" },
  { id: "lost", meaning: "R and F are 1" },
  { id: "unscored", meaning: "fewer than five customers: no fifths" },
] as const;

/** The customers of one segment. Averages are sums divided once; money is minor units of the reporting currency. */
export interface SegmentRow {
  readonly id: (typeof SEGMENTS)[number]["id"];
  readonly meaning: string;
  readonly customers: number;
  readonly customerShare: MetricValue;
  /** Net revenue of these customers, all their days. */
  readonly netRevenue: number;
  readonly revenueShare: MetricValue;
  /** Days since the last order, per customer. */
  readonly recencyDays: MetricValue;
  readonly ordersPerCustomer: MetricValue;
  readonly netPerCustomer: MetricValue;
}

/** All customers with a counted order, by segment, as of one day. */
export interface Segments {
  readonly asOf: ISODate;
  /** Empty when no customer has ordered. */
  readonly rows: readonly SegmentRow[];
  readonly total: Omit<SegmentRow, "id" | "meaning">;
  /** Why orders may be missing from the figures; null when every day since the first has landed. */
  readonly missing: string | null;
}

interface Sums {
  readonly customers: number;
  readonly recency: number;
  readonly orders: number;
  readonly net: number;
}

/** Reads the segments of a build; they are as of its own day. */
export async function readSegments(
  db: Database,
  days: { readonly asOf: ISODate; readonly lastCompleteDay: ISODate },
): Promise<Segments> {
  const found = new Map<string, Sums>();
  for (const row of await db.all(CUSTOMER_SEGMENTS)) {
    const number = (name: string) => Number(row[name]);
    const sums = { customers: number("customers"), recency: number("recency"), orders: number("orders") };
    found.set(String(row["segment"]), { ...sums, net: number("net") });
  }
  const all = [...found.values()].reduce(added, { customers: 0, recency: 0, orders: 0, net: 0 });
  return {
    asOf: days.asOf,
    rows: SEGMENTS.flatMap(({ id, meaning }) => {
      const sums = found.get(id);
      return sums === undefined ? [] : [{ id, meaning, ...figures(sums, all) }];
    }),
    total: figures(all, all),
    missing: await missingOrders(db, days.lastCompleteDay),
  };
}

function added(a: Sums, b: Sums): Sums {
  return {
    customers: a.customers + b.customers,
    recency: a.recency + b.recency,
    orders: a.orders + b.orders,
    net: a.net + b.net,
  };
}

function figures(sums: Sums, all: Sums): Segments["total"] {
  const each = (value: number) => quotient(value, sums.customers, "no customers");
  return {
    customers: sums.customers,
    customerShare: quotient(sums.customers, all.customers, "no customers"),
    netRevenue: sums.net,
    revenueShare: quotient(sums.net, all.net, "no net revenue"),
    recencyDays: each(sums.recency),
    ordersPerCustomer: each(sums.orders),
    netPerCustomer: each(sums.net),
  };
}

/** A share of nothing, or of a loss, says nothing. */
function quotient(over: number, under: number, detail: string): MetricValue {
  if (under > 0) return { status: "ok", value: over / under };
  return { status: "undefined", because: under === 0 ? "zero_denominator" : "negative_denominator", detail };
}

async function missingOrders(db: Database, last: ISODate): Promise<string | null> {
  const coverage = await readCoverage(db);
  const first = firstCoveredDay(coverage, MARTS.fact_orders);
  const range: DateRange = { from: first ?? last, to: last };
  const known = availability(coverage, MARTS.fact_orders, range, last);
  return known.status === "ok" ? null : known.detail;
}
