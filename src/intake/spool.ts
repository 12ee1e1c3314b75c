import type { Clock } from "../base/clock.js";
import { GrowthosError, messageOf, systemCode } from "../base/errors.js";
import type { AppendLog } from "../base/files.js";
import type { Log } from "../base/log.js";
import { readState } from "../warehouse/log.js";
import type { Workspace } from "../warehouse/types.js";
import { requireSpace } from "../warehouse/write-part.js";
import { nextNumber, openPath, recoverSpool, sealSegment, spoolFolder } from "./segments.js";

/** The journal of what was accepted. */
export interface Spool {
  /**
   * Resolves when the line is durable. Rejects with `SPOOL_FAILED` (nothing of the whole group counts) or `SPOOL_BUSY` (too many wait).
   */
  accept(line: Uint8Array): Promise<void>;
  /** Lets the roll have what is there; nothing happens to an empty segment. */
  seal(): Promise<void>;
  /** Waits for what is being written, then seals. */
  close(): Promise<void>;
}

/** How the spool is kept. */
export interface SpoolOptions {
  readonly ws: Workspace;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the sealing by age. */
  readonly signal: AbortSignal;
  /** A segment of this age is sealed, so that a `sync` beside a running receiver finds it; default 2 seconds. */
  readonly sealAfterMs?: number;
  /** A segment of this size is sealed; default 16 MiB. */
  readonly sealBytes?: number;
}

interface Waiting {
  readonly line: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (reason: GrowthosError) => void;
}

interface OpenSegment {
  readonly number: number;
  readonly file: AppendLog;
  bytes: number;
  /** It is to be sealed as soon as nothing is written into it. */
  isDue: boolean;
}

const MAX_WAITING = 4_096;
/** Written at once at most: what waits longer goes with the next. */
const GROUP_BYTES = 8 * 1024 * 1024;

/**
 * Opens the spool for writing; the caller holds the spool lock. Group commit: while the disk is busy requests gather, then one write and
 * one fdatasync make all of them durable. After a failed sync the kernel may have dropped the pages and a second sync would say that all is
 * well, so that segment is sealed at its last good byte and nothing is appended to it any more.
 */
export function openSpool(options: SpoolOptions): Spool {
  const { ws, clock, signal } = options;
  const { sealAfterMs = 2_000, sealBytes = 16 * 1024 * 1024 } = options;
  spoolFolder(ws);
  recoverSpool(ws);
  let next = nextNumber(ws, readState(ws));
  let segment: OpenSegment | null = null;
  let flushing: Promise<void> | null = null;
  const waiting: Waiting[] = [];
  const unsealed: OpenSegment[] = [];

  const begin = (): OpenSegment => {
    // The roll needs room for the same events again.
    requireSpace(ws, sealBytes);
    const number = next;
    next += 1;
    const file = ws.files.openLog(openPath(ws, number));
    const opened = { number, file, bytes: 0, isDue: false };
    try {
      ws.files.sync(spoolFolder(ws));
    } catch (thrown) {
      end(opened);
      throw thrown;
    }
    void sealLater(opened);
    return opened;
  };
  const sealLater = async (opened: OpenSegment) => {
    try {
      await clock.sleep(sealAfterMs, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      throw thrown;
    }
    if (segment === opened) await seal();
  };
  /** Seals; a segment that cannot be sealed now is tried again with the next. */
  const end = (ended: OpenSegment) => {
    segment = null;
    for (const one of [...unsealed.splice(0), ended]) {
      try {
        if (one === ended) one.file.close();
        sealSegment(ws, one.number, one.bytes);
      } catch (thrown) {
        unsealed.push(one);
        options.log.warn("intake.seal_failed", { segment: one.number, reason: messageOf(thrown) });
      }
    }
  };
  const writeGroup = async (group: readonly Waiting[]) => {
    try {
      segment ??= begin();
      const bytes = Buffer.concat(group.map(({ line }) => line));
      await segment.file.append(bytes);
      segment.bytes += bytes.length;
      for (const { resolve } of group) resolve();
      if (segment.bytes >= sealBytes || segment.isDue) end(segment);
    } catch (thrown) {
      options.log.warn("intake.spool_failed", { reason: messageOf(thrown), code: systemCode(thrown) });
      if (segment !== null) end(segment);
      for (const { reject } of group) reject(spoolFailed(thrown));
    }
  };
  const flush = async () => {
    while (waiting.length > 0) await writeGroup(waiting.splice(0, groupOf(waiting)));
    flushing = null;
  };
  const seal = async () => {
    const due = segment;
    // Under load the writing never pauses, so the next group ends the segment.
    if (due !== null) due.isDue = true;
    await flushing;
    if (due !== null && segment === due) end(due);
  };
  return {
    accept: (line) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= MAX_WAITING) return reject(spoolBusy());
        waiting.push({ line, resolve, reject });
        // After this turn of the loop, so that requests that arrived together are written together.
        flushing ??= new Promise((turn) => setImmediate(turn)).then(flush);
      }),
    seal,
    close: async () => {
      await flushing;
      await seal();
    },
  };
}

function groupOf(waiting: readonly Waiting[]): number {
  let bytes = 0;
  const index = waiting.findIndex(({ line }) => {
    bytes += line.length;
    return bytes > GROUP_BYTES;
  });
  return index < 0 ? waiting.length : Math.max(1, index);
}

function spoolFailed(cause: unknown): GrowthosError {
  return new GrowthosError({
    code: "SPOOL_FAILED",
    what: "what was received could not be made durable",
    why: messageOf(cause),
    state: "it was not accepted: the sender tries again",
    hint: "check the disk of the workspace; `growthos sync` empties the spool",
    exit: "io",
    cause,
  });
}

function spoolBusy(): GrowthosError {
  return new GrowthosError({
    code: "SPOOL_BUSY",
    what: `more than ${MAX_WAITING} deliveries wait for the disk`,
    state: "it was not accepted: the sender tries again",
    exit: "io",
  });
}
