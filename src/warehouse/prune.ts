/**
 * Retention: events older than the config wants go, through the log like everything else. Master data, orders and payments stay. Files of
 * removed parts are deleted by `gc` after its grace, because a reader may still have the older list.
 */
import { isoInstant } from "../base/clock.js";
import type { ISODate } from "../base/dates.js";
import { quoteText } from "../base/ids.js";
import { partOfPart, type Rewriting } from "./erase/rewrite.js";
import { absolutePath } from "./layout.js";
import { commitEntry, type LogDraft, readState } from "./log.js";
import { keptFrom, pruneCursor } from "./pruned.js";
import { readParquet } from "./read-parquet.js";
import type { ActivePart, Cursor, Database, Part, Workspace } from "./types.js";

/** What would go of one part. */
export interface PrunedPart {
  readonly part: ActivePart;
  /** Rows that go, and rows that stay. */
  readonly rows: number;
  readonly kept: number;
  /** None of it stays. */
  readonly isWhole: boolean;
}

/** What pruning would do. */
export interface PrunePlan {
  /** Events of earlier days go. */
  readonly before: ISODate;
  readonly parts: readonly PrunedPart[];
}

/** Streams of things that happened on a day and of which nobody owes an account. */
const EVENT_STREAMS = /^(?:ga4_events\.[a-z_]+|pixel\.events)$/;

/** Plans; changes nothing. A stream's day is that of its rows: the property's for GA4, that of the receipt for the pixel. */
export async function planPrune(ws: Workspace, db: Database, before: ISODate): Promise<PrunePlan> {
  const parts: PrunedPart[] = [];
  for (const part of readState(ws).parts) {
    if (!EVENT_STREAMS.test(`${part.source}.${part.stream}`)) continue;
    if (part.days !== null && part.days.from >= before) continue;
    const { rows } = await db.one(
      `select count(*) as rows from ${readParquet([absolutePath(ws, part.path)])} where ${isKept(before)} is false`,
    );
    const gone = Number(rows);
    const isWhole = part.days === null ? part.rows > 0 && gone === part.rows : part.days.to < before;
    if (gone > 0 || part.days !== null) parts.push({ part, rows: gone, kept: part.rows - gone, isWhole });
  }
  return { before, parts };
}

function isKept(before: ISODate): string {
  return `(_slice >= ${quoteText(before)})`;
}

/**
 * Carries a plan out as one commit: whole parts go, others are copied without the older rows and stay in their place. The cursors remember
 * from which day on a stream is kept. The caller holds the ingest lock.
 */
export async function applyPrune(
  rewriting: Rewriting,
  { before, parts }: PrunePlan,
  run: Pick<LogDraft, "runId" | "toolVersion" | "configHash"> & { readonly now: number },
): Promise<void> {
  if (parts.length === 0) return;
  const { ws } = rewriting;
  const added: Part[] = [];
  for (const { part, isWhole } of parts) {
    if (isWhole) continue;
    const days = part.days === null ? null : { from: before, to: part.days.to };
    added.push(await partOfPart(rewriting, part, { where: isKept(before), days }));
  }
  const { now, ...stamp } = run;
  await commitEntry(ws, {
    kind: "prune",
    ...stamp,
    added,
    removed: parts.map(({ part }) => ({ path: part.path, reason: `older than ${before}` })),
    cursors: cursorsOf(ws, before, parts),
    at: isoInstant(now),
  });
}

function cursorsOf(ws: Workspace, before: ISODate, parts: readonly PrunedPart[]): Readonly<Record<string, Cursor>> {
  const state = readState(ws);
  return Object.fromEntries(
    parts.map(({ part: { source, stream } }) => {
      const known = keptFrom(state, source, stream);
      return [pruneCursor(source, stream), { before: known !== null && known > before ? known : before }];
    }),
  );
}
