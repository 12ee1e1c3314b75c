import type { DateRange, ISODate } from "../base/dates.js";
import type { Files } from "../base/files.js";
import type { Objects } from "../base/objects.js";

/** A workspace: one shop, one folder, one chain of commits. All paths are built by `at`, which cannot leave the folder. */
export interface Workspace {
  readonly name: string;
  readonly root: string;
  /** Stable identity, written once by `init`. */
  readonly id: string;
  readonly files: Files;
  /** The store that this folder is a copy of; absent: the folder itself is the truth. */
  readonly store?: SharedStore;
  /** A path inside the workspace; throws `BAD_PATH` for a segment that would leave it. */
  at(...segments: readonly string[]): string;
}

/** How the rows of a stream supersede each other; see `raw-views.ts`. */
export type Supersession = "full" | "key" | "window";

/** One landed, verified, immutable Parquet file, as the log entry names it. */
export interface Part {
  readonly source: string;
  readonly stream: string;
  /** Relative to the workspace root, forward slashes. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly supersession: Supersession;
  /** The days that this part answers for (zero rows included); null when the stream has no days. */
  readonly days: DateRange | null;
  /** Smallest and largest `_key`, as a check of what was verified. */
  readonly keys: { readonly min: string; readonly max: string } | null;
  /** Free-form provenance: file name and hash for imports, API version for connectors. */
  readonly origin: Readonly<Record<string, string | number>>;
  /** The place in history of the part that it was copied from: a part that is rewritten is no newer than it was. */
  readonly inPlaceOf?: Pick<ActivePart, "ordinal" | "runId" | "at">;
}

/** A cursor is a small JSON object per stream; its meaning belongs to `sync`. */
export type Cursor = Readonly<Record<string, string | number | boolean | null>>;

/** One commit. `log/<version>.json`, canonical JSON, immutable; `self` is the hash of everything else, `prev` of the entry before. */
export interface LogEntry {
  readonly version: number;
  readonly prev: string | null;
  /** `erase` and `prune` take rows out of parts: what they add stands in the place of what they remove. */
  readonly kind: "append" | "remove" | "state" | "erase" | "prune";
  /** The layout that who reads it has to know; absent: 1. */
  readonly layout?: number;
  readonly runId: string;
  readonly added: readonly Part[];
  readonly removed: readonly { readonly path: string; readonly reason: string }[];
  /** `source.stream` -> cursor after this entry; only the streams that moved. */
  readonly cursors: Readonly<Record<string, Cursor>>;
  readonly toolVersion: string;
  readonly configHash: string;
  /** Wall clock, informational only: order is `version`. */
  readonly at: string;
  readonly self: string;
}

/** An active part with the place in history that decides supersession. */
export interface ActivePart extends Part {
  /** Strictly increasing over the log: (version, index in the entry) as one integer. */
  readonly ordinal: number;
  readonly runId: string;
  readonly at: string;
}

/** The fold of the log: what readers may see. There is no other state. */
export interface WarehouseState {
  /** 0 before the first commit. */
  readonly version: number;
  readonly head: string | null;
  readonly parts: readonly ActivePart[];
  readonly cursors: Readonly<Record<string, Cursor>>;
}

/**
 * What several machines share: parts, log and history of alerts of one workspace in an object store (`store/`). The folder on the disk is
 * then a copy: what is not in the store is not committed.
 */
export interface SharedStore {
  readonly objects: Objects;
  /** One commit of this process after the other: several sources commit at the same time, and there is one next version. */
  inTurn<T>(action: () => Promise<T>): Promise<T>;
  /** Brings here what others committed: under `ingest` log, parts and who was erased, under `spool` the history of alerts. */
  refresh(ws: Workspace, lock: "ingest" | "spool"): Promise<void>;
  /** THE commit of a shared workspace: parts first, then the entry, if its version is free. False: another machine has taken it. */
  publish(
    ws: Workspace,
    entry: { readonly version: number; readonly text: string; readonly added: readonly Part[] },
  ): Promise<boolean>;
  /** Adds an entry to a journal, if its place is free. False: another machine has taken it. */
  append(ws: Workspace, journal: string, entry: { readonly name: string; readonly text: string }): Promise<boolean>;
  /** Brings a file of the staged cache here, when the store has one; `prefix` is relative to the workspace and ends before its content hash. */
  fetchStaged(ws: Workspace, prefix: string): Promise<boolean>;
  /** Gives a file of the staged cache to others. */
  keepStaged(ws: Workspace, path: string): Promise<void>;
  /** Tells others who was erased, before the commit that erases: from then on nothing of theirs is landed anywhere. */
  tellErased(
    ws: Workspace,
    erasing: { readonly id: string; readonly names: Readonly<Record<string, string>> },
  ): Promise<void>;
  /** Deletes, after that commit, what still holds them: replaced parts, the staged cache, older writings of these journals. */
  erase(ws: Workspace, journals: readonly string[]): Promise<void>;
}

/** A published build: an immutable DuckDB file that `warehouse/CURRENT` names. */
export interface PublishedBuild {
  readonly buildId: string;
  /** Absolute path of the `.duckdb` file. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Log version it was built from. */
  readonly logVersion: number;
  /** Content hash of everything that went in (SQL, seeds, settings, parts); printed in every report's footer. */
  readonly inputHash: string;
  readonly asOf: ISODate;
  /** The engine that made its marts; absent: this machine's DuckDB. */
  readonly engine?: string;
  /** Where that engine is, in words; absent: this machine. */
  readonly enginePlace?: string;
}

/** A column value as `decode.ts` hands it over: integers are safe numbers, dates ISO text, instants ISO UTC text. */
export type Cell = string | number | boolean | null | readonly Cell[] | { readonly [name: string]: Cell };
/** A row by column name. */
/** One row: column name to value. */
export type Row = Readonly<Record<string, Cell>>;

/** One DuckDB connection. One per unit of work: never shared between concurrent tasks. */
export interface Database {
  run(sql: string, params?: readonly Cell[]): Promise<void>;
  all(sql: string, params?: readonly Cell[]): Promise<readonly Row[]>;
  /** The first row; throws `NO_ROW` when there is none. */
  one(sql: string, params?: readonly Cell[]): Promise<Row>;
  /** Stops the running statement; its promise rejects. */
  interrupt(): void;
  /** Idempotent. After it no `.wal` is left for a writable file. */
  close(): Promise<void>;
}
