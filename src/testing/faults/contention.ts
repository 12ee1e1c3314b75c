import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "./bundle.js";

// Processes that want one lock, and the journal in which each says when it comes in and goes out.

/** Times at which somebody entered while another one was inside and alive. */
export function doubleOwners(journal: string): number {
  let inside: string | undefined;
  let doubles = 0;
  for (const line of journal.split("\n").filter(Boolean)) {
    const [event, pid] = line.split(" ");
    if (event === "enter") {
      if (inside !== undefined) doubles += 1;
      inside = pid;
    } else if ((event === "leave" || event === "die") && inside === pid) inside = undefined;
  }
  return doubles;
}

/** What the processes below `root` have said so far. */
export function journalOf(root: string): string {
  return existsSync(join(root, "journal")) ? readFileSync(join(root, "journal"), "utf8") : "";
}

/** How often they said it. */
export function count(journal: string, event: string): number {
  return journal.split("\n").filter((line) => line.startsWith(`${event} `)).length;
}

/** Waits, looking every few milliseconds. */
export async function until(condition: () => boolean, everyMs = 5): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, everyMs));
}

/** What four contenders do with the workspace `shop` below `root`. */
export interface Contention {
  /** The bundled `contend-entry`. */
  readonly bundle: string;
  readonly root: string;
  /** Each dies with the lock every so manieth time, and is replaced. */
  readonly dieEvery: number;
  readonly isOver: (journal: string) => boolean;
}

/** Lets them contend for the kernel's lock until it is over; gives their journal. Throws what one of them failed with. */
export async function contend({ bundle, root, dieEvery, isOver }: Contention): Promise<string> {
  const worker = async () => {
    while (!existsSync(join(root, "stop"))) {
      const child = startChild(bundle, ["kernel", root, String(dieEvery)]);
      const { code } = await child.ended;
      if (code !== 0 && code !== null) throw new Error(child.lines.join("\n"));
    }
  };
  const workers = Promise.all([worker(), worker(), worker(), worker()]);
  await Promise.race([workers, until(() => isOver(journalOf(root)), 20)]);
  writeFileSync(join(root, "stop"), "");
  await workers;
  return journalOf(root);
}

/** The same with the classic mistake, a file with a process id, for so many rounds at most: until two held it together. */
export async function contendForPidFile(options: Pick<Contention, "bundle" | "root"> & { readonly rounds: number }) {
  const { bundle, root, rounds } = options;
  const children = ["0", "40"].map((gap) => startChild(bundle, ["pid", root, gap]));
  await until(() => count(journalOf(root), "ready") === 2);
  for (let round = 1; round <= rounds && doubleOwners(journalOf(root)) === 0; round++) {
    // What a process that was killed leaves behind.
    writeFileSync(join(root, "pid"), "99999999");
    writeFileSync(join(root, `go-${round}`), "");
    await until(() => count(journalOf(root), `done-${round}`) === 2);
  }
  writeFileSync(join(root, "stop"), "");
  await Promise.all(children.map((child) => child.ended));
  return journalOf(root);
}
