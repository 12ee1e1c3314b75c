import { dirname } from "node:path";
import { type Clock, isoInstant } from "../base/clock.js";
import type { Random } from "../base/ids.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { landEvents } from "../warehouse/land-events.js";
import { absolutePath, readSalt } from "../warehouse/layout.js";
import { commitEntry, readState } from "../warehouse/log.js";
import { keepQuarantine, quarantinePath } from "../warehouse/quarantine.js";
import type { Cursor, Database, Part, Workspace } from "../warehouse/types.js";
import { newLoadId } from "../warehouse/write-part.js";
import { adaptersOf } from "./adapters/index.js";
import { rejectionLine } from "./quarantined.js";
import { type EventRow, readDelivery } from "./read-delivery.js";
import { type Arrival, EVENTS, type IntakeSource } from "./types.js";

/** What landing needs to know of the workspace and its config. */
export interface LandContext {
  readonly ws: Workspace;
  readonly clock: Clock;
  readonly random: Random;
  readonly runId: string;
  readonly toolVersion: string;
  readonly configHash: string;
  readonly pii: "hash" | "keep" | "drop";
  /** The account of each source that the config names. */
  readonly accounts: Readonly<Partial<Record<IntakeSource, string>>>;
  /** Where the generic adapter finds the id in a body. */
  readonly idPath: string | null;
}

/** What came of it. */
export interface Landed {
  /** Events that are in raw now and were not before. */
  readonly rows: number;
  /** Events that had landed before, or came twice. */
  readonly repeats: number;
  /** Deliveries that wait in quarantine now. */
  readonly rejected: number;
}

/** What else belongs to the commit. */
export interface LandTogether {
  readonly cursors: Readonly<Record<string, Cursor>>;
  /** Replay: what cannot be read stays where it is, and those that could are named in the commit. */
  readonly isReplay?: boolean;
}

interface Sorting {
  readonly context: LandContext;
  readonly loadId: string;
  readonly bySource: Map<IntakeSource, Sorted>;
}

/** What is landed of one source. */
interface Sorted {
  readonly source: IntakeSource;
  readonly rowsPath: string;
  rows: number;
  rowText: string[];
  rejected: number;
  rejectedPath: string | null;
  rejectedText: string[];
  readonly replayed: string[];
}

const FLUSH_LINES = 256;

/**
 * Parses deliveries and commits what came of them as one: events as Parquet, each once; what could not be read in quarantine; and the
 * cursors. The caller holds the ingest lock. A crash at any point before the commit leaves everything as it was.
 */
export async function landDeliveries(
  context: LandContext,
  arrivals: Iterable<Arrival>,
  together: LandTogether,
): Promise<Landed> {
  const { ws, random } = context;
  const loadId = newLoadId(ws, random);
  const folder = ws.at("staging", `${loadId}-intake`);
  ws.files.makeFolder(folder);
  try {
    const sorting: Sorting = { context, loadId, bySource: new Map() };
    sort(sorting, arrivals, together.isReplay === true);
    return await landSorted(sorting, together);
  } finally {
    ws.files.remove(folder);
  }
}

function sort(sorting: Sorting, arrivals: Iterable<Arrival>, isReplay: boolean): void {
  const { context } = sorting;
  const adapters = adaptersOf(context);
  const personal = { pii: context.pii, salt: readSalt(context.ws) };
  for (const arrival of arrivals) {
    const { delivery, id } = arrival;
    const sorted = sortedOf(sorting, delivery?.source ?? "webhooks");
    const read =
      delivery === null
        ? ({ reason: "damaged", why: "the line in the spool does not match its checksum" } as const)
        : readDelivery(delivery, {
            adapter: adapters[delivery.source],
            account: context.accounts[delivery.source] ?? null,
            personal,
          });
    if ("rows" in read) {
      for (const row of read.rows) keepRow(context, sorted, row);
      if (isReplay) sorted.replayed.push(id);
    } else if (!isReplay) reject(sorting, sorted, rejectionLine(arrival, read));
  }
  for (const sorted of sorting.bySource.values()) flush(context, sorted);
}

function sortedOf({ context, loadId, bySource }: Sorting, source: IntakeSource): Sorted {
  const known = bySource.get(source);
  if (known !== undefined) return known;
  const rowsPath = context.ws.at("staging", `${loadId}-intake`, `${source}.ndjson`);
  const none = { rows: 0, rowText: [], rejected: 0, rejectedPath: null, rejectedText: [], replayed: [] };
  const made: Sorted = { source, rowsPath, ...none };
  context.ws.files.write(rowsPath, "");
  bySource.set(source, made);
  return made;
}

function keepRow(context: LandContext, sorted: Sorted, row: EventRow): void {
  const { key, hash, receivedAt, day, apiVersion, payload } = row;
  sorted.rows += 1;
  const stamps = {
    _slice: day,
    _run_id: context.runId,
    _fetched_at: receivedAt,
    _api_version: apiVersion,
  };
  sorted.rowText.push(JSON.stringify({ _key: key, ...stamps, _hash: hash, payload, n: sorted.rows }));
  if (sorted.rowText.length >= FLUSH_LINES) flush(context, sorted);
}

function reject({ context, loadId }: Sorting, sorted: Sorted, line: string): void {
  const { ws } = context;
  sorted.rejected += 1;
  sorted.rejectedPath ??= quarantinePath(ws, { source: sorted.source, stream: EVENTS, loadId, extension: "ndjson" });
  sorted.rejectedText.push(line);
  if (sorted.rejectedText.length >= FLUSH_LINES) flush(context, sorted);
}

function flush({ ws }: LandContext, sorted: Sorted): void {
  const write = (path: string, lines: string[]) => {
    if (lines.length > 0) ws.files.append(path, `${lines.splice(0).join("\n")}\n`);
  };
  write(sorted.rowsPath, sorted.rowText);
  if (sorted.rejectedPath !== null) write(sorted.rejectedPath, sorted.rejectedText);
}

async function landSorted({ context, loadId, bySource }: Sorting, together: LandTogether): Promise<Landed> {
  const sources = [...bySource.values()];
  const needsDatabase = sources.some(({ rows, rejected }) => rows + rejected > 0);
  const added = needsDatabase ? await partsOf(context, loadId, sources) : [];
  const { ws, runId, toolVersion, configHash, clock } = context;
  if (added.length > 0 || Object.keys(together.cursors).length > 0) {
    await commitEntry(ws, {
      kind: added.length > 0 ? "append" : "state",
      runId,
      added,
      removed: [],
      cursors: together.cursors,
      toolVersion,
      configHash,
      at: isoInstant(clock.now()),
    });
  }
  const rows = added.reduce((sum, part) => sum + part.rows, 0);
  const read = sources.reduce((sum, sorted) => sum + sorted.rows, 0);
  const rejected = sources.reduce((sum, sorted) => sum + sorted.rejected, 0);
  return { rows, repeats: read - rows, rejected };
}

async function partsOf(context: LandContext, loadId: string, sources: readonly Sorted[]): Promise<readonly Part[]> {
  const { ws } = context;
  const db = await openDatabase({ memoryLimitMb: 512, tempFolder: ws.at("staging") });
  try {
    const parts: Part[] = [];
    for (const sorted of sources) {
      if (sorted.rows + sorted.rejected === 0) continue;
      const part = await partOf(context, db, { loadId, sorted });
      if (part.rows > 0 || sorted.rejected + sorted.replayed.length > 0) parts.push(part);
      // Nothing but repeats: the log need not name it.
      else ws.files.remove(dirname(absolutePath(ws, part.path)));
    }
    return parts;
  } finally {
    await db.close();
  }
}

function partOf(
  context: LandContext,
  db: Database,
  { loadId, sorted }: { readonly loadId: string; readonly sorted: Sorted },
): Promise<Part> {
  const { ws } = context;
  const { source, rowsPath, rejected, rejectedPath, replayed } = sorted;
  return landEvents(ws, db, {
    source,
    stream: EVENTS,
    loadId,
    origin: {
      ...(rejectedPath === null ? {} : keepQuarantine(ws, rejectedPath, rejected)),
      ...(replayed.length === 0 ? {} : { replayed: replayed.join(",") }),
    },
    path: rowsPath,
    parts: readState(ws).parts.filter((part) => part.source === source && part.stream === EVENTS),
    isKnownByHash: adaptersOf(context)[source].isKnownByBody,
  });
}
