import { addDays, type DateRange, daysOf, type ISODate, isoDate } from "../base/dates.js";
import type { Cell, Database } from "../warehouse/types.js";
import { FOREIGN_DAYS } from "./compile.js";
import { readCoverage } from "./coverage.js";

/** What a build says about itself beside its metrics: checks, sources with their gaps, refused rows. */
export interface BuildHealth {
  readonly checks: readonly {
    readonly id: string;
    readonly severity: "critical" | "warning";
    readonly passed: boolean;
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
}

/** Reads the health of a build. */
export async function readHealth(db: Database, lastCompleteDay: ISODate): Promise<BuildHealth> {
  const coverage = new Map((await readCoverage(db)).streams.map((stream) => [stream.name, stream.days]));
  const checks = await db.all("select * from meta.checks order by id");
  const sources = await db.all("select * from meta.sources order by source, stream");
  const quarantined = await db.all("select * from meta.quarantine order by file, reason");
  return {
    checks: checks.map((row) => ({
      id: String(row["id"]),
      severity: row["severity"] === "critical" ? "critical" : "warning",
      passed: row["passed"] === true,
      message: String(row["message"]),
    })),
    sources: sources.map((row) => ({
      source: String(row["source"]),
      stream: String(row["stream"]),
      rows: Number(row["rows"]),
      from: textOf(row["first_day"]),
      to: textOf(row["last_day"]),
      gaps: gapsOf(coverage.get(`${String(row["source"])}.${String(row["stream"])}`) ?? [], lastCompleteDay),
      lastRun: textOf(row["last_loaded_at"]),
    })),
    quarantined: quarantined.map((row) => ({
      file: String(row["file"]),
      rows: Number(row["rows"]),
      reason: String(row["reason"]),
    })),
  };
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
