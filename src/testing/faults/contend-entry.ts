// One of several processes that want the same lock: takes it again and again, and sometimes dies while holding it.
import { appendFileSync, existsSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../base/clock.js";
import { GrowthosError, systemCode } from "../../base/errors.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { withLock } from "../../warehouse/lock.js";

const [kind = "", root = "", dieEvery = ""] = process.argv.slice(2);
const journal = join(root, "journal");
const say = (event: string) => appendFileSync(journal, `${event} ${process.pid}\n`);
const pause = (ms: number) => systemClock.sleep(ms);

async function hold(turn: number): Promise<void> {
  say("enter");
  await pause(2);
  if ((turn + process.pid) % Number(dieEvery) === 0) {
    say("die");
    process.kill(process.pid, "SIGKILL");
  }
  say("leave");
}

/** The classic mistake: a file with a process id, taken over when that process is gone. */
async function withPidFile(path: string, action: () => Promise<void>): Promise<boolean> {
  try {
    writeSync(openSync(path, "wx"), String(process.pid));
  } catch (cause) {
    if (systemCode(cause) !== "EEXIST") throw cause;
    await takeOver(path);
    return false;
  }
  await action();
  unlinkQuietly(path);
  return true;
}

async function takeOver(path: string): Promise<void> {
  try {
    process.kill(Number(readFileSync(path, "utf8")) || 1, 0);
  } catch {
    // The gap between looking and deleting, in which another one may take over first.
    await pause(3);
    unlinkQuietly(path);
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another one was quicker: part of the mistake.
  }
}

const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
for (let turn = 1; !existsSync(join(root, "stop")); turn++) {
  if (kind === "pid") await withPidFile(join(root, "pid"), () => hold(turn));
  else {
    await withLock(ws, "ingest", { waitMs: 0, clock: systemClock, owner: "contender" }, () => hold(turn)).catch(
      (cause: unknown) => {
        if (!(cause instanceof GrowthosError) || cause.code !== "LOCKED") throw cause;
      },
    );
  }
  await pause(1);
}
