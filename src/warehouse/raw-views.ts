// Supersession, decided here and nowhere else. A part that is a `full` load replaces everything committed before its version.
// Then `key`: a row survives in the newest part that has its `_key`; `window`: in the newest part whose `days` cover its `_slice`.
// Rows that share a key inside the surviving part all survive. "Newest" is the larger ordinal, never a clock.

import { GrowthosError } from "../base/errors.js";
import { quoteName, quoteText } from "../base/ids.js";
import { absolutePath } from "./layout.js";
import { versionOfOrdinal } from "./log.js";
import { readParquet } from "./read-parquet.js";
import type { ActivePart, Database, Workspace } from "./types.js";
import { LANDED_COLUMNS } from "./write-part.js";

/** The parts of one stream. */
export interface StreamParts {
  readonly ws: Workspace;
  readonly source: string;
  readonly stream: string;
  readonly parts: readonly ActivePart[];
}

/** Which rows of which parts survive. Join the narrow typed rows of `parts` with `table`; without a table all of them survive. */
export type Survivors =
  | { readonly kind: "all"; readonly parts: readonly ActivePart[] }
  /** `table` has the columns (_key, _load), one row per key. */
  | { readonly kind: "key"; readonly parts: readonly ActivePart[]; readonly table: string }
  /** `table` has the columns (_slice, _load), one row per day. */
  | { readonly kind: "window"; readonly parts: readonly ActivePart[]; readonly table: string };

/** The quoted name of a stream's raw relation, `raw."<source>__<stream>"`. */
export function rawRelation(source: string, stream: string): string {
  return `raw.${quoteName(`${source}__${stream}`)}`;
}

/** Creates (or replaces) the stream's raw relation: every row of every given part, with `_load`; empty and typed without parts. */
export async function createRawRelation(db: Database, stream: StreamParts): Promise<void> {
  await db.run("create schema if not exists raw");
  await db.run(`create or replace view ${rawRelation(stream.source, stream.stream)} as ${rawSelect(stream)}`);
}

/** The raw relation over one part alone: what staging SQL runs on. */
export async function onePartRelation(
  db: Database,
  options: { readonly ws: Workspace; readonly part: ActivePart },
): Promise<void> {
  const { ws, part } = options;
  await createRawRelation(db, { ws, source: part.source, stream: part.stream, parts: [part] });
}

/** As `onePartRelation`, without the rows that newer parts of the stream replace; false, and nothing changes, when they replace none. */
export async function keptPartRelation(
  db: Database,
  options: StreamParts & { readonly part: ActivePart; readonly table: string },
): Promise<boolean> {
  const { ws, source, stream, part } = options;
  const kept = await survivors(db, options);
  if (kept.kind === "all") return false;
  const using = kept.kind === "key" ? "_key, _load" : "_slice, _load";
  const rows = `(${rawSelect({ ws, source, stream, parts: [part] })}) as landed`;
  await db.run(
    `create or replace view ${rawRelation(source, stream)} as select * from ${rows} semi join ${quoteName(kept.table)} using (${using})`,
  );
  return true;
}

/**
 * Decides which rows survive, from key columns and the log alone, and writes the narrow table `table` when there is something to decide.
 * Throws `MIXED_SUPERSESSION` when parts follow both the key and the window rule.
 */
export async function survivors(db: Database, options: StreamParts & { readonly table: string }): Promise<Survivors> {
  const parts = sinceLastFull(options.parts);
  const rules = new Set(parts.map((part) => part.supersession).filter((rule) => rule !== "full"));
  if (rules.size > 1) throw mixed(options);
  if (parts.length < 2 || rules.size === 0) return { kind: "all", parts };
  const table = quoteName(options.table);
  if (rules.has("key")) {
    await db.run(
      `create or replace temp table ${table} as select _key, max(_load) as _load from (${keysOf({ ...options, parts })}) group by _key`,
    );
    return { kind: "key", parts, table: options.table };
  }
  if (!daysOverlap(parts)) return { kind: "all", parts };
  await db.run(`create or replace temp table ${table} as ${daySelect(parts)}`);
  return { kind: "window", parts, table: options.table };
}

/** The parts that supersession can still choose from, oldest first: those since the newest full load. Pure. */
export function sinceLastFull(parts: readonly ActivePart[]): readonly ActivePart[] {
  const sorted = [...parts].sort((a, b) => a.ordinal - b.ordinal);
  const full = sorted.findLast((part) => part.supersession === "full");
  if (full === undefined) return sorted;
  return sorted.filter((part) => versionOfOrdinal(part.ordinal) >= versionOfOrdinal(full.ordinal));
}

function rawSelect({ ws, parts }: StreamParts): string {
  const columns = Object.keys(LANDED_COLUMNS).join(", ");
  if (parts.length > 0) return `select ${columns}, ${loadColumn(parts)} from ${filesOf(ws, parts)}`;
  const empty = Object.entries(LANDED_COLUMNS).map(([name, type]) => `null::${type} as ${name}`);
  return `select ${empty.join(", ")}, null::BIGINT as _load where false`;
}

function keysOf({ ws, parts }: StreamParts): string {
  return `select _key, ${loadColumn(parts)} from ${filesOf(ws, parts)}`;
}

function filesOf(ws: Workspace, parts: readonly ActivePart[]): string {
  return readParquet(parts.map((part) => absolutePath(ws, part.path)));
}

// file_index is the place of the row's file in the list.
function loadColumn(parts: readonly ActivePart[]): string {
  if (parts.length === 1) return `${parts[0]?.ordinal}::BIGINT as _load`;
  return `([${parts.map((part) => part.ordinal).join(", ")}]::BIGINT[])[file_index::BIGINT + 1] as _load`;
}

function daysOverlap(parts: readonly ActivePart[]): boolean {
  const ranges = parts
    .flatMap((part) => (part.days === null ? [] : [part.days]))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  return (
    ranges.length < parts.length ||
    ranges.some((range, index) => index > 0 && range.from <= (ranges[index - 1]?.to ?? ""))
  );
}

function daySelect(parts: readonly ActivePart[]): string {
  const rows = parts.flatMap(({ days, ordinal }) =>
    days === null ? [] : [`(${quoteText(days.from)}, ${quoteText(days.to)}, ${ordinal})`],
  );
  return `select strftime(day, '%Y-%m-%d') as _slice, max(_load)::BIGINT as _load from (values ${rows.join(", ")}) as part(first_day, last_day, _load),
    generate_series(first_day::date, last_day::date, interval 1 day) as days(day) group by all`;
}

function mixed({ source, stream }: StreamParts): GrowthosError {
  return new GrowthosError({
    code: "MIXED_SUPERSESSION",
    what: `the parts of ${source}.${stream} follow both the key and the window rule`,
    hint: "load the stream again from the beginning",
    exit: "bug",
  });
}
