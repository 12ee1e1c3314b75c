import { addDays, type DateRange, daysOf, type ISODate, isoDate } from "../base/dates.js";
import {
  type Availability,
  type Freshness,
  type Reconciliation,
  readAvailability,
  readFreshness,
  readReconciliations,
  readVolumes,
  type VolumeReport,
} from "../transform/data-quality.js";
import { checkResultOf } from "../transform/meta.js";
import { type PixelHealth, readPixelHealth } from "../transform/pixel-health.js";
import type { Cell, Database, Row } from "../warehouse/types.js";
import {
  FOREIGN_DAYS,
  LAST_RESTATEMENTS,
  LAST_SCHEMA_CHANGES,
  OTHER_CURRENCIES,
  RESTATED_TOTALS,
  SNAPSHOT_DAYS,
} from "./compile.js";
import { type Coverage, readCoverage } from "./coverage.js";
import { MARTS } from "./marts.js";

/** What a build says about itself beside its metrics: checks, sources with their gaps, refused rows. */
export interface BuildHealth {
  readonly checks: readonly {
    readonly id: string;
    readonly severity: "critical" | "error" | "warning";
    /** Absent: as `passed` says. `unknown` is neither: there was nothing to look at, or the check cannot be run. */
    readonly status?: "passed" | "failed" | "unknown";
    readonly passed: boolean;
    /** True for a check of the user's own that cannot be run. */
    readonly broken?: boolean;
    readonly message: string;
  }[];
  readonly sources: readonly {
    readonly source: string;
    readonly stream: string;
    readonly rows: number;
    readonly from: string | null;
    readonly to: string | null;
    /** Days without data between the first covered day and the last complete one. */
    readonly gaps: readonly string[];
    readonly lastRun: string | null;
  }[];
  readonly quarantined: readonly { readonly file: string; readonly rows: number; readonly reason: string }[];
  /** The last days, which a source that has landed may still change. */
  readonly provisional: readonly { readonly source: string; readonly days: DateRange }[];
  /** What sources say against their own figures; `detail` as the source puts it. */
  readonly reservations: readonly {
    readonly source: string;
    readonly stream: string;
    readonly flag: string;
    readonly days: readonly string[];
    readonly detail: string | null;
  }[];
  /** Rows of money in other currencies, which are in no sum. */
  readonly otherCurrencies: readonly { readonly kind: string; readonly currency: string; readonly rows: number }[];
  /** Ad spend by the last snapshot of each of the last days, newest first, in minor units; empty without snapshots. */
  readonly snapshots: readonly {
    readonly day: string;
    readonly source: string;
    readonly currency: string;
    /** By the shop's clock, `14:45`. */
    readonly lastTime: string;
    readonly count: number;
    readonly soFar: number;
    /** What the day came to in the end; null while it is not over or not read. */
    readonly final: number | null;
  }[];
  /** Figures that were changed after they had been read: all of them by measure, and the last ones. */
  readonly restated: {
    readonly totals: readonly {
      readonly source: string;
      readonly stream: string;
      readonly measure: string;
      readonly days: number;
      readonly first: string;
      readonly last: string;
      /** As the source gives it (money in currency units); null when no change is known. */
      readonly change: string | null;
      readonly lastSeen: string;
    }[];
    readonly newest: readonly {
      readonly source: string;
      readonly stream: string;
      readonly measure: string;
      readonly day: string;
      readonly before: string | null;
      readonly after: string | null;
      readonly change: string | null;
      readonly seen: string;
    }[];
  };
  /** What there is of every relation, with its gaps. */
  readonly availability: readonly Availability[];
  /** How far each source is behind. */
  readonly freshness: readonly Freshness[];
  /** Volumes of the last 28 complete days. */
  readonly volumes: VolumeReport;
  /** The shop against GA4 and the ad platforms, over the last 28 complete days. */
  readonly reconciliations: readonly Reconciliation[];
  /** How well the shop's own pixel works; null: the build does not say. */
  readonly pixel: PixelHealth | null;
  /** Fields that sources added, changed, left out or brought back; newest first. */
  readonly schemaChanges: readonly {
    readonly source: string;
    readonly stream: string;
    readonly path: string;
    readonly change: string;
    readonly before: string | null;
    readonly after: string | null;
    readonly action: string;
    readonly seen: string;
  }[];
}

/** Volumes and reconciliations of a page look back so far: four whole weeks. */
const RECENT_DAYS = 28;

/** What growthos has to say about its sources lands under a name of its own; it is no source of the shop. */
const OWN_SOURCE = "growthos";

/** Reads the health of a build. */
export async function readHealth(db: Database, lastCompleteDay: ISODate): Promise<BuildHealth> {
  const landed = await readCoverage(db);
  const recent = { from: addDays(lastCompleteDay, 1 - RECENT_DAYS), to: lastCompleteDay };
  const coverage = new Map(landed.streams.map((stream) => [stream.name, stream.days]));
  const checks = await db.all("select * from meta.checks order by id");
  const sources = await db.all("select * from meta.sources order by source, stream");
  const quarantined = await db.all("select * from meta.quarantine order by file, reason");
  return {
    checks: checks.map(checkResultOf),
    sources: sources
      .filter((row) => row["source"] !== OWN_SOURCE)
      .map((row) => ({
        source: String(row["source"]),
        stream: String(row["stream"]),
        rows: Number(row["rows"]),
        from: textOf(row["first_day"]),
        to: textOf(row["last_day"]),
        gaps: isPushed(row) ? [] : gapsOf(coverage.get(nameOf(row)) ?? [], lastCompleteDay),
        lastRun: textOf(row["last_loaded_at"]),
      })),
    quarantined: quarantined.map((row) => ({
      file: String(row["file"]),
      rows: Number(row["rows"]),
      reason: String(row["reason"]),
    })),
    provisional: provisionalOf(landed, lastCompleteDay),
    reservations: await readReservations(db),
    otherCurrencies: (await db.all(OTHER_CURRENCIES)).map((row) => ({
      kind: String(row["kind"]),
      currency: String(row["currency"]),
      rows: Number(row["rows"]),
    })),
    snapshots: await readSnapshots(db),
    restated: { totals: await readRestatedTotals(db), newest: await readRestatements(db) },
    schemaChanges: await readSchemaChanges(db),
    availability: await readAvailability(db),
    freshness: await readFreshness(db),
    volumes: await readVolumes(db, recent),
    reconciliations: await readReconciliations(db, recent),
    pixel: await readPixelHealth(db),
  };
}

function nameOf(row: Row): string {
  return `${String(row["source"])}.${String(row["stream"])}`;
}

/** What is pushed comes when something happens: a day without an event lacks nothing. */
function isPushed(row: Row): boolean {
  return row["stream"] === "events";
}

/** The look-back of every platform that restates and has landed, longest first for a platform with several. */
function provisionalOf(coverage: Coverage, lastCompleteDay: ISODate): BuildHealth["provisional"] {
  const longest = new Map<string, number>();
  for (const { title, streams, restatesDays } of Object.values(MARTS).flatMap(({ origins }) => origins)) {
    const hasLanded = coverage.streams.some(({ name }) => streams.includes(name));
    if (hasLanded && restatesDays > 0) longest.set(title, Math.max(restatesDays, longest.get(title) ?? 0));
  }
  return [...longest]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, days]) => ({ source, days: { from: addDays(lastCompleteDay, 1 - days), to: lastCompleteDay } }));
}

async function readReservations(db: Database): Promise<BuildHealth["reservations"]> {
  const rows = await db.all("select * from fact_data_quality order by source, stream, flag, quality_date");
  const found = new Map<
    string,
    { source: string; stream: string; flag: string; days: string[]; detail: string | null }
  >();
  for (const row of rows) {
    const [source, stream, flag] = [String(row["source"]), String(row["stream"]), String(row["flag"])];
    const key = JSON.stringify([source, stream, flag]);
    const one = found.get(key) ?? { source, stream, flag, days: [], detail: null };
    // The newest detail: days are in order.
    found.set(key, {
      ...one,
      days: [...one.days, String(row["quality_date"])],
      detail: textOf(row["detail"]) ?? one.detail,
    });
  }
  return [...found.values()];
}

async function readSnapshots(db: Database): Promise<BuildHealth["snapshots"]> {
  return (await db.all(SNAPSHOT_DAYS)).map((row) => ({
    day: String(row["spend_date"]),
    source: String(row["source"]),
    currency: String(row["currency"]),
    lastTime: String(row["last_time"]),
    count: Number(row["snapshots"]),
    soFar: Number(row["so_far"]),
    final: row["final"] === null ? null : Number(row["final"]),
  }));
}

async function readRestatedTotals(db: Database): Promise<BuildHealth["restated"]["totals"]> {
  return (await db.all(RESTATED_TOTALS)).map((row) => ({
    source: String(row["source"]),
    stream: String(row["stream"]),
    measure: String(row["measure"]),
    days: Number(row["days"]),
    first: String(row["first_day"]),
    last: String(row["last_day"]),
    change: textOf(row["change"]),
    lastSeen: String(row["last_seen"]),
  }));
}

async function readRestatements(db: Database): Promise<BuildHealth["restated"]["newest"]> {
  return (await db.all(LAST_RESTATEMENTS)).map((row) => ({
    source: String(row["source"]),
    stream: String(row["stream"]),
    measure: String(row["measure"]),
    day: String(row["metric_date"]),
    before: textOf(row["value_before"]),
    after: textOf(row["value_after"]),
    change: textOf(row["value_change"]),
    seen: String(row["seen_date"]),
  }));
}

async function readSchemaChanges(db: Database): Promise<BuildHealth["schemaChanges"]> {
  return (await db.all(LAST_SCHEMA_CHANGES)).map((row) => ({
    source: String(row["source"]),
    stream: String(row["stream"]),
    path: String(row["path"]),
    change: String(row["change"]),
    before: textOf(row["type_before"]),
    after: textOf(row["type_after"]),
    action: String(row["action"]),
    seen: String(row["seen_date"]),
  }));
}

/** Days that no range covers, from the first covered day to `last`. Ranges are in order and do not overlap. */
export function gapsOf(covered: readonly DateRange[], last: ISODate): readonly ISODate[] {
  const gaps: ISODate[] = [];
  let next = covered[0]?.from;
  if (next === undefined) return gaps;
  for (const range of covered) {
    gaps.push(...daysOf({ from: next, to: addDays(range.from, -1) }));
    next = range.to < next ? next : addDays(range.to, 1);
  }
  return [...gaps, ...daysOf({ from: next, to: last })];
}

/** Channel id -> whether it is paid for. */
export async function readPaidChannels(db: Database): Promise<ReadonlyMap<string, boolean>> {
  const rows = await db.all("select channel_id, is_paid from dim_channel order by channel_id");
  return new Map(rows.map((row) => [String(row["channel_id"]), row["is_paid"] === true]));
}

/** Amounts of one kind that came in another currency on one day. */
export interface ForeignDay {
  readonly day: ISODate;
  readonly what: "orders" | "refunds" | "spend";
  /** What the amounts came in. */
  readonly currency: string;
  /** They are in the figures, at the rate of the day. */
  readonly converted: boolean;
  readonly rows: number;
  /** Minor units of `currency` that are in no figure; 0 for what was converted. */
  readonly minor: number;
}

/** Everything that came in another currency than the reporting one; empty for a shop with one currency. */
export async function readForeign(db: Database): Promise<readonly ForeignDay[]> {
  const rows = await db.all(FOREIGN_DAYS);
  return rows.map((row) => ({
    day: isoDate(String(row["day"]).slice(0, 10)),
    what: row["what"] === "orders" ? "orders" : row["what"] === "refunds" ? "refunds" : "spend",
    currency: String(row["currency"]),
    converted: row["converted"] === true,
    rows: Number(row["rows"]),
    minor: Number(row["minor"]),
  }));
}

function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}
