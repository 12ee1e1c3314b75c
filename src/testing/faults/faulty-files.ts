import { truncateSync } from "node:fs";
import { join } from "node:path";
import type { Files } from "../../base/files.js";
import { fileError } from "../../warehouse/disk.js";
import { counted } from "../proof/counts.js";

/**
 * What happens at one mutating call. `before`, `after`, `torn` and `power-cut` end the process there (torn: half of the call was done;
 * power-cut: everything that was not synced is lost as well). The others are errors after which the program goes on.
 */
export const FAULT_MODES = [
  "before",
  "after",
  "torn",
  "eio",
  "enospc-once",
  "enospc-from-then-on",
  "power-cut",
] as const;
export type FaultMode = (typeof FAULT_MODES)[number];

/** The end of the process, as far as `Files` is concerned: every later call throws it again. */
export class SimulatedCrash extends Error {
  override readonly name = "SimulatedCrash";
}

/** Files that fail once, and what they saw. */
export interface FaultyFiles {
  readonly files: Files;
  /** The mutating calls so far, `name path`. */
  readonly calls: readonly string[];
  /** The fault has struck. */
  fired(): boolean;
  /** The simulated process has ended. */
  dead(): boolean;
}

type Mutation =
  | "makeFolder"
  | "write"
  | "append"
  | "sync"
  | "rename"
  | "link"
  | "copy"
  | "remove"
  | "openLog"
  | "external";

interface Call {
  readonly name: Mutation;
  readonly path: string;
  /** Does half of it; absent for calls that the kernel makes whole or not at all. */
  readonly half?: () => void;
}

/** Where the fault strikes, and how. */
export interface Fault {
  readonly at: number;
  readonly mode: FaultMode;
  /** The program has a seeded mistake: the fault shows that the harness works, and nothing about the program. */
  readonly isOfMutant?: boolean;
}

/** Counts the mutating calls of `real` and lets the fault strike at call number `at` (from 1); 0 only counts. */
export function faultyFiles(real: Files, fault: Fault): FaultyFiles {
  const calls: string[] = [];
  let dead = false;
  let isCounted = fault.isOfMutant === true;
  const crash = (): never => {
    dead = true;
    throw new SimulatedCrash(`the process ended at call ${fault.at}: ${calls.at(-1)}`);
  };
  const alive = (): void => {
    if (dead) throw new SimulatedCrash("the process has ended");
  };
  const enter = (call: Call): "strike" | "pass" => {
    alive();
    calls.push(`${call.name} ${call.path}`);
    const later = fault.mode === "enospc-from-then-on" && fault.at > 0 && calls.length > fault.at;
    if (calls.length !== fault.at && !later) return "pass";
    if (!isCounted) counted("points");
    isCounted = true;
    return "strike";
  };
  const fail = (call: Call): void => {
    const system = fault.mode === "eio" ? "EIO" : "ENOSPC";
    // A full disk does not keep anybody from deleting.
    if (system === "ENOSPC" && call.name === "remove") return;
    call.half?.();
    throw fileError(call.name, call.path, Object.assign(new Error(`${system}: injected`), { code: system }));
  };
  const strike = (call: Call): "perform" => {
    if (fault.mode === "before" || fault.mode === "power-cut") crash();
    if (fault.mode === "torn") {
      call.half?.();
      crash();
    }
    if (fault.mode !== "after") fail(call);
    return "perform";
  };
  const mutate = (call: Call, action: () => void): void => {
    const struck = enter(call) === "strike" && strike(call) === "perform";
    action();
    if (struck && fault.mode === "after") crash();
  };
  const reading = <T>(action: () => T): T => {
    alive();
    return action();
  };
  const files: Files = {
    read: (path) => reading(() => real.read(path)),
    readHead: (path, bytes) => reading(() => real.readHead(path, bytes)),
    readText: (path) => reading(() => real.readText(path)),
    stat: (path) => reading(() => real.stat(path)),
    list: (folder) => reading(() => real.list(folder)),
    digest: (path) => reading(() => real.digest(path)),
    chunks: (path) => reading(() => real.chunks(path)),
    free: (path) => reading(() => real.free(path)),
    makeFolder: (path) => mutate({ name: "makeFolder", path }, () => real.makeFolder(path)),
    write: (path, data) =>
      mutate({ name: "write", path, half: () => real.write(path, halfOf(data)) }, () => real.write(path, data)),
    append: (path, data) =>
      mutate({ name: "append", path, half: () => real.append(path, halfOf(data)) }, () => real.append(path, data)),
    sync: (path) => mutate({ name: "sync", path }, () => real.sync(path)),
    rename: (from, to) => mutate({ name: "rename", path: to }, () => real.rename(from, to)),
    link: (existing, to) => mutate({ name: "link", path: to }, () => real.link(existing, to)),
    copy: (from, to) =>
      mutate({ name: "copy", path: to, half: () => real.write(to, halfOf(real.read(from))) }, () =>
        real.copy(from, to),
      ),
    remove: (path) => mutate({ name: "remove", path, half: () => removeHalf(real, path) }, () => real.remove(path)),
    openLog: (path) => {
      let log: ReturnType<Files["openLog"]> | undefined;
      mutate({ name: "openLog", path }, () => {
        log = real.openLog(path);
      });
      const opened = log;
      if (opened === undefined) throw new SimulatedCrash("the process has ended");
      return {
        append: async (data) => {
          const call: Call = { name: "append", path, half: () => real.append(path, halfOf(data)) };
          const struck = enter(call) === "strike" && strike(call) === "perform";
          await opened.append(data);
          if (struck && fault.mode === "after") crash();
        },
        close: () => opened.close(),
      };
    },
    external: async (name, path, action) => {
      const call: Call = { name: "external", path, half: () => truncate(real, path) };
      if (enter(call) === "pass") return real.external(name, path, action);
      if (fault.mode === "before" || fault.mode === "power-cut") crash();
      // What somebody else writes is torn after the fact: the action runs, then half of its file is cut off.
      const result = await real.external(name, path, action);
      strike(call);
      crash();
      return result;
    },
  };
  const fired = () => fault.at > 0 && calls.length >= fault.at;
  return { files, calls, fired, dead: () => dead };
}

function halfOf(data: string | Uint8Array): Uint8Array {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  return bytes.subarray(0, bytes.length >> 1);
}

function truncate(real: Files, path: string): void {
  const stat = real.stat(path);
  if (stat?.kind === "file") truncateSync(path, stat.bytes >> 1);
}

function removeHalf(real: Files, path: string): void {
  const [first] = real.stat(path)?.kind === "folder" ? real.list(path) : [];
  if (first !== undefined) real.remove(join(path, first));
}
