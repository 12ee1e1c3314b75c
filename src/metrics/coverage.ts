import { addDays, type DateRange, dayNumber, type ISODate, isoDate, rangeLength } from "../base/dates.js";
import type { Cell, Database, Row } from "../warehouse/types.js";
import { earlierDay, laterDay } from "./calendar.js";
import { COVERED_RANGES } from "./compile.js";
import type { Mart, Origin } from "./marts.js";
import type { MetricValue } from "./types.js";

/** What has landed, from the build's own tables: the ground on which a value is known or unknown. */
export interface Coverage {
  /** Sources that the workspace configures. */
  readonly configured: readonly string[];
  readonly streams: readonly StreamCoverage[];
}

/** One stream that has landed at least once. */
export interface StreamCoverage {
  /** `source.stream` */
  readonly name: string;
  /** The days it answers for, as ranges without overlap, in order. */
  readonly days: readonly DateRange[];
  readonly lastLoadedAt: string | null;
}

/** Whether the rows of a fact are complete in a range of days. */
export type Availability =
  | {
      readonly status: "ok";
      readonly provisional: boolean /** The source-days that are missing, where they were taken as they are. */;
      readonly partial?: string;
    }
  | Extract<MetricValue, { readonly status: "unknown" }>;

/** Reads what the build says about its sources. */
export async function readCoverage(db: Database): Promise<Coverage> {
  const configured = await db.all("select distinct source from meta.configured order by source");
  const islands = await db.all(COVERED_RANGES);
  const sources = await db.all("select * from meta.sources order by source, stream");
  const daysOf = new Map<string, DateRange[]>();
  for (const row of islands) {
    const days = daysOf.get(nameOf(row)) ?? [];
    days.push({ from: day(row["from_day"]), to: day(row["to_day"]) });
    daysOf.set(nameOf(row), days);
  }
  const loaded = new Map(sources.filter((row) => row["last_loaded_at"] !== null).map((row) => [nameOf(row), row]));
  const names = [...new Set([...daysOf.keys(), ...loaded.keys()])].sort();
  return {
    configured: configured.map((row) => String(row["source"])),
    streams: names.map((name) => {
      const row = loaded.get(name);
      return { name, days: daysOf.get(name) ?? spanOf(row), lastLoadedAt: text(row?.["last_loaded_at"]) };
    }),
  };
}

/** A stream whose parts name no days (an orders export) answers for the days from its first to its last row. */
function spanOf(row: Row | undefined): readonly DateRange[] {
  const [first, last] = [row?.["first_day"] ?? null, row?.["last_day"] ?? null];
  return first === null || last === null ? [] : [{ from: day(first), to: day(last) }];
}

function nameOf(row: Row): string {
  return `${String(row["source"])}.${String(row["stream"])}`;
}

function day(cell: Cell | undefined): ISODate {
  return isoDate(String(cell).slice(0, 10));
}

function text(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}

/**
 * Whether every origin of a fact that is configured, or has ever landed, covers all days of a range.
 * `provisional` when the range touches days that a vendor still restates.
 */
export function availability(
  coverage: Coverage,
  mart: Pick<Mart, "noun" | "origins" | "details">,
  range: DateRange,
  lastCompleteDay: ISODate,
): Availability {
  const origins = mart.origins.map((origin) => ({ origin, landed: landedOf(coverage, origin) }));
  const present = origins.filter(({ landed }) => landed.length > 0);
  const awaited = origins.flatMap(({ origin, landed }) =>
    landed.length === 0 ? awaitedSources(coverage, origin) : [],
  );
  // Files lie in an inbox when somebody has some: where another source tells these rows, nobody waits for them.
  const waiting = new Set(awaited.filter((source) => source !== "files" || present.length === 0));
  if (waiting.size > 0) return unknown("never_synced", `${[...waiting].join(", ")}: never synced`);
  if (present.length === 0) return unknown("not_configured", `no source of ${mart.noun} is configured`);
  const first = present.map(({ landed }) => firstDay(landed)).reduce(earlierOrNull);
  if (first === null || range.to < first)
    return unknown("no_data", `no ${mart.noun} before ${first ?? "the first sync"}`);
  const details = (mart.details ?? [])
    .map((origin) => ({ origin, landed: landedOf(coverage, origin) }))
    .filter(({ landed }) => landed.length > 0);
  if (mart.details !== undefined && details.length === 0)
    return unknown("not_configured", `no ${mart.noun} was read: ${mart.details.map(({ title }) => title).join(", ")}`);
  const gaps = [...present, ...details].flatMap(({ origin, landed }) =>
    gapText(origin.title, missingDays(landed, range)),
  );
  if (gaps.length > 0) return unknown("days_missing", gaps.join("; "));
  return { status: "ok", provisional: present.some(({ origin }) => isRestated(origin, range, lastCompleteDay)) };
}

/**
 * As `availability`, but with days missing it answers for those that are there, and names the others in `partial`.
 * Nothing landed for any day of the range is unknown all the same: nobody looked.
 */
export function availabilityAsIs(
  coverage: Coverage,
  mart: Pick<Mart, "noun" | "origins">,
  range: DateRange,
  lastCompleteDay: ISODate,
): Availability {
  const strict = availability(coverage, mart, range, lastCompleteDay);
  if (strict.status === "ok" || strict.because !== "days_missing") return strict;
  const landed = mart.origins.map((origin) => ({
    origin,
    days: landedOf(coverage, origin).flatMap(({ days }) => days),
  }));
  const touching = landed.filter(({ days }) => days.some(({ from, to }) => from <= range.to && to >= range.from));
  if (touching.length === 0) return strict;
  const provisional = touching.some(({ origin }) => isRestated(origin, range, lastCompleteDay));
  return { status: "ok", provisional, partial: strict.detail };
}

/** The first day that any origin of a fact covers, or null. */
export function firstCoveredDay(coverage: Coverage, mart: Pick<Mart, "origins">): ISODate | null {
  return mart.origins.map((origin) => firstDay(landedOf(coverage, origin))).reduce(earlierOrNull, null);
}

function unknown(
  because: Extract<MetricValue, { readonly status: "unknown" }>["because"],
  detail: string,
): Extract<MetricValue, { readonly status: "unknown" }> {
  return { status: "unknown", because, detail };
}

function landedOf(coverage: Coverage, { streams, isOpen }: Origin): readonly StreamCoverage[] {
  const landed = coverage.streams.filter(({ name }) => streams.includes(name));
  return isOpen === true ? landed.map(withoutEnd) : landed;
}

/** Later than any day that is asked about. */
const NO_END = isoDate("9998-12-31");

function withoutEnd(stream: StreamCoverage): StreamCoverage {
  const from = firstDay([stream]);
  return from === null ? stream : { ...stream, days: [{ from, to: NO_END }] };
}

/** Sources that are configured and from which nothing has come yet. `files` counts only while no file at all was read: a shop may import orders alone. */
function awaitedSources(coverage: Coverage, origin: Origin): readonly string[] {
  const sources = origin.streams.map((name) => name.slice(0, name.indexOf(".")));
  const hasFiles = coverage.streams.some((stream) => stream.name.startsWith("files."));
  return sources.filter((source) => coverage.configured.includes(source) && !(source === "files" && hasFiles));
}

function firstDay(landed: readonly StreamCoverage[]): ISODate | null {
  return landed.map((stream) => stream.days[0]?.from ?? null).reduce(earlierOrNull, null);
}

function earlierOrNull(a: ISODate | null, b: ISODate | null): ISODate | null {
  if (a === null || b === null) return a ?? b;
  return earlierDay(a, b);
}

function isRestated(origin: Origin, range: DateRange, lastCompleteDay: ISODate): boolean {
  return origin.restatesDays > 0 && range.to > addDays(lastCompleteDay, -origin.restatesDays);
}

/** The days of `range` that none of the streams covers, as ranges. */
function missingDays(landed: readonly StreamCoverage[], range: DateRange): readonly DateRange[] {
  const covered = landed.flatMap((stream) => stream.days).sort((a, b) => dayNumber(a.from) - dayNumber(b.from));
  const missing: DateRange[] = [];
  let next = range.from;
  for (const days of covered) {
    if (days.to < next) continue;
    if (days.from > range.to) break;
    if (days.from > next) missing.push({ from: next, to: addDays(days.from, -1) });
    next = laterDay(next, addDays(days.to, 1));
  }
  if (next <= range.to) missing.push({ from: next, to: range.to });
  return missing;
}

const RANGES_NAMED = 4;

function gapText(title: string, missing: readonly DateRange[]): readonly string[] {
  if (missing.length === 0) return [];
  const named = missing.slice(0, RANGES_NAMED).map(({ from, to }) => (from === to ? from : `${from} … ${to}`));
  const rest = missing.slice(RANGES_NAMED).reduce((days, range) => days + rangeLength(range), 0);
  return [`${title}: ${named.join(", ")}${rest === 0 ? "" : ` and ${rest} more days`}`];
}
