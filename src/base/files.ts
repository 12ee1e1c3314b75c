/**
 * The file system as one interface, so that a test can fail any mutating call in any way.
 * Synchronous on purpose: the commit protocol is a sequence, and a sequence is what a reader can check.
 * This is the ninth name in `base`: warehouse, sync, reports and cli all write, and all must be injectable.
 */
export interface Files {
  // reading
  read(path: string): Uint8Array;
  readText(path: string): string;
  /** The first bytes of a file, at most `bytes`; shorter when the file is. */
  readHead(path: string, bytes: number): Uint8Array;
  /** Undefined when there is nothing at the path. Does not follow a symbolic link. */
  stat(path: string): FileStat | undefined;
  /** Names in a folder, sorted; empty when the folder is not there. */
  list(folder: string): readonly string[];
  /** SHA-256 (hex) and length of a file, read in chunks. */
  digest(path: string): { readonly sha256: string; readonly bytes: number };
  /** The bytes of a file, a piece at a time: for files that may be larger than memory. */
  chunks(path: string): Iterable<Uint8Array>;
  /** Free bytes on the volume that holds the path. */
  free(path: string): number;

  // mutating: each of these is a point at which a crash or a full disk may strike
  /** Creates the folder and its parents, mode 0700. */
  makeFolder(folder: string): void;
  /** Creates or truncates, mode 0600. Not durable until `sync`. */
  write(path: string, data: string | Uint8Array): void;
  append(path: string, data: string | Uint8Array): void;
  /** Makes a file's content, or a folder's names, durable. */
  sync(path: string): void;
  /** Atomic on one volume; replaces a file at the target. */
  rename(from: string, to: string): void;
  /** Hard link; throws EEXIST when the target is there: the put-if-absent of the commit. */
  link(existing: string, target: string): void;
  copy(from: string, to: string): void;
  /** Removes a file or a whole folder; nothing happens when it is not there. */
  remove(path: string): void;
  /** A new file that stays open for durable appends, mode 0600; throws EEXIST when the name is taken. Its name is not durable until `sync`. */
  openLog(path: string): AppendLog;
  /** Lets something else (DuckDB's COPY, a build) write at `path`, as one mutating call of this interface. */
  external<T>(name: string, path: string, action: () => Promise<T>): Promise<T>;
}

/** The open end of a file. The one part of this interface that waits: a receiver goes on reading while the disk writes. */
export interface AppendLog {
  /** One write and one fdatasync: resolves when the bytes are durable. After a rejection nothing may be appended any more. */
  append(data: Uint8Array): Promise<void>;
  close(): void;
}

/** What `stat` tells. */
export interface FileStat {
  readonly kind: "file" | "folder" | "link" | "other";
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly inode: number;
  readonly device: number;
  readonly mode: number;
  /** Numeric id of the owner; meaningless where the system has none (Windows). */
  readonly owner: number;
}
