import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { GrowthosError, messageOf, systemCode } from "../base/errors.js";
import type { AppendLog, FileStat, Files } from "../base/files.js";
import { refuseOpenDatabase } from "./open-databases.js";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const CHUNK_BYTES = 1 << 20;
const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_TRUNC, O_WRONLY } = fs.constants;

/**
 * The real file system: private modes (0600, 0700), never writes through a symbolic link, never opens a file that DuckDB holds.
 * Failures are `FILE_<code>` errors (exit io, or auth for permissions) that keep the system error as their cause.
 */
export const diskFiles: Files = {
  read: (path) => attempt("read", path, () => fs.readFileSync(guarded(path))),
  readText: (path) => attempt("read", path, () => fs.readFileSync(guarded(path), "utf8")),
  readHead: (path, bytes) => attempt("read", path, () => headOf(guarded(path), bytes)),
  stat: (path) => attempt("look at", path, () => statOf(path)),
  // Only a missing folder is empty: one that cannot be read is an error.
  list: (folder) => attempt("list", folder, () => (statOf(folder) === undefined ? [] : fs.readdirSync(folder).sort())),
  digest: (path) => attempt("read", path, () => digestOf(guarded(path))),
  chunks: (path) => chunksOf(path),
  free: (path) =>
    attempt("measure", path, () => {
      const volume = fs.statfsSync(path);
      return volume.bavail * volume.bsize;
    }),
  makeFolder: (folder) =>
    attempt("create", folder, () => void fs.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE })),
  write: (path, data) => attempt("write", path, () => writeWith(path, data, O_CREAT | O_TRUNC)),
  append: (path, data) => attempt("write", path, () => writeWith(path, data, O_CREAT | O_APPEND)),
  sync: (path) => attempt("sync", path, () => syncPath(guarded(path))),
  rename: (from, to) => attempt("rename", from, () => fs.renameSync(from, to)),
  link: (existing, target) => attempt("link", target, () => fs.linkSync(existing, target)),
  copy: (from, to) =>
    attempt("copy", from, () => {
      fs.copyFileSync(guarded(from), guarded(to));
      fs.chmodSync(to, FILE_MODE);
    }),
  remove: (path) => attempt("remove", path, () => fs.rmSync(path, { recursive: true, force: true })),
  openLog: (path) => attempt("create", path, () => logAt(guarded(path))),
  external: async (_name, path, action) => {
    const result = await action();
    // DuckDB creates files with mode 0644.
    attempt("protect", path, () => {
      if (statOf(path)?.kind === "file") fs.chmodSync(path, FILE_MODE);
    });
    return result;
  },
};

/** All that an open file descriptor of this process gives: a file, a pipe or a socket. */
export function readDescriptor(descriptor: number): string {
  return attempt("read", `file descriptor ${descriptor}`, () => fs.readFileSync(descriptor, "utf8"));
}

function attempt<T>(verb: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof GrowthosError) throw cause;
    throw fileError(verb, path, cause);
  }
}

/** A system error as a `GrowthosError`; `code` becomes `FILE_ENOSPC` and the like. */
export function fileError(verb: string, path: string, cause: unknown): GrowthosError {
  const system = systemCode(cause) ?? "UNKNOWN";
  const denied = system === "EACCES" || system === "EPERM" || system === "EROFS";
  const full = system === "ENOSPC" || system === "EDQUOT" || system === "EFBIG";
  return new GrowthosError({
    code: `FILE_${system}`,
    what: `cannot ${verb} ${path}`,
    why: messageOf(cause),
    hint: full
      ? "free disk space, then run the command again"
      : denied
        ? `check the owner and the permissions of ${dirname(path)}`
        : "check the disk, then run the command again",
    exit: denied ? "auth" : "io",
    cause,
  });
}

function guarded(path: string): string {
  refuseOpenDatabase(path, statOf(path));
  return path;
}

function statOf(path: string): FileStat | undefined {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  return {
    kind: stat.isFile() ? "file" : stat.isDirectory() ? "folder" : stat.isSymbolicLink() ? "link" : "other",
    bytes: stat.size,
    modifiedMs: stat.mtimeMs,
    inode: stat.ino,
    device: stat.dev,
    mode: stat.mode & 0o777,
    owner: stat.uid,
  };
}

function withDescriptor<T>(path: string, flags: number, action: (descriptor: number) => T): T {
  const descriptor = fs.openSync(path, flags | O_NOFOLLOW, FILE_MODE);
  try {
    return action(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function writeWith(path: string, data: string | Uint8Array, flags: number): void {
  const bytes = typeof data === "string" ? Buffer.from(data, "utf8") : data;
  withDescriptor(guarded(path), O_WRONLY | flags, (descriptor) => {
    for (let done = 0; done < bytes.length; ) done += fs.writeSync(descriptor, bytes, done);
  });
}

const writeBytes = promisify(fs.write);
const syncBytes = promisify(fs.fdatasync);

function logAt(path: string): AppendLog {
  const descriptor = fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, FILE_MODE);
  return {
    append: async (data) => {
      try {
        for (let done = 0; done < data.length; )
          done += (await writeBytes(descriptor, data, done, data.length - done, null)).bytesWritten;
        await syncBytes(descriptor);
      } catch (cause) {
        throw fileError("write", path, cause);
      }
    },
    close: () => attempt("close", path, () => fs.closeSync(descriptor)),
  };
}

function syncPath(path: string): void {
  withDescriptor(path, O_RDONLY, (descriptor) => fs.fsyncSync(descriptor));
}

function headOf(path: string, bytes: number): Uint8Array {
  const head = Buffer.alloc(bytes);
  return withDescriptor(path, O_RDONLY, (descriptor) => {
    let done = 0;
    for (let read = 1; read > 0 && done < bytes; done += read) {
      read = fs.readSync(descriptor, head, done, bytes - done, done);
    }
    return head.subarray(0, done);
  });
}

function* chunksOf(path: string): Generator<Uint8Array> {
  const descriptor = attempt("read", path, () => fs.openSync(guarded(path), O_RDONLY | O_NOFOLLOW));
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const read = attempt("read", path, () => fs.readSync(descriptor, chunk));
      if (read === 0) return;
      yield chunk.subarray(0, read);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

function digestOf(path: string): { sha256: string; bytes: number } {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  return withDescriptor(path, O_RDONLY, (descriptor) => {
    let bytes = 0;
    for (let read = fs.readSync(descriptor, chunk); read > 0; read = fs.readSync(descriptor, chunk)) {
      hash.update(chunk.subarray(0, read));
      bytes += read;
    }
    return { sha256: hash.digest("hex"), bytes };
  });
}
