/** What a build says about its own data, from its marts: what is there, how fresh it is, what is unusual, and how it agrees with others. */
import { type DateRange, rangeLength } from "../base/dates.js";
import { quoteText } from "../base/ids.js";
import type { Cell, Database, Row } from "../warehouse/types.js";

/** A relation of one source: rows, days, and how many days are missing or empty; null where days mean nothing. */
export interface Availability {
  readonly relation: string;
  /** `all` where rows name no source. */
  readonly source: string;
  readonly rows: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly missingDays: number | null;
  readonly emptyDays: number | null;
  readonly gaps: readonly Gap[];
}

/** A run of days without data: not landed (`missing`), or landed and without a row (`empty`). */
export interface Gap {
  readonly kind: "missing" | "empty";
  readonly from: string;
  readonly to: string;
  readonly days: number;
}

/** How many complete days a stream is behind, against its limits; null: nothing landed, or no limits. */
export interface Freshness {
  readonly source: string;
  readonly stream: string;
  readonly last: string | null;
  readonly behindDays: number | null;
  readonly warnAfterDays: number | null;
  readonly errorAfterDays: number | null;
  readonly status: "fresh" | "warning" | "error" | "unknown";
}

/** A day whose volume is far from what its weekday usually brings (D-41). */
export interface UnusualVolume {
  readonly relation: string;
  readonly source: string;
  readonly day: string;
  readonly volume: number;
  readonly usual: number;
  readonly verdict: "low" | "high";
}

/** How the last days were judged: how many of them are as usual, which are not, and of how many nothing can be said. */
export interface VolumeReport {
  readonly days: number;
  readonly usual: number;
  readonly unjudged: number;
  readonly unusual: readonly UnusualVolume[];
}

/** Orders, and money in minor units of the reporting currency; null: not known. */
export interface Claim {
  readonly orders: number | null;
  readonly cents: number | null;
}

/** A step of a reconciliation; `possible` steps are in no sum. */
export interface Step extends Claim {
  readonly step: string;
}

/** The way from the shop to another system over a window: start + causes + rest = end, to the cent (D-40). */
export interface Reconciliation {
  /** A source of traffic, a channel of ads, or `ad_platforms`. */
  readonly system: string;
  /** The system as people call it. */
  readonly title: string;
  readonly kind: "analytics" | "ads";
  /** Days that both have, of those of the window; without any nothing can be told. */
  readonly comparedDays: number;
  readonly windowDays: number;
  /** Days of the window that one of the two lacks. */
  readonly missing: readonly DateRange[];
  readonly start: Claim;
  readonly causes: readonly Step[];
  /** Start and causes: what the system should say. */
  readonly expected: Claim;
  readonly rest: Claim;
  /** The rest as a share of what was to be expected; null where that is zero or unknown. */
  readonly restShare: Claim;
  readonly end: Claim;
  readonly possible: readonly Step[];
  /** Orders that the platforms claim beyond all that the shop had: these at least are claimed by several, or never were. */
  readonly claimedTwice: number;
}

/** Whether the build is of a version that has these marts. */
export async function hasDataQuality(db: Database): Promise<boolean> {
  const rows = await db.all("select 1 as one from duckdb_tables() where table_name = 'fact_reconciliation' limit 1");
  return rows.length > 0;
}

/** Every relation with its gaps. */
export async function readAvailability(db: Database): Promise<readonly Availability[]> {
  const gaps = await db.all("select * from fact_gaps order by relation, source, first_date");
  const rows = await db.all("select * from fact_availability order by relation, source");
  return rows.map((row) => ({
    relation: String(row["relation"]),
    source: String(row["source"]),
    rows: Number(row["row_count"]),
    first: textOf(row["first_date"]),
    last: textOf(row["last_date"]),
    missingDays: numberOf(row["missing_day_count"]),
    emptyDays: numberOf(row["empty_day_count"]),
    gaps: gaps.filter((gap) => gap["relation"] === row["relation"] && gap["source"] === row["source"]).map(gapOf),
  }));
}

function gapOf(row: Row): Gap {
  return {
    kind: row["gap_kind"] === "missing" ? "missing" : "empty",
    from: String(row["first_date"]),
    to: String(row["last_date"]),
    days: Number(row["day_count"]),
  };
}

/** Every configured source that is judged, stalest first. */
export async function readFreshness(db: Database): Promise<readonly Freshness[]> {
  const rows = await db.all("select * from fact_freshness order by behind_day_count desc nulls last, source, stream");
  return rows.map((row) => ({
    source: String(row["source"]),
    stream: String(row["stream"]),
    last: textOf(row["last_date"]),
    behindDays: numberOf(row["behind_day_count"]),
    warnAfterDays: numberOf(row["warn_after_days"]),
    errorAfterDays: numberOf(row["error_after_days"]),
    status: row["freshness"] as Freshness["status"],
  }));
}

/** The volumes of a range of days. */
export async function readVolumes(db: Database, range: DateRange): Promise<VolumeReport> {
  const ofRange = `volume_date between ${day(range.from)} and ${day(range.to)}`;
  const counts = await db.one(`select count(*) as days, count(*) filter (where verdict = 'usual') as usual,
    count(*) filter (where verdict in ('short_history', 'small_volume')) as unjudged from fact_volumes where ${ofRange}`);
  const unusual = await db.all(
    `select * from fact_volumes where verdict in ('low', 'high') and ${ofRange} order by volume_date desc, relation, source`,
  );
  return {
    days: Number(counts["days"]),
    usual: Number(counts["usual"]),
    unjudged: Number(counts["unjudged"]),
    unusual: unusual.map((row) => ({
      relation: String(row["relation"]),
      source: String(row["source"]),
      day: String(row["volume_date"]),
      volume: Number(row["volume"]),
      usual: Number(row["usual_volume"]),
      verdict: row["verdict"] === "low" ? "low" : "high",
    })),
  };
}

/** The reconciliation of every system over a range of days; empty when no other system has ever landed. */
export async function readReconciliations(db: Database, range: DateRange): Promise<readonly Reconciliation[]> {
  const systems = await db.all(SYSTEMS);
  const steps = await db.all(stepsSql(range));
  const totals = await db.all(totalsSql(range));
  const missing = await db.all(missingSql(range));
  return systems.map((system): Reconciliation => {
    const own = (rows: readonly Row[]) => rows.filter((row) => row["system"] === system["system"]);
    const of = (kind: string) => own(steps).filter((row) => row["kind"] === kind);
    const total = own(totals)[0];
    return {
      system: String(system["system"]),
      title: String(system["title"]),
      kind: system["kind"] === "analytics" ? "analytics" : "ads",
      comparedDays: Number(total?.["compared_days"] ?? 0),
      windowDays: rangeLength(range),
      missing: own(missing).map((row) => ({ from: row["from_day"], to: row["to_day"] }) as DateRange),
      start: claimOf(of("start")[0]),
      causes: of("cause").map(stepOf),
      expected: claimOf(total, "expected_"),
      rest: claimOf(of("rest")[0]),
      restShare: { orders: numberOf(total?.["orders_share"]), cents: numberOf(total?.["amount_share"]) },
      end: claimOf(of("end")[0]),
      possible: of("possible").map(stepOf),
      claimedTwice: Number(total?.["claimed_twice"] ?? 0),
    };
  });
}

/** One day of a reconciliation. */
export interface ReconciledDay {
  readonly day: string;
  readonly shop: Claim;
  /** All causes together. */
  readonly causes: Claim;
  readonly rest: Claim;
  readonly claimed: Claim;
}

/** The days of one system that can be compared, in order. */
export async function readReconciledDays(
  db: Database,
  system: string,
  range: DateRange,
): Promise<readonly ReconciledDay[]> {
  const sums = (name: string, kind: string) => `
      cast(sum(case when kind = '${kind}' then cast(orders as decimal(18, 6)) else 0 end) as double) as ${name}_orders,
      sum(case when kind = '${kind}' then amount_cents else 0 end) as ${name}_cents`;
  const rows = await db.all(
    `select reconciled_date as day, count(*) filter (where kind = 'end' and amount_cents is null) as without_amount,
      count(*) filter (where kind = 'end' and orders is null) as without_orders,
      ${[
        ["start", "start"],
        ["causes", "cause"],
        ["rest", "rest"],
        ["end", "end"],
      ]
        .map(([name = "", kind = ""]) => sums(name, kind))
        .join(",")}
    from fact_reconciliation
    where system = $1 and ${within(range)}
    group by reconciled_date
    order by reconciled_date`,
    [system],
  );
  return rows.map((row) => {
    const claim = (name: string, isSaid: boolean): Claim => ({
      orders: isSaid && Number(row["without_orders"]) > 0 ? null : numberOf(row[`${name}_orders`]),
      cents: isSaid && Number(row["without_amount"]) > 0 ? null : numberOf(row[`${name}_cents`]),
    });
    return {
      day: String(row["day"]),
      shop: claim("start", false),
      causes: claim("causes", false),
      rest: claim("rest", true),
      claimed: claim("end", true),
    };
  });
}

/** Systems that have said anything, and configured ones that have not. */
const SYSTEMS = `
  with known as (
    select distinct system from fact_claims where system <> 'shop'
    union
    select 'ga4' from meta.configured where source = 'ga4'
    union
    select 'ad_platforms' from meta.configured where source in ('meta_ads', 'google_ads')
  )
  select
    k.system,
    case when k.system = 'ga4' then 'GA4' when k.system = 'ad_platforms' then 'all ad platforms'
      else coalesce(c.channel_name, 'Traffic of ' || k.system) end as title,
    case when c.channel_id is not null or k.system = 'ad_platforms' then 'ads' else 'analytics' end as kind
  from known as k
  left join dim_channel as c on c.channel_id = k.system
  order by kind desc, k.system = 'ad_platforms', coalesce(c.sort_order, 0), k.system`;

/** Sums by system and step; null where a day has no figure. Orders are added as decimals, so that the order of rows cannot matter. */
function stepsSql(range: DateRange): string {
  return `
    select system, kind, step,
      case when count(*) = count(orders) then cast(sum(cast(orders as decimal(18, 6))) as double) end as orders,
      case when count(*) = count(amount_cents) then sum(amount_cents) end as amount_cents
    from fact_reconciliation
    where ${within(range)}
    group by system, kind, step
    order by system, kind, abs(sum(orders)) desc, abs(sum(amount_cents)) desc, step`;
}

function totalsSql(range: DateRange): string {
  const sum = (column: string, where: string) =>
    `sum(case when ${where} then ${column === "orders" ? "cast(orders as decimal(18, 6))" : column} end)`;
  const expected = (column: string) => sum(column, "kind in ('start', 'cause')");
  const share = (column: string) =>
    `case when count(*) filter (where kind = 'rest' and ${column} is null) = 0
      then cast(${sum(column, "kind = 'rest'")} as double) / nullif(cast(${expected(column)} as double), 0) end`;
  return `
    select system, count(distinct reconciled_date) as compared_days,
      cast(${expected("orders")} as double) as expected_orders,
      ${expected("amount_cents")} as expected_amount_cents,
      ${share("orders")} as orders_share,
      ${share("amount_cents")} as amount_share,
      case when system = 'ad_platforms' then cast(greatest(0, ${sum("orders", "kind = 'end'")}
        - ${sum("orders", "kind = 'start' or (kind = 'cause' and step in ('cancelled', 'unpaid'))")}) as double) else 0 end as claimed_twice
    from fact_reconciliation
    where ${within(range)}
    group by system`;
}

/** Runs of days that cannot be compared, by system. */
function missingSql(range: DateRange): string {
  return `
    select system, min(day) as from_day, max(day) as to_day
    from (
      select s.system, d.day, d.day - cast(row_number() over (partition by s.system order by d.day) as integer) as run
      from (select system from (${SYSTEMS})) as s
      cross join (select cast(unnest(generate_series(${day(range.from)}, ${day(range.to)}, interval 1 day)) as date) as day) as d
      anti join fact_reconciliation as r on r.system = s.system and r.reconciled_date = d.day
    )
    group by system, run
    order by system, from_day`;
}

function within(range: DateRange): string {
  return `reconciled_date between ${day(range.from)} and ${day(range.to)}`;
}

function day(date: string): string {
  return `date ${quoteText(date)}`;
}

function claimOf(row: Row | undefined, prefix = ""): Claim {
  return { orders: numberOf(row?.[`${prefix}orders`]), cents: numberOf(row?.[`${prefix}amount_cents`]) };
}

function stepOf(row: Row): Step {
  return { step: String(row["step"]), ...claimOf(row) };
}

function numberOf(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}

function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}
