import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, startChild } from "../faults/bundle.js";
import type { Failure, Tally } from "./fuzz-cases.js";
import { BROKEN, FUZZ_PARTS, type FuzzPart } from "./fuzz-targets.js";
import { mutantOf, shrunk } from "./mutate.js";

export { BROKEN, FUZZ_PARTS };

/** No case may take longer, of the processor's time: a machine that is busy with something else is no hang. */
const MOST_MS = 2_000;
/** Nor so many times as long by the clock: who waits for something takes no time of the processor. */
const BY_THE_CLOCK = 10;
/** Starting and opening a reader may: a busy machine, a cold disk. */
const START_MS = 60_000;
const ENOUGH = 5;
const TRIES = { crash: 16, hang: 4 };

/** What one part of the fuzz is told. */
export interface FuzzTask {
  /** The bundled `fuzz-entry`. */
  readonly entry: string;
  readonly seed: number;
  /** ms since 1970. */
  readonly endsAt: number;
  /** For the number of the case, and for failing inputs. */
  readonly folder: string;
  readonly say: (tally: Tally) => void;
  /** ms that a case may take; default 2,000. */
  readonly mostMs?: number;
  /** Failures of a reader after which there is enough to look at; default 5. */
  readonly enough?: number;
  /** Processes that are started to make a failing input smaller; default 16 where it ends them, 4 where it hangs. */
  readonly tries?: number;
}

/** What it did. */
export interface FuzzOutcome extends Readonly<Tally> {
  /** Each with the file in which its input is. */
  readonly failures: readonly (Omit<Failure, "input"> & { readonly file: string })[];
}

/** Runs the cases of a part in a child process; one that dies or hangs is told with its case, and the next goes on behind it. */
export async function runFuzz(part: FuzzPart, task: FuzzTask): Promise<FuzzOutcome> {
  const sum: Tally = { cases: 0, taken: 0, refused: 0 };
  const failures: (Omit<Failure, "input"> & { readonly file: string })[] = [];
  const isEnough = () => failures.length >= (task.enough ?? ENOUGH);
  const keep = ({ input, ...failure }: Failure) => {
    const file = join(task.folder, `${failure.target}-${failure.seed}-${failure.case}.bin`);
    writeFileSync(file, input);
    failures.push({ ...failure, file });
  };
  for (let from = 0; Date.now() < task.endsAt && !isEnough(); ) {
    const life = await oneLife(part, task, { from, sum, keep, isEnough });
    for (const member of ["cases", "taken", "refused"] as const) sum[member] += life.tally[member];
    if (life.end === null) break;
    sum.cases += 1;
    const input = await inputOf(part, task.seed, life.end.at);
    const isSame = (other: Uint8Array) => endsSo(part, task, other, life.end?.kind ?? "crash");
    // A machine that stood still is no hang: it must be one again.
    const isReal = await isSame(input);
    const small = isReal ? await shrunk(input, isSame, task.tries ?? TRIES[life.end.kind]) : input;
    if (isReal || life.end.kind === "crash")
      keep({
        target: part.name,
        seed: task.seed,
        case: life.end.at,
        kind: life.end.kind,
        why: life.end.why,
        input: small,
      });
    from = life.end.at + 1;
  }
  return { ...sum, failures };
}

/** The input of a case, whole. */
export async function inputOf(part: FuzzPart, seed: number, at: number): Promise<Uint8Array> {
  const { name, samples, words } = await part.load();
  return mutantOf({ name, samples: samples(), words }, seed, at);
}

interface Life {
  readonly tally: Tally;
  /** Null: it ended by itself. */
  readonly end: { readonly kind: "crash" | "hang"; readonly at: number; readonly why: string } | null;
}

interface Cases {
  readonly from: number;
  readonly sum: Tally;
  readonly keep: (failure: Failure) => void;
  readonly isEnough: () => boolean;
}

async function oneLife(part: FuzzPart, task: FuzzTask, { from, sum, keep, isEnough }: Cases): Promise<Life> {
  const { entry, seed, endsAt, folder, say, mostMs = MOST_MS } = task;
  const place = join(folder, `${part.name}.case`);
  writeFileSync(place, "");
  const child = startChild(entry, [part.name, String(seed), String(from), String(endsAt), place]);
  let heard = 0;
  let tally: Tally = { cases: 0, taken: 0, refused: 0 };
  let isDone = false;
  const hear = () => {
    for (; heard < child.lines.length; heard++) {
      const said = messageIn(child.lines[heard] ?? "");
      if (said === null) continue;
      if (said.tally !== undefined) tally = said.tally;
      if (said.failure !== undefined) keep({ ...said.failure, input: Buffer.from(said.failure.input, "base64") });
      isDone ||= said.isDone === true;
    }
    say({ cases: sum.cases + tally.cases, taken: sum.taken + tally.taken, refused: sum.refused + tally.refused });
  };
  const isHung = await watched(child, { hear, place, mostMs, isEnough });
  const { signal, code } = await child.ended;
  hear();
  const at = Number(readFileSync(place, "utf8").trim() || from);
  // What was not told any more: the cases between the last word and the end.
  tally = { ...tally, cases: Math.max(tally.cases, at - from) };
  if (isDone || isEnough()) return { tally, end: null };
  const said = child.lines.filter((line) => line.startsWith("stderr")).join(" ");
  const why = isHung
    ? `no end after ${mostMs} ms`
    : `the process ended with ${signal ?? code} ${said.split("\n")[0]?.slice(0, 200)}`;
  return { tally, end: { kind: isHung ? "hang" : "crash", at, why } };
}

interface Watch {
  readonly isLongerThan: (ms: number) => boolean;
}

/** Measures a child from now on: by the processor's time where the system tells it, else by the clock. */
function watchOf({ process }: Child): Watch {
  const [start, cpu] = [Date.now(), cpuMsOf(process.pid)];
  return {
    isLongerThan: (ms) => {
      const took = Date.now() - start;
      if (took <= ms) return false;
      const now = cpuMsOf(process.pid);
      return cpu === null || now === null || now - cpu > ms || took > ms * BY_THE_CLOCK;
    },
  };
}

/** What a process has used of the processor, user and system, in the ticks of 10 ms that Linux counts in; null on other systems. */
function cpuMsOf(pid: number | undefined): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}

interface Watched {
  readonly hear: () => void;
  readonly place: string;
  readonly mostMs: number;
  readonly isEnough: () => boolean;
}

/** Waits for the end of a child; kills it when one case takes too long, and says so. */
async function watched(child: Child, { hear, place, mostMs, isEnough }: Watched): Promise<boolean> {
  let isOver = false;
  child.ended.then(() => {
    isOver = true;
  });
  let at = "";
  let watch = watchOf(child);
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    hear();
    if (isEnough()) child.process.kill("SIGKILL");
    // Shrinking a failure judges many inputs under one number: a child that speaks is alive.
    const now = `${readFileSync(place, "utf8")} ${child.lines.length}`;
    if (now !== at) watch = watchOf(child);
    at = now;
    if (isOver || !watch.isLongerThan(statSync(place).size === 0 ? START_MS : mostMs)) continue;
    child.process.kill("SIGKILL");
    return true;
  }
  return false;
}

interface Message {
  readonly tally?: Tally;
  readonly failure?: Omit<Failure, "input"> & { readonly input: string };
  readonly isDone?: boolean;
  readonly why?: string | null;
}

function messageIn(line: string): Message | null {
  return line.startsWith("{") ? (JSON.parse(line) as Message) : null;
}

/** True when this input alone ends a process in that way. */
async function endsSo(part: FuzzPart, task: FuzzTask, input: Uint8Array, kind: "crash" | "hang"): Promise<boolean> {
  const file = join(task.folder, `${part.name}.once`);
  writeFileSync(file, input);
  const found = await judgedAlone(part.name, { ...task, file });
  return kind === "hang" ? found.isHung : !found.isHung && !found.isAnswered;
}

/** What judges a file: the bundled `fuzz-entry`, and how long it may take (default 2,000 ms). */
export interface Alone extends Pick<FuzzTask, "entry" | "mostMs"> {
  readonly file: string;
}

/** Judges the input in a file in a process of its own. */
export async function judgedAlone(name: string, { entry, file, mostMs = MOST_MS }: Alone) {
  const child = startChild(entry, [name, "0", "0", "0", "", file]);
  let isOver = false;
  let isHung = false;
  child.ended.then(() => {
    isOver = true;
  });
  const start = Date.now();
  let watch: Watch | null = null;
  while (!isOver && !isHung) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (child.lines.length > 0) watch ??= watchOf(child);
    isHung = watch === null ? Date.now() - start > START_MS : watch.isLongerThan(mostMs);
  }
  if (isHung && !isOver) child.process.kill("SIGKILL");
  const { code, signal } = await child.ended;
  const said = child.lines.map(messageIn).find((message) => message !== null && "why" in message);
  const isAnswered = code === 0 && said !== undefined;
  return { isHung, isAnswered, why: said?.why ?? null, end: signal ?? String(code) };
}
