/** This program once more, for one workspace: a process of its own, so that neither memory nor a crash is shared. */
import { type ChildProcess, spawn } from "node:child_process";
import { setMaxListeners } from "node:events";
import type { Readable, Writable } from "node:stream";
import { messageOf } from "../base/errors.js";
import type { Effects } from "./command.js";
import type { Ended } from "./fleet.js";

/** What is started. */
export interface ChildOptions {
  /** Absolute path of a script, run by this Node. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Effects["env"];
  readonly cwd: string;
  /** Aborted: the child is asked to stop, and ended when it does not. */
  readonly signal: AbortSignal;
  /** The key to stored credentials: given through descriptor 3, so that it is in no environment and on no command line. */
  readonly key: string | null;
}

/** Descriptor under which a child finds the key. */
export const KEY_DESCRIPTOR = 3;
/** Below what an interrupted command may take to stop (`main.ts`), so that whoever waits can still say what was stopped. */
const END_AFTER_MS = 1200;
const MOST_STDOUT = 256 * 1024;
const MOST_STDERR = 16 * 1024;

/** Runs it to its end. Rejects only when it cannot be started. */
export function runChild(options: ChildOptions, elapsed: () => number): Promise<Ended> {
  const { script, args, env, cwd, key } = options;
  const started = elapsed();
  // A group of its own: Ctrl-C at the terminal reaches this process alone, which asks each child to stop once.
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe", ...(key === null ? [] : (["pipe"] as const))],
  });
  handOver(child, key);
  const stdout = textOf(child.stdio[1] as Readable, { most: MOST_STDOUT, keep: "first" });
  const stderr = textOf(child.stdio[2] as Readable, { most: MOST_STDERR, keep: "last" });
  // As many as there are children.
  setMaxListeners(0, options.signal);
  const release = stopWith(child, options.signal);
  return new Promise((resolve, reject) => {
    child.once("error", (thrown) => {
      release();
      reject(new Error(messageOf(thrown)));
    });
    child.once("close", (code, signal) => {
      release();
      resolve({ code, signal, stdout: stdout(), stderr: stderr(), elapsedMs: elapsed() - started });
    });
  });
}

function handOver(child: ChildProcess, key: string | null): void {
  if (key === null) return;
  const pipe = child.stdio[KEY_DESCRIPTOR] as Writable;
  // A child that ends before it reads says why itself.
  pipe.on("error", () => pipe.destroy());
  pipe.end(key);
}

function stopWith(child: ChildProcess, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill("SIGTERM");
    timer = setTimeout(() => child.kill("SIGKILL"), END_AFTER_MS);
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  };
}

/** What a stream said, bounded: a child that talks without end fills no memory. */
function textOf(stream: Readable, { most, keep }: { readonly most: number; readonly keep: "first" | "last" }) {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (piece: string) => {
    text = keep === "first" ? `${text}${piece}`.slice(0, most) : `${text}${piece}`.slice(-most);
  });
  return () => text;
}
