// The `ga4_events` source from files: exported tables land in the same raw relations as the ones that BigQuery is asked for.

import { resolve } from "node:path";
import { type Clock, isoInstant } from "../base/clock.js";
import { addDays, type DateRange, daysOf, type ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { canonicalJson, sha256 } from "../base/hash.js";
import type { Random } from "../base/ids.js";
import { EVENT_KINDS, type EventKind, keyColumns, TOP_COLUMNS } from "../connectors/ga4_events/columns.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { FilePii } from "../warehouse/file-land.js";
import { type ExportStamp, exportEvents, loadExport } from "../warehouse/ga4-export.js";
import { setHmacKey } from "../warehouse/hmac.js";
import { readSalt } from "../warehouse/layout.js";
import { commitEntry, readState } from "../warehouse/log.js";
import { keptFrom } from "../warehouse/pruned.js";
import type { Database, Part, WarehouseState, Workspace } from "../warehouse/types.js";
import { newLoadId, writePart } from "../warehouse/write-part.js";
import { readable } from "./ga4-export-copy.js";
import { type ExportTable, findExport } from "./ga4-export-find.js";
import type { ImportSource } from "./types.js";

const SOURCE = "ga4_events";
/** Raised when the same file would land differently: everything is then imported again. */
const FORMAT = 2;

/** What reading an export needs. */
export interface Ga4ExportOptions {
  readonly ws: Workspace;
  /** Folder to which `folder` is relative. */
  readonly projectRoot: string;
  readonly folder: string;
  /** Days before it are not read; null: all. */
  readonly since: ISODate | null;
  /** Today in the shop: a day that is not over is not read. */
  readonly asOf: ISODate;
  /** What becomes of e-mail addresses in what a site sends. */
  readonly pii: FilePii;
  readonly timeoutMinutes: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly toolVersion: string;
  readonly configHash: string;
  /** For DuckDB, MB; a day needs 1024 at most. */
  readonly memoryLimitMb?: number;
}

/** A day of the export, and whether it would be read. */
export interface ExportDay {
  readonly table: ExportTable;
  readonly mark: string;
  readonly because: "new" | "changed" | "unchanged";
}

/**
 * The source for `runSync`: one commit per day with all kinds of events, oldest day first, so that a crash leaves whole days. A day
 * whose files hold what they held is not read again, whatever they are called. A bad day leaves the others in.
 * Throws `GA4_EXPORT_NONE` (usage) when there is no table at all.
 */
export function ga4ExportSource(options: Ga4ExportOptions): ImportSource {
  return {
    id: SOURCE,
    timeoutMinutes: options.timeoutMinutes,
    land: async ({ runId, signal }) => {
      const { days, warnings } = planExport(options);
      const failures: GrowthosError[] = [];
      let rows = 0;
      for (const day of days.filter(({ because }) => because !== "unchanged")) {
        signal.throwIfAborted();
        try {
          rows += await importDay(options, day, runId);
        } catch (thrown) {
          if (!(thrown instanceof GrowthosError) || thrown.parts.exit !== "badData") throw thrown;
          failures.push(thrown);
        }
      }
      return failures.length === 0 ? { rows, warnings } : { rows, warnings, failure: failed(failures) };
    },
  };
}

/** What would be read now, oldest day first; changes nothing. */
export function planExport(options: Ga4ExportOptions): {
  readonly days: readonly ExportDay[];
  readonly warnings: readonly string[];
} {
  const { ws, projectRoot, folder, since, asOf } = options;
  const { tables, passedOver } = findExport(ws.files, resolve(projectRoot, folder));
  if (tables.length === 0) throw nothingThere(folder);
  const state = readState(ws);
  // A day's table lands whole, so that its kinds of events are pruned together.
  const kept =
    EVENT_KINDS.map(({ name }) => keptFrom(state, SOURCE, name) ?? "")
      .sort()
      .at(-1) ?? "";
  const wanted = tables.filter(({ day }) => day < asOf && day >= kept && (since === null || day >= since));
  const days = wanted.map((table): ExportDay => {
    const mark = markOf(ws, table);
    const before = marksOf(state, table.day);
    const because = before.every((one) => one === mark)
      ? "unchanged"
      : before.some((one) => one !== undefined)
        ? "changed"
        : "new";
    return { table, mark, because };
  });
  const late = tables.filter(({ day }) => day >= asOf).map(({ name }) => `${name}: its day is not over yet`);
  return { days, warnings: [...passedOver, ...late, ...gapsOf(wanted)] };
}

/** By content and kind, in any order and under any name. */
function markOf({ files }: Workspace, { kind, paths }: ExportTable): string {
  const digests = paths.map((path) => files.digest(path).sha256).sort();
  return sha256(canonicalJson([FORMAT, kind, digests]));
}

/** What the newest part of each kind of event says about a day; undefined where it was read elsewhere or never. */
function marksOf({ parts }: WarehouseState, day: ISODate): readonly (string | undefined)[] {
  return EVENT_KINDS.map(({ name }) => {
    const covering = parts.filter(
      ({ source, stream, days }) =>
        source === SOURCE && stream === name && days !== null && days.from <= day && day <= days.to,
    );
    const mark = [...covering].sort((a, b) => a.ordinal - b.ordinal).at(-1)?.origin["mark"];
    return typeof mark === "string" ? mark : undefined;
  });
}

/** A day without a table is not a day without events: it stays unknown, and is told. */
function gapsOf(tables: readonly ExportTable[]): readonly string[] {
  const [first, last] = [tables[0], tables.at(-1)];
  if (first === undefined || last === undefined) return [];
  const span: DateRange = { from: first.day, to: last.day };
  const missing = daysOf(span).filter((day) => !tables.some((table) => table.day === day));
  if (missing.length === 0) return [];
  return [`no table for ${ranges(missing).join(", ")}: these days stay unknown`];
}

function ranges(days: readonly ISODate[]): readonly string[] {
  const runs: { from: ISODate; to: ISODate }[] = [];
  for (const day of days) {
    const last = runs.at(-1);
    if (last !== undefined && addDays(last.to, 1) === day) last.to = day;
    else runs.push({ from: day, to: day });
  }
  return runs.map(({ from, to }) => (from === to ? from : `${from} … ${to}`));
}

async function importDay(options: Ga4ExportOptions, { table, mark }: ExportDay, runId: string): Promise<number> {
  const { ws, random } = options;
  const loadId = newLoadId(ws, random);
  const spill = ws.at("staging", `${loadId}-ga4`);
  ws.files.makeFolder(spill);
  const db = await openDatabase({ memoryLimitMb: Math.min(1024, options.memoryLimitMb ?? 1024), tempFolder: spill });
  try {
    const paths = await readable(ws.files, table, spill);
    await setHmacKey(db, readSalt(ws));
    await loadExport(db, { name: table.name, format: table.format, paths }, WANTED);
    const parts: Part[] = [];
    for (const kind of EVENT_KINDS) parts.push(await landKind(options, { db, kind, table, mark, loadId, runId }));
    await commitDay(options, parts, runId);
    return parts.reduce((sum, part) => sum + part.rows, 0);
  } finally {
    await db.close();
    ws.files.remove(spill);
  }
}

const WANTED = { top: TOP_COLUMNS, names: EVENT_KINDS.flatMap(({ eventNames }) => eventNames) };

interface Landing {
  readonly db: Database;
  readonly kind: EventKind;
  readonly table: ExportTable;
  readonly mark: string;
  readonly loadId: string;
  readonly runId: string;
}

/** Also a kind without events: that the day has none is known then. */
function landKind({ ws, clock, pii }: Ga4ExportOptions, landing: Landing): Promise<Part> {
  const { db, kind, table, mark, loadId, runId } = landing;
  const stamp: ExportStamp = { day: table.day, table: table.kind, runId, fetchedAt: isoInstant(clock.now()), pii };
  return writePart(ws, db, {
    source: SOURCE,
    stream: kind.name,
    loadId,
    supersession: "window",
    days: { from: table.day, to: table.day },
    origin: { table: table.name, mark },
    from: { kind: "select", sql: exportEvents({ ...kind, keyColumns: keyColumns(kind) }, stamp) },
  });
}

async function commitDay(options: Ga4ExportOptions, added: readonly Part[], runId: string): Promise<void> {
  const { ws, toolVersion, configHash, clock } = options;
  const at = isoInstant(clock.now());
  await commitEntry(ws, { kind: "append", runId, added, removed: [], cursors: {}, toolVersion, configHash, at });
}

function failed(failures: readonly GrowthosError[]): GrowthosError {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  return new GrowthosError({
    code: "GA4_EXPORT_FAILED",
    what: `${failures.length} tables of the export could not be read`,
    why: failures
      .map(({ message }) => message)
      .slice(0, 5)
      .join("\n"),
    state: "the other days are committed",
    hint: "export these tables again, and run the same command",
    exit: "badData",
  });
}

function nothingThere(folder: string): GrowthosError {
  return new GrowthosError({
    code: "GA4_EXPORT_NONE",
    what: `there is no exported table in "${folder}"`,
    why: "looked for events_YYYYMMDD, events_fresh_YYYYMMDD and events_intraday_YYYYMMDD as Parquet or JSON lines",
    state: "nothing was landed",
    hint: "correct `sources.ga4_events.folder` (it is relative to the config), or put the files of `bq extract` there",
    exit: "usage",
  });
}
