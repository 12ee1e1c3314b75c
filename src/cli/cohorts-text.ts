import type { DateRange } from "../base/dates.js";
import { CATALOG } from "../metrics/catalog/index.js";
import { formatValue, missingReason, plainValue } from "../metrics/format.js";
import { type PresentedTable, snakeCased } from "../metrics/present.js";
import type { SegmentRow, Segments } from "../metrics/segments.js";
import type { AnswerContext, BreakdownRow, MetricValue, QueryResult, Unit } from "../metrics/types.js";

/** What, when and in which money: the line above a table. Without a window it is as of the day of the answer. */
export function headOf({ shop, currency, timeZone, asOf }: AnswerContext, window: DateRange | null): string {
  const days = window === null ? `as of ${asOf}` : `${window.from} … ${window.to}`;
  return `${shop}, ${days}, ${currency}, ${timeZone}`;
}

/** Short titles: a row has twelve figures. */
const TITLES: Readonly<Record<string, string>> = {
  cohort_size: "customers",
  cohort_cac: "CAC",
  ltv_cac: "LTV 90:CAC",
  payback_days: "payback, days",
};

/** Stands behind a figure that will still move. */
const GROWING = "~";

/** Cohorts for people: one row each, `too young` where nobody is old enough, the sum of all at the end. */
export function cohortTable(result: QueryResult, { currency }: AnswerContext): PresentedTable {
  const metrics = result.query.metrics.map((id) => CATALOG.get(id));
  const total: BreakdownRow = { key: "total", label: "All", values: result.totals };
  const lines = [...result.rows, total];
  const valueIn = (line: BreakdownRow, id: string) => line.values[id]?.value;
  const reasons = lines.flatMap((line) => metrics.flatMap(({ id }) => reasonOf(valueIn(line, id))));
  const isGrowing = lines.some((line) => metrics.some(({ id }) => isProvisional(valueIn(line, id))));
  return {
    columns: [
      { title: `${result.query.breakdown ?? ""} of first order`, align: "left" },
      ...metrics.map(({ id, title }) => ({ title: TITLES[id] ?? shortTitle(title), align: "right" as const })),
    ],
    rows: lines.map((line) => [
      line.label,
      ...metrics.map(({ id, unit }) => cohortCell(valueIn(line, id), unit, currency)),
    ]),
    notes: [
      ...(isGrowing ? [`${GROWING} of those who are old enough, or a platform may still restate the days`] : []),
      ...counted(reasons),
    ],
  };
}

/** `D30 retention` is `D30` beside its neighbours. */
function shortTitle(title: string): string {
  return title
    .replace(/ retention$/, "")
    .toLowerCase()
    .replace(/^(d\d+|ltv)/, (word) => word.toUpperCase());
}

function cohortCell(value: MetricValue | undefined, unit: Unit, currency: string): string {
  if (value === undefined) return "n/a";
  if (value.status === "unknown" && value.because === "too_young") return "too young";
  return `${formatValue(value, unit, currency)}${isProvisional(value) ? GROWING : ""}`;
}

function isProvisional(value: MetricValue | undefined): boolean {
  return value?.status === "ok" && value.provisional === true;
}

/** Why a value is not there; that customers are too young stands in its own cell. */
function reasonOf(value: MetricValue | undefined): readonly string[] {
  if (value === undefined || (value.status === "unknown" && value.because === "too_young")) return [];
  const reason = missingReason(value);
  return reason === null ? [] : [reason];
}

const MOST_REASONS = 6;

/** Each reason once, the most frequent first. */
function counted(reasons: readonly string[]): readonly string[] {
  const found = new Map<string, number>();
  for (const reason of reasons) found.set(reason, (found.get(reason) ?? 0) + 1);
  const sorted = [...found].sort(([a, times], [b, others]) => others - times || (a < b ? -1 : 1));
  const shown = sorted.slice(0, MOST_REASONS).map(([reason]) => `n/a: ${reason}`);
  return [...shown, ...(sorted.length > MOST_REASONS ? [`and ${sorted.length - MOST_REASONS} more reasons`] : [])];
}

/** Figures of a segment with their titles and units, in the order of the columns. */
const COLUMNS: readonly {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly of: (row: Segments["total"]) => MetricValue;
}[] = [
  { id: "customers", title: "customers", unit: "count", of: (row) => ({ status: "ok", value: row.customers }) },
  { id: "customer_share", title: "share", unit: "ratio", of: (row) => row.customerShare },
  { id: "net_revenue", title: "net revenue", unit: "money", of: (row) => ({ status: "ok", value: row.netRevenue }) },
  { id: "revenue_share", title: "share", unit: "ratio", of: (row) => row.revenueShare },
  { id: "net_per_customer", title: "each", unit: "money", of: (row) => row.netPerCustomer },
  { id: "orders_per_customer", title: "orders each", unit: "number", of: (row) => row.ordersPerCustomer },
  { id: "recency_days", title: "days since", unit: "number", of: (row) => row.recencyDays },
];

/** Segments for people. */
export function segmentTable(segments: Segments, { currency }: AnswerContext): PresentedTable {
  const cells = (row: Segments["total"]) => COLUMNS.map(({ of, unit }) => formatValue(of(row), unit, currency));
  const line = (row: SegmentRow) => [row.id.replace("_", " "), ...cells(row), row.meaning];
  return {
    columns: [
      { title: "segment", align: "left" },
      ...COLUMNS.map(({ title }) => ({ title, align: "right" as const })),
      { title: "scores of 1 to 5", align: "left" },
    ],
    rows: segments.rows.length === 0 ? [] : [...segments.rows.map(line), ["All", ...cells(segments.total), ""]],
    notes: [
      ...(segments.rows.length === 0 ? ["no customer has a counted order"] : []),
      ...(segments.missing === null ? [] : [`orders may be missing: ${segments.missing}`]),
    ],
  };
}

/** The same with plain decimals. */
export function segmentsForMachines(segments: Segments, { currency }: AnswerContext): PresentedTable {
  const cells = (row: Segments["total"]) => COLUMNS.map(({ of, unit }) => plainValue(of(row), unit, currency));
  return {
    columns: [
      { title: "segment", align: "left" },
      ...COLUMNS.map(({ id }) => ({ title: id, align: "right" as const })),
    ],
    rows: [...segments.rows.map((row) => [row.id, ...cells(row)]), ["total", ...cells(segments.total)]],
    notes: [],
  };
}

/** The same for programs; money in minor units. */
export function segmentsAsJson(segments: Segments, context: AnswerContext): Readonly<Record<string, unknown>> {
  const { asOf, rows, total, missing } = segments;
  return snakeCased({ context, asOf, segments: rows, total, missing }) as Readonly<Record<string, unknown>>;
}
