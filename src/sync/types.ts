import type { Clock } from "../base/clock.js";
import type { DateRange, ISODate } from "../base/dates.js";
import type { GrowthosError } from "../base/errors.js";
import type { Random } from "../base/ids.js";
import type { Log } from "../base/log.js";
import type { Secret } from "../base/secret.js";
import type { Connector, Slice } from "../connectors/types.js";
import type { TokenStore, Transport } from "../http/types.js";
import type { Workspace } from "../warehouse/types.js";
import type { Contract } from "./shape.js";

/** Why a slice will be read; printed by `--dry-run`. */
export type Because = "first_run" | "new_days" | "lookback" | "forced" | "gap" | "backfill" | "today";

/** One walk that will be made: a source, a stream, what to ask for and why. */
export interface SyncTask {
  readonly source: string;
  readonly stream: string;
  readonly slice: Slice;
  readonly because: Because;
  /** For a snapshot of the day under way: the quarter of an hour that it stands for, ISO 8601 UTC. */
  readonly snapshot?: string;
}

/** What will be read, before anything is read: printed by `--dry-run`, then executed as it stands. */
export interface SyncPlan {
  readonly asOf: ISODate;
  readonly tasks: readonly SyncTask[];
}

/** A connector with the user's options, credentials and the network it talks through. */
export interface SyncSource {
  readonly connector: Connector;
  /** As written in growthos.config.ts; checked here against the connector's schema. */
  readonly options: unknown;
  /** By name; every member a `Secret`. */
  readonly secrets: unknown;
  readonly transport: Transport;
  /** First day wanted by a first run; null: two years. */
  readonly since: ISODate | null;
  readonly timeoutMinutes: number;
  /** Names of the streams to read; absent: all. A name that the source does not have is `BAD_OPTIONS`. */
  readonly streams?: readonly string[];
  /** How changes of the vendor's schema are taken, for all streams or by stream. Default evolve. */
  readonly contract?: Contract | Readonly<Record<string, Contract>>;
  /** Where short-lived tokens are kept between runs; default: in memory. */
  readonly tokens?: TokenStore;
  /** Called with every secret that is got on the way. */
  readonly learned?: (secret: Secret) => void;
}

/** A source that needs no network (file imports): it lands by itself and reports what it did. */
export interface ImportSource {
  readonly id: string;
  readonly timeoutMinutes: number;
  land(context: { readonly runId: string; readonly signal: AbortSignal }): Promise<{
    /** Rows that were committed, also when a part of the work failed. */
    readonly rows: number;
    readonly warnings: readonly string[];
    /** What failed beside that; throwing instead says that nothing was committed. */
    readonly failure?: GrowthosError;
  }>;
}

/** What to do with personal data when it lands: HMAC-SHA-256 with the workspace's salt, nothing, or leave it out. */
export type PiiPolicy = "hash" | "keep" | "drop";

/** Restricts or forces a sync. */
export interface SyncSelection {
  /** Only these source ids; undefined: all. */
  readonly sources?: readonly string[];
  /** Only these streams, as `source.stream` or `stream`; undefined: all. */
  readonly streams?: readonly string[];
  /** Re-read these days (window streams) or records changed in them (cursor streams), whatever is covered. */
  readonly force?: DateRange;
  /** Read the whole configured history again. */
  readonly everything?: boolean;
  /** Read what is missing of these days, newest first, and nothing else. */
  readonly backfill?: DateRange;
  /** Take snapshots of the day under way, and read nothing else. */
  readonly today?: boolean;
}

/** Everything that `runSync` needs. */
export interface SyncOptions {
  readonly ws: Workspace;
  readonly sources: readonly SyncSource[];
  readonly imports?: readonly ImportSource[];
  /** The day of the report: nothing after `asOf - 1` is read of window streams. */
  readonly asOf: ISODate;
  /** The shop's IANA time zone: decides which days a slice covers. Default UTC. */
  readonly timeZone?: string;
  readonly pii: PiiPolicy;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly toolVersion: string;
  readonly configHash: string;
  readonly selection?: SyncSelection;
  /** How long to wait for another run's lock, ms; default 0. */
  readonly lockWaitMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: SyncProgress) => void;
  /** For DuckDB, MB, shared by the streams that are read at once; absent: 512 each. */
  readonly memoryLimitMb?: number | undefined;
}

/** For a progress bar: called after each committed task and each page. */
export interface SyncProgress {
  readonly source: string;
  readonly stream: string;
  readonly doneTasks: number;
  readonly allTasks: number;
  readonly rows: number;
}

/** The life of a run or of one source in it. */
export type RunState = "queued" | "running" | "completed" | "completed_with_warnings" | "failed";

/** What became of one source. */
export interface SourceOutcome {
  readonly source: string;
  readonly state: RunState;
  /** Rows committed. */
  readonly rows: number;
  readonly tasksDone: number;
  readonly tasksPlanned: number;
  readonly durationMs: number;
  readonly warnings: readonly string[];
  readonly error: RunError | null;
}

/** A failure as it is stored and printed; never holds a secret. */
export interface RunError {
  readonly code: string;
  readonly what: string;
  readonly why?: string;
  readonly state?: string;
  readonly hint?: string;
}

/** One line of `growthos runs`: a sync, or marts that were sent elsewhere; kept as `runs/<run_id>.json`. */
export interface RunRecord {
  readonly runId: string;
  /** A publish tells its target as a source, and its tables as tasks. */
  readonly kind: "sync" | "publish";
  readonly state: RunState;
  /** Instants, ISO 8601 UTC. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly asOf: ISODate;
  readonly rows: number;
  readonly sources: readonly SourceOutcome[];
}

/** The outcome of `runSync`: the record, and the exit status that it means (0, 3, 7, 130 …). */
export interface SyncReport extends RunRecord {
  readonly exit: "ok" | "source" | "auth" | "badData" | "damaged" | "io" | "interrupted" | "bug" | "usage";
  readonly logVersion: number;
}
